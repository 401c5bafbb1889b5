//! `status --watch`: changes are shown, on a terminal and elsewhere, and Ctrl-C restores the terminal.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value as Json, json};

use crate::support::Emulator;
use crate::{command, quarantine, seeded, set_up};

/// A watch, and its output line by line.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(emulator: &Emulator, more: &[&str]) -> Self {
        let arguments = [&["status", "--watch", "--interval", "1s"], more].concat();
        let mut child = command(&emulator.environment(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line.
    #[track_caller]
    fn next(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// The exit code, and the remaining output.
    fn ended(mut self) -> (Option<i32>, Vec<String>) {
        let code = self.child.wait().unwrap().code();
        (code, self.lines.iter().collect())
    }
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn without_a_terminal_only_changes_are_written() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let watch = Watch::start(&emulator, &[]);
    let first = watch.next();
    assert!(
        first.contains("Contoso to Fabrikam: initial cycle"),
        "{first}"
    );
    assert!(!first.contains('\u{1b}'), "{first:?}");
    emulator.cycle();
    let second = watch.next();
    assert!(second.contains("Contoso to Fabrikam: running"), "{second}");
    quarantine(&emulator);
    let third = watch.next();
    assert!(
        third.contains("Contoso to Fabrikam: quarantined"),
        "{third}"
    );
    interrupt(&watch.child);
    assert_eq!(watch.ended(), (Some(1), vec![]), "the last look decides");
}

#[test]
fn a_watch_ends_after_the_requested_cycle() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let watch = Watch::start(&emulator, &["--until", "initial-cycle", "--json"]);
    let first: Json = serde_json::from_str(&watch.next()).unwrap();
    assert_eq!(first["jobs"][0]["job"]["is_initial_cycle_finished"], false);
    // An hour later, the first cycle is due.
    emulator.control("POST", "advance", Some(&json!({ "by": "61m" })));
    let (code, rest) = watch.ended();
    let last: Json = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!(
        (code, &last["jobs"][0]["job"]["progress"]),
        (Some(0), &json!(100))
    );

    let watch = Watch::start(&emulator, &["--until", "next-cycle"]);
    watch.next();
    emulator.cycle();
    assert_eq!(watch.ended().0, Some(0));
}

#[test]
fn a_failed_refresh_does_not_end_the_watch() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let watch = Watch::start(&emulator, &["--json"]);
    watch.next();
    emulator.fault(&json!([{ "method": "GET", "path": "*/synchronization/jobs/*", "kind": "status", "status": 403, "count": 1 }]));
    let looks = std::iter::repeat_with(|| serde_json::from_str::<Json>(&watch.next()).unwrap());
    let failed = looks
        .take(20)
        .find(|look| look["quarantined"].is_null())
        .unwrap();
    assert!(failed["jobs"][0]["error"].is_string(), "{failed}");
    let next: Json = serde_json::from_str(&watch.next()).unwrap();
    assert_eq!(next["quarantined"], false);
    interrupt(&watch.child);
    assert_eq!(watch.ended().0, Some(0));
}

/// On a terminal: an alternate screen without a cursor; afterwards the previous screen, the cursor, and the last view.
#[test]
fn ctrl_c_restores_the_terminal() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let leader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&leader).unwrap();
    unlockpt(&leader).unwrap();
    let name = ptsname(&leader, Vec::new()).unwrap().into_string().unwrap();
    let terminal = File::options().read(true).write(true).open(name).unwrap();
    let mut child = command(&emulator.environment(), &["status", "--watch"])
        .env("TERM", "xterm-256color")
        .stdout(terminal)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (sender, pieces) = channel();
    let mut leader = File::from(leader);
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        // Reading fails once the last process at the other end has ended.
        while let Ok(length @ 1..) = leader.read(&mut piece) {
            let _ = sender.send(piece[..length].to_vec());
        }
    });
    let mut seen = String::new();
    let view = ["Press Ctrl-C to stop", "Contoso to Fabrikam"];
    while !view.iter().all(|words| seen.contains(words)) {
        let piece = pieces
            .recv_timeout(Duration::from_secs(20))
            .unwrap_or_else(|_| panic!("{seen:?}"));
        seen.push_str(&String::from_utf8_lossy(&piece));
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    seen.extend(
        pieces
            .iter()
            .map(|piece| String::from_utf8_lossy(&piece).into_owned()),
    );
    let at = |sequence: &str| {
        seen.rfind(sequence)
            .unwrap_or_else(|| panic!("{sequence:?} in {seen:?}"))
    };
    let (hidden, shown, left) = (at("\u{1b}[?25l"), at("\u{1b}[?25h"), at("\u{1b}[?1049l"));
    assert!(hidden < shown && seen.contains("\u{1b}[?1049h"), "{seen:?}");
    let afterwards = &seen[left..];
    assert!(
        afterwards.contains("Contoso to Fabrikam"),
        "the last view stays: {afterwards:?}"
    );
    assert!(
        seen.contains("\u{1b}[38;5;14m") || seen.contains("\u{1b}[36m"),
        "colored: {seen:?}"
    );
}
