//! A server in place of Graph, or between Graph and the provider.
#![allow(dead_code)] // Every test binary uses another part of it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Response};
use crosstenant::resources::CrossTenant;
use futures::future::BoxFuture;
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;

use crate::engine::{CONTOSO, configured};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Answering = dyn Fn(Asked) -> BoxFuture<'static, Response<Body>> + Send + Sync;

/// A server on its own port, until this value is dropped.
pub struct Impostor {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Impostor {
    /// Responds to every request with `answer`, and handles sign-ins itself.
    pub async fn start(
        answer: impl Fn(Asked) -> BoxFuture<'static, Response<Body>> + Send + Sync + 'static,
    ) -> Self {
        let token = || {
            json_answer(
                &json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": "planted-token" }),
            )
        };
        Self::both(token, answer).await
    }

    /// Responds to sign-ins with `token`, and to every other request with an empty collection.
    pub async fn signing_in(token: impl Fn() -> Response<Body> + Send + Sync + 'static) -> Self {
        let nothing = |_| std::future::ready(json_answer(&json!({ "value": [] })));
        Self::both(token, move |asked| Box::pin(nothing(asked))).await
    }

    async fn both(
        token: impl Fn() -> Response<Body> + Send + Sync + 'static,
        answer: impl Fn(Asked) -> BoxFuture<'static, Response<Body>> + Send + Sync + 'static,
    ) -> Self {
        let token = Arc::new(token);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (heard, answer): (_, Arc<Answering>) = (Arc::clone(&asked), Arc::new(answer));
        let application = Router::new().fallback(move |request: Request| {
            let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
            let token = Arc::clone(&token);
            async move {
                let (parts, body) = request.into_parts();
                let asked = Asked {
                    method: parts.method,
                    path: parts.uri.to_string(),
                    headers: parts.headers,
                    body: to_bytes(body, usize::MAX).await.unwrap(),
                };
                heard.lock().unwrap().push(asked.clone());
                if asked.path.ends_with("/oauth2/v2.0/token") {
                    return token();
                }
                answer(asked).await
            }
        });
        let serving =
            tokio::spawn(async move { axum::serve(listener, application).await.unwrap() });
        Self {
            url,
            asked,
            serving,
        }
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Deletes the record of requests.
    pub fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// A provider that uses this server as Graph.
    pub async fn provider(&self) -> CrossTenant {
        configured(&json!({
            "tenant_id": CONTOSO,
            "client_id": "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01",
            "client_secret": "planted-secret",
            "graph_endpoint": self.url,
            "login_endpoint": self.url,
            "max_retries": 1,
            "request_timeout": "5s",
        }))
        .await
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A JSON response in Graph's format.
pub fn json_answer(body: &Json) -> Response<Body> {
    text_answer("application/json", body.to_string())
}

/// A response with status 200 and this body.
pub fn text_answer(kind: &str, body: impl Into<Body>) -> Response<Body> {
    let answer = Response::builder().header("content-type", kind);
    answer.body(body.into()).unwrap()
}
