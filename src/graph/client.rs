//! One call: sign it, send it, decide whether to send it again, make sense of the answer.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use serde_json::Value as Json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::error::{AnswerLost, Envelope, Refusal, Throttled, Unreachable};
use super::path::{locate, without_values};
use super::retry::{self, Attempt, Next};
use super::secret::Broom;
use super::sign_in::Tokens;
use super::wire::{Fault, Network, Reply, Request, Wire};
use super::{Error, Options, Resend, access};

/// How long a write that is under way when the caller cancels may still take to learn its answer.
const GRACE: Duration = Duration::from_secs(2);

/// A connection to one tenant. Clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    deadline: Option<Instant>,
    cancel: CancellationToken,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("tenant_id", &self.shared.options.tenant_id)
            .finish_non_exhaustive()
    }
}

pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) wire: Arc<dyn Wire>,
    pub(super) broom: Arc<Broom>,
    tokens: Tokens,
}

/// What is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) url: &'a Url,
    pub(super) body: Option<&'a [u8]>,
    pub(super) resend: Resend,
}

impl Call<'_> {
    fn is_write(&self) -> bool {
        *self.method != Method::GET && !self.path.ends_with(super::batch::PATH)
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What came back from a call that succeeded.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) json: Json,
}

/// One attempt that did not succeed.
enum Failure {
    /// Graph's words.
    Refused(Box<Reply>),
    /// No answer.
    Fault(Fault),
    /// An answer that says the call succeeded but cannot be read.
    Unreadable(Unreadable),
}

/// Why an answer cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Unreadable {
    what: String,
    /// It looks cut off: asking again may help.
    cut: bool,
}

/// What has happened to a call so far.
struct Progress {
    started: Instant,
    attempts: u32,
    lost: bool,
    refreshed: bool,
}

