//! The reads that travel in the next batch together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Error, Json};

/// The reads that wait for the next batch.
#[derive(Default)]
pub(super) struct ReadBatcher(Mutex<Vec<Reader>>);

/// Somebody who waits for the answers to a few reads.
pub(super) struct Reader {
    pub(super) paths: Vec<String>,
    pub(super) answer: oneshot::Sender<Vec<Result<Option<Json>, Error>>>,
}

impl ReadBatcher {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a reader in; whether it is the first.
    pub(super) fn join(&self, reader: Reader) -> bool {
        let mut waiting = self.waiting();
        waiting.push(reader);
        waiting.len() == 1
    }
}
