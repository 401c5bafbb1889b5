//! Faults on request: throttling, outages, broken connections, mangled answers.

use serde::Deserialize;
use serde_json::Value;

use super::reply::Refusal;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// 429, with `Retry-After` where one is given.
    Throttle,
    /// Any other status, without doing what was asked.
    Status,
    /// The connection closes and nothing was done.
    ResetBefore,
    /// Everything was done and the connection closes without an answer.
    ResetAfter,
    /// The answer comes late.
    Delay,
    /// Done, but half of the body is missing.
    Truncate,
    /// Done, but the body is HTML.
    NotJson,
    /// Done, but the body is empty.
    Empty,
}

/// One order: which requests, how many of them, and what goes wrong.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    #[serde(default)]
    method: Option<String>,
    /// Full path with version; `*` stands for anything.
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
    /// Matching requests to let pass first.
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
    pub(super) delay_ms: Option<u64>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

fn one() -> u64 {
    1
}

impl Fault {
    /// Kinds that answer without the request being processed.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let (status, code) = match self.kind {
            Kind::Throttle => (429, "TooManyRequests"),
            Kind::Status => {
                let status = self.status.unwrap_or(503);
                (status, usual_code(status))
            }
            _ => return None,
        };
        let message = self
            .message
            .clone()
            .unwrap_or_else(|| "The emulator was told to answer this.".to_owned());
        let mut refusal = Refusal::new(status, self.code.as_deref().unwrap_or(code), message);
        refusal.retry_after = self.retry_after.as_ref().map(|wait| {
            wait.as_str()
                .map_or_else(|| wait.to_string(), str::to_owned)
        });
        Some(refusal)
    }

    fn strikes(&mut self, method: &str, path: &str, tenant: Option<&str>) -> bool {
        let fits = self
            .method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_ref()
                .is_none_or(|wanted| resembles(wanted, path))
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

    /// The name of the kind as orders write it.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Throttle => "throttle",
            Kind::Status => "status",
            Kind::ResetBefore => "reset_before",
            Kind::ResetAfter => "reset_after",
            Kind::Delay => "delay",
            Kind::Truncate => "truncate",
            Kind::NotJson => "not_json",
            Kind::Empty => "empty",
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

/// Whether a path fits a pattern in which `*` stands for any text.
fn resembles(pattern: &str, path: &str) -> bool {
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

/// The orders that are not used up.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Takes one order or a list of them.
    pub(super) fn order(&mut self, body: &Value) -> Result<(), String> {
        let orders = match body {
            Value::Array(orders) => orders.clone(),
            single => vec![single.clone()],
        };
        let parsed: Result<Vec<Fault>, _> =
            orders.into_iter().map(serde_json::from_value).collect();
        self.0.extend(parsed.map_err(|why| why.to_string())?);
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that strikes this request, if any; the first order that fits.
    pub(super) fn strike(
        &mut self,
        method: &str,
        path: &str,
        tenant: Option<&str>,
    ) -> Option<Fault> {
        let at = self
            .0
            .iter_mut()
            .position(|fault| fault.strikes(method, path, tenant))?;
        let fault = self.0[at].clone();
        self.0.retain(|fault| fault.count > 0);
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            assert_eq!(resembles(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn orders_wait_and_end() {
        let mut faults = Faults::default();
        faults.order(&json!([{"method": "GET", "path": "/a", "after": 1, "count": 2, "kind": "throttle", "retry_after": 3}])).unwrap();
        let mut struck = || faults.strike("GET", "/a", None).is_some();
        assert_eq!(
            [struck(), struck(), struck(), struck()],
            [false, true, true, false]
        );
        assert!(faults.order(&json!({"kind": "earthquake"})).is_err());
        assert!(
            faults
                .order(&json!({"kind": "delay", "unknown": 1}))
                .is_err()
        );
    }
}
