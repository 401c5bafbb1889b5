//! The waits between reads of the same object.

use std::time::Duration;

/// Waits that start short, because Graph is usually consistent at once, and grow, because it can take minutes.
#[derive(Debug)]
pub(crate) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(Duration::from_millis(200))
    }
}

impl Pauses {
    /// Returns the next wait, if there is time `left`.
    pub(crate) fn next(&mut self, left: Duration) -> Duration {
        let pause = self.0.min(left);
        self.0 = (self.0 * 3 / 2).min(Duration::from_secs(5));
        pause
    }
}
