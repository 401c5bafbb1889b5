//! How far a call was repeated because Graph may not know yet what was written a moment ago.

use std::time::Duration;

use tokio::time::Instant;

use super::Error;
use super::operation::Operation;
use super::path::without_values;
use super::visibility::Pauses;

/// How far a call was repeated.
#[derive(Debug)]
pub(super) struct Patience {
    began: Instant,
    pauses: Pauses,
    /// Nothing that it names is absent, as far as can be told.
    is_cleared: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            pauses: Pauses::default(),
            is_cleared: false,
        }
    }
}

impl Patience {
    /// Waits once, for no longer than is `left`.
    pub(super) async fn pause(
        &mut self,
        operation: &Operation,
        path: &str,
        left: Duration,
    ) -> Result<(), Error> {
        let pause = self.next(path, left);
        operation.wait(pause).await
    }

    /// How long to wait next.
    pub(super) fn next(&mut self, path: &str, left: Duration) -> Duration {
        tracing::info!(
            target: "graph",
            path = without_values(path),
            waited_s = self.began.elapsed().as_secs(),
            at_most_s = left.as_secs(),
            "waiting until Microsoft Graph shows a recent change"
        );
        self.pauses.next(left)
    }

    /// How long the call has been repeated.
    pub(super) fn waited(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether it is time, after `limit`, to find out who is named, which is done once.
    pub(super) fn is_due(&mut self, limit: Duration) -> bool {
        let is_due = !self.is_cleared && self.waited() >= limit;
        self.is_cleared |= is_due;
        is_due
    }
}
