//! The result of a test, or the reason why there is none.

/// The result of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whether the statement is true.
    pub(super) holds: bool,
    /// A short description of the observation.
    pub(super) seen: String,
}

/// The reason why a test has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle(pub(super) String);

/// Returns a finding.
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

/// Returns an obstacle.
pub(super) fn obstacle<T>(why: impl Into<String>) -> Result<T, Obstacle> {
    Err(Obstacle(why.into()))
}
