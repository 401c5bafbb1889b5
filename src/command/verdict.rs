//! What a command that could do its work came to.

/// How a command ended that could do its work. One that could not ends with a [`Failure`](super::Failure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well: exit code 0.
    Good,
    /// The work was done and found something wrong, or what it made is not complete: exit code 1.
    Bad,
    /// The work was done as far as possible, and that does not tell: exit code 2.
    Unknown,
    /// The work was done, and what it found exceeds a limit that somebody has set: exit code 3.
    Refused,
}
