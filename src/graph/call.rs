//! What is to be sent to Graph, and what has happened to it so far.

use std::fmt;

use reqwest::Method;
use tokio::time::Instant;
use url::Url;

use super::{Error, Resend};

/// What is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) url: &'a Url,
    pub(super) body: Option<&'a [u8]>,
    pub(super) resend: Resend,
    /// How much it changes: nothing, one thing, or as many as a batch holds.
    pub(super) writes: usize,
    /// The paths of what a batch holds.
    pub(super) parts: &'a [&'a str],
}

impl Call<'_> {
    /// Names the call where it may have been carried out without our knowing.
    pub(super) fn unanswered(&self) -> Option<String> {
        (self.writes > 0).then(|| self.to_string())
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What has happened to a call so far.
pub(super) struct Progress {
    pub(super) started: Instant,
    pub(super) attempts: u32,
    /// An earlier attempt may have been carried out.
    pub(super) lost: bool,
    /// A token that had gone stale was replaced.
    pub(super) renewed: bool,
}

impl Progress {
    /// The error for an operation that is over before the next attempt.
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
