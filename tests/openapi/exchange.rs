//! One exchange: its operation, and whether request and response match its declaration.

use serde_json::Value;

use super::{Version, batch, body, query};

/// The data of an exchange in a journal.
pub(super) struct Exchange<'e> {
    pub(super) method: &'e str,
    pub(super) path: &'e str,
    pub(super) query: &'e str,
    /// 0 if there was no response.
    pub(super) status: u64,
    /// Null if there is none; the same for the response.
    pub(super) request_body: &'e Value,
    pub(super) response_body: &'e Value,
}

/// Sign-ins are in the same journal, but not in Graph's description.
pub(super) fn is_sign_in(entry: &Value) -> bool {
    let path = entry["path"].as_str().unwrap_or_default();
    let ends = [
        "/oauth2/v2.0/token",
        "/v2.0/.well-known/openid-configuration",
        "/discovery/instance",
    ];
    ends.iter().any(|end| path.ends_with(end))
        && !path.starts_with("/v1.0/")
        && !path.starts_with("/beta/")
}

impl<'e> Exchange<'e> {
    /// Panics on an invalid line of a journal, which is a mistake of the test, not of an exchange.
    pub(super) fn read(entry: &'e Value) -> Self {
        let text = |name: &str| {
            entry[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name} in {entry}"))
        };
        Self {
            method: text("method"),
            path: text("path"),
            query: entry["query"].as_str().unwrap_or_default(),
            status: entry["status"]
                .as_u64()
                .unwrap_or_else(|| panic!("no status in {entry}")),
            request_body: &entry["request_body"],
            response_body: &entry["response_body"],
        }
    }

    /// The violations in the request, and in the response. `path` does not contain the version.
    pub(super) fn judge(&self, version: &Version, path: &str) -> (Vec<String>, Vec<String>) {
        let (request, answer, what) = match version.operation(self.method, path) {
            Err(unknown) => {
                let what = format!("{} {}{path}", self.method, version.prefix);
                return (vec![unknown], named(&what, self.unknown(version)));
            }
            Ok((operation, template)) => (
                self.request(version, operation),
                self.answer(version, operation),
                format!("{} {}{template}", self.method, version.prefix),
            ),
        };
        let (mut request, mut answer) = (named(&what, request), named(&what, answer));
        if path.ends_with("/$batch") || path.ends_with("/%24batch") {
            let (requests, answers) = batch::parts(version, self);
            request.extend(requests);
            answer.extend(answers);
        }
        (request, answer)
    }

    fn request(&self, version: &Version, operation: &Value) -> Vec<String> {
        let mut all = query::violations(version, operation, self.query);
        all.extend(body::request(version, operation, self.request_body));
        all
    }

    fn answer(&self, version: &Version, operation: &Value) -> Vec<String> {
        match self.status {
            0 => Vec::new(),
            400..=599 => body::refusal(version, self.status, self.response_body),
            status => body::success(version, operation, status, self.response_body),
        }
    }

    /// An undescribed request must be refused.
    fn unknown(&self, version: &Version) -> Vec<String> {
        match self.status {
            0 => Vec::new(),
            400..=599 => body::refusal(version, self.status, self.response_body),
            status => vec![format!("answered {status}, but is not described")],
        }
    }
}

fn named(what: &str, violations: Vec<String>) -> Vec<String> {
    let named = violations
        .into_iter()
        .map(|violation| format!("{what}: {violation}"));
    named.collect()
}
