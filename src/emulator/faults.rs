//! Fault injection: throttling, outages, broken connections and corrupted responses, on request.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::Refusal;
use super::store::World;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// 429, with `Retry-After` if the fault has one.
    Throttle,
    /// Any other status; the request is not processed.
    Status,
    /// The connection is reset before the request is processed.
    ResetBefore,
    /// The request is processed, and the connection is reset without a response.
    ResetAfter,
    /// The request is processed, but the response is an error of a gateway in front of Graph.
    Gateway,
    /// The request is processed, and the connection is reset in the middle of the response.
    ResetDuring,
    /// The request is not processed, and an outage begins: every connection is reset and new ones are refused for a while.
    Refuse,
    /// The request is processed after a delay.
    Delay,
    /// The request is processed at once, but the response is delayed.
    Late,
    /// The body is sent a few bytes at a time.
    Trickle,
    /// The request is processed, but half of the body is missing.
    Truncate,
    /// The request is processed, but the body is HTML.
    NotJson,
    /// The request is processed, but the JSON of the body is incomplete, although the HTTP response is complete.
    HalfJson,
    /// The request is processed, but the content type of the response is plain text.
    ContentType,
    /// The request is processed, but the body is empty.
    Empty,
    /// The token of the request expires now, before its announced time.
    Expire,
    /// The issued token expires earlier than announced, as it does when clocks disagree.
    Skew,
    /// A read returns the world as it was when the fault was requested, like a listing that lags behind.
    Stale,
}

/// A requested fault: which requests it affects, how many of them, and what it does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    #[serde(default)]
    method: Option<String>,
    /// Full path including the version; `*` matches any text.
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
    /// Whether the requests of a batch count as requests.
    #[serde(default = "yes")]
    parts: bool,
    /// Number of matching requests that pass before the fault applies.
    #[serde(default)]
    after: u64,
    #[serde(default = "one")]
    count: u64,
    pub(super) kind: Kind,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    retry_after: Option<Value>,
    #[serde(default)]
    delay_ms: Option<u64>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    /// The world at the time of the request for the fault, if the kind of fault needs it.
    #[serde(skip)]
    past: Option<Arc<World>>,
}

fn one() -> u64 {
    1
}

fn yes() -> bool {
    true
}

impl Fault {
    /// The response of faults that replace the processing of the request.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self.kind {
            Kind::Throttle => Some(self.refuse(429, "TooManyRequests")),
            Kind::Status => {
                let status = self.status.unwrap_or(503);
                Some(self.refuse(status, usual_code(status)))
            }
            _ => None,
        }
    }

    /// The response that replaces the actual one after the request was processed.
    pub(super) fn cover(&self) -> Option<Refusal> {
        let status = self.status.unwrap_or(504);
        (self.kind == Kind::Gateway).then(|| self.refuse(status, usual_code(status)))
    }

    fn refuse(&self, status: u16, code: &str) -> Refusal {
        let message = self
            .message
            .clone()
            .unwrap_or_else(|| "The emulator was told to answer this.".to_owned());
        let mut refusal = Refusal::new(status, self.code.as_deref().unwrap_or(code), message);
        refusal.retry_after = self.retry_after.as_ref().map(|wait| {
            wait.as_str()
                .map_or_else(|| wait.to_string(), str::to_owned)
        });
        refusal
    }

    /// The delay before the request is processed.
    pub(super) fn pause(&self) -> Option<Duration> {
        let counts = !matches!(
            self.kind,
            Kind::Refuse | Kind::Late | Kind::Trickle | Kind::Skew
        );
        self.delay_ms.filter(|_| counts).map(Duration::from_millis)
    }

    /// The duration of the outage or of the body, or the time by which a token is shortened.
    pub(super) fn extent(&self) -> Duration {
        Duration::from_millis(self.delay_ms.unwrap_or(1_000))
    }

    /// Whether the connection is reset. A response without a body cannot be reset in the middle.
    pub(super) fn cuts(&self, has_body: bool) -> bool {
        match self.kind {
            Kind::ResetBefore | Kind::ResetAfter | Kind::Refuse => true,
            Kind::ResetDuring => !has_body,
            _ => false,
        }
    }

    /// Whether the request is not processed.
    pub(super) fn prevents(&self) -> bool {
        matches!(self.kind, Kind::ResetBefore | Kind::Refuse)
    }

    /// The past world from which a read is answered, if any. `method` is the HTTP method.
    pub(super) fn past(&self, method: &str) -> Option<&World> {
        self.past.as_deref().filter(|_| method == "GET")
    }

    /// Whether the fault can affect a request of a batch, which has no connection, token or body of its own.
    fn strikes_parts(&self) -> bool {
        let possible = matches!(
            self.kind,
            Kind::Throttle | Kind::Status | Kind::Gateway | Kind::Stale
        );
        self.parts && possible
    }

    fn strikes(&mut self, method: &str, path: &str, tenant: Option<&str>) -> bool {
        let fits = self
            .method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_ref()
                .is_none_or(|wanted| matches_pattern(wanted, path))
            && (self.tenant.is_none() || self.tenant.as_deref() == tenant);
        if !fits || self.count == 0 {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.count -= 1;
        true
    }

    /// A summary of the fault, with the number of requests that are left.
    fn shown(&self) -> Value {
        json!({
            "kind": self.name(), "method": self.method, "path": self.path, "tenant": self.tenant,
            "after": self.after, "count": self.count,
        })
    }

    /// The name of the kind in requests for faults.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Throttle => "throttle",
            Kind::Status => "status",
            Kind::ResetBefore => "reset_before",
            Kind::ResetAfter => "reset_after",
            Kind::Gateway => "gateway",
            Kind::ResetDuring => "reset_during",
            Kind::Refuse => "refuse",
            Kind::Delay => "delay",
            Kind::Late => "late",
            Kind::Trickle => "trickle",
            Kind::Truncate => "truncate",
            Kind::NotJson => "not_json",
            Kind::HalfJson => "half_json",
            Kind::ContentType => "content_type",
            Kind::Empty => "empty",
            Kind::Expire => "expire",
            Kind::Skew => "skew",
            Kind::Stale => "stale",
        }
    }
}

