//! An operation of the caller: each of its calls and waits ends at its deadline, or when it is canceled.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Error;

/// The deadline and the cancellation of an operation.
#[derive(Clone, Default)]
pub(super) struct Operation {
    deadline: Option<Instant>,
    cancel: CancellationToken,
}

impl Operation {
    pub(super) fn new(deadline: Instant, cancel: CancellationToken) -> Self {
        Self {
            deadline: Some(deadline),
            cancel,
        }
    }

    /// Sleeps, but not beyond the end of the operation.
    pub(super) async fn wait(&self, duration: Duration) -> Result<(), Error> {
        self.bounded(tokio::time::sleep(duration)).await
    }

    /// Completes when the caller cancels.
    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Runs `future` until it completes, the caller cancels, or the deadline passes.
    pub(super) async fn bounded<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled { unanswered: None }),
            output = future => Ok(output),
            () = self.time_is_over() => Err(Error::DeadlineExceeded { unanswered: None, held_back: false }),
        }
    }

    /// Completes at the deadline.
    pub(super) async fn time_is_over(&self) {
        match self.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    /// The time until the deadline, if there is one.
    pub(super) fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }
}
