//! Client-side rate limiter for all requests of a client to its tenant, to avoid throttling.
//!
//! It stays below the published quotas of writes and of resource units, slows down when Graph reports that a limit is near, and,
//! after one call is throttled, delays the others to the same service, which would be throttled as well. A batch counts as its
//! individual requests.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// Our share of the published quota of writes per application and tenant, 3,000 in 150 s. The rest is left to other clients that
/// sign in as the same application.
const WRITES: usize = 2_700;
const WINDOW: Duration = Duration::from_secs(150);
/// Our share of the published quota of resource units per application and tenant, 8,000 in 10 s. Small tenants have a lower
/// quota, but need few requests; if other clients use it up, Graph's headers report that.
const UNITS: usize = 7_200;
const UNIT_WINDOW: Duration = Duration::from_secs(10);
/// Graph reports the usage of a limit from this share on.
const NEAR: f64 = 0.8;
/// The longest delay because of another call.
const LONGEST: Duration = Duration::from_secs(30);

/// The requests that this client sent, and the limits that Graph reported.
#[derive(Default)]
pub(super) struct RateLimiter {
    known: Mutex<Known>,
    /// The queue of writes that wait: otherwise, many single writes would starve a batch, which needs more room.
    line: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    /// The time of each write in the current window.
    writes: VecDeque<Instant>,
    /// The time and the cost of recent requests.
    units: VecDeque<(Instant, usize)>,
    /// The sum of `units`.
    spent: usize,
    /// The time until which each service is throttled.
    closed: HashMap<String, Instant>,
}

impl RateLimiter {
    /// Waits for a writer's turn in the queue. The first one holds it until it is admitted.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.line.lock().await
    }

    /// Returns how long the services of `paths` are throttled.
    pub(super) fn closed(&self, paths: &[&str]) -> Duration {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.closed(paths, Instant::now())
    }

    /// Returns how long to wait before sending `writes` writes (0 for reads) to `paths`. If the result is zero, they are counted
    /// as sent.
    pub(super) fn admit(&self, paths: &[&str], writes: usize) -> Duration {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let units = paths.iter().map(|path| units(path)).sum();
        let wait = known
            .closed(paths, now)
            .max(known.until_room(writes, now))
            .max(known.until_affordable(units, now));
        if wait.is_zero() {
            known.writes.extend(std::iter::repeat_n(now, writes));
            known.spend(units, now);
        }
        wait
    }

    /// Updates the limits from the headers of a response.
    pub(super) fn learn(
        &self,
        path: &str,
        status: u16,
        headers: &HeaderMap,
        asked: Option<Duration>,
    ) {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        self.learn_from(path, status, text, asked);
    }

    /// Updates the limits from the headers of an item of a batch; `text` returns the value of a header.
    pub(super) fn learn_from(
        &self,
        path: &str,
        status: u16,
        text: impl Fn(&str) -> Option<String>,
        asked: Option<Duration>,
    ) {
        let number = |name: &str| text(name)?.trim().parse::<f64>().ok();
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cost) = text("x-ms-resource-unit").and_then(|cost| cost.trim().parse().ok()) {
            // The reported cost may exceed the published one, but is capped so that requests can still be sent.
            let more = UNITS.min(cost).saturating_sub(units(path));
            known().spend(more, Instant::now());
        }
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
        let mut known = known();
        let closed = known
            .closed
            .entry(service(path).to_owned())
            .or_insert(until);
        *closed = until.max(*closed);
    }
}

impl Known {
    fn closed(&mut self, paths: &[&str], now: Instant) -> Duration {
        self.closed.retain(|_, until| *until > now);
        let wait = |path: &&str| Some(*self.closed.get(service(path))? - now);
        paths.iter().filter_map(wait).max().unwrap_or_default()
    }

    /// Returns how long to wait until `writes` more writes stay below the quota.
    fn until_room(&mut self, writes: usize, now: Instant) -> Duration {
        let old = |sent: &Instant| now.duration_since(*sent) >= WINDOW;
        while self.writes.front().is_some_and(old) {
            self.writes.pop_front();
        }
        if writes == 0 {
            return Duration::ZERO;
        }
        let excess = (self.writes.len() + writes).saturating_sub(WRITES);
        // There is room as soon as `excess` writes have left the window.
        excess
            .checked_sub(1)
            .and_then(|last| self.writes.get(last))
            .map_or(Duration::ZERO, |oldest| {
                WINDOW.saturating_sub(now.duration_since(*oldest))
            })
    }

    /// Returns how long to wait until `units` more units stay below the quota.
    fn until_affordable(&mut self, units: usize, now: Instant) -> Duration {
        while let Some((at, cost)) = self.units.front().copied()
            && now.duration_since(at) >= UNIT_WINDOW
        {
            self.spent -= cost;
            self.units.pop_front();
        }
        let mut excess = (self.spent + units).saturating_sub(UNITS);
        for (at, cost) in &self.units {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(*cost);
            if excess == 0 {
                return UNIT_WINDOW.saturating_sub(now.duration_since(*at));
            }
        }
        Duration::ZERO
    }

    fn spend(&mut self, units: usize, now: Instant) {
        if units > 0 {
            self.units.push_back((now, units));
            self.spent += units;
        }
    }
}

