//! Removes the temporary directories that killed processes of this provider left behind.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, test_kill_process};

/// Younger directories are kept, because their host may not have connected yet.
const AGE: Duration = Duration::from_secs(60);

/// The common prefix of the directories of all versions of this provider.
const NAME: &str = "crosstenant";

/// The prefix of the directory of this process: its process ID shows later whether it still runs.
pub(super) fn prefix() -> String {
    format!("{NAME}-{}-", std::process::id())
}

/// Removes the directories in `folder` of processes that no longer exist. Errors are ignored.
pub(super) fn remove(folder: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(owner);
        if owner.is_some_and(|owner| is_over(owner) && is_old_and_ours(&entry.path(), now)) {
            // Only the known file is removed, so a directory with other contents stays.
            let _ = fs::remove_file(entry.path().join("s"));
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Returns the process that created a directory with this name.
fn owner(name: &str) -> Option<Pid> {
    let (number, _) = name
        .strip_prefix(NAME)?
        .strip_prefix('-')?
        .split_once('-')?;
    Pid::from_raw(number.parse().ok()?)
}

fn is_over(process: Pid) -> bool {
    test_kill_process(process) == Err(rustix::io::Errno::SRCH)
}

fn is_old_and_ours(path: &Path, now: SystemTime) -> bool {
    // Symbolic links are not followed.
    let Ok(found) = fs::symlink_metadata(path) else {
        return false;
    };
    let age = found
        .modified()
        .ok()
        .and_then(|then| now.duration_since(then).ok());
    found.is_dir()
        && found.mode() & 0o777 == 0o700
        && found.uid() == rustix::process::geteuid().as_raw()
        && age.is_some_and(|age| age > AGE)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn directories_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        let number = ended.id();
        ended.wait().unwrap();
        let make = |name: String, mode| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            drop(UnixListener::bind(path.join("s")).unwrap());
            path
        };
        let left = make(format!("{NAME}-{number}-abc"), 0o700);
        let stays = [
            make(format!("{NAME}-{}-abc", std::process::id()), 0o700),
            make(format!("{NAME}-{number}-open"), 0o755),
            make(format!("plugin-{number}-abc"), 0o700),
            make(format!("{NAME}-none-abc"), 0o700),
        ];
        let used = make(format!("{NAME}-{number}-used"), 0o700);
        fs::write(used.join("other"), "").unwrap();

        remove(folder.path(), SystemTime::now());
        assert!(left.exists(), "it is too young");
        remove(folder.path(), SystemTime::now() + 2 * AGE);
        assert!(!left.exists());
        assert!(stays.iter().all(|path| path.join("s").exists()));
        assert!(used.join("other").exists());
    }
}
