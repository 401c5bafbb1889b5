//! The path of one request from its connection to its response: journal, faults, latency, and dispatch to the handlers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde_json::Value;

use super::answer::{self, Outcome};
use super::connection::ConnectionHandle;
use super::faults::{Fault, Kind};
use super::graph::{self, Inbound};
use super::journal::Exchange;
use super::server::Server;
use super::{control, login, origin_check, page};

/// The largest body that Graph accepts.
const LARGEST_BODY: usize = 4 << 20;

/// Control paths accept whole tenants.
const LARGEST_CONTROL_BODY: usize = 64 << 20;

/// Serves a request.
pub(super) async fn serve(
    State(server): State<Arc<Server>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(why) = origin_check::refused(&parts.headers, &parts.uri, server.is_remote) {
        return answer::plain(403, why);
    }
    let path = parts.uri.path();
    let control = path.strip_prefix("/_emulator/");
    let file = page::find(path);
    if (control.is_some() || file.is_some()) && !connection.local {
        return answer::plain(403, "control paths are for this machine only");
    }
    if let Some(file) = file {
        return page::answer(file, &parts.method);
    }
    let largest = control.map_or(LARGEST_BODY, |_| LARGEST_CONTROL_BODY);
    let Ok(body) = to_bytes(body, largest).await else {
        return answer::plain(413, "the body is too large");
    };
    if let Some(rest) = control {
        return control::answer(
            &server,
            &parts.method,
            rest,
            parts.uri.query().unwrap_or_default(),
            &body,
        )
        .await;
    }
    exchange(
        &server,
        &connection,
        &parts.method,
        &parts.headers,
        path,
        parts.uri.query().unwrap_or_default(),
        body,
    )
    .await
}

async fn exchange(
    server: &Arc<Server>,
    connection: &ConnectionHandle,
    method: &Method,
    headers: &HeaderMap,
    path: &str,
    query: &str,
    body: Bytes,
) -> Response {
    let began = Instant::now();
    let index = server.journal().reserve();
    let time = server.world().clock.text();
    let inbound = Inbound::new(method, headers, path, query, body);
    let decoded = inbound.decoded_path();
    let sign_in = !decoded.starts_with("/v1.0") && !decoded.starts_with("/beta");
    let tenant = if sign_in {
        decoded.split('/').nth(1).map(str::to_owned)
    } else {
        graph::tenant_of(&server.world(), &inbound)
    };
    if !server.latency.is_zero() {
        tokio::time::sleep(server.latency).await; // Even a sleep of zero takes a millisecond.
    }
    let fault = server
        .faults()
        .strike(method.as_str(), &decoded, tenant.as_deref());
    if let Some(pause) = fault.as_ref().and_then(Fault::pause) {
        tokio::time::sleep(pause).await;
    }
    if fault
        .as_ref()
        .is_some_and(|fault| fault.kind == Kind::Expire)
    {
        server.world().revoke(inbound.token());
    }
    let mut outcome = match fault.as_ref().and_then(Fault::refusal) {
        Some(refusal) => Outcome::refused(
            &refusal,
            &server.world().clock.text(),
            &inbound.client_request_id,
        ),
        None if fault.as_ref().is_some_and(Fault::prevents) => Outcome::nothing(),
        None if sign_in => sign_in_answer(server, &inbound, &decoded, fault.as_ref()),
        None => graph::answer(server, &inbound, index, connection.number, fault.as_ref()),
    };
    if let Some(refusal) = fault.as_ref().and_then(Fault::cover) {
        let time = server.world().clock.text();
        outcome = Outcome::refused(&refusal, &time, &inbound.client_request_id);
    }
    if method != Method::GET {
        server.world().version += 1;
        server.saved().await;
    }
    let cut = fault
        .as_ref()
        .is_some_and(|fault| fault.cuts(!outcome.body.is_null()));
    let entry = Exchange {
        time,
        tenant,
        method: method.to_string(),
        path: decoded,
        query: query.to_owned(),
        status: if cut { 0 } else { outcome.status },
        request_body: if sign_in {
            Value::Null
        } else {
            inbound.journal_body()
        },
        response_body: if sign_in {
            Value::Null
        } else {
            outcome.body.clone()
        },
        connection: connection.number,
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        batch: None,
        fault: fault.as_ref().map(|fault| fault.name().to_owned()),
    };
    server.journal().write(index, &entry);
    if let Some(late) = fault.as_ref().filter(|fault| fault.kind == Kind::Late) {
        tokio::time::sleep(late.extent()).await;
    }
    if cut {
        if let Some(outage) = fault.filter(|fault| fault.kind == Kind::Refuse) {
            server.outage.begin(outage.extent());
        }
        connection.cut();
        return Response::new(Body::empty());
    }
    answer::response(outcome, fault.as_ref().map(|fault| (fault, connection)))
}

/// The token endpoint and the discovery endpoints.
fn sign_in_answer(
    server: &Server,
    inbound: &Inbound,
    path: &str,
    fault: Option<&Fault>,
) -> Outcome {
    let world = server.world();
    let missing = fault
        .filter(|fault| fault.kind == Kind::Skew)
        .map_or(Duration::ZERO, Fault::extent);
    let (_, rest) = path.split_at(1);
    let (tenant, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let found = match (inbound.method.as_str(), rest) {
        ("POST", "oauth2/v2.0/token") => login::token(
            &world,
            tenant,
            &String::from_utf8_lossy(&inbound.body),
            &server.own,
            missing,
        ),
        ("GET", "v2.0/.well-known/openid-configuration") => {
            login::openid_configuration(&world, tenant, &server.own)
        }
        ("GET", "discovery/instance") => Ok(login::discovery(&server.own)),
        _ => return Outcome::new(404, Value::Null),
    };
    match found {
        Ok(body) => Outcome::new(200, body),
        Err(denied) => Outcome::new(denied.status, denied.body(&world.clock.text())),
    }
}
