//! Timestamps of Graph. Graph has no "never": it returns the year 1 instead, which is converted to `None`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use terraform::Value;

/// Returns a timestamp of Graph's response if it is not in the year 1.
pub(super) fn timestamp(json: &Json) -> Option<String> {
    let text = json.as_str().filter(|text| !text.is_empty())?;
    (!text.starts_with("0001-01-01")).then(|| text.to_owned())
}

/// Parses a configured value: a timestamp with its offset, or a date, which begins at midnight UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let day: Date = text.parse().ok().filter(|_| text.len() == 10)?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    })
}

/// Formats the timestamp for Graph's filters.
pub(super) fn graph_instant(text: &str) -> Option<String> {
    instant(text).map(|instant| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Checks that an attribute is a timestamp or a date.
pub(super) fn check(value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    instant(text).map(drop).ok_or_else(|| {
        format!(
            "a time such as \"2026-01-31T08:00:00Z\" or a day such as \"2026-01-31\", not {text:?}"
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_year_one_is_never() {
        assert_eq!(timestamp(&json!("0001-01-01T00:00:00Z")), None);
        assert_eq!(timestamp(&json!(null)), None);
        assert_eq!(timestamp(&json!("")), None);
        let real = "2026-08-07T10:00:00.123Z";
        assert_eq!(timestamp(&json!(real)), Some(real.to_owned()));
    }

    #[test]
    fn days_and_offsets_become_utc() {
        for (written, sent) in [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
            ("2026-01-31T08:00:00.5+02:00", "2026-01-31T06:00:00Z"),
        ] {
            assert_eq!(graph_instant(written).as_deref(), Some(sent), "{written}");
            assert!(check(&Value::from(written)).is_ok());
        }
        for wrong in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-01-31T08:00:00",
            "20260131",
        ] {
            assert!(check(&Value::from(wrong)).is_err(), "{wrong}");
        }
    }
}
