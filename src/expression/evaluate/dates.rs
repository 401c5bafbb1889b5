//! Date functions. They pass dates to each other as strings in UTC, `M/d/yyyy h:mm:ss tt`, as documented.

use jiff::civil::DateTime;
use jiff::{Span, Unit};

use super::pattern::{self, CANONICAL, Moment, Zone};
use super::{Call, EvalError, Outcome, Value, format};

/// Active Directory's time units (100 nanoseconds) per second.
const TICKS: i64 = 10_000_000;
const NANOSECONDS_PER_TICK: i64 = 100;

const DATES: [&str; 2] = ["yyyy-MM-dd", "M/d/yyyy"];
const TIMES: [&str; 9] = [
    "",
    "THH:mm",
    "THH:mm:ss",
    "THH:mm:ss.FFFFFFF",
    " H:mm",
    " H:mm:ss",
    " H:mm:ss.FFFFFFF",
    " h:mm tt",
    " h:mm:ss tt",
];

const STYLES: [&str; 10] = [
    "None",
    "AllowLeadingWhite",
    "AllowTrailingWhite",
    "AllowInnerWhite",
    "AllowWhiteSpaces",
    "AdjustToUniversal",
    "AssumeLocal",
    "AssumeUniversal",
    "NoCurrentDateDefault",
    "RoundtripKind",
];

/// Parses any of the usual formats; without a time zone, it is UTC.
fn parsed(text: &str) -> Result<DateTime, String> {
    let formats = DATES
        .into_iter()
        .flat_map(|date| TIMES.into_iter().map(move |time| format!("{date}{time}K")));
    formats
        .into_iter()
        .find_map(|format| pattern::read(text, &format).ok())
        .map(|moment| moment.at)
        .ok_or_else(|| format!("is not a date in a supported format: {text:?}"))
}

fn canonical(call: &Call<'_>, at: DateTime) -> Outcome {
    let moment = Moment {
        at,
        zone: Zone::Utc,
    };
    let written = format::write(&moment, CANONICAL);
    written.map(Value::Text).map_err(|cause| call.fail(cause))
}

fn date(call: &Call<'_>, position: usize) -> Result<Option<DateTime>, EvalError> {
    let text = call.text(position)?;
    text.map(|text| parsed(&text).map_err(|cause| call.fail_at(position, &cause)))
        .transpose()
}

pub(crate) fn c_date(call: &Call<'_>) -> Outcome {
    match date(call, 0)? {
        Some(at) => canonical(call, at),
        None => Ok(Value::Null),
    }
}

pub(crate) fn date_add(call: &Call<'_>) -> Outcome {
    let interval = call.text(0)?.unwrap_or_default();
    let (number, Some(at)) = (call.number(1)?, date(call, 2)?) else {
        return Ok(Value::Null);
    };
    let span = match interval.as_str() {
        "yyyy" => Span::new().try_years(number),
        "m" => Span::new().try_months(number),
        "d" => Span::new().try_days(number),
        "ww" => Span::new().try_weeks(number),
        "h" => Span::new().try_hours(number),
        "n" => Span::new().try_minutes(number),
        "s" => Span::new().try_seconds(number),
        _ => return Err(call.fail_at(0, "is not a unit of time")),
    };
    let sum = span.and_then(|span| at.checked_add(span));
    match sum.ok().filter(|sum| sum.year() >= 1) {
        Some(sum) => canonical(call, sum),
        None => Err(call.fail("the date is out of range")),
    }
}

/// Years and months count by the calendar, weeks from Sunday to Sunday, and the others in whole units, as the documented examples
/// show.
pub(crate) fn date_diff(call: &Call<'_>) -> Outcome {
    let interval = call.text(0)?.unwrap_or_default();
    let (Some(from), Some(to)) = (date(call, 1)?, date(call, 2)?) else {
        return Ok(Value::Null);
    };
    let years = i64::from(to.year()) - i64::from(from.year());
    let seconds = match whole_seconds(from, to) {
        Ok(seconds) => seconds,
        Err(error) => return Err(call.fail(error.to_string())),
    };
    Ok(Value::Integer(match interval.as_str() {
        "yyyy" => years,
        "m" => years * 12 + i64::from(to.month()) - i64::from(from.month()),
        "ww" => {
            let into = |at: DateTime| i64::from(at.weekday().to_sunday_zero_offset()) * 86_400;
            (seconds + into(from) - into(to)) / (7 * 86_400)
        }
        "d" => seconds / 86_400,
        "h" => seconds / 3_600,
        "n" => seconds / 60,
        "s" => seconds,
        _ => return Err(call.fail_at(0, "is not a unit of time")),
    }))
}

fn whole_seconds(from: DateTime, to: DateTime) -> Result<i64, jiff::Error> {
    let span = from.until((Unit::Second, to))?;
    Ok(span.get_seconds())
}

/// The epoch of Active Directory.
fn epoch() -> DateTime {
    jiff::civil::date(1601, 1, 1).at(0, 0, 0, 0)
}

pub(crate) fn date_from_num(call: &Call<'_>) -> Outcome {
    let Some(number) = call.integer(0)? else {
        return Ok(Value::Null);
    };
    let span = Span::new()
        .try_seconds(number / TICKS)
        .and_then(|span| span.try_nanoseconds(number % TICKS * NANOSECONDS_PER_TICK));
    match span.and_then(|span| epoch().checked_add(span)) {
        Ok(at) => canonical(call, at),
        Err(_) => Err(call.fail_at(0, "is out of range")),
    }
}

pub(crate) fn num_from_date(call: &Call<'_>) -> Outcome {
    let Some(at) = date(call, 0)? else {
        return Ok(Value::Null);
    };
    let ticks = whole_seconds(epoch(), at).ok().and_then(|seconds| {
        let rest = i64::from(at.subsec_nanosecond()) / NANOSECONDS_PER_TICK;
        seconds.checked_mul(TICKS)?.checked_add(rest)
    });
    ticks
        .map(Value::Integer)
        .ok_or_else(|| call.fail_at(0, "is out of range"))
}

/// The local time zone of the service is assumed to be UTC, so only the names of the styles differ.
pub(crate) fn format_date_time(call: &Call<'_>) -> Outcome {
    let styles = call.text(1)?.unwrap_or_default();
    for style in styles
        .split(',')
        .map(str::trim)
        .filter(|style| !style.is_empty())
    {
        let name = style.strip_prefix("DateTimeStyles.").unwrap_or(style);
        if !STYLES.contains(&name) {
            return Err(call.fail_at(1, &format!("has no style {style:?}")));
        }
    }
    let input = call.text(2)?.unwrap_or_default();
    let output = call.text(3)?.unwrap_or_default();
    let Some(source) = call.text(0)? else {
        return Ok(Value::Null);
    };
    pattern::parts(&input).map_err(|cause| call.fail_at(2, &cause))?;
    let moment = pattern::read(&source, &input).map_err(|cause| call.fail_at(0, &cause))?;
    let written = format::write(&moment, &output).map_err(|cause| call.fail_at(3, &cause))?;
    Ok(Value::Text(written))
}
