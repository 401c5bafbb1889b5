//! Slows down before Graph has to say so: one limiter for everything that one client sends to its tenant.
//!
//! It keeps below the published quota of writes, eases off when Graph reports that a limit is near, and when one call is
//! throttled holds back the others to the same service, which would only be throttled as well.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// The published quota of writes per application and tenant: 3,000 in 150 s. The rest is left to others who sign in as the
/// same application.
const WRITES: usize = 2_700;
const WINDOW: Duration = Duration::from_secs(150);
/// From this share of a limit on, Graph reports how near it is.
const NEAR: f64 = 0.8;
/// Nobody is held back longer for somebody else's sake.
const LONGEST: Duration = Duration::from_secs(30);

/// What this client has sent, and what Graph said of it.
#[derive(Default)]
pub(super) struct Limiter {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// When each write of the last window was sent.
    writes: VecDeque<Instant>,
    /// Until when each service wants to be left alone.
    closed: HashMap<String, Instant>,
}

impl Limiter {
    /// How long to wait before sending `writes` writes (none for a read) to the service of `path`. Zero counts them as sent.
    pub(super) fn admit(&self, path: &str, writes: usize) -> Duration {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = known.closed.get(service(path)).copied() {
            if until > now {
                return until - now;
            }
            known.closed.remove(service(path));
        }
        if writes == 0 {
            return Duration::ZERO;
        }
        while known
            .writes
            .front()
            .is_some_and(|sent| now - *sent >= WINDOW)
        {
            known.writes.pop_front();
        }
        let excess = (known.writes.len() + writes).saturating_sub(WRITES);
        // As soon as that many have left the window there is room.
        if let Some(oldest) = excess
            .checked_sub(1)
            .and_then(|last| known.writes.get(last))
        {
            return WINDOW.saturating_sub(now - *oldest);
        }
        known.writes.extend(std::iter::repeat_n(now, writes));
        Duration::ZERO
    }

    /// Takes in what an answer says about limits.
    pub(super) fn learn(
        &self,
        path: &str,
        status: u16,
        headers: &HeaderMap,
        asked: Option<Duration>,
    ) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
        let pause = match (status, asked) {
            (429, Some(asked)) => asked,
            _ => match number("x-ms-throttle-limit-percentage") {
                Some(share) if share >= NEAR => {
                    Duration::from_secs_f64((share - NEAR + 0.05).clamp(0.05, 2.0))
                }
                _ => return,
            },
        };
        let until = Instant::now() + pause.min(LONGEST);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = known
            .closed
            .entry(service(path).to_owned())
            .or_insert(until);
        *closed = until.max(*closed);
    }
}

/// Services are throttled apart; the first segment of the path says which it is.
fn service(path: &str) -> &str {
    let (_, path) = super::path::version(path);
    path.trim_start_matches('/')
        .split(['/', '?', '('])
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(share: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            "x-ms-throttle-limit-percentage".parse().unwrap(),
            share.parse().unwrap(),
        )])
    }

    #[tokio::test(start_paused = true)]
    async fn writes_stay_below_the_quota() {
        let limiter = Limiter::default();
        for _ in 0..WRITES / 20 {
            assert_eq!(limiter.admit("/a", 20), Duration::ZERO);
        }
        assert_eq!(
            limiter.admit("/a", 0),
            Duration::ZERO,
            "reads have another quota"
        );
        assert_eq!(
            limiter.admit("/b", 1),
            WINDOW,
            "it is one quota for all services"
        );
        tokio::time::advance(Duration::from_secs(140)).await;
        assert_eq!(limiter.admit("/a", 1), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(limiter.admit("/a", 1), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_is_throttled_holds_back_the_others() {
        let limiter = Limiter::default();
        limiter.learn(
            "/auditLogs/provisioning?$top=5",
            429,
            &HeaderMap::new(),
            Some(Duration::from_secs(7)),
        );
        assert_eq!(
            limiter.admit("/auditLogs/directoryAudits", 0),
            Duration::from_secs(7)
        );
        assert_eq!(
            limiter.admit("/users/x", 0),
            Duration::ZERO,
            "another service is not concerned"
        );
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(limiter.admit("/auditLogs/provisioning", 0), Duration::ZERO);
        limiter.learn(
            "/users",
            429,
            &HeaderMap::new(),
            Some(Duration::from_secs(3600)),
        );
        assert_eq!(limiter.admit("/users", 0), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_near_is_eased_off_from() {
        let limiter = Limiter::default();
        limiter.learn("/users", 200, &near("0.5"), None);
        assert_eq!(limiter.admit("/users", 0), Duration::ZERO);
        limiter.learn("/users", 200, &near("0.9"), None);
        let little = limiter.admit("/users", 0);
        assert!(
            little > Duration::ZERO && little < Duration::from_millis(200),
            "{little:?}"
        );
        limiter.learn("/users", 200, &near("1.8"), None);
        assert!(limiter.admit("/users", 0) > Duration::from_millis(900));
    }
}
