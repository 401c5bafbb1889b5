//! One exchange: which operation it is, and whether request and answer are what that declares.

use serde_json::Value;

use super::{Version, batch, body, query};

/// What a journal tells of an exchange.
pub(super) struct Exchange<'e> {
    pub(super) method: &'e str,
    pub(super) path: &'e str,
    pub(super) query: &'e str,
    /// 0 where no answer arrived.
    pub(super) status: u64,
    /// Null for none, likewise the answer's.
    pub(super) request_body: &'e Value,
    pub(super) response_body: &'e Value,
}

/// Sign-ins stand in the same journal; Graph's description is not about them.
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
    /// Panics on what is not a line of a journal: that is a mistake of the test, not of an exchange.
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

    /// What is wrong with the request, and with the answer. `path` is without the version.
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

    /// What is not described can only be refused.
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
