//! Token cache: one token for all requests. It is acquired when first needed, renewed before it expires, and only by one request
//! at a time, however many are waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use azure_core::credentials::AccessToken;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::credential::AuthMethod;
use super::failure;
use super::identity_transport::{IdentityTransport, TokenError};
use crate::error::{Service, SignInFailure, Unreachable};
use crate::hosts::{Hosts, authority};
use crate::operation::Operation;
use crate::redactor::Redactor;
use crate::retry::{self, Attempt, Next};
use crate::transport::{Fault, Transport};
use crate::{Error, Options, Resend, Secret};

/// A token is renewed this long before it expires, or after three quarters of its lifetime if that is later.
const RENEWAL_MARGIN: Duration = Duration::from_secs(300);

/// How long rejected credentials are not tried again, because the result would be the same.
const REFUSAL_LIFETIME: Duration = Duration::from_secs(60);

/// The shortest time that a token is used, even if its lifetime is shorter: Graph rejects it if it has expired.
const SHORTEST: Duration = Duration::from_secs(10);

/// On a machine without a metadata service the request has no response, so a few retries suffice.
const MAX_MANAGED_IDENTITY_RETRIES: u32 = 2;

/// A token in use.
#[derive(Debug)]
pub(crate) struct Token {
    bearer: HeaderValue,
    renew: Instant,
    expires: Instant,
    accepted: AtomicBool,
}

impl Token {
    /// The value of the `Authorization` header; it prints as "Sensitive".
    pub(crate) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// Records that Graph accepted the token.
    pub(crate) fn accept(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// Whether Graph has accepted the token.
    pub(crate) fn was_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }
}

/// The token cache of a client.
pub(crate) struct Tokens {
    pub(super) auth_method: AuthMethod,
    scope: String,
    pub(super) tenant_id: String,
    with: &'static str,
    pub(super) client_id: String,
    pub(super) transport: IdentityTransport,
    pub(super) redactor: Redactor,
    max_retries: u32,
    state: Mutex<CacheState>,
    /// The number of failed token requests; callers that waited during a failure share it.
    failures: AtomicU64,
    /// The token that was rejected after it had been accepted.
    forgotten: std::sync::Mutex<Option<Arc<Token>>>,
}

/// The state that only one request at a time may change.
#[derive(Default)]
struct CacheState {
    token: Option<Arc<Token>>,
    failure: Option<(Error, Instant)>,
}

impl Tokens {
    pub(crate) fn new(
        options: &Options,
        transport: Arc<dyn Transport>,
        hosts: Arc<Hosts>,
    ) -> Result<Self, Error> {
        let auth_method = AuthMethod::new(options)?;
        Ok(Self {
            auth_method,
            scope: options.endpoints.scope(),
            tenant_id: options.tenant_id.clone(),
            with: options.sign_in.name(),
            client_id: options.client_id.clone(),
            transport: IdentityTransport {
                transport,
                login: options.endpoints.login.clone(),
                tenant_id: options.tenant_id.clone(),
                user_agent: options.user_agent.clone(),
                timeout: options.request_timeout,
                hosts,
            },
            redactor: options.redactor.clone(),
            max_retries: options.max_retries,
            state: Mutex::default(),
            failures: AtomicU64::new(0),
            forgotten: std::sync::Mutex::default(),
        })
    }

