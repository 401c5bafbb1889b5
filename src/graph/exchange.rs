//! Sends one call: authorizes it, sends it, and decides whether to retry.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use serde_json::Value as Json;
use tokio::time::Instant;
use url::Url;

use super::answer::{Answer, Failure, read};
use super::call::{Call, Progress};
use super::client::Client;
use super::path::{self, without_values};
use super::retry::{self, Attempt, Next};
use super::transport::{Fault, Reply, Request, header};
use super::{Error, Resend};

/// How long a write in flight may still wait for its response after the caller cancels.
const GRACE: Duration = Duration::from_secs(2);

impl Client {
    /// Sends a call to Graph, with retries if they are allowed.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        resend: Resend,
    ) -> Result<Answer, Error> {
        let url = self.locate(path)?;
        if method != Method::GET {
            // A POST that may be repeated freely is a query, or an action on a job.
            let asks = method == Method::POST && resend == Resend::Safe;
            self.shared.cache.note_write(path, asks);
        }
        let bytes = body.map(|body| body.to_string().into_bytes());
        let call = Call {
            method: &method,
            path,
            url: &url,
            body: bytes.as_deref(),
            resend,
            writes: usize::from(method != Method::GET && !path.ends_with(path::BATCH)),
            parts: &[],
        };
        let answer = self.run(call).await?;
        if call.writes > 0 {
            self.note(&method, path, &answer.json);
        }
        Ok(answer)
    }

    /// Like [`Client::call`], but for a complete URL. All errors of all calls pass through here and are redacted.
    pub(super) async fn run(&self, call: Call<'_>) -> Result<Answer, Error> {
        // Boxed, because it is part of every operation, whose futures would otherwise contain the largest of all its awaits.
        let answer = Box::pin(self.run_unredacted(call)).await;
        answer.map_err(|error| self.redacted(error))
    }

    /// Removes secrets from the texts of servers and other programs in an error.
    pub(super) fn redacted(&self, error: Error) -> Error {
        error.map_texts(&|text| self.shared.options.redactor.excerpt(text))
    }

    async fn run_unredacted(&self, call: Call<'_>) -> Result<Answer, Error> {
        let mut progress = Progress {
            started: Instant::now(),
            attempts: 0,
            lost: false,
            renewed: false,
        };
        loop {
            let ready = async {
                self.be_admitted(call).await?;
                self.bounded(self.shared.tokens.get(&self.operation))
                    .await?
            };
            let token = ready.await.map_err(|error| progress.over(call, error))?;
            progress.attempts += 1;
            let reply = match self
                .attempt(call, token.bearer(), progress.attempts)
                .await?
            {
                Ok(reply) => reply,
                Err(fault) => {
                    self.after(call, &mut progress, Failure::Fault(fault))
                        .await?;
                    continue;
                }
            };
            if reply.status == 401 && token.was_accepted() && !progress.renewed {
                // The token was valid until now: it was revoked, or has expired and the clocks differ.
                progress.renewed = true;
                self.shared.tokens.forget(&token);
                continue;
            }
            if reply.status != 401 {
                token.accept();
            }
            let failure = if reply.status.is_success() {
                match read(&reply, call.method) {
                    Ok(json) => {
                        let status = reply.status.as_u16();
                        return Ok(Answer {
                            status,
                            json,
                            token,
                        });
                    }
                    Err(failure) => failure,
                }
            } else {
                Failure::Refused(Box::new(reply))
            };
            self.after(call, &mut progress, failure).await?;
        }
    }

    /// Waits until the tenant's quotas have room for the call.
    async fn be_admitted(&self, call: Call<'_>) -> Result<(), Error> {
        let limiter = &self.shared.limiter;
        let itself = [call.path];
        let paths = if call.parts.is_empty() {
            &itself
        } else {
            call.parts
        };
        loop {
            let closed = limiter.closed(paths);
            if !closed.is_zero() {
                self.hold_back(call, closed).await?;
                continue;
            }
            let _turn = match call.writes {
                0 => None,
                _ => Some(
                    self.bounded(limiter.turn())
                        .await
                        .map_err(Error::while_held_back)?,
                ),
            };
            loop {
                let wait = limiter.admit(paths, call.writes);
                if wait.is_zero() {
                    return Ok(());
                }
                // A caller that waits for a throttled service does so without blocking the queue.
                if !limiter.closed(paths).is_zero() {
                    break;
                }
                self.hold_back(call, wait).await?;
            }
        }
    }

    async fn hold_back(&self, call: Call<'_>, wait: Duration) -> Result<(), Error> {
        tracing::debug!(target: "graph", path = without_values(call.path), wait_ms = wait.as_millis(), "held back");
        self.wait(wait).await.map_err(Error::while_held_back)
    }

    /// Waits for the next attempt, or returns the error if there is none.
    async fn after(
        &self,
        call: Call<'_>,
        progress: &mut Progress,
        failure: Failure,
    ) -> Result<(), Error> {
        let attempt = failure.attempt(call.resend);
        let max_retries = self.shared.options.max_retries;
        let next = retry::next(
            attempt,
            call.resend,
            progress.attempts,
            max_retries,
            failure.asked(),
            self.left(),
        );
        let wait = match next {
            Next::After(wait) => wait,
            Next::GiveUp => return Err(self.give_up(call, progress, failure)),
            Next::Lost => return Err(self.lose(call, &failure)),
        };
        if let Failure::Fault(fault) = &failure
            && self
                .shared
                .hosts
                .is_hopeless(call.url, fault, progress.started.elapsed(), wait)
        {
            return Err(self.give_up(call, progress, failure));
        }
        progress.lost |= attempt == Attempt::Unknown;
        let waited = self.wait(wait).await;
        waited.map_err(|error| progress.over(call, error))
    }

    /// Sends one exchange. The outer error means that the operation is over: canceled, or past its deadline.
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
            let sent = tokio::time::timeout(limit, self.shared.transport.send(request)).await;
            sent.unwrap_or_else(|_| {
                Err(Fault::Lost(format!(
                    "no answer within {} s",
                    limit.as_secs()
                )))
            })
        };
        tokio::pin!(exchange);
        let unanswered = || call.unanswered();
        let outcome = tokio::select! {
            biased;
            outcome = &mut exchange => outcome,
            () = self.operation.cancelled() => {
                let grace = if call.writes > 0 { GRACE } else { Duration::ZERO };
                tokio::time::timeout(grace, &mut exchange)
                    .await
                    .map_err(|_| Error::Cancelled { unanswered: unanswered() })?
            }
            () = self.operation.time_is_over() => return Err(Error::DeadlineExceeded { unanswered: unanswered(), held_back: false }),
        };
        self.log(call, attempt, started, &outcome);
        if let Ok(reply) = &outcome {
            self.shared.hosts.note(call.url);
            if let Some(recorder) = &self.recorder {
                recorder.keep(call, reply);
            }
            let asked = retry::retry_after(&reply.headers, SystemTime::now());
            let status = reply.status.as_u16();
            self.shared
                .limiter
                .learn(call.path, status, &reply.headers, asked);
        }
        Ok(outcome)
    }

    fn request(&self, call: Call<'_>, bearer: HeaderValue) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Ok(agent) = HeaderValue::from_str(&self.shared.options.user_agent) {
            headers.insert(USER_AGENT, agent);
        }
        if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
            headers.insert("client-request-id", id);
        }
        if is_advanced(call.url) {
            headers.insert("consistencylevel", HeaderValue::from_static("eventual"));
        }
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let empty = || (*call.method == Method::POST).then(Vec::new);
        Request {
            method: call.method.clone(),
            url: call.url.clone(),
            headers,
            // Some front ends require a Content-Length header for a POST without a body.
            body: call.body.map(<[u8]>::to_vec).or_else(empty),
        }
    }

    fn log(&self, call: Call<'_>, attempt: u32, started: Instant, outcome: &Result<Reply, Fault>) {
        let reply = outcome.as_ref().ok();
        tracing::debug!(
            target: "graph",
            method = %call.method,
            path = without_values(call.path),
            status = reply.map(|reply| reply.status.as_u16()),
            request_id = reply.and_then(|reply| header(&reply.headers, "request-id")),
            fault = outcome.as_ref().err().map(ToString::to_string),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempt,
            tenant_id = self.tenant_id(),
            "exchange"
        );
    }
}

/// Whether a query is an advanced query: it has `$count`, which it has for no other reason. Links to its further pages match as
/// well.
fn is_advanced(url: &Url) -> bool {
    url.query_pairs()
        .any(|(name, value)| name == "$count" && value == "true")
}

#[cfg(test)]
mod tests;
