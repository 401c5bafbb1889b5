//! Assertions for the identity library, either signed with our certificate or fetched from another issuer.

use std::fmt;
use std::path::Path;

use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;
use url::Url;

use super::certificate::Certificate;
use super::identity_transport::{IdentityTransport, TokenError};
use super::{Oidc, Secret};
use crate::redactor::Redactor;
use crate::transport::Request;

/// The version of the Azure DevOps API that issues tokens.
const AZURE_DEVOPS_VERSION: &str = "7.1";

/// A source of assertions.
pub(super) enum Source {
    /// Signs them with a certificate.
    Certificate {
        certificate: Certificate,
        client_id: String,
        /// The URL of the token endpoint.
        audience: String,
    },
    /// Fetches them from another issuer.
    Issuer {
        oidc: Oidc,
        /// The audience of the token.
        audience: &'static str,
        transport: Box<IdentityTransport>,
    },
}

/// A source of assertions, and the redactor that registers each of them.
pub(super) struct Assertions {
    pub(super) source: Source,
    pub(super) redactor: Redactor,
}

impl fmt::Debug for Assertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Certificate { certificate, .. } => certificate.fmt(f),
            Source::Issuer { oidc, .. } => oidc.fmt(f),
        }
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Assertions {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let secret = self.next().await?;
        self.redactor.learn(&secret);
        Ok(secret.reveal().to_owned())
    }
}

impl Assertions {
    async fn next(&self) -> Result<Secret, TokenError> {
        match &self.source {
            Source::Certificate {
                certificate,
                client_id,
                audience,
            } => certificate
                .assertion(client_id, audience, Timestamp::now())
                .map(Secret::from)
                .map_err(|error| TokenError::Issuer(error.to_string())),
            Source::Issuer {
                oidc,
                audience,
                transport,
            } => issued(oidc, audience, transport).await,
        }
    }
}

async fn issued(
    oidc: &Oidc,
    audience: &str,
    transport: &IdentityTransport,
) -> Result<Secret, TokenError> {
    match oidc {
        Oidc::Token(token) => Ok(token.clone()),
        Oidc::TokenFile(path) => from_file(path).await,
        Oidc::GitHub { url, token } => {
            let mut url = url.clone();
            url.query_pairs_mut().append_pair("audience", audience);
            let request = asking(reqwest::Method::GET, url, token)?;
            fetch(transport, request, "GitHub Actions", "value").await
        }
        Oidc::AzureDevOps {
            url,
            token,
            service_connection_id,
        } => {
            let mut url = url.clone();
            url.query_pairs_mut()
                .append_pair("api-version", AZURE_DEVOPS_VERSION)
                .append_pair("serviceConnectionId", service_connection_id);
            let mut request = asking(reqwest::Method::POST, url, token)?;
            // Without it, an invalid token results in a redirect to a sign-in page instead of an error.
            let header = HeaderName::from_static("x-tfs-fedauthredirect");
            request
                .headers
                .insert(header, HeaderValue::from_static("Suppress"));
            request.body = Some(Vec::new());
            fetch(transport, request, "Azure DevOps", "oidcToken").await
        }
    }
}

async fn from_file(path: &Path) -> Result<Secret, TokenError> {
    let text = tokio::fs::read_to_string(path).await.map_err(|error| {
        TokenError::Issuer(format!(
            "the token file cannot be read: {}",
            crate::path_problem(path, &error)
        ))
    })?;
    match text.trim() {
        "" => Err(TokenError::Issuer(format!(
            "the token file {} is empty",
            path.display()
        ))),
        token => Ok(Secret::from(token)),
    }
}

fn asking(method: reqwest::Method, url: Url, token: &Secret) -> Result<Request, TokenError> {
    if url.scheme() != "https" && !crate::endpoints::is_loopback(&url) {
        return Err(TokenError::Issuer(
            "the URL for tokens must use https".to_owned(),
        ));
    }
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {}", token.reveal())).map_err(|_| {
            TokenError::Issuer(
                "the token for the token request contains characters that are not allowed in a header".to_owned(),
            )
        })?;
    bearer.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, bearer);
    headers.insert("accept", HeaderValue::from_static("application/json"));
    Ok(Request {
        method,
        url,
        headers,
        body: None,
    })
}

async fn fetch(
    transport: &IdentityTransport,
    request: Request,
    issuer: &str,
    field: &str,
) -> Result<Secret, TokenError> {
    let reply = match transport.exchange(request).await {
        Ok(reply) => reply,
        Err(TokenError::Refused { status, .. })
            if (400..500).contains(&status) && status != 429 =>
        {
            return Err(TokenError::Issuer(format!(
                "{issuer} returned {status} for the request for a token: check the URL, the token and, in a workflow, \
                the permission `id-token: write`"
            )));
        }
        Err(cause) => return Err(cause),
    };
    let body: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
    match body[field].as_str() {
        Some(token) if !token.is_empty() => Ok(Secret::from(token)),
        _ => Err(TokenError::Issuer(format!(
            "the response of {issuer} has no token in \"{field}\""
        ))),
    }
}
