//! A command on a terminal, as a user runs it: colors, prompts with answers, and the same text.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Time limit for the output that a test waits for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running command and its terminal.
pub struct Session {
    child: std::process::Child,
    leader: File,
    pieces: Receiver<Vec<u8>>,
    seen: String,
}

impl Session {
    /// Runs `command` with its own terminal in place of standard input, output and errors.
    pub fn start(mut command: Command) -> Self {
        let leader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&leader).unwrap();
        unlockpt(&leader).unwrap();
        let name = ptsname(&leader, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        let child = command
            .env("TERM", "xterm-256color")
            .env_remove("TF_IN_AUTOMATION")
            .stdin(Stdio::from(terminal.try_clone().unwrap()))
            .stdout(Stdio::from(terminal.try_clone().unwrap()))
            .stderr(Stdio::from(terminal))
            .spawn()
            .unwrap();
        // The command keeps the other end open, and reading ends when the last process that has it has ended.
        drop(command);
        let leader = File::from(leader);
        let (sender, pieces) = channel();
        let mut reader = leader.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut piece) {
                let _ = sender.send(piece[..length].to_vec());
            }
        });
        Self {
            child,
            leader,
            pieces,
            seen: String::new(),
        }
    }

    /// Waits until `words` are on the terminal.
    #[track_caller]
    pub fn wait_for(&mut self, words: &str) -> &mut Self {
        let until = Instant::now() + PATIENCE;
        while !self.seen.contains(words) {
            let left = until.saturating_duration_since(Instant::now());
            let piece = self.pieces.recv_timeout(left);
            let piece = piece.unwrap_or_else(|_| panic!("{words:?} never came:\n{}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        self
    }

    /// The output so far, without colors.
    pub fn seen(&self) -> String {
        plain(&self.seen)
    }

    /// Types a line.
    pub fn answer(&mut self, line: &str) -> &mut Self {
        self.leader
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        self
    }

    /// The exit code and the complete output.
    pub fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        while let Ok(piece) = self.pieces.recv_timeout(Duration::from_secs(5)) {
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        (code, self.seen)
    }
}

/// Text without colors and carriage returns.
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => {
                // A control sequence ends with a letter.
                let _ = rest.find(char::is_ascii_alphabetic);
            }
            '\r' => {}
            other => plain.push(other),
        }
    }
    plain
}