impl Client {
    /// A client for one tenant. Nothing is connected to and nobody signs in before the first call.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::over(options, Arc::new(Network::default()))
    }

    /// A client that puts its bytes on another wire than the network, for tests.
    pub fn over(options: Options, wire: Arc<dyn Wire>) -> Result<Self, Error> {
        let broom = Arc::new(Broom::default());
        let tokens = Tokens::new(&options, Arc::clone(&wire), Arc::clone(&broom))?;
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                wire,
                broom,
                tokens,
            }),
            deadline: None,
            cancel: CancellationToken::new(),
        })
    }

    /// The tenant all calls go to.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.shared.options.tenant_id
    }

    /// The same connections and token, bound to one operation: every call and every wait ends by `deadline`,
    /// and at once when `cancel` is cancelled.
    #[must_use]
    pub fn scoped(&self, deadline: Instant, cancel: CancellationToken) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            deadline: Some(deadline),
            cancel,
        }
    }

    /// Sleeps, but no longer than the operation lasts.
    pub async fn wait(&self, duration: Duration) -> Result<(), Error> {
        self.bounded(tokio::time::sleep(duration)).await
    }

    /// Runs `future` until it is done, the caller cancels, or the time is over.
    pub(super) async fn bounded<F: Future>(&self, future: F) -> Result<F::Output, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled { unanswered: None }),
            output = future => Ok(output),
            () = self.time_is_over() => Err(Error::DeadlineExceeded { unanswered: None }),
        }
    }

    async fn time_is_over(&self) {
        match self.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    /// The time until the deadline, if there is one.
    pub(super) fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Calls Graph, repeating what may be repeated.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        resend: Resend,
    ) -> Result<Answer, Error> {
        let url = locate(&self.shared.options.endpoints.graph, path)?;
        let body = body.map(|body| body.to_string().into_bytes());
        let call = Call {
            method: &method,
            path,
            url: &url,
            body: body.as_deref(),
            resend,
        };
        self.run(call).await
    }

    /// Like [`Client::call`], for an address that is already complete.
    pub(super) async fn run(&self, call: Call<'_>) -> Result<Answer, Error> {
        let mut progress = Progress {
            started: Instant::now(),
            attempts: 0,
            lost: false,
            refreshed: false,
        };
        loop {
            let token = self.bounded(self.shared.tokens.get(self)).await??;
            progress.attempts += 1;
            let failure = match self
                .attempt(call, token.bearer(), progress.attempts)
                .await?
            {
                Ok(reply) if reply.status.is_success() => {
                    token.accept();
                    match read(&reply, call) {
                        Ok(json) => {
                            return Ok(Answer {
                                status: reply.status.as_u16(),
                                json,
                            });
                        }
                        Err(unreadable) => Failure::Unreadable(unreadable),
                    }
                }
                Ok(reply) if reply.status == 401 && token.was_accepted() && !progress.refreshed => {
                    // It was good a moment ago: revoked, or expired while the clocks disagree.
                    progress.refreshed = true;
                    self.shared.tokens.forget(&token);
                    continue;
                }
                Ok(reply) => {
                    if reply.status != 401 {
                        token.accept();
                    }
                    Failure::Refused(Box::new(reply))
                }
                Err(fault) => Failure::Fault(fault),
            };
            self.after(call, &mut progress, failure).await?;
        }
    }

    /// Waits for the next attempt, or says why there is none.
    async fn after(
        &self,
        call: Call<'_>,
        progress: &mut Progress,
        failure: Failure,
    ) -> Result<(), Error> {
        let attempt = match &failure {
            Failure::Refused(reply) => retry::judge(reply.status.as_u16(), call.resend),
            Failure::Fault(Fault::NotSent(_)) => Attempt::NotDone,
            Failure::Fault(Fault::Lost(_)) => Attempt::Unknown,
            Failure::Unreadable(unreadable) if unreadable.cut => Attempt::Unknown,
            _ if call.resend == Resend::Never => Attempt::Unknown,
            _ => Attempt::Final,
        };
        let asked = match &failure {
            Failure::Refused(reply) => retry::retry_after(&reply.headers, SystemTime::now()),
            _ => None,
        };
        let max_retries = self.shared.options.max_retries;
        let next = retry::next(
            attempt,
            call.resend,
            progress.attempts,
            max_retries,
            asked,
            self.left(),
        );
        match next {
            Next::After(wait) => {
                let unknown = attempt == Attempt::Unknown;
                progress.lost |= unknown;
                let unanswered = (unknown && call.is_write()).then(|| call.to_string());
                self.wait(wait).await.map_err(|error| match error {
                    Error::Cancelled { .. } => Error::Cancelled { unanswered },
                    Error::DeadlineExceeded { .. } => Error::DeadlineExceeded { unanswered },
                    other => other,
                })
            }
            Next::GiveUp => Err(self.give_up(call, progress, failure, asked)),
            Next::Lost => Err(Error::AnswerLost(Box::new(AnswerLost {
                method: call.method.to_string(),
                path: call.path.to_owned(),
                fault: failure.text(),
                look: None,
            }))),
        }
    }

    fn give_up(
        &self,
        call: Call<'_>,
        progress: &Progress,
        failure: Failure,
        asked: Option<Duration>,
    ) -> Error {
        let (method, path) = (call.method.to_string(), call.path.to_owned());
        match failure {
            Failure::Refused(reply) if reply.status == 429 => {
                Error::Throttled(Box::new(Throttled {
                    method,
                    path,
                    tenant_id: self.tenant_id().to_owned(),
                    attempts: progress.attempts,
                    elapsed: progress.started.elapsed(),
                    retry_after: asked,
                    request_id: header(&reply.headers, "request-id"),
                }))
            }
            Failure::Refused(reply) => {
                let body = serde_json::from_slice(&reply.body).unwrap_or_default();
                let mut refusal = self.refusal(
                    call.method.as_str(),
                    call.path,
                    reply.status.as_u16(),
                    &body,
                );
                refusal.request_id = header(&reply.headers, "request-id").or(refusal.request_id);
                refusal.retry_after = asked;
                refusal.after_lost_answer = progress.lost;
                Error::Refused(Box::new(refusal))
            }
            Failure::Fault(Fault::TooLarge) => Error::Unexpected {
                method,
                path,
                what: Fault::TooLarge.to_string(),
            },
            Failure::Fault(fault) => Error::Unreachable(Box::new(Unreachable {
                method,
                path,
                host: call.url.authority().to_owned(),
                attempts: progress.attempts,
                elapsed: progress.started.elapsed(),
                fault: fault.to_string(),
            })),
            Failure::Unreadable(unreadable) => Error::Unexpected {
                method,
                path,
                what: unreadable.what,
            },
        }
    }

    /// A refusal in Graph's words, with what the call would have needed.
    pub(super) fn refusal(&self, method: &str, path: &str, status: u16, body: &Json) -> Refusal {
        let envelope = Envelope::read(body);
        let sweep = |text: &str| self.shared.broom.sweep(text);
        let mut details = envelope.details;
        for detail in &mut details {
            detail.message = sweep(&detail.message);
        }
        Refusal {
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            code: sweep(&envelope.code),
            message: sweep(&envelope.message),
            details,
            request_id: envelope.request_id,
            tenant_id: self.tenant_id().to_owned(),
            access: matches!(status, 401 | 403)
                .then(|| access::needed(method, path))
                .flatten(),
            retry_after: None,
            after_lost_answer: false,
        }
    }

    /// One exchange. The outer error means that the operation is over: cancelled, or out of time.
    async fn attempt(
        &self,
        call: Call<'_>,
        bearer: HeaderValue,
        attempt: u32,
    ) -> Result<Result<Reply, Fault>, Error> {
        let started = Instant::now();
        let request = self.request(call, bearer);
        let limit = self.shared.options.request_timeout;
        let exchange = async {
            let sent = tokio::time::timeout(limit, self.shared.wire.send(request)).await;
            sent.unwrap_or_else(|_| {
                Err(Fault::Lost(format!(
                    "no answer within {} s",
                    limit.as_secs()
                )))
            })
        };
        tokio::pin!(exchange);
        let unanswered = || call.is_write().then(|| call.to_string());
        let outcome = tokio::select! {
            biased;
            outcome = &mut exchange => outcome,
            () = self.cancel.cancelled() => {
                if !call.is_write() {
                    return Err(Error::Cancelled { unanswered: None });
                }
                match tokio::time::timeout(GRACE, &mut exchange).await {
                    Ok(outcome) => outcome,
                    Err(_) => return Err(Error::Cancelled { unanswered: unanswered() }),
                }
            }
            () = self.time_is_over() => return Err(Error::DeadlineExceeded { unanswered: unanswered() }),
        };
        self.log(call, attempt, started, &outcome);
        Ok(outcome)
    }

    fn request(&self, call: Call<'_>, bearer: HeaderValue) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert("accept", HeaderValue::from_static("application/json"));
        if let Ok(agent) = HeaderValue::from_str(&self.shared.options.user_agent) {
            headers.insert(USER_AGENT, agent);
        }
        if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
            headers.insert(HeaderName::from_static("client-request-id"), id);
        }
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Request {
            method: call.method.clone(),
            url: call.url.clone(),
            headers,
            // Some front ends insist on a length for a write without a body.
            body: call
                .body
                .map(<[u8]>::to_vec)
                .or_else(|| (call.method == Method::POST).then(Vec::new)),
        }
    }

    fn log(&self, call: Call<'_>, attempt: u32, started: Instant, outcome: &Result<Reply, Fault>) {
        let (status, request_id, fault) = match outcome {
            Ok(reply) => (
                Some(reply.status.as_u16()),
                header(&reply.headers, "request-id"),
                None,
            ),
            Err(fault) => (None, None, Some(fault.to_string())),
        };
        tracing::debug!(
            target: "graph",
            method = %call.method,
            path = without_values(call.path),
            status,
            request_id,
            fault,
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempt,
            tenant_id = self.tenant_id(),
            "exchange"
        );
    }
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Self::Refused(reply) => format!("status {}", reply.status.as_u16()),
            Self::Fault(fault) => fault.to_string(),
            Self::Unreadable(unreadable) => unreadable.what.clone(),
        }
    }
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The JSON of a successful answer; null where there is none.
fn read(reply: &Reply, call: Call<'_>) -> Result<Json, Unreadable> {
    let wants_json = call.method == Method::GET || call.method == Method::POST;
    if reply.status == 204 || (reply.body.is_empty() && call.method != Method::GET) {
        return Ok(Json::Null);
    }
    if !wants_json {
        // The status says all there is to say about a PUT, PATCH or DELETE.
        return Ok(serde_json::from_slice(&reply.body).unwrap_or_default());
    }
    if reply.body.is_empty() {
        return Err(Unreadable {
            what: "the answer is empty".to_owned(),
            cut: true,
        });
    }
    let kind = header(&reply.headers, "content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("json") {
        return Err(Unreadable {
            what: format!("its content type is {kind:?}, not JSON"),
            cut: false,
        });
    }
    serde_json::from_slice(&reply.body).map_err(|error| Unreadable {
        what: format!("it is no JSON: {error}"),
        cut: error.is_eof(),
    })
}
