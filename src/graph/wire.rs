//! The one place where bytes meet the network, for Graph and for signing in alike.
//!
//! It follows no redirect: an answer that points elsewhere is an answer, and no
//! token ever reaches a host that was not configured.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use url::Url;

/// Larger answers are not read to the end.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A service that cannot be connected to within this time is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What is sent. Prints without headers and body: they hold tokens and secrets.
pub struct Request {
    /// The verb.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// All headers but those HTTP itself needs.
    pub headers: HeaderMap,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

/// What came back, complete. Prints without headers and body.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// Why there is no complete answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection: the request did not leave this machine.
    #[error("{0}")]
    NotSent(String),
    /// It may have been received, and even carried out.
    #[error("{0}")]
    Lost(String),
    /// The answer is larger than 64 MiB.
    #[error("the answer is larger than 64 MiB")]
    TooLarge,
}

/// Sends one request and reads its whole answer. Tests replace it.
pub trait Wire: Send + Sync {
    /// One exchange, without any retry.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Fault>>;
}

/// The real network. Nothing is built before the first request needs it.
#[derive(Default)]
pub(super) struct Network {
    outside: OnceLock<reqwest::Client>,
    inside: OnceLock<reqwest::Client>,
}

impl Network {
    /// Plain http goes to this machine or its host only (loopback, the instance metadata service), so never
    /// through a proxy, and needs no root certificates, whose loading is what makes a client slow to build.
    fn client(&self, url: &Url) -> Result<&reqwest::Client, Fault> {
        let (slot, inside) = match url.scheme() {
            "http" => (&self.inside, true),
            _ => (&self.outside, false),
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT);
        if inside {
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let client = builder
            .build()
            .map_err(|error| Fault::NotSent(format!("no HTTP client: {}", reason(&error))))?;
        Ok(slot.get_or_init(|| client))
    }

    async fn exchange(&self, request: Request) -> Result<Reply, Fault> {
        let client = self.client(&request.url)?;
        let mut builder = client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|error| {
            let text = reason(&error);
            if error.is_connect() || error.is_builder() {
                Fault::NotSent(text)
            } else {
                Fault::Lost(text)
            }
        })?;
        let mut body = Vec::new();
        let chunks = async {
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Ok(false);
                }
                body.extend_from_slice(&chunk);
            }
            Ok::<_, reqwest::Error>(true)
        };
        match chunks.await {
            Ok(true) => {}
            Ok(false) => return Err(Fault::TooLarge),
            Err(error) => return Err(Fault::Lost(reason(&error))),
        }
        Ok(Reply {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }
}

impl Wire for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Fault>> {
        Box::pin(self.exchange(request))
    }
}

