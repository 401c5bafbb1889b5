//! Queue of reads for the next batch request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Error, Json};

/// How long the first reader waits for others; short compared to a round trip.
pub(super) const GATHER_WINDOW: Duration = Duration::from_millis(6);

/// The reads that wait for the next batch.
#[derive(Default)]
pub(super) struct ReadBatcher(Mutex<Vec<Reader>>);

/// A caller that waits for the responses to a few reads.
pub(super) struct Reader {
    pub(super) paths: Vec<String>,
    pub(super) answer: oneshot::Sender<Vec<Result<Option<Json>, Error>>>,
}

impl ReadBatcher {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a reader; returns whether it is the first.
    pub(super) fn join(&self, reader: Reader) -> bool {
        let mut waiting = self.waiting();
        waiting.push(reader);
        waiting.len() == 1
    }
}
