//! Dispatch of a request to Graph: it checks the token, finds the route, checks the permission and calls the handler.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answer::Outcome;
use super::call::Call;
use super::faults::Fault;
use super::lag::View;
use super::query::Query;
use super::reply::{Answer, Refusal};
use super::routes::Route;
use super::server::Server;
use super::store::World;
use super::token::{self, Bearer, TokenError};
use super::{batch, permissions, route};

/// The parts of a request that handlers need.
#[derive(Clone)]
pub(super) struct Inbound {
    pub(super) method: String,
    /// The path as received, still percent-encoded.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: Bytes,
    pub(super) client_request_id: String,
    token: Option<String>,
    /// Host and port to which the request was sent, used in links.
    host: Option<String>,
    content_type: Option<String>,
    eventual: bool,
}

impl Inbound {
    pub(super) fn new(
        method: &Method,
        headers: &HeaderMap,
        path: &str,
        query: &str,
        body: Bytes,
    ) -> Self {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Self {
            method: method.to_string(),
            path: path.to_owned(),
            query: query.to_owned(),
            body,
            client_request_id: header("client-request-id").unwrap_or_default(),
            token: header("authorization")
                .and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned)),
            host: header("host"),
            content_type: header("content-type"),
            eventual: header("consistencylevel")
                .is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        }
    }

    /// A request of a batch, sent by the same caller.
    pub(super) fn part(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &Value,
        body: Option<&Value>,
    ) -> Self {
        let header = |name: &str| {
            let found = headers
                .as_object()?
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found
                .and_then(|(_, value)| value.as_str())
                .map(str::to_owned)
        };
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())),
            client_request_id: self.client_request_id.clone(),
            token: self.token.clone(),
            host: self.host.clone(),
            content_type: header("content-type"),
            eventual: header("consistencylevel")
                .is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        }
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(super) fn decoded_path(&self) -> String {
        percent_decode_str(&self.path)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// The body in the journal: JSON if it is valid JSON, text otherwise.
    pub(super) fn journal_body(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&self.body).into_owned()))
    }

    fn parsed_body(&self) -> Result<Option<Value>, Refusal> {
        if self.body.is_empty() {
            return Ok(None);
        }
        match self.content_type.as_deref() {
            Some(kind) if kind.to_ascii_lowercase().starts_with("application/json") => {}
            None => {
                return Err(Refusal::gateway(
                    "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
                ));
            }
            Some(kind) => {
                return Err(Refusal::new(
                    415,
                    "Request_BadRequest",
                    format!(
                        "A supported MIME type could not be found that matches the content type '{kind}' of the request."
                    ),
                ));
            }
        }
        serde_json::from_slice(&self.body).map(Some).map_err(|_| {
            Refusal::gateway("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
        })
    }
}

fn bearer(world: &World, inbound: &Inbound) -> Result<Bearer, Refusal> {
    let refused = |message: &str| Refusal::new(401, "InvalidAuthenticationToken", message);
    let token = inbound
        .token
        .as_deref()
        .filter(|token| !token.is_empty())
        .ok_or_else(|| refused("Access token is empty."))?;
    if world.revoked.contains(token) {
        return Err(refused("Lifetime validation failed, the token is expired."));
    }
    token::read(&world.token_key, token, world.clock.now() / 1_000).map_err(|flaw| match flaw {
        TokenError::Malformed => refused("Access token validation failure. Invalid token."),
        TokenError::Expired => refused("Lifetime validation failed, the token is expired."),
    })
}

/// The tenant of the token of a request.
pub(super) fn tenant_of(world: &World, inbound: &Inbound) -> Option<String> {
    bearer(world, inbound).ok().map(|bearer| bearer.tenant)
}

