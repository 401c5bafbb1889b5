//! The progress of an export: a bar for each tenant on a terminal, plain lines otherwise.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;

use crate::export::graph::{PARTNERS, send};
use crate::export::world::{Place, seeded};
use crate::support::{CONTOSO, FABRIKAM};

#[test]
fn progress_bars_are_shown_on_terminals_only() {
    let emulator = seeded(|_| {});
    send(
        &emulator,
        CONTOSO,
        "POST",
        PARTNERS,
        &json!({ "tenantId": FABRIKAM }),
    );
    let place = Place::new(&emulator);
    let plain = place.export(&[]);
    plain.ended(0).says(&[
        &format!("Reading the source tenant {CONTOSO} ..."),
        "Contoso: 1 object found",
    ]);
    assert!(!plain.stderr.contains('\u{1b}'), "{plain:?}");

    let leader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&leader).unwrap();
    unlockpt(&leader).unwrap();
    let name = ptsname(&leader, Vec::new()).unwrap().into_string().unwrap();
    let terminal = File::options().read(true).write(true).open(name).unwrap();
    // Long enough for the bar to be drawn.
    emulator.fault(&json!({ "kind": "delay", "delay_ms": 1500, "path": "*/policies/crossTenantAccessPolicy/default" }));
    let mut child = place
        .command(&["--out", "other"])
        .env("TERM", "xterm-256color")
        .stdout(Stdio::null())
        .stderr(terminal)
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
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut seen = String::new();
    while let Ok(piece) = pieces.recv_timeout(Duration::from_secs(5)) {
        seen.push_str(&String::from_utf8_lossy(&piece));
    }
    for words in [
        &format!("source tenant {CONTOSO}"),
        "█",
        "\u{1b}[2K",
        "Contoso: 1 object found",
    ] {
        assert!(seen.contains(words), "{words:?} is missing in {seen:?}");
    }
    assert!(!seen.contains("Reading the"), "{seen:?}");
}
