//! A request to Graph and the state of its attempts.

use std::fmt;

use reqwest::Method;
use tokio::time::Instant;
use url::Url;

use super::{Error, Resend};

/// A request to send.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) url: &'a Url,
    pub(super) body: Option<&'a [u8]>,
    pub(super) resend: Resend,
    /// The number of writes: 0 for a read, 1 for a write, and the number of writes in a batch.
    pub(super) writes: usize,
    /// The paths of the requests in a batch.
    pub(super) parts: &'a [&'a str],
}

impl Call<'_> {
    /// Describes the call if it may have been carried out without a response.
    pub(super) fn unanswered(&self) -> Option<String> {
        (self.writes > 0).then(|| self.to_string())
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The state of the attempts of a call.
pub(super) struct Progress {
    pub(super) started: Instant,
    pub(super) attempts: u32,
    /// An earlier attempt may have been carried out.
    pub(super) lost: bool,
    /// An expired token was replaced.
    pub(super) renewed: bool,
}

impl Progress {
    /// Returns the error for an operation that ends before the next attempt.
    pub(super) fn over(&self, call: Call<'_>, error: Error) -> Error {
        let unanswered = self.lost.then(|| call.unanswered()).flatten();
        match error {
            Error::Cancelled { .. } => Error::Cancelled { unanswered },
            Error::DeadlineExceeded { held_back, .. } => Error::DeadlineExceeded {
                unanswered,
                held_back,
            },
            other => other,
        }
    }
}
