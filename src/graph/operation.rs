//! One operation of the caller: every call and every wait of it ends with its time, or when it is cancelled.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Error;

/// How long an operation may go on.
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

    /// Sleeps, but no longer than the operation lasts.
    pub(super) async fn wait(&self, duration: Duration) -> Result<(), Error> {
        self.bounded(tokio::time::sleep(duration)).await
    }

    /// Ends when the caller cancels.
    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Runs `future` until it is done, the caller cancels, or the time is over.
    pub(super) async fn bounded<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled { unanswered: None }),
            output = future => Ok(output),
            () = self.time_is_over() => Err(Error::DeadlineExceeded { unanswered: None, held_back: false }),
        }
    }

    /// Ends when its time does.
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