/// Returns the published cost of a request. Only directory requests have a cost; those that are not in the table cost one.
fn units(path: &str) -> usize {
    let (_, path) = super::path::version(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let base: usize = match parts[..] {
        ["users" | "applications"] => 2,
        ["groups", _, "members", ..] => 3,
        [
            "users" | "groups" | "applications" | "servicePrincipals" | "directory",
            ..,
        ] => 1,
        _ => return 0,
    };
    let given = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let top = given("$top=").and_then(|top| top.parse::<usize>().ok());
    let more = usize::from(given("$expand=").is_some());
    let less =
        usize::from(given("$select=").is_some()) + usize::from(top.is_some_and(|top| top < 20));
    (base + more).saturating_sub(less).max(1)
}

/// Returns the service of a path, which is its first segment. Services are throttled separately.
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
        let limiter = RateLimiter::default();
        for _ in 0..WRITES / 20 {
            assert_eq!(limiter.admit(&["/a"], 20), Duration::ZERO);
        }
        assert_eq!(
            limiter.admit(&["/a"], 0),
            Duration::ZERO,
            "reads have another quota"
        );
        assert_eq!(
            limiter.admit(&["/b"], 1),
            WINDOW,
            "it is one quota for all services"
        );
        tokio::time::advance(Duration::from_secs(140)).await;
        assert_eq!(limiter.admit(&["/a"], 1), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(limiter.admit(&["/a"], 1), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_delays_all_requests_to_the_service() {
        let limiter = RateLimiter::default();
        limiter.learn(
            "/auditLogs/provisioning?$top=5",
            429,
            &HeaderMap::new(),
            Some(Duration::from_secs(7)),
        );
        assert_eq!(
            limiter.admit(&["/auditLogs/directoryAudits"], 0),
            Duration::from_secs(7)
        );
        assert_eq!(
            limiter.admit(&["/users/x"], 0),
            Duration::ZERO,
            "another service is not concerned"
        );
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(
            limiter.admit(&["/auditLogs/provisioning"], 0),
            Duration::ZERO
        );
        limiter.learn(
            "/users",
            429,
            &HeaderMap::new(),
            Some(Duration::from_secs(3600)),
        );
        assert_eq!(limiter.admit(&["/users"], 0), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_slow_down_near_a_limit() {
        let limiter = RateLimiter::default();
        limiter.learn("/users", 200, &near("0.5"), None);
        assert_eq!(limiter.admit(&["/users"], 0), Duration::ZERO);
        limiter.learn("/users", 200, &near("0.9"), None);
        let little = limiter.admit(&["/users"], 0);
        assert!(
            little > Duration::ZERO && little < Duration::from_millis(200),
            "{little:?}"
        );
        limiter.learn("/users", 200, &near("1.8"), None);
        assert!(limiter.admit(&["/users"], 0) > Duration::from_millis(900));
    }

    #[tokio::test(start_paused = true)]
    async fn costs_stay_below_the_quota() {
        let limiter = RateLimiter::default();
        let batch = ["/users/1?$select=id"; 20];
        for _ in 0..UNITS / 20 {
            assert_eq!(limiter.admit(&batch, 0), Duration::ZERO);
        }
        assert_eq!(limiter.admit(&batch, 0), UNIT_WINDOW);
        let policy = ["/policies/crossTenantAccessPolicy/partners"];
        assert_eq!(
            limiter.admit(&policy, 0),
            Duration::ZERO,
            "no cost is published"
        );
        tokio::time::advance(UNIT_WINDOW).await;
        assert_eq!(limiter.admit(&batch, 0), Duration::ZERO);
    }

    #[test]
    fn costs_are_those_published() {
        for (path, cost) in [
            ("/users?$filter=x", 2),
            ("/users?$select=id&$top=999", 1),
            ("/users?$expand=manager", 3),
            ("/users/1?$select=id", 1),
            ("/applications", 2),
            ("/applications?$top=5&$select=id", 1),
            ("/groups/1/members?$top=999", 3),
            ("beta:/groups/1/members?$top=19&$select=id", 1),
            ("/servicePrincipals/1/appRoleAssignedTo", 1),
            ("/policies/crossTenantAccessPolicy/partners?$expand=x", 0),
            ("/$batch", 0),
        ] {
            assert_eq!(units(path), cost, "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn reported_costs_count() {
        let limiter = RateLimiter::default();
        let dear = |cost: &str| {
            HeaderMap::from_iter([("x-ms-resource-unit".parse().unwrap(), cost.parse().unwrap())])
        };
        assert_eq!(limiter.admit(&["/users/1"], 0), Duration::ZERO);
        limiter.learn("/users/1", 200, &dear("7200"), None);
        assert_eq!(limiter.admit(&["/users/1"], 0), UNIT_WINDOW);
        let limiter = RateLimiter::default();
        limiter.learn("/users/1", 200, &dear("1"), None);
        limiter.learn("/users/1", 200, &dear("soon"), None);
        assert_eq!(limiter.known.lock().unwrap().spent, 0);
        // An absurd value does not block all requests forever.
        limiter.learn("/users/1", 200, &dear("18446744073709551615"), None);
        tokio::time::advance(UNIT_WINDOW).await;
        assert_eq!(limiter.admit(&["/users/1"], 0), Duration::ZERO);
    }
}