    /// Returns the token, acquiring it if necessary.
    pub(crate) async fn get(&self, operation: &Operation) -> Result<Arc<Token>, Error> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let now = Instant::now();
        if self.is_forgotten(state.token.as_ref()) {
            state.token = None;
        }
        if let Some(token) = &state.token
            && now < token.renew
        {
            return Ok(Arc::clone(token));
        }
        if let Some((error, until)) = &state.failure
            && (now < *until || failures != self.failures.load(Ordering::Acquire))
        {
            return Err(error.clone());
        }
        match (self.sign_in(operation).await, &state.token) {
            (Ok(token), _) => {
                let token = Arc::new(token);
                state.token = Some(Arc::clone(&token));
                state.failure = None;
                Ok(token)
            }
            // The renewal failed, but the present token is still valid.
            (Err(Error::SignIn(_) | Error::Unreachable(_)), Some(token)) if now < token.expires => {
                Ok(Arc::clone(token))
            }
            (Err(error), _) => {
                if matches!(error, Error::SignIn(_) | Error::Unreachable(_)) {
                    let definite = matches!(&error, Error::SignIn(failure) if failure.definite);
                    let pause = if definite {
                        REFUSAL_LIFETIME
                    } else {
                        Duration::ZERO
                    };
                    state.failure = Some((error.clone(), Instant::now() + pause));
                    self.failures.fetch_add(1, Ordering::AcqRel);
                }
                Err(error)
            }
        }
    }

    /// Discards a token that Graph rejects after having accepted it.
    pub(crate) fn forget(&self, token: &Arc<Token>) {
        let mut forgotten = self
            .forgotten
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *forgotten = Some(Arc::clone(token));
    }

    fn is_forgotten(&self, token: Option<&Arc<Token>>) -> bool {
        let forgotten = self
            .forgotten
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        matches!((&*forgotten, token), (Some(forgotten), Some(token)) if Arc::ptr_eq(forgotten, token))
    }

    /// Requests a token, with retries.
    async fn sign_in(&self, operation: &Operation) -> Result<Token, Error> {
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let asked = match self.credential() {
                Ok(credential) => {
                    operation
                        .bounded(credential.get_token(&[&self.scope], None))
                        .await?
                }
                Err(error) => Err(error),
            };
            let error = match asked {
                Ok(token) => return self.token(&token),
                Err(error) => error,
            };
            let cause = TokenError::within(&error);
            let (attempt, wait) = match cause {
                Some(TokenError::Fault { fault, .. }) if !matches!(fault, Fault::Untrusted(_)) => {
                    (Attempt::NotDone, None)
                }
                Some(TokenError::Refused { status, asked, .. }) => (self.judge(*status), *asked),
                Some(TokenError::Fault { .. } | TokenError::Issuer(_)) | None => {
                    (Attempt::Final, None)
                }
            };
            let max = match self.auth_method {
                AuthMethod::ManagedIdentity(_) => {
                    self.max_retries.min(MAX_MANAGED_IDENTITY_RETRIES)
                }
                _ => self.max_retries,
            };
            match retry::next(attempt, Resend::Safe, attempts, max, wait, operation.left()) {
                Next::After(wait) if !self.is_hopeless(cause, started, wait) => {
                    operation.wait(wait).await?;
                }
                _ => return Err(self.failed(&error, cause, attempts, started)),
            }
        }
    }

    /// Whether the host has never responded, and was tried long enough.
    fn is_hopeless(&self, cause: Option<&TokenError>, started: Instant, wait: Duration) -> bool {
        let hosts = &self.transport.hosts;
        matches!(cause, Some(TokenError::Fault { fault, url }) if hosts.is_hopeless(url, fault, started.elapsed(), wait))
    }

    /// Token requests are idempotent, so every response that is not about our request is worth a retry.
    fn judge(&self, status: u16) -> Attempt {
        // The metadata service returns 404 and 410 while it starts or is updated.
        let starting = matches!(self.auth_method, AuthMethod::ManagedIdentity(_))
            && matches!(status, 404 | 410);
        match status {
            429 | 500..=599 => Attempt::NotDone,
            _ if starting => Attempt::NotDone,
            _ => Attempt::Final,
        }
    }

    fn token(&self, token: &AccessToken) -> Result<Token, Error> {
        let secret = Secret::from(token.token.secret());
        self.redactor.learn(&secret);
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", secret.reveal())).map_err(|_| {
                self.failure(
                    "the token contains characters that are not allowed in a header",
                    false,
                )
            })?;
        bearer.set_sensitive(true);
        let left = token.expires_on.unix_timestamp() - Timestamp::now().as_second();
        let life = Duration::from_secs(u64::try_from(left).unwrap_or(0)).max(SHORTEST);
        let now = Instant::now();
        Ok(Token {
            bearer,
            renew: now + life.saturating_sub(RENEWAL_MARGIN.min(life / 4)),
            expires: now + life,
            accepted: AtomicBool::new(false),
        })
    }

    fn failed(
        &self,
        error: &azure_core::Error,
        cause: Option<&TokenError>,
        attempts: u32,
        started: Instant,
    ) -> Error {
        let failure = match cause {
            Some(TokenError::Fault { fault, url }) => {
                return self.unreachable(fault, url, attempts, started);
            }
            Some(TokenError::Issuer(what)) => return self.failure(what, true),
            Some(TokenError::Refused {
                status, body, host, ..
            }) => {
                let mut failure = failure::refused(&self.tenant_id, self.with, *status, body);
                if matches!(self.auth_method, AuthMethod::ManagedIdentity(_)) {
                    failure.meaning = Some(
                        "the metadata service of the machine returned no token: check that an identity is assigned to \
                        the machine",
                    );
                }
                failure.message = format!("{} ({host})", failure.message);
                failure
            }
            None => return self.failure(plain(&error.to_string()), true),
        };
        Error::SignIn(Box::new(failure))
    }

    fn unreachable(&self, fault: &Fault, url: &Url, attempts: u32, started: Instant) -> Error {
        let is_login = authority(url) == authority(&self.transport.login);
        let service = match self.auth_method {
            AuthMethod::ManagedIdentity(_) => Service::Metadata,
            _ if is_login => Service::Login,
            _ => Service::Issuer,
        };
        Error::Unreachable(Box::new(Unreachable {
            service,
            method: "POST".to_owned(),
            path: url.path().to_owned(),
            host: match service {
                Service::Metadata => format!("the metadata service {}", authority(url)),
                _ => authority(url),
            },
            attempts,
            elapsed: started.elapsed(),
            fault: fault.to_string(),
            untrusted: matches!(fault, Fault::Untrusted(_)),
            maybe_done: false,
        }))
    }

    fn failure(&self, message: &str, definite: bool) -> Error {
        Error::SignIn(Box::new(SignInFailure {
            tenant_id: self.tenant_id.clone(),
            with: self.with,
            code: None,
            meaning: None,
            status: None,
            message: message.to_owned(),
            definite,
            repeated: false,
        }))
    }
}

/// Removes from a message of the identity library the name of its type and its link to advice for programmers.
fn plain(message: &str) -> &str {
    let message = message
        .split("\nTo troubleshoot, visit")
        .next()
        .unwrap_or_default();
    let rest = message
        .split_once(" authentication failed.")
        .map(|(_, rest)| rest);
    rest.unwrap_or(message).trim()
}

#[cfg(test)]
mod tests;
