//! Two servers in place of Graph: one forwards requests to the emulator and changes responses, the other replays a recording.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value as Json, json};

/// A request as a rule sees it.
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub address: String,
    pub bearer: String,
    pub body: Bytes,
}

/// Status and body; null for no body.
pub type Answered = (u16, Json);

type Handler = Arc<dyn Fn(Asked) -> futures::future::BoxFuture<'static, Answered> + Send + Sync>;

/// A server that stops when this value is dropped.
pub struct Server {
    pub url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn start<F>(handler: impl Fn(Asked) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answered> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let handler: Handler = Arc::new(move |asked| Box::pin(handler(asked)));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router =
            Router::new().fallback(move |request: Request| answer(Arc::clone(&handler), request));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            _runtime: runtime,
        }
    }
}

async fn answer(handler: Handler, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bearer = parts
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let asked = Asked {
        method: parts.method.to_string(),
        address: parts.uri.path_and_query().unwrap().to_string(),
        bearer: bearer.unwrap_or_default().to_owned(),
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    };
    let (status, body) = handler(asked).await;
    let bytes = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response.body(bytes).unwrap()
}

/// Forwards every request to `graph`; `change` can then change the response.
pub fn relay(
    graph: &str,
    change: impl Fn(&Asked, &mut Answered) + Send + Sync + 'static,
) -> Server {
    let (graph, http) = (graph.to_owned(), reqwest::Client::new());
    let change = Arc::new(change);
    Server::start(move |asked| {
        let (http, change, url) = (
            http.clone(),
            Arc::clone(&change),
            format!("{graph}{}", asked.address),
        );
        async move {
            let mut request = http.request(asked.method.parse().unwrap(), url);
            request = request.header("authorization", &asked.bearer);
            if asked.address.contains("$count=true") {
                request = request.header("consistencylevel", "eventual");
            }
            if !asked.body.is_empty() {
                request = request
                    .header("content-type", "application/json")
                    .body(asked.body.clone());
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let mut answered = (status, answer.json().await.unwrap_or(Json::Null));
            change(&asked, &mut answered);
            answered
        }
    })
}

/// Responds from `recording`: the same requests get the same responses in order, the last one repeatedly, and a recorded response without a
/// query serves every query. Missing requests get a 404. A batch is handled as its parts.
pub fn replay(recording: &Json) -> Server {
    let mut answers: HashMap<String, VecDeque<Answered>> = HashMap::new();
    let text = |exchange: &Json, name: &str| exchange[name].as_str().unwrap_or_default().to_owned();
    for exchange in recording["exchanges"].as_array().unwrap() {
        let tenant = recording[text(exchange, "tenant")]
            .as_str()
            .unwrap_or_default();
        let query = text(exchange, "query");
        let mark = if query.is_empty() { "" } else { "?" };
        let key = format!(
            "{tenant} {} {}{mark}{query}",
            text(exchange, "method"),
            text(exchange, "path")
        );
        let status = u16::try_from(exchange["status"].as_u64().unwrap()).unwrap();
        let answered = (status, exchange["response_body"].clone());
        answers.entry(key).or_default().push_back(answered);
    }
    let answers = Mutex::new(answers);
    Server::start(move |asked| std::future::ready(replayed(&answers, &asked)))
}

fn replayed(answers: &Mutex<HashMap<String, VecDeque<Answered>>>, asked: &Asked) -> Answered {
    if asked.address.ends_with("/oauth2/v2.0/token") {
        let tenant = asked.address.split('/').nth(1).unwrap();
        return (
            200,
            json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": tenant }),
        );
    }
    let tenant = asked.bearer.trim_start_matches("Bearer ");
    let mut answers = answers.lock().unwrap();
    let mut one = |method: &str, address: &str| {
        let plain = address.split('?').next().unwrap();
        let mut key = format!("{tenant} {method} {address}");
        if !answers.contains_key(&key) {
            key = format!("{tenant} {method} {plain}");
        }
        match answers.get_mut(&key) {
            Some(left) if left.len() > 1 => left.pop_front().unwrap(),
            Some(left) => left[0].clone(),
            None => (
                404,
                json!({ "error": { "code": "ResourceNotFound", "message": key } }),
            ),
        }
    };
    let Some(version) = asked.address.strip_suffix("/$batch") else {
        return one(&asked.method, &asked.address);
    };
    let batch: Json = serde_json::from_slice(&asked.body).unwrap();
    let parts = batch["requests"].as_array().unwrap().iter();
    let answered = parts.map(|part| {
        let address = format!("{version}{}", part["url"].as_str().unwrap());
        let (status, body) = one(part["method"].as_str().unwrap(), &address);
        json!({ "id": part["id"], "status": status, "body": body })
    });
    (200, json!({ "responses": answered.collect::<Vec<_>>() }))
}

/// The environment in which the command reaches such a server.
pub fn environment(server: &Server, recording: &Json) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (prefix, tenant) in [
        ("SOURCE", &recording["source"]),
        ("TARGET", &recording["target"]),
    ] {
        for (name, value) in [
            ("TENANT_ID", tenant.as_str().unwrap()),
            ("CLIENT_ID", "22222222-2222-4222-8222-222222222222"),
            ("CLIENT_SECRET", "replayed"),
            ("GRAPH_ENDPOINT", &server.url),
            ("LOGIN_ENDPOINT", &server.url),
        ] {
            variables.insert(format!("{prefix}_{name}"), value.to_owned());
        }
    }
    variables
}
