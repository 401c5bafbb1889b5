//! The HTTP client of the Azure identity library, which sends through our transport.
//!
//! The library requires an https authority. If the configured one is this machine over http, the library gets an https URL for
//! it, and requests to that URL are sent to the real one.

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

/// Sends the requests of the identity library.
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

/// The reason why there is no token, passed through the library's error type.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum TokenError {
    /// No response.
    #[error("{fault}")]
    Fault {
        fault: Fault,
        /// The URL of the request.
        url: Url,
    },
    /// An error response. Its body is for [`super::failure`], not for printing.
    #[error("status {status}")]
    Refused {
        status: u16,
        asked: Option<Duration>,
        body: Vec<u8>,
        /// The host that responded.
        host: String,
    },
    /// The other issuer returned no token.
    #[error("{0}")]
    Issuer(String),
}

impl TokenError {
    /// Returns the cause inside an error of the library.
    pub(super) fn within(error: &azure_core::Error) -> Option<&Self> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(token_error) = error.downcast_ref::<Self>() {
                return Some(token_error);
            }
            cause = error.source();
        }
        None
    }
}

impl From<TokenError> for azure_core::Error {
    fn from(token_error: TokenError) -> Self {
        // Not a kind of error that the library would retry: retries are decided in one place, by this client.
        Self::new(ErrorKind::Other, token_error)
    }
}

impl IdentityTransport {
    /// The options of the library: our transport, our retries, our authority.
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

    /// The authority that the library is configured with.
    fn authority(&self) -> String {
        format!("https://{}", self.login.authority())
    }

    /// Returns the URL to which a request for `url` is sent.
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

    /// Sends one request; everything but a success is an error.
    pub(super) async fn exchange(&self, mut request: Request) -> Result<Reply, TokenError> {
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
            Err(fault) => return Err(TokenError::Fault { fault, url }),
        };
        self.hosts.note(&url);
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(TokenError::Refused {
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
            return Err(TokenError::Refused {
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
