//! The retry policy: when to retry a request, and how long to wait before. Pure functions.

use std::time::{Duration, SystemTime};

use rand::RngExt;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The longest backoff.
const LONGEST: Duration = Duration::from_secs(30);

/// The upper bound of the first backoff.
const FIRST: Duration = Duration::from_millis(500);

/// Whether a request is idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// It is, or Graph rejects duplicates.
    Safe,
    /// It is not: it is repeated only if it was certainly not carried out.
    Never,
}

/// The outcome of an attempt, with respect to retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// There was a response, and a retry would have the same result.
    Final,
    /// It was certainly not carried out: throttled, or never sent.
    NotDone,
    /// It may have been carried out: the response was lost, or came from a gateway.
    Unknown,
}

/// Returns the outcome for an HTTP status.
pub(super) fn judge(status: u16, resend: Resend) -> Attempt {
    match status {
        429 => Attempt::NotDone,
        502..=504 => Attempt::Unknown,
        // A retry seldom helps, but a request that must not happen twice may have been carried out.
        500..=599 if resend == Resend::Never => Attempt::Unknown,
        _ => Attempt::Final,
    }
}

/// The step after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Return the error.
    GiveUp,
    /// Wait for this time, then retry.
    After(Duration),
    /// It may have been carried out and must not be repeated.
    Lost,
}

/// Returns the next step. `attempts` is the number of attempts so far, `left` the time until the deadline.
pub(super) fn next(
    attempt: Attempt,
    resend: Resend,
    attempts: u32,
    max_retries: u32,
    asked: Option<Duration>,
    left: Option<Duration>,
) -> Next {
    match (attempt, resend) {
        (Attempt::Final, _) => return Next::GiveUp,
        (Attempt::Unknown, Resend::Never) => return Next::Lost,
        _ => {}
    }
    if attempts > max_retries {
        return Next::GiveUp;
    }
    let wait = asked.unwrap_or_else(|| backoff(attempts));
    match left {
        Some(left) if wait >= left => Next::GiveUp,
        _ => Next::After(wait),
    }
}

/// Exponential backoff with full jitter, so that many clients that were throttled together do not retry together.
pub(super) fn backoff(attempts: u32) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    doubled
        .min(LONGEST)
        .mul_f64(rand::rng().random_range(0.0..=1.0))
}

/// Parses `Retry-After` in either form: seconds, or a date relative to `now`.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    wait_asked(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// Parses the value of a `Retry-After` header.
pub(super) fn wait_asked(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn statuses_are_classified() {
        for (status, resend, expected) in [
            (429, Resend::Safe, Attempt::NotDone),
            (429, Resend::Never, Attempt::NotDone),
            (502, Resend::Safe, Attempt::Unknown),
            (503, Resend::Never, Attempt::Unknown),
            (504, Resend::Safe, Attempt::Unknown),
            (500, Resend::Safe, Attempt::Final),
            (500, Resend::Never, Attempt::Unknown),
            (400, Resend::Never, Attempt::Final),
            (401, Resend::Safe, Attempt::Final),
            (403, Resend::Safe, Attempt::Final),
            (404, Resend::Safe, Attempt::Final),
            (409, Resend::Never, Attempt::Final),
        ] {
            assert_eq!(judge(status, resend), expected, "{status} {resend:?}");
        }
    }

    #[test]
    fn waits_follow_retry_after_or_backoff_but_never_exceed_the_deadline() {
        let asked = Some(7 * SECOND);
        let go =
            |attempts, asked, left| next(Attempt::NotDone, Resend::Never, attempts, 3, asked, left);
        assert_eq!(go(1, asked, None), Next::After(7 * SECOND));
        assert_eq!(go(3, asked, Some(8 * SECOND)), Next::After(7 * SECOND));
        assert_eq!(go(3, asked, Some(7 * SECOND)), Next::GiveUp);
        assert_eq!(go(4, asked, None), Next::GiveUp);
        assert!(matches!(go(1, None, None), Next::After(wait) if wait <= FIRST));
    }

    #[test]
    fn only_idempotent_requests_are_retried_after_an_unknown_outcome() {
        assert_eq!(
            next(Attempt::Unknown, Resend::Never, 1, 3, None, None),
            Next::Lost
        );
        assert!(matches!(
            next(Attempt::Unknown, Resend::Safe, 1, 3, None, None),
            Next::After(_)
        ));
        assert_eq!(
            next(Attempt::Final, Resend::Safe, 1, 3, None, None),
            Next::GiveUp
        );
    }

    #[test]
    fn backoff_grows_and_stays_below_its_cap() {
        for attempts in 1..=64 {
            assert!(backoff(attempts) <= LONGEST);
        }
        let longest = (0..200).map(|_| backoff(20)).max().unwrap();
        assert!(
            longest > LONGEST / 2,
            "full jitter uses the whole range: {longest:?}"
        );
        let first = (0..200).map(|_| backoff(1)).max().unwrap();
        assert!(first <= FIRST);
    }

    #[test]
    fn retry_after_has_two_forms() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
        assert_eq!(wait_asked("120", now), Some(120 * SECOND));
        assert_eq!(wait_asked(" 0 ", now), Some(Duration::ZERO));
        assert_eq!(wait_asked("1.5", now), Some(Duration::from_millis(1500)));
        assert_eq!(
            wait_asked("Wed, 21 Oct 2026 07:28:09 GMT", now),
            Some(9 * SECOND)
        );
        assert_eq!(
            wait_asked("Wed, 21 Oct 2026 07:27:00 GMT", now),
            Some(Duration::ZERO)
        );
        for nonsense in ["", "soon", "-5", "NaN", "inf"] {
            assert_eq!(wait_asked(nonsense, now), None, "{nonsense}");
        }
    }
}