/// The innermost cause: the outer layers only repeat the address.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Listener, SECRET, TENANT, TOKEN, http, options};
    use crate::graph::{Client, Cloud, Endpoints, Error, Options, Resend};
    use serde_json::json;
    use std::sync::{Arc, Mutex};
    use tracing::field::{Field, Visit};
    use tracing::subscriber::Interest;
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    const JSON: &str = "content-type: application/json\r\n";

    /// Gives tokens, and passes everything else on.
    async fn listener(mut graph: impl FnMut(&str) -> Vec<u8> + Send + 'static) -> Listener {
        Listener::start(move |request| {
            if !request.contains("/oauth2/v2.0/token ") {
                return graph(request);
            }
            let token = format!("{TOKEN}1");
            http(
                "200 OK",
                JSON,
                &json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
                    .to_string(),
            )
        })
        .await
    }

    fn client(url: &str) -> Client {
        let login = format!("{url}/login");
        Client::new(Options {
            endpoints: Endpoints::new(Cloud::Global, Some(url), Some(&login)).unwrap(),
            max_retries: 1,
            ..options()
        })
        .unwrap()
    }

    #[tokio::test]
    async fn plain_http_on_this_machine_works_for_signing_in_too() {
        let listener = listener(|_| http("200 OK", JSON, r#"{"id": 1}"#)).await;
        let found = client(&listener.url)
            .get("/users/a%2Fb?$select=id")
            .await
            .unwrap();
        assert_eq!(found, Some(json!({"id": 1})));
        let seen = listener.seen();
        let (sign_in, call) = (&seen[0], &seen[1]);
        assert!(
            sign_in.starts_with(&format!(
                "POST /login/{TENANT}/oauth2/v2.0/token HTTP/1.1\r\n"
            )),
            "{sign_in}"
        );
        for part in [
            "content-type: application/x-www-form-urlencoded",
            "user-agent: tests",
            "grant_type=client_credentials",
            "client_id=22222222-2222-4222-8222-222222222222",
            "client_secret=planted%7Eclient%7Esecret",
            "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        ] {
            assert!(sign_in.contains(part), "{part}: {sign_in}");
        }
        assert!(
            call.starts_with("GET /v1.0/users/a%2Fb?$select=id HTTP/1.1\r\n"),
            "{call}"
        );
        for part in [
            "authorization: Bearer planted-token-1",
            "user-agent: tests",
            "client-request-id: ",
            "accept: application/json",
        ] {
            assert!(call.contains(part), "{part}: {call}");
        }
    }

    #[tokio::test]
    async fn a_redirection_is_not_followed() {
        let elsewhere = listener(|_| http("200 OK", JSON, "{}")).await;
        let header = format!("location: {}/v1.0/users\r\n", elsewhere.url);
        let here = listener(move |_| http("302 Found", &header, "")).await;
        let error = client(&here.url).get("/users").await.unwrap_err();
        assert_eq!(error.status(), Some(302));
        assert!(elsewhere.seen().is_empty());
    }

    #[tokio::test]
    async fn a_broken_connection_is_told_apart_from_none() {
        let half = || {
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"a\":".to_vec()
        };
        let mut answers = [half(), http("200 OK", JSON, "{}")].into_iter();
        let listener = listener(move |_| answers.next().unwrap()).await;
        assert!(
            client(&listener.url).get("/users").await.unwrap().is_some(),
            "asked again"
        );

        for answer in [half(), Vec::new(), b"HTTP/1.1 200".to_vec()] {
            let listener = self::listener(move |_| answer.clone()).await;
            let error = client(&listener.url)
                .post("/x", &json!({}), Resend::Never)
                .await
                .unwrap_err();
            assert!(matches!(error, Error::AnswerLost(_)), "{error}");
        }

        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let request = Request {
            method: Method::POST,
            url: Url::parse(&format!("http://{port}/")).unwrap(),
            headers: HeaderMap::new(),
            body: None,
        };
        let fault = Network::default().send(request).await.unwrap_err();
        assert!(
            matches!(&fault, Fault::NotSent(what) if what.contains("refused")),
            "{fault:?}"
        );
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read_to_its_end() {
        let body = " ".repeat(MAX_BODY + 1);
        let listener = listener(move |_| http("200 OK", JSON, &body)).await;
        let error = client(&listener.url).get("/users").await.unwrap_err();
        assert!(error.to_string().contains("larger than 64 MiB"), "{error}");
    }

    /// Writes down every event and span of every library.
    #[derive(Clone, Default)]
    struct Everything(Arc<Mutex<String>>);

    impl Visit for Everything {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            use fmt::Write as _;
            write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
        }
    }

    impl<S: tracing::Subscriber> Layer<S> for Everything {
        fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> Interest {
            Interest::always()
        }

        fn on_new_span(
            &self,
            attributes: &tracing::span::Attributes<'_>,
            _: &tracing::Id,
            _: Context<'_, S>,
        ) {
            attributes.record(&mut self.clone());
        }

        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            let line = format!("\n{} ", event.metadata().target());
            self.0.lock().unwrap().push_str(&line);
            event.record(&mut self.clone());
        }
    }

    #[tokio::test]
    async fn no_log_at_any_level_tells_a_secret_or_a_personal_value() {
        let everything = Everything::default();
        let guard = tracing::subscriber::set_default(
            tracing_subscriber::registry().with(everything.clone()),
        );
        let mut answers = [
            http("200 OK", JSON, r#"{"value": "planted body"}"#),
            http(
                "403 Forbidden",
                JSON,
                r#"{"error": {"code": "x", "message": "planted body"}}"#,
            ),
        ]
        .into_iter();
        let listener = listener(move |_| answers.next().unwrap()).await;
        let client = client(&listener.url);
        client
            .get("/users?$filter=mail eq 'planted%40mail'")
            .await
            .unwrap();
        client
            .post(
                "/users",
                &json!({"password": "planted body"}),
                Resend::Never,
            )
            .await
            .unwrap_err();
        drop(guard);
        let log = everything.0.lock().unwrap().clone();
        assert!(log.contains("path=\"/users?$filter\""), "{log}");
        assert!(log.contains("status=403") && log.contains(TENANT), "{log}");
        let ours = log.lines().filter(|line| line.starts_with("graph "));
        assert_eq!(ours.clone().count(), 3, "one line per exchange");
        assert!(ours.clone().all(|line| !line.contains("planted")), "{log}");
        for secret in [SECRET, "planted%7Eclient", TOKEN, "planted body"] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}
