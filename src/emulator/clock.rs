//! The clock of the emulator: the real time plus an offset that tests advance.
//!
//! Durations are written as on a command line (`500ms`, `2s`, `40m`, `30d`).

use std::time::Duration;

use jiff::Timestamp;

/// Timestamp that Graph returns for events that have not happened yet, where it does not return null.
pub(super) const YEAR_ONE: &str = "0001-01-01T00:00:00Z";

/// Parses `500ms`, `2s`, `40m`, `1h` or `30d`; a bare number counts seconds.
///
/// # Errors
///
/// A message that contains the invalid text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("'{text}' is not a valid duration; examples are 500ms, 2s and 40m"))?;
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => {
            return Err(format!(
                "'{unit}' is not a unit of time; ms, s, m, h and d are"
            ));
        }
    };
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("'{text}' is too long"))
}

/// Milliseconds since 1970, shifted by the offset that tests have advanced, and optionally faster than real time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    offset: i64,
    /// The real time at which the acceleration began.
    since: i64,
    /// Additional milliseconds per millisecond of real time: 0 is real time; with 59, a minute passes in a second.
    surplus: i64,
}

impl Clock {
    /// A clock that runs `speed` times as fast as real time.
    pub(super) fn running(speed: u32) -> Self {
        Self {
            offset: 0,
            since: Timestamp::now().as_millisecond(),
            surplus: i64::from(speed.max(1)) - 1,
        }
    }

    pub(super) fn now(self) -> i64 {
        let real = Timestamp::now().as_millisecond();
        real + (real - self.since).saturating_mul(self.surplus) + self.offset
    }

    /// The real time in which the clock advances by `span` milliseconds; at least one millisecond.
    pub(super) fn real(self, span: i64) -> Duration {
        Duration::from_millis(u64::try_from(span / (self.surplus + 1)).unwrap_or(0).max(1))
    }

    /// The milliseconds by which this clock advances in `seconds` of real time.
    pub(super) fn stretched(self, seconds: i64) -> i64 {
        seconds.saturating_mul(self.surplus + 1)
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.offset += millis(by);
    }

    /// The current time in the format of Graph.
    pub(super) fn text(self) -> String {
        moment(self.now())
    }
}

/// A duration in milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Formats milliseconds since 1970 as Graph does: UTC, with fractions of seconds only if they are not zero.
pub(super) fn moment(millis: i64) -> String {
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, expected) in [
            ("500ms", 500),
            ("2s", 2_000),
            ("3", 3_000),
            ("40m", 2_400_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(
                parse_duration(text).unwrap(),
                Duration::from_millis(expected),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "2y",
            "-1s",
            "99999999999999999999s",
            "99999999999999999d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
