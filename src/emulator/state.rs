//! The state file: the whole world, replaced in one step after each change.
//!
//! What was answered before the process was killed is there after the restart. A power cut is
//! beyond its promise: nothing is forced to the disk.

use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::Mutex;

use super::server::Server;
use super::store::World;

/// Where the state is kept, and which version of it was written last.
pub(super) struct StateFile {
    path: PathBuf,
    written: Mutex<Option<u64>>,
}

impl StateFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            written: Mutex::new(None),
        }
    }

    /// The world of an earlier run, if there was one.
    pub(super) fn load(path: &Path) -> Result<Option<World>, String> {
        match std::fs::read(path) {
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

    /// Returns once the present world is on disk. Requests that wait here together share one write.
    pub(super) async fn save(&self, server: &Server) {
        let wanted = server.world().version;
        let mut written = self.written.lock().await;
        if written.is_some_and(|version| version >= wanted) {
            return;
        }
        let (version, bytes) = {
            let world = server.world();
            (world.version, serde_json::to_vec(&*world))
        };
        let path = self.path.clone();
        let result = match bytes {
            Ok(bytes) => tokio::task::spawn_blocking(move || replace(&path, &bytes))
                .await
                .unwrap_or_else(|why| Err(io::Error::other(why))),
            Err(why) => Err(io::Error::other(why)),
        };
        match result {
            Ok(()) => *written = Some(version),
            // Nobody may be listening to logs, and a promise is being broken.
            Err(why) => eprintln!("graph-emulator: the state file can't be written: {why}"),
        }
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    std::fs::write(&name, bytes)?;
    std::fs::rename(&name, path)
}
