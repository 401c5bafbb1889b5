//! `/_emulator/…`: the control paths with which tests and demonstrations inspect and change the emulator outside of Graph's API.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::clock::parse_duration;
use super::query::Query;
use super::seed;
use super::server::Server;
use super::store::{Tenant, VisibilityDelay};
use super::{answer, overview, sync};

/// Handles a control path; `path` is the part after `/_emulator/`.
pub(super) async fn answer(
    server: &Server,
    method: &Method,
    path: &str,
    query: &str,
    body: &Bytes,
) -> Response {
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned();
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let body: Value = if body.is_empty() {
        Value::Null
    } else {
        match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(why) => return answer::plain(400, &why.to_string()),
        }
    };
    let result = act(server, method.as_str(), &segments, query, body);
    server.saved().await;
    match result {
        Some(Ok(Value::Null)) => answer::json(204, &Value::Null),
        Some(Ok(body)) => answer::json(200, &body),
        Some(Err(why)) => answer::plain(400, &why),
        None => answer::plain(404, "no such control path"),
    }
}

fn act(
    server: &Server,
    method: &str,
    segments: &[&str],
    query: &str,
    body: Value,
) -> Option<Result<Value, String>> {
    Some(match (method, segments) {
        ("GET", ["requests"]) => requests(server, &Query::parse(query)),
        ("GET", ["requests", index]) => index
            .parse()
            .ok()
            .and_then(|index| server.journal().one(index))
            .ok_or_else(|| format!("the journal has no request {index}")),
        ("DELETE", ["requests"]) => {
            server.journal().clear();
            Ok(Value::Null)
        }
        ("POST", ["faults"]) => server
            .faults()
            .order(&body, || server.world().clone())
            .map(|()| Value::Null),
        ("GET", ["faults"]) => Ok(server.faults().shown()),
        ("DELETE", ["faults"]) => {
            server.faults().clear();
            Ok(Value::Null)
        }
        ("POST", ["cycle"]) => {
            let mut world = server.world();
            world.version += 1;
            Ok(sync::run_all(&mut world))
        }
        ("POST", ["advance"]) => advance(server, &body),
        ("POST", ["visibility"]) => visibility(server, &body),
        ("POST", ["lag"]) => lag(server, &body),
        ("POST", ["settle"]) => Ok(settle(server)),
        ("POST", ["reset"]) => reset(server),
        ("GET", ["overview"]) => overview(server, &Query::parse(query)),
        ("GET", ["tenants"]) => Ok(server
            .world()
            .tenants
            .iter()
            .map(overview::summary)
            .collect()),
        ("GET", ["tenants", id]) => show(server, id, &[]),
        ("GET", ["tenants", id, path @ ..]) => show(server, id, path),
        ("PATCH", ["tenants", id, path @ ..]) => change(server, id, path, Some(body)),
        ("DELETE", ["tenants", id, path @ ..]) if !path.is_empty() => {
            change(server, id, path, None)
        }
        _ => return None,
    })
}

/// The journal from an index on, or its last entries, with or without bodies.
fn requests(server: &Server, query: &Query) -> Result<Value, String> {
    let number = |name: &str, default: usize| match query.get(name) {
        Some(text) => text.parse().map_err(|_| format!("{name} must be a number")),
        None => Ok(default),
    };
    let (since, last) = (number("since", 0)?, number("last", usize::MAX)?);
    let bodies = query.get("bodies") != Some("false");
    Ok(server.journal().since(since, last, bodies))
}

/// The data of the page.
fn overview(server: &Server, query: &Query) -> Result<Value, String> {
    let mut overview = overview::overview(&server.world(), query)?;
    overview["instance"] = json!(server.instance);
    overview["faults"] = server.faults().shown();
    Ok(overview)
}

/// Advances the clock: tokens expire, objects become visible, and old soft-deleted objects are purged.
fn advance(server: &Server, body: &Value) -> Result<Value, String> {
    let by = parse_duration(body["by"].as_str().unwrap_or_default())?;
    server.world().clock.advance(by);
    server.wake.notify_one();
    Ok(Value::Null)
}

/// Sets the visibility delay of objects that are created from now on.
fn visibility(server: &Server, body: &Value) -> Result<Value, String> {
    let delay = parse_duration(body["delay"].as_str().unwrap_or_default())?;
    server.world().visibility = VisibilityDelay::new(delay);
    Ok(Value::Null)
}

