//! Two fakes of Graph and its sign-in service for tests.
//!
//! Public, because dependent crates use them in tests; they are not part of a binary. [`Script`] replaces the network, so time
//! may be paused; [`Listener`] is a real server on a real port.
#![allow(clippy::unwrap_used, reason = "only tests run this")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{
    Client, Cloud, Endpoints, Fault, Json, Options, Redactor, Reply, Request, Secret, SignIn,
    Transport,
};

/// The tenant of [`Script::client`].
pub const TENANT: &str = "11111111-1111-4111-8111-111111111111";

/// The secret of [`Script::client`].
pub const SECRET: &str = "planted~client~secret";

/// The prefix of all tokens, followed by a number.
pub const TOKEN: &str = "planted-token-";

/// A request that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The method, in upper case.
    pub method: String,
    /// Path and query, for example `/v1.0/users?$top=5`.
    pub path: String,
    /// Null if there is none.
    pub body: Json,
    /// The `Authorization` header.
    pub bearer: String,
}

/// A response: a reply or a fault after a pause.
pub struct Answer {
    /// The delay of the response.
    pub pause: Duration,
    /// The reply or fault.
    pub outcome: Result<Reply, Fault>,
}

type Rule = Box<dyn FnMut(&Sent) -> Answer + Send>;

/// Responds to Graph requests by its rule, and to token requests by default with a token.
pub struct Script {
    rule: Mutex<Rule>,
    sign_in: Mutex<Option<Rule>>,
    sent: Mutex<Vec<Sent>>,
    signed_in: Mutex<Vec<Sent>>,
}

impl Script {
    /// A script that calls `rule` for each response.
    pub fn new(rule: impl FnMut(&Sent) -> Answer + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            rule: Mutex::new(Box::new(rule)),
            sign_in: Mutex::new(None),
            sent: Mutex::default(),
            signed_in: Mutex::default(),
        })
    }

    /// A script that gives these responses in order, and fails the test when it runs out of them.
    pub fn of(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        let mut answers = answers.into_iter().collect::<Vec<_>>().into_iter();
        Self::new(move |sent| {
            answers
                .next()
                .unwrap_or_else(|| panic!("no answer left for {sent:?}"))
        })
    }

    /// Responds to token requests by `rule`.
    pub fn sign_in(&self, rule: impl FnMut(&Sent) -> Answer + Send + 'static) {
        *self.sign_in.lock().unwrap() = Some(Box::new(rule));
    }

    /// The requests to Graph.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// The requests to Graph, as `METHOD path`.
    pub fn calls(&self) -> Vec<String> {
        let sent = self.sent();
        sent.iter()
            .map(|sent| format!("{} {}", sent.method, sent.path))
            .collect()
    }

    /// The number of token requests.
    pub fn sign_ins(&self) -> usize {
        self.signed_in.lock().unwrap().len()
    }

    /// The token requests; their bodies are forms.
    pub fn signed_in(&self) -> Vec<Sent> {
        self.signed_in.lock().unwrap().clone()
    }

    /// A client of this script, with three retries and a timeout of one minute per exchange.
    pub fn client(self: &Arc<Self>) -> Client {
        Client::over(options(), Arc::clone(self) as Arc<dyn Transport>).unwrap()
    }

    fn decide(&self, request: &Request) -> Answer {
        let path = request.url.path().to_owned();
        let query = request
            .url
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        let body = request.body.as_deref().unwrap_or_default();
        let header = request
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let form = || Json::String(String::from_utf8_lossy(body).into_owned());
        let sent = Sent {
            method: request.method.to_string(),
            path: path.clone() + &query,
            body: match body {
                b"" => Json::Null,
                body => serde_json::from_slice(body).unwrap_or_else(|_| form()),
            },
            bearer: header.unwrap_or_default().to_owned(),
        };
        if !path.ends_with("/oauth2/v2.0/token") {
            self.sent.lock().unwrap().push(sent.clone());
            return (self.rule.lock().unwrap())(&sent);
        }
        let mut signed_in = self.signed_in.lock().unwrap();
        signed_in.push(sent.clone());
        match self.sign_in.lock().unwrap().as_mut() {
            Some(rule) => rule(&sent),
            None => token(signed_in.len(), 3600),
        }
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Fault>> {
        let answer = self.decide(&request);
        Box::pin(async move {
            tokio::time::sleep(answer.pause).await;
            answer.outcome
        })
    }
}

/// Options for a [`Script`].
pub fn options() -> Options {
    Options {
        tenant_id: TENANT.to_owned(),
        client_id: "22222222-2222-4222-8222-222222222222".to_owned(),
        sign_in: SignIn::ClientSecret {
            secret: Secret::from(SECRET),
        },
        endpoints: Endpoints::new(Cloud::Global, None, None).unwrap(),
        max_retries: 3,
        request_timeout: Duration::from_secs(60),
        replication_timeout: None,
        user_agent: "tests".to_owned(),
        redactor: Redactor::default(),
    }
}

/// A response with status and JSON.
pub fn reply(status: u16, body: &Json) -> Answer {
    raw(status, "application/json; charset=utf-8", &body.to_string())
}

/// A response with a status only.
pub fn empty(status: u16) -> Answer {
    raw(status, "application/json", "")
}

/// A response with status, content type and text.
pub fn raw(status: u16, kind: &str, body: &str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_str(kind).unwrap());
    headers.insert("request-id", HeaderValue::from_static("r-1"));
    Answer {
        pause: Duration::ZERO,
        outcome: Ok(Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.as_bytes().to_vec(),
        }),
    }
}

/// A response with Graph's error envelope.
pub fn refuse(status: u16, code: &str) -> Answer {
    reply(
        status,
        &json!({"error": {"code": code, "message": "Graph's words."}}),
    )
}

/// The response is lost.
pub fn lost() -> Answer {
    fault(Fault::Lost("connection reset".to_owned()))
}

/// A fault instead of a response.
pub fn fault(fault: Fault) -> Answer {
    Answer {
        pause: Duration::ZERO,
        outcome: Err(fault),
    }
}

/// A token that is valid for `seconds`.
pub fn token(number: usize, seconds: u32) -> Answer {
    let token = format!("{TOKEN}{number}");
    reply(
        200,
        &json!({"token_type": "Bearer", "access_token": token, "expires_in": seconds}),
    )
}

impl Answer {
    /// The same response after a pause.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// The same response with another header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Ok(reply) = &mut self.outcome {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            reply
                .headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        self
    }
}

/// A server on its own port that responds to each request with the bytes that `answer` returns, then closes the connection.
pub struct Listener {
    /// Its URL, for example `http://127.0.0.1:40000`.
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    /// Listens on a free port of this machine and responds to each request with the bytes that `answer` returns.
    pub async fn start(mut answer: impl FnMut(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = hear(&mut stream).await;
                heard.lock().unwrap().push(request.clone());
                // The client may have closed the connection.
                let _ = stream.write_all(&answer(&request)).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { url, seen }
    }

    /// All requests, as received.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn hear(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length
                .split_once("content-length: ")
                .map_or("0", |(_, rest)| rest);
            let digits: String = length.chars().take_while(char::is_ascii_digit).collect();
            if body.len() >= digits.parse().unwrap() {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// An HTTP/1.1 response.
pub fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
