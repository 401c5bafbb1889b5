//! `/$batch`: up to twenty requests in one, each with its own response, fault and journal entry.

use std::collections::HashSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::answer::Outcome;
use super::faults::Fault;
use super::graph::{self, Inbound};
use super::journal::Exchange;
use super::reply::{Answer, Refusal, Reply};
use super::server::Server;

const LARGEST: usize = 20;

/// Processes the requests of the batch in their order.
pub(super) fn answer(
    server: &Server,
    inbound: &Inbound,
    body: &Value,
    index: usize,
    connection: u64,
) -> Answer {
    let parts = checked(body)?;
    let mut failed: HashSet<String> = HashSet::new();
    let mut answers = Vec::new();
    for part in parts {
        let id = part["id"].as_str().unwrap_or_default();
        let blocked = depends_on(part).any(|name| failed.contains(&name.to_lowercase()));
        let outcome = if blocked {
            let refusal = Refusal::new(
                424,
                "FailedDependency",
                "The request was not executed because a request it depends on failed.",
            );
            Outcome::refused(
                &refusal,
                &server.world().clock.text(),
                &inbound.client_request_id,
            )
        } else {
            one(server, inbound, part, index, connection)
        };
        if outcome.status >= 400 {
            failed.insert(id.to_lowercase());
        }
        answers.push(rendered(id, &outcome));
    }
    // Graph does not guarantee the order of responses. Reversing them keeps clients from relying on one.
    answers.reverse();
    Ok(Reply::ok(json!({ "responses": answers })))
}

fn depends_on(part: &Value) -> impl Iterator<Item = &str> {
    part["dependsOn"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn checked(body: &Value) -> Result<&Vec<Value>, Refusal> {
    let parts = body["requests"]
        .as_array()
        .filter(|parts| !parts.is_empty());
    let parts = parts.ok_or_else(|| Refusal::gateway("Invalid batch payload format."))?;
    if parts.len() > LARGEST {
        return Err(Refusal::gateway(format!(
            "Number of batch request steps exceeds the maximum value of {LARGEST}."
        )));
    }
    let mut ids = HashSet::new();
    for part in parts {
        let (Some(id), Some(method), Some(url)) = (
            part["id"].as_str(),
            part["method"].as_str(),
            part["url"].as_str(),
        ) else {
            return Err(Refusal::gateway("Invalid batch payload format."));
        };
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method)
            || url.is_empty()
            || url.contains("$batch")
        {
            return Err(Refusal::gateway("Invalid batch payload format."));
        }
        if !depends_on(part).all(|name| ids.contains(&name.to_lowercase())) {
            return Err(Refusal::gateway(
                "A request depends on one that does not come before it.",
            ));
        }
        if !ids.insert(id.to_lowercase()) {
            return Err(Refusal::gateway(format!(
                "Duplicate request id '{id}' in batch."
            )));
        }
    }
    Ok(parts)
}

fn one(server: &Server, inbound: &Inbound, part: &Value, index: usize, connection: u64) -> Outcome {
    let began = Instant::now();
    let method = part["method"].as_str().unwrap_or_default();
    let url = part["url"].as_str().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let version = if inbound.path.starts_with("/beta") {
        "/beta"
    } else {
        "/v1.0"
    };
    let body = part.get("body").filter(|body| !body.is_null());
    let path = format!("{version}/{}", path.trim_start_matches('/'));
    let request = inbound.part(method, &path, query, &part["headers"], body);
    let decoded = request.decoded_path();
    let tenant = graph::tenant_of(&server.world(), &request);
    let slot = server.journal().reserve();
    let time = server.world().clock.text();
    let fault = server
        .faults()
        .strike_part(method, &decoded, tenant.as_deref());
    let refused = |refusal: &Refusal| Outcome::refused(refusal, &time, &inbound.client_request_id);
    let outcome = if let Some(refusal) = fault.as_ref().and_then(Fault::refusal) {
        refused(&refusal)
    } else {
        let done = graph::single(server, &request, fault.as_ref());
        let cover = fault.as_ref().and_then(Fault::cover);
        cover.map_or(done, |refusal| refused(&refusal))
    };
    let entry = Exchange {
        time,
        tenant,
        method: method.to_owned(),
        path: decoded,
        query: query.to_owned(),
        status: outcome.status,
        request_body: request.journal_body(),
        response_body: outcome.body.clone(),
        connection,
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        batch: Some(index),
        fault: fault.map(|fault| fault.name().to_owned()),
    };
    server.journal().write(slot, &entry);
    outcome
}

fn rendered(id: &str, outcome: &Outcome) -> Value {
    let mut headers = serde_json::Map::new();
    for (name, value) in &outcome.headers {
        let name = if *name == "retry-after" {
            "Retry-After"
        } else {
            name
        };
        headers.insert(name.to_owned(), json!(value));
    }
    let mut answer = json!({ "id": id, "status": outcome.status });
    if !outcome.body.is_null() {
        headers.insert("Content-Type".to_owned(), json!("application/json"));
        answer["body"] = outcome.body.clone();
    }
    answer["headers"] = Value::Object(headers);
    answer
}