/// Sets the replication lag. All replicas receive the writes so far. Omitted settings keep their values from the start.
fn lag(server: &Server, body: &Value) -> Result<Value, String> {
    let mut lag = server.lag;
    if let Some(longest) = body.get("longest") {
        lag.longest = parse_duration(longest.as_str().unwrap_or_default())?;
    }
    let number = |name: &str| match body.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_u64()
            .map(Some)
            .ok_or(format!("{name} must be a number")),
    };
    if let Some(replicas) = number("replicas")? {
        lag.replicas = usize::try_from(replicas).map_err(|why| why.to_string())?;
    }
    if let Some(seed) = number("seed")? {
        lag.seed = seed;
    }
    if let Some(in_order) = body.get("in_order") {
        lag.in_order = in_order.as_bool().ok_or("in_order must be true or false")?;
    }
    lag.check()?;
    server.world().lag(lag);
    Ok(Value::Null)
}

/// Advances the clock until all replicas have received every write, and returns by how much.
fn settle(server: &Server) -> Value {
    let mut world = server.world();
    let left = world
        .replicas
        .settled()
        .map_or(0, |moment| moment - world.clock.now());
    let by = Duration::from_millis(u64::try_from(left).unwrap_or(0));
    world.clock.advance(by);
    server.wake.notify_one();
    json!({ "advanced_ms": left.max(0) })
}

/// Restores the seed. Tokens stay valid and the journal stays readable.
fn reset(server: &Server) -> Result<Value, String> {
    let mut restarted = seed::world(&server.seed)?;
    let mut world = server.world();
    restarted.token_key = std::mem::take(&mut world.token_key);
    restarted.clock = world.clock;
    restarted.visibility = VisibilityDelay::new(server.visibility_delay);
    restarted.cycle = world.cycle;
    restarted.first_cycle = world.first_cycle;
    restarted.cycle_duration = world.cycle_duration;
    restarted.version = world.version + 1;
    *world = restarted;
    world.lag(server.lag);
    server.faults().clear();
    Ok(Value::Null)
}

/// A tenant without the credentials of its applications.
fn document(tenant: &Tenant) -> Result<Value, String> {
    let mut document = serde_json::to_value(tenant).map_err(|why| why.to_string())?;
    for app in document["apps"].as_array_mut().into_iter().flatten() {
        app["secrets"] = json!([]);
    }
    Ok(document)
}

fn show(server: &Server, id: &str, path: &[&str]) -> Result<Value, String> {
    let world = server.world();
    let tenant = world.find(id).ok_or("no such tenant")?;
    let mut node = &document(tenant)?;
    for name in path {
        node = step(node, name).ok_or_else(|| format!("nothing is at '{name}'"))?;
    }
    Ok(node.clone())
}

fn step<'v>(node: &'v Value, name: &str) -> Option<&'v Value> {
    match node {
        Value::Array(items) => items
            .iter()
            .find(|item| item["id"] == *name)
            .or_else(|| items.get(name.parse::<usize>().ok()?)),
        node => node.get(name),
    }
}

/// Merges a change into the tenant, or removes the value at the path. This simulates changes that other clients make.
fn change(server: &Server, id: &str, path: &[&str], body: Option<Value>) -> Result<Value, String> {
    let mut world = server.world();
    let position = world
        .find(id)
        .map(|tenant| tenant.tenant_id.clone())
        .and_then(|id| world.position(&id));
    let tenant = &mut world.tenants[position.ok_or("no such tenant")?];
    let mut document = serde_json::to_value(&*tenant).map_err(|why| why.to_string())?;
    let (last, parents) = path
        .split_last()
        .map_or((None, path), |(last, parents)| (Some(*last), parents));
    let mut node = &mut document;
    for name in parents {
        let at = node.as_array().and_then(|items| {
            items
                .iter()
                .position(|item| item["id"] == **name)
                .or_else(|| name.parse().ok())
        });
        node = match at {
            Some(at) => node.get_mut(at),
            None => node.get_mut(*name),
        }
        .ok_or_else(|| format!("nothing is at '{name}'"))?;
    }
    apply(node, last, body);
    *tenant = serde_json::from_value(document).map_err(|why| why.to_string())?;
    world.version += 1;
    world.written();
    Ok(Value::Null)
}

fn apply(node: &mut Value, name: Option<&str>, body: Option<Value>) {
    let Some(name) = name else {
        merge(node, body.unwrap_or_default());
        return;
    };
    match node {
        Value::Array(items) => {
            let at = items
                .iter()
                .position(|item| item["id"] == *name)
                .or_else(|| name.parse().ok());
            match (at.filter(|at| *at < items.len()), body) {
                (Some(at), Some(body)) => merge(&mut items[at], body),
                (Some(at), None) => drop(items.remove(at)),
                (None, _) => {}
            }
        }
        Value::Object(members) => match body {
            Some(body) => merge(members.entry(name).or_insert(Value::Null), body),
            None => drop(members.shift_remove(name)),
        },
        _ => {}
    }
}

/// JSON merge patch.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(members) = target.as_object_mut() else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}
