//! The result of a command that could do its work.

/// The result of a command that could do its work. Otherwise, it returns a [`Failure`](super::Failure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No problems: exit code 0.
    Good,
    /// The work was done and found a problem, or its output is incomplete: exit code 1.
    Bad,
    /// The work was done as far as possible, and the result is unknown: exit code 2.
    Unknown,
    /// The work was done, and the result exceeds a limit of the user: exit code 3.
    Refused,
}