fn usual_code(status: u16) -> &'static str {
    match status {
        400 => "Request_BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "Authorization_RequestDenied",
        404 => "Request_ResourceNotFound",
        409 => "Request_MultipleObjectsWithSameKeyValue",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "UnknownError",
    }
}

/// Whether a path matches a pattern in which `*` stands for any text.
fn matches_pattern(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The faults that are not used up.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one fault or a list of them; `world` is called at most once.
    pub(super) fn order(
        &mut self,
        body: &Value,
        world: impl FnOnce() -> World,
    ) -> Result<(), String> {
        let orders = match body {
            Value::Array(orders) => orders.clone(),
            single => vec![single.clone()],
        };
        let parsed: Result<Vec<Fault>, _> =
            orders.into_iter().map(serde_json::from_value).collect();
        let mut parsed = parsed.map_err(|why| why.to_string())?;
        if parsed.iter().any(|fault| fault.kind == Kind::Stale) {
            let past = Arc::new(world());
            for fault in parsed.iter_mut().filter(|fault| fault.kind == Kind::Stale) {
                fault.past = Some(Arc::clone(&past));
            }
        }
        self.0.extend(parsed);
        Ok(())
    }

    /// The number of requests that are still to be affected, and the faults.
    pub(super) fn shown(&self) -> Value {
        let left: u64 = self.0.iter().map(|fault| fault.count).sum();
        let orders = self.0.iter().map(Fault::shown);
        json!({ "left": left, "orders": orders.collect::<Value>() })
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that affects this request of a batch, if any.
    pub(super) fn strike_part(
        &mut self,
        method: &str,
        path: &str,
        tenant: Option<&str>,
    ) -> Option<Fault> {
        self.first(|fault| fault.strikes_parts() && fault.strikes(method, path, tenant))
    }

    /// The first fault that affects this request, if any.
    pub(super) fn strike(
        &mut self,
        method: &str,
        path: &str,
        tenant: Option<&str>,
    ) -> Option<Fault> {
        self.first(|fault| fault.strikes(method, path, tenant))
    }

    fn first(&mut self, strikes: impl FnMut(&mut Fault) -> bool) -> Option<Fault> {
        let at = self.0.iter_mut().position(strikes)?;
        let fault = self.0[at].clone();
        self.0.retain(|fault| fault.count > 0);
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, path, fits) in [
            ("/v1.0/users", "/v1.0/users", true),
            ("/v1.0/users", "/v1.0/users/7", false),
            ("/v1.0/users/*", "/v1.0/users/7", true),
            ("*/start", "/v1.0/a/jobs/b/start", true),
            ("*/jobs/*/start", "/v1.0/a/jobs/b/start", true),
            ("*/jobs/*/pause", "/v1.0/a/jobs/b/start", false),
            ("*", "/x", true),
        ] {
            assert_eq!(matches_pattern(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn orders_wait_and_end() {
        let mut faults = Faults::default();
        faults.order(&json!([{"method": "GET", "path": "/a", "after": 1, "count": 2, "kind": "throttle", "retry_after": 3}]), World::default).unwrap();
        let mut struck = || faults.strike("GET", "/a", None).is_some();
        assert_eq!(
            [struck(), struck(), struck(), struck()],
            [false, true, true, false]
        );
        assert!(
            faults
                .order(&json!({"kind": "earthquake"}), World::default)
                .is_err()
        );
        assert!(
            faults
                .order(&json!({"kind": "delay", "unknown": 1}), World::default)
                .is_err()
        );
    }
}
