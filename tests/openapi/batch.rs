//! `$batch`: every part and its response is a separate exchange.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Version;
use super::exchange::Exchange;

/// The violations in the parts of a batch and in their responses. The batch itself has been judged like any other body.
pub(super) fn parts(version: &Version, outer: &Exchange<'_>) -> (Vec<String>, Vec<String>) {
    let (mut requests, mut answers) = (Vec::new(), Vec::new());
    let mut waiting = answers_by_id(outer, &mut answers);
    let answered = outer.status == 200;
    let parts = outer.request_body["requests"].as_array();
    for part in parts.into_iter().flatten() {
        let id = part["id"].as_str().unwrap_or_default();
        let answer = waiting.remove(&id.to_lowercase());
        if answered && answer.is_none() {
            answers.push(format!(
                "{}/$batch: part '{id}' has no answer",
                version.prefix
            ));
        }
        requests.extend(header(part, id));
        let (request, answer) = exchange(version, part, answer.unwrap_or(&Value::Null));
        requests.extend(request);
        answers.extend(answer);
    }
    answers.extend(waiting.keys().map(|id| {
        format!(
            "{}/$batch: answer '{id}' belongs to no part",
            version.prefix
        )
    }));
    (requests, answers)
}

/// Responses by lowercase ID: Graph compares IDs without case.
fn answers_by_id<'e>(
    outer: &Exchange<'e>,
    violations: &mut Vec<String>,
) -> HashMap<String, &'e Value> {
    let mut found = HashMap::new();
    let answers = outer.response_body["responses"].as_array();
    for answer in answers.into_iter().flatten() {
        let id = answer["id"].as_str().unwrap_or_default().to_lowercase();
        if found.insert(id.clone(), answer).is_some() {
            violations.push(format!("$batch: '{id}' is answered twice"));
        }
    }
    found
}

/// Graph refuses a part with a body but without a content type.
fn header(part: &Value, id: &str) -> Option<String> {
    part.get("body").filter(|body| !body.is_null())?;
    let headers = part["headers"].as_object();
    let typed = headers
        .into_iter()
        .flatten()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    (!typed).then(|| format!("$batch: part '{id}' has a body but no Content-Type"))
}

fn exchange(version: &Version, part: &Value, answer: &Value) -> (Vec<String>, Vec<String>) {
    let url = part["url"].as_str().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    let nothing = json!(null);
    let exchange = Exchange {
        method: part["method"].as_str().unwrap_or_default(),
        path: &path,
        query,
        status: answer["status"].as_u64().unwrap_or(0),
        request_body: part.get("body").unwrap_or(&nothing),
        response_body: answer.get("body").unwrap_or(&nothing),
    };
    if path == "/$batch" {
        return (
            vec!["$batch: a batch inside a batch".to_owned()],
            Vec::new(),
        );
    }
    exchange.judge(version, &path)
}
