//! The HTTP transport for Graph and for sign-in: the only code that uses the network.
//!
//! It follows no redirects, so no token ever reaches a host that is not configured.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use url::Url;

/// The largest response body that is read.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// The timeout of a connection attempt, which is then retried. Long enough for a lost packet or two.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// A request. It prints without headers and body, which contain tokens and secrets.
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The complete URL.
    pub url: Url,
    /// All headers except those that HTTP itself needs.
    pub headers: HeaderMap,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

/// A complete response. It prints without headers and body.
pub struct Reply {
    /// The HTTP status.
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

/// The reason why there is no complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The connection failed: the request was not sent.
    #[error("{0}")]
    NotSent(String),
    /// The connection failed, because the host name cannot be resolved.
    #[error("the host name cannot be resolved: {0}")]
    Unresolved(String),
    /// The connection failed, and a retry would fail too: no certificate is trusted.
    #[error("{0}")]
    Untrusted(String),
    /// The request may have been received, and even carried out.
    #[error("{0}")]
    Lost(String),
    /// The response is larger than 64 MiB.
    #[error("the response is larger than 64 MiB")]
    TooLarge,
}

/// Sends a request and reads the complete response. Tests replace it.
pub trait Transport: Send + Sync {
    /// Sends one request, without retries.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Fault>>;
}

/// The real network. The HTTP clients are created with the first request that needs them.
#[derive(Default)]
pub(super) struct Network {
    outside: OnceLock<reqwest::Client>,
    inside: OnceLock<reqwest::Client>,
}

impl Network {
    /// Plain http is used for this machine and its host only (loopback, the instance metadata service), so never with a proxy,
    /// and needs no root certificates, which make a client slow to create.
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
        let client = builder.build().map_err(|error| {
            Fault::Untrusted(format!(
                "no connection can be established, because the certificate authorities of this machine cannot be read: {}",
                reason(&error)
            ))
        })?;
        Ok(slot.get_or_init(|| client))
    }

    async fn exchange(&self, request: Request) -> Result<Reply, Fault> {
        let client = self.client(&request.url)?;
        let https = request.url.scheme() == "https";
        let mut builder = client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|error| {
            let via = if https { proxy() } else { None };
            unsent(&error, via.as_deref())
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

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Fault>> {
        Box::pin(self.exchange(request))
    }
}

/// Returns the fault for a failed request; `proxy` is the one that it used.
fn unsent(error: &reqwest::Error, proxy: Option<&str>) -> Fault {
    let mut text = reason(error);
    if let Some(proxy) = proxy {
        text = format!("{text} (through the proxy {proxy})");
    }
    if !error.is_connect() && !error.is_builder() {
        return Fault::Lost(text);
    }
    let is_untrusted = causes(error).any(|cause| {
        matches!(
            cause.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    });
    let is_unresolved = causes(error).any(|cause| cause.to_string().starts_with("dns error"))
        || text.contains("failed to lookup address");
    match (is_untrusted, is_unresolved) {
        (true, _) => Fault::Untrusted(text),
        (_, true) => Fault::Unresolved(text),
        _ => Fault::NotSent(text),
    }
}

/// Returns the https proxy of the environment, without its user and password, and the variable that sets it.
fn proxy() -> Option<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    names.into_iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        let host = Url::parse(&value).map_or_else(
            |_| "(unreadable)".to_owned(),
            |url| super::hosts::authority(&url),
        );
        Some(format!("{host}, which {name} names"))
    })
}

/// Returns an error and its causes, the innermost last. An I/O error does not report the error that it wraps as its source.
fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .map(|inner| inner as &(dyn std::error::Error + 'static));
        wrapped.or_else(|| error.source())
    })
}

/// Returns the innermost cause: the outer layers only repeat the URL.
fn reason(error: &reqwest::Error) -> String {
    let innermost = causes(error).last();
    innermost.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Returns the value of a header.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests;
