//! Runs the Azure CLI to get a token, and kills it with all of its child processes when the token is no longer wanted.

use std::ffi::OsStr;
use std::io;
use std::process::{Output, Stdio};

use azure_identity::Executor;
use tokio::process::{Child, Command};

use super::lifetime;

/// Starts the command in its own process group: the Azure CLI is a script that starts other processes, which would survive if
/// only the script were killed.
#[derive(Debug)]
pub(super) struct Process;

#[async_trait::async_trait]
impl Executor for Process {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        let group = Group::of(&child);
        let mut output = child.wait_with_output().await?;
        group.has_ended();
        output.stdout = lifetime::bounded(output.stdout);
        Ok(output)
    }
}

/// A process and its children, which are killed on drop.
struct Group {
    id: Option<u32>,
}

impl Group {
    fn of(child: &Child) -> Self {
        Self { id: child.id() }
    }

    /// The process has ended, so its ID may soon belong to another one.
    fn has_ended(mut self) {
        self.id = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            kill(id);
        }
    }
}

#[cfg(unix)]
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = i32::try_from(id).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // The group may have ended meanwhile.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(id: u32) {
    let _ = std::process::Command::new("taskkill")
        .args(["/T", "/F", "/PID", &id.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Whether a process runs and is not a zombie.
    fn is_running(id: &str) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
        status.is_ok_and(|text| !text.contains(") Z "))
    }

    #[tokio::test]
    async fn child_processes_are_killed_with_the_operation() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!("sleep 300 & echo $! > {}; wait; true", file.display());
        let args = [OsStr::new("-c"), OsStr::new(&script)];
        let running = Process.run(OsStr::new("/bin/sh"), &args);
        let child = async {
            loop {
                match std::fs::read_to_string(&file) {
                    Ok(id) if id.ends_with('\n') => return id,
                    _ => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let id = tokio::select! {
            _ = running => panic!("it was to run for long"),
            id = child => id,
        };
        for _ in 0..500 {
            if !is_running(&id) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{id} still runs");
    }

    #[tokio::test]
    async fn a_process_that_has_ended_is_not_killed() {
        let args = [
            OsStr::new("-c"),
            OsStr::new("echo one; echo two >&2; exit 3"),
        ];
        let output = Process.run(OsStr::new("/bin/sh"), &args).await.unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(
            (&output.stdout[..], &output.stderr[..]),
            (&b"one\n"[..], &b"two\n"[..])
        );
    }
}
