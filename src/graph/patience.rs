//! The retries of a call that may fail because of replication lag.

use std::time::Duration;

use tokio::time::Instant;

use super::Error;
use super::operation::Operation;
use super::path::without_values;
use super::visibility::Pauses;

/// The state of the retries of a call.
#[derive(Debug)]
pub(super) struct Patience {
    began: Instant,
    pauses: Pauses,
    /// No object that it refers to is known to be missing.
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
    /// Waits once, for at most `left`.
    pub(super) async fn pause(
        &mut self,
        operation: &Operation,
        path: &str,
        left: Duration,
    ) -> Result<(), Error> {
        let pause = self.next(path, left);
        operation.wait(pause).await
    }

    /// Returns the next wait.
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

    /// The time since the first attempt.
    pub(super) fn waited(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether it is time, after `limit`, to check whether the principal in the body exists, which happens once.
    pub(super) fn is_due(&mut self, limit: Duration) -> bool {
        let is_due = !self.is_cleared && self.waited() >= limit;
        self.is_cleared |= is_due;
        is_due
    }
}
