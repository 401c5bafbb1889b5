//! How long to wait before Graph is asked again.

use std::time::Duration;

/// Pauses that start short, because Graph usually agrees at once, and grow, because sometimes it takes minutes.
#[derive(Debug)]
pub(crate) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(Duration::from_millis(200))
    }
}

impl Pauses {
    /// The next pause, where there is time `left`.
    pub(crate) fn next(&mut self, left: Duration) -> Duration {
        let pause = self.0.min(left);
        self.0 = (self.0 * 3 / 2).min(Duration::from_secs(5));
        pause
    }
}
