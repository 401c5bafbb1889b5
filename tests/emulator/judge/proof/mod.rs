//! The judge detects violations: for every rule, an exchange that complies with it and one that does not.

mod answers;
mod batch;
mod journal;
mod paths;
mod requests;

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::openapi::Description;

const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";
const PARTNER: &str =
    "/v1.0/policies/crossTenantAccessPolicy/partners/11111111-1111-4111-8111-111111111111";
const JOBS: &str = "/v1.0/servicePrincipals/2222/synchronization/jobs";

static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::load);

/// An exchange without query and bodies.
fn exchange(method: &str, path: &str, status: u16) -> Value {
    json!({ "method": method, "path": path, "query": "", "status": status,
        "request_body": null, "response_body": null })
}

/// The same exchange with one more property.
fn with(mut exchange: Value, name: &str, value: impl Into<Value>) -> Value {
    exchange[name] = value.into();
    exchange
}

fn sent(method: &str, path: &str, body: Value) -> Value {
    with(exchange(method, path, 204), "request_body", body)
}

fn got(path: &str, body: Value) -> Value {
    with(exchange("GET", path, 200), "response_body", body)
}

fn asked(path: &str, query: &str) -> Value {
    with(got(path, json!({ "value": [] })), "query", query)
}

fn refused(status: u16, body: Value) -> Value {
    with(exchange("GET", PARTNER, status), "response_body", body)
}

#[track_caller]
fn clean(exchange: &Value) {
    let violations = DESCRIPTION.violations(exchange);
    assert!(violations.is_empty(), "{exchange}\n{violations:#?}");
}

/// Expects exactly one violation, whose message contains these words.
#[track_caller]
fn wrong(exchange: &Value, words: &[&str]) {
    let violations = DESCRIPTION.violations(exchange);
    assert_eq!(violations.len(), 1, "{exchange}\n{violations:#?}");
    for word in words {
        assert!(
            violations[0].contains(word),
            "no '{word}' in {violations:?}"
        );
    }
}
