//! The HTTP transport the Azure identity library sends through: our own wire.
//!
//! The library insists on an https authority. Where the configured one is this machine over http, the library is
//! told an https name for it, and requests to that name are led back here.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Method, Request as AzureRequest,
    RetryOptions, StatusCode, Transport as AzureTransport,
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::Instant;
use url::Url;

use crate::hosts::{Hosts, authority};
use crate::retry;
use crate::transport::{Fault, Reply, Request, Transport, header};

/// Sends what the identity library wants sent.
#[derive(Clone)]
pub(super) struct IdentityTransport {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) login: Url,
    pub(super) tenant_id: String,
    pub(super) user_agent: String,
    pub(super) timeout: Duration,
    pub(super) hosts: Arc<Hosts>,
}

impl fmt::Debug for IdentityTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityTransport({})", self.login)
    }
}

/// Why there is no token, carried through the library's own errors.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No answer.
    #[error("{fault}")]
    Fault {
        fault: Fault,
        /// Where it was sent.
        url: Url,
    },
    /// An answer that is not a success. Its body is for [`super::failure`], not for printing.
    #[error("status {status}")]
    Refused {
        status: u16,
        asked: Option<Duration>,
        body: Vec<u8>,
        /// Who answered.
        host: String,
    },
    /// The other issuer gave no token.
    #[error("{0}")]
    Issuer(String),
}

impl Trouble {
    /// The trouble inside one of the library's errors.
    pub(super) fn within(error: &azure_core::Error) -> Option<&Self> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(trouble) = error.downcast_ref::<Self>() {
                return Some(trouble);
            }
            cause = error.source();
        }
        None
    }
}

impl From<Trouble> for azure_core::Error {
    fn from(trouble: Trouble) -> Self {
        // Not a kind the library would retry by itself: that is decided in one place, by us.
        Self::new(ErrorKind::Other, trouble)
    }
}

impl IdentityTransport {
    /// The library's options: our wire, our retries, our authority.
    pub(super) fn client_options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = self.authority();
        ClientOptions {
            transport: Some(AzureTransport::new(Arc::new(self.clone()))),
            retry: RetryOptions::none(),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..ClientOptions::default()
        }
    }

    /// The authority as the library is told it.
    fn authority(&self) -> String {
        format!("https://{}", self.login.authority())
    }

    /// Where a request for `url` really goes.
    fn real(&self, url: &Url) -> Url {
        let told = Url::parse(&self.authority());
        if !told.is_ok_and(|told| told.origin() == url.origin()) {
            return url.clone();
        }
        let mut real = self.login.clone();
        real.set_path(&format!(
            "{}{}",
            self.login.path().trim_end_matches('/'),
            url.path()
        ));
        real.set_query(url.query());
        real
    }

    /// One exchange; anything but success is trouble.
    pub(super) async fn exchange(&self, mut request: Request) -> Result<Reply, Trouble> {
        if let Ok(agent) = HeaderValue::from_str(&self.user_agent) {
            request.headers.insert(USER_AGENT, agent);
        }
        let host = authority(&request.url);
        let (method, url) = (request.method.clone(), request.url.clone());
        let started = Instant::now();
        let sent = tokio::time::timeout(self.timeout, self.transport.send(request)).await;
        let outcome = sent.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs();
            Err(Fault::Lost(format!("no answer within {seconds} s")))
        });
        tracing::debug!(
            target: "graph",
            %method,
            host,
            path = url.path(),
            status = outcome.as_ref().ok().map(|reply| reply.status.as_u16()),
            request_id = outcome.as_ref().ok().and_then(|reply| header(&reply.headers, "x-ms-request-id")),
            fault = outcome.as_ref().err().map(ToString::to_string),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            tenant_id = self.tenant_id,
            "sign-in exchange"
        );
        let reply = match outcome {
            Ok(reply) => reply,
            Err(fault) => return Err(Trouble::Fault { fault, url }),
        };
        self.hosts.note(&url);
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(Trouble::Refused {
            status: reply.status.as_u16(),
            asked: retry::retry_after(&reply.headers, SystemTime::now()),
            body: reply.body,
            host,
        })
    }
}

#[async_trait::async_trait]
impl HttpClient for IdentityTransport {
    async fn execute_request(
        &self,
        request: &AzureRequest,
    ) -> azure_core::Result<AsyncRawResponse> {
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers().iter() {
            let name = HeaderName::from_bytes(name.as_str().as_bytes());
            let value = HeaderValue::from_str(value.as_str());
            if let (Ok(name), Ok(mut value)) = (name, value) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::SeekableStream(_) => {
                return Err(azure_core::Error::with_message(
                    ErrorKind::Other,
                    "a stream is not supported for a sign-in",
                ));
            }
        };
        let method = match request.method() {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            other => {
                return Err(azure_core::Error::with_message(
                    ErrorKind::Other,
                    format!("{other} is not supported for a sign-in"),
                ));
            }
        };
        let reply = self
            .exchange(Request {
                method,
                url: self.real(request.url()),
                headers,
                body: (!body.is_empty()).then_some(body),
            })
            .await?;
        if !serde_json::from_slice::<serde_json::Value>(&reply.body)
            .is_ok_and(|body| body.is_object())
        {
            return Err(Trouble::Refused {
                status: reply.status.as_u16(),
                asked: None,
                body: Vec::new(),
                host: authority(request.url()),
            }
            .into());
        }
        let reply = Reply {
            body: super::lifetime::bounded(reply.body),
            ..reply
        };
        let status = StatusCode::from(reply.status.as_u16());
        Ok(AsyncRawResponse::from_bytes(
            status,
            Headers::default(),
            reply.body,
        ))
    }
}
