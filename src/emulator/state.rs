//! The state file: the whole world, replaced atomically after each change.
//!
//! It survives a killed process: every change that was answered is there after a restart. It may not survive a power failure, because
//! nothing is flushed to the disk.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::store::World;

/// The path of the state file, and the version of the world that was written last.
pub(super) struct StateFile {
    path: PathBuf,
    written: tokio::sync::Mutex<Option<u64>>,
}

impl StateFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            written: tokio::sync::Mutex::new(None),
        }
    }

    /// Loads the world of an earlier run, if there was one.
    pub(super) fn load(path: &Path) -> Result<Option<World>, String> {
        match refuse_link(path).and_then(|()| std::fs::read(path)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|why| format!("the state file {} is damaged: {why}", path.display())),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(format!(
                "the state file {} can't be read: {why}",
                path.display()
            )),
        }
    }

    /// Returns when the current world is in the file. Requests that wait at the same time share one write.
    pub(super) async fn save(&self, world: &Mutex<World>) -> Result<(), String> {
        let present = || world.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = present().version;
        let mut written = self.written.lock().await;
        if written.is_some_and(|version| version >= wanted) {
            return Ok(());
        }
        let (version, bytes) = {
            let world = present();
            (world.version, serde_json::to_vec(&*world))
        };
        let path = self.path.clone();
        let result = match bytes {
            Ok(bytes) => tokio::task::spawn_blocking(move || replace(&path, &bytes))
                .await
                .unwrap_or_else(|why| Err(io::Error::other(why))),
            Err(why) => Err(io::Error::other(why)),
        };
        result.map_err(|why| {
            format!(
                "the state file {} can't be written: {why}; --state names another one",
                self.path.display()
            )
        })?;
        *written = Some(version);
        Ok(())
    }
}

/// A link could lead to a file of another user.
fn refuse_link(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => Err(io::Error::other("it is a symbolic link")),
        _ => Ok(()),
    }
}

/// Writes a temporary file, readable only by its owner, and renames it.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    refuse_link(path)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let name = PathBuf::from(name);
    // A leftover temporary file is no longer needed, and may be a link.
    match std::fs::remove_file(&name) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&name)?.write_all(bytes)?;
    std::fs::rename(&name, path)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_file_is_for_its_owner_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let other = folder.path().join("other");
        std::fs::write(&other, "theirs").unwrap();
        symlink(&other, folder.path().join("state.json.new")).unwrap();
        replace(&path, b"1").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"2").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(&path).unwrap();
        symlink(&other, &path).unwrap();
        assert!(replace(&path, b"3").is_err());
        assert!(StateFile::load(&path).is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "theirs");
    }
}
