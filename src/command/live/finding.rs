//! What a trial saw, or why it saw nothing.

/// What a trial saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whether the statement holds.
    pub(super) holds: bool,
    /// What was seen, in a few words.
    pub(super) seen: String,
}

/// Why a trial saw nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle(pub(super) String);

/// A finding.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it ends trials, which may have met an obstacle before"
)]
pub(super) fn judged(holds: bool, seen: impl Into<String>) -> Result<Finding, Obstacle> {
    Ok(Finding {
        holds,
        seen: seen.into(),
    })
}

/// No finding.
pub(super) fn obstacle<T>(why: impl Into<String>) -> Result<T, Obstacle> {
    Err(Obstacle(why.into()))
}