/// Handles a request from a connection; `index` is its index in the journal.
pub(super) fn answer(
    server: &Server,
    inbound: &Inbound,
    index: usize,
    connection: u64,
    fault: Option<&Fault>,
) -> Outcome {
    let is_batch = inbound.method == "POST"
        && inbound
            .path
            .split_once("/$batch")
            .is_some_and(|(_, rest)| rest.is_empty());
    if is_batch || inbound.path.ends_with("/%24batch") {
        // As a temporary, the lock guard would live to the end of the next statement and deadlock the requests of the batch.
        let signed_in = bearer(&server.world(), inbound);
        let answer = signed_in
            .and_then(|_| inbound.parsed_body())
            .and_then(|body| {
                batch::answer(
                    server,
                    inbound,
                    &body.unwrap_or_default(),
                    index,
                    connection,
                )
            });
        return Outcome::of(
            &answer,
            &server.world().clock.text(),
            &inbound.client_request_id,
        );
    }
    single(server, inbound, fault)
}

/// Handles any request except a batch.
pub(super) fn single(server: &Server, inbound: &Inbound, fault: Option<&Fault>) -> Outcome {
    let mut world = server.world();
    let answer = match fault.and_then(|fault| fault.past(&inbound.method)) {
        Some(past) => call(&mut world.seen_as(past), inbound, &server.own),
        None => call(&mut world, inbound, &server.own),
    };
    let outcome = Outcome::of(&answer, &world.clock.text(), &inbound.client_request_id);
    drop(world);
    server.wake.notify_one();
    outcome
}

fn call(world: &mut World, inbound: &Inbound, own: &str) -> Answer {
    let bearer = bearer(world, inbound)?;
    let (version, path) = match inbound.path.strip_prefix("/v1.0") {
        Some(path) => ("v1.0", path),
        None => (
            "beta",
            inbound.path.strip_prefix("/beta").unwrap_or_default(),
        ),
    };
    if !path.is_empty() && !path.starts_with('/') {
        return Err(Refusal::gateway("Invalid version."));
    }
    let beta = version == "beta";
    let found = route::find(&inbound.method, path, beta)?;
    let position = world.position(&bearer.tenant);
    let position = position.ok_or_else(|| {
        Refusal::new(
            401,
            "InvalidAuthenticationToken",
            "The tenant of the token does not exist.",
        )
    })?;
    let app = world.tenants[position]
        .apps
        .iter()
        .find(|app| app.client_id == bearer.app);
    let app = app.ok_or_else(|| {
        Refusal::new(
            401,
            "Authorization_IdentityNotFound",
            "The identity of the calling application could not be established.",
        )
    })?;
    permissions::check(app, found.route.permissions)?;
    let only_owned = permissions::only_owned(app, found.route.permissions);
    let body = inbound.parsed_body()?;
    let query = Query::parse(&inbound.query);
    let (view, replica) = view(world, found.route, &query);
    let replaced = view.map(|view| world.enter_view(position, view));
    let mut call = Call {
        position,
        replica,
        tenant_id: bearer.tenant,
        app: bearer.app,
        beta,
        args: found.args,
        query,
        body,
        only_owned,
        eventual: inbound.eventual,
        root: match &inbound.host {
            Some(host) => format!("http://{host}/{version}"),
            None => format!("{own}/{version}"),
        },
        path: path.to_owned(),
        world,
    };
    let answer = (found.route.answer)(&mut call);
    if let Some(replaced) = replaced {
        world.leave_view(replaced);
    }
    if inbound.method != "GET" {
        world.written();
    }
    answer
}

/// With lag, reads are answered from the view of a replica, and the references of writes are resolved by a replica.
fn view(world: &mut World, route: &Route, query: &Query) -> (Option<View>, Option<usize>) {
    if !world.replicas.is_on() {
        return (None, None);
    }
    let replica = world.replicas.pick();
    let asks = |name: &str| query.get(name).is_some_and(|value| value != "false");
    match route.verb {
        "GET" if !route.is_listing() => (Some(View::Object(replica)), None),
        "GET" if ["$filter", "$search", "$count"].into_iter().any(asks) => {
            (Some(View::Index(replica)), None)
        }
        "GET" => (Some(View::Listing(replica)), None),
        _ => (None, Some(replica)),
    }
}
