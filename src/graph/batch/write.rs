//! Sends many writes, twenty per exchange, several exchanges at a time.
//!
//! Each write has its own result. Throttled writes are collected and sent again after the longest wait that Graph asked for. A
//! write that may have been carried out is repeated only if that does no harm.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::{MAX_ITEMS, header, is_stale, odd};
use crate::call::Call;
use crate::client::Client;
use crate::error::{AnswerLost, Throttled};
use crate::path::{BATCH, beta, version};
use crate::retry::{self, Attempt};
use crate::sign_in::Token;
use crate::{Error, Json, Resend};

/// The number of concurrent exchanges. More would only reach the quota for writes earlier.
const IN_FLIGHT: usize = 4;

/// One of many writes.
#[derive(Clone, Debug)]
pub struct Write {
    method: Method,
    path: String,
    body: Json,
    resend: Resend,
}

impl Write {
    /// A POST. [`Resend::Safe`] if Graph rejects duplicates.
    #[must_use]
    pub fn post(path: String, body: Json, resend: Resend) -> Self {
        let method = Method::POST;
        Self {
            method,
            path,
            body,
            resend,
        }
    }

    /// A DELETE. It succeeds if the object is already gone.
    #[must_use]
    pub fn delete(path: String) -> Self {
        Self {
            method: Method::DELETE,
            path,
            body: Json::Null,
            resend: Resend::Safe,
        }
    }

    pub(super) fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn body(&self) -> Option<&Json> {
        (!self.body.is_null()).then_some(&self.body)
    }

    pub(super) fn item(&self, id: usize) -> Json {
        let url = version(&self.path).1;
        let mut item = json!({"id": id.to_string(), "method": self.method.as_str(), "url": url});
        if !self.body.is_null() {
            item["headers"] = json!({"Content-Type": "application/json"});
            item["body"] = self.body.clone();
        }
        item
    }

    pub(super) fn error(&self, error: Lost) -> Error {
        Error::AnswerLost(Box::new(AnswerLost {
            method: self.method.to_string(),
            path: self.path.clone(),
            fault: error.fault,
            look: None,
        }))
    }
}

/// The outcome of a write in one exchange.
pub(super) enum Outcome<T> {
    Done(Result<T, Error>),
    /// The write may be sent again; `error` is returned if it is not.
    Again {
        asked: Option<Duration>,
        error: Error,
        open: Open,
    },
}

/// The reason why the outcome of a write is unknown.
pub(super) struct Lost {
    pub(super) fault: String,
}

/// The time before which nothing is sent, because Graph asked for it.
#[derive(Default)]
struct Gate(Mutex<Option<Instant>>);

impl Gate {
    fn close(&self, wait: Duration) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = (*until).max(Instant::now().checked_add(wait));
    }

    fn wait(&self) -> Option<Duration> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.map(|until| until.saturating_duration_since(Instant::now()))
    }
}

/// A write that has no result yet.
#[derive(Clone, Copy)]
pub(super) struct Open {
    index: usize,
    /// An earlier exchange may have carried it out.
    lost: bool,
    /// The token that was rejected has been replaced.
    renewed: bool,
}

impl Open {
    /// A write that has not been sent yet.
    pub(super) fn first(index: usize) -> Self {
        Self {
            index,
            lost: false,
            renewed: false,
        }
    }
}

impl Client {
    /// Sends many writes. The results are in the order of `writes`, with the return value of `keep` for each body (null if there
    /// is none). An error of one write does not affect the others, and an exchange that fails as a whole fails only its own
    /// writes. Anything that `keep` drops takes no memory.
    ///
    /// An attempt counts against a write only while no other write succeeds: thousands of writes reach the quota again and again,
    /// and each time some succeed.
    pub async fn batch_write<T: Send>(
        &self,
        writes: &[Write],
        keep: impl Fn(Json) -> T + Sync,
    ) -> Vec<Result<T, Error>> {
        let mut results = self.batch_write_once(writes, &keep).await;
        self.settle_deletions(writes, &mut results, &keep).await;
        results
    }

    /// Like [`Client::batch_write`], but does not retry deletions of objects that may be too new to be visible.
    pub(super) async fn batch_write_once<T: Send>(
        &self,
        writes: &[Write],
        keep: &(impl Fn(Json) -> T + Sync),
    ) -> Vec<Result<T, Error>> {
        // Paths inside a batch are validated only here.
        let refused = |write: &Write| self.locate(&write.path).err().map(Err);
        let mut results: Vec<Option<Result<T, Error>>> = writes.iter().map(refused).collect();
        let every = (0..writes.len()).filter(|index| results[*index].is_none());
        let mut open: Vec<Open> = every.map(Open::first).collect();
        let (started, gate, mut attempts) = (Instant::now(), Gate::default(), 0);
        while !open.is_empty() {
            let outcomes = self.round(writes, &open, &gate, keep).await;
            let progress = outcomes
                .iter()
                .any(|(_, outcome)| matches!(outcome, Outcome::Done(_)));
            attempts = if progress { 1 } else { attempts + 1 };
            open.clear();
            let mut longest = Duration::ZERO;
            for (index, outcome) in outcomes {
                match outcome {
                    Outcome::Done(result) => results[index] = Some(result),
                    Outcome::Again {
                        asked,
                        error,
                        open: one,
                    } => {
                        let wait = asked.unwrap_or_else(|| retry::backoff(attempts));
                        let too_late = self.left().is_some_and(|left| wait >= left);
                        if attempts > self.shared.options.max_retries || too_late {
                            results[index] = Some(Err(tried(error, attempts, started)));
                        } else {
                            longest = longest.max(wait);
                            open.push(one);
                        }
                    }
                }
            }
            open.sort_unstable_by_key(|one| one.index);
            gate.close(longest);
        }
        let unanswered = |(index, result): (usize, Option<_>)| {
            let result = result
                .unwrap_or_else(|| Err(odd(&writes[index].path, "the batch does not answer it")));
            result.map_err(|error| self.redacted(error))
        };
        results.into_iter().enumerate().map(unanswered).collect()
    }

    /// Sends all open writes once.
    async fn round<T: Send>(
        &self,
        writes: &[Write],
        open: &[Open],
        gate: &Gate,
        keep: &(impl Fn(Json) -> T + Sync),
    ) -> Vec<(usize, Outcome<T>)> {
        let mut chunks = Vec::new();
        for root in ["v1.0", "beta"] {
            let of_root = |one: &&Open| version(&writes[one.index].path).0 == root;
            let of_root: Vec<Open> = open.iter().filter(of_root).copied().collect();
            chunks.extend(of_root.chunks(MAX_ITEMS).map(<[Open]>::to_vec));
        }
        let send = |chunk: Vec<Open>| self.send(writes, chunk, gate, keep);
        let answered = stream::iter(chunks.into_iter().map(send)).buffered(IN_FLIGHT);
        answered.concat().await
    }

    /// Sends one exchange and returns the outcome of each of its writes.
    async fn send<T>(
        &self,
        writes: &[Write],
        chunk: Vec<Open>,
        gate: &Gate,
        keep: &(impl Fn(Json) -> T + Sync),
    ) -> Vec<(usize, Outcome<T>)> {
        let (replies, token) = match self.exchange_writes(writes, &chunk, gate).await {
            Ok(answer) => answer,
            Err(error) => {
                let fate = |one: &Open| (one.index, failed(&writes[one.index], *one, &error));
                return chunk.iter().map(fate).collect();
            }
        };
        let mut outcomes = Vec::with_capacity(chunk.len());
        for mut reply in replies {
            let id = reply["id"].as_str().and_then(|id| id.parse::<usize>().ok());
            let Some(one) = chunk.iter().find(|one| Some(one.index) == id) else {
                continue;
            };
            if is_stale(&reply) {
                self.shared.tokens.forget(&token);
            }
            let outcome = self.judge(&writes[one.index], *one, &mut reply, keep);
            if let Outcome::Again {
                asked: Some(asked), ..
            } = &outcome
            {
                gate.close(*asked);
            }
            outcomes.push((one.index, outcome));
        }
        outcomes
    }

    async fn exchange_writes(
        &self,
        writes: &[Write],
        chunk: &[Open],
        gate: &Gate,
    ) -> Result<(Vec<Json>, Arc<Token>), Error> {
        if let Some(wait) = gate.wait().filter(|wait| !wait.is_zero()) {
            self.wait(wait).await.map_err(Error::while_held_back)?;
        }
        if self.left().is_some_and(|left| left.is_zero()) {
            return Err(Error::DeadlineExceeded {
                unanswered: None,
                held_back: false,
            });
        }
        for one in chunk {
            self.shared.cache.note_write(&writes[one.index].path, false);
        }
        let items: Vec<Json> = chunk
            .iter()
            .map(|one| writes[one.index].item(one.index))
            .collect();
        let parts: Vec<&str> = chunk
            .iter()
            .map(|one| writes[one.index].path.as_str())
            .collect();
        self.exchange_items(&items, &parts, chunk.len()).await
    }

    /// Sends `items` with the paths `parts`, of which `writes` are writes. All have the same API version.
    pub(super) async fn exchange_items(
        &self,
        items: &[Json],
        parts: &[&str],
        writes: usize,
    ) -> Result<(Vec<Json>, Arc<Token>), Error> {
        let is_beta = parts.first().is_some_and(|path| version(path).0 == "beta");
        let path = if is_beta {
            beta(BATCH)
        } else {
            BATCH.to_owned()
        };
        let url = self.locate(&path)?;
        let body = json!({ "requests": items }).to_string().into_bytes();
        let call = Call {
            method: &Method::POST,
            path: &path,
            url: &url,
            body: Some(&body),
            // After a lost response, each write is judged on its own.
            resend: Resend::Never,
            writes,
            parts,
        };
        let mut answer = self.run(call).await?;
        match answer.json.get_mut("responses").map(Json::take) {
            Some(Json::Array(replies)) => Ok((replies, answer.token)),
            _ => Err(Error::AnswerLost(Box::new(AnswerLost {
                method: "POST".to_owned(),
                path,
                fault: "a batch without an array named responses".to_owned(),
                look: None,
            }))),
        }
    }

    pub(super) fn judge<T>(
        &self,
        write: &Write,
        one: Open,
        reply: &mut Json,
        keep: &impl Fn(Json) -> T,
    ) -> Outcome<T> {
        let status = reply["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let status = status.unwrap_or_default();
        self.learn(&write.path, status, &reply["headers"]);
        if (200..300).contains(&status) {
            self.note(&write.method, &write.path, &reply["body"]);
            return Outcome::Done(Ok(keep(reply["body"].take())));
        }
        let headers = &reply["headers"];
        let asked = header(headers, "retry-after")
            .and_then(|text| retry::wait_asked(&text, SystemTime::now()));
        let request_id = header(headers, "request-id");
        let method = write.method.as_str();
        let mut refusal = self.refusal(method, &write.path, status, &reply["body"]);
        refusal.retry_after = asked;
        refusal.request_id = refusal.request_id.or(request_id);
        refusal.after_lost_answer = one.lost;
        let request_id = refusal.request_id.clone();
        let error = Error::Refused(Box::new(refusal));
        if is_stale(reply) && !one.renewed {
            return Outcome::Again {
                asked: Some(Duration::ZERO),
                error,
                open: Open {
                    renewed: true,
                    ..one
                },
            };
        }
        match (retry::judge(status, write.resend), write.resend) {
            (Attempt::Unknown, Resend::Never) => Outcome::Done(Err(write.error(Lost {
                fault: error.to_string(),
            }))),
            (Attempt::Unknown, Resend::Safe) => Outcome::Again {
                asked,
                error,
                open: Open { lost: true, ..one },
            },
            (Attempt::NotDone, _) => Outcome::Again {
                asked,
                error: Error::Throttled(Box::new(Throttled {
                    method: write.method.to_string(),
                    path: write.path.clone(),
                    tenant_id: self.tenant_id().to_owned(),
                    attempts: 0,
                    elapsed: Duration::ZERO,
                    retry_after: asked,
                    request_id,
                })),
                open: one,
            },
            (Attempt::Final, _) if write.is_gone(&error) && (one.lost || self.is_seen(write)) => {
                self.note(&write.method, &write.path, &Json::Null);
                Outcome::Done(Ok(keep(Json::Null)))
            }
            (Attempt::Final, _) => Outcome::Done(Err(error)),
        }
    }
}

/// Returns the outcome of a write whose exchange failed as a whole.
fn failed<T>(write: &Write, one: Open, error: &Error) -> Outcome<T> {
    let Error::AnswerLost(lost) = error else {
        return Outcome::Done(Err(error.clone()));
    };
    let fault = lost.fault.clone();
    let error = write.error(Lost { fault });
    match write.resend {
        Resend::Never => Outcome::Done(Err(error)),
        Resend::Safe => Outcome::Again {
            asked: None,
            error,
            open: Open { lost: true, ..one },
        },
    }
}

/// Adds the number of attempts and the elapsed time to the error of a write.
fn tried(mut error: Error, attempts: u32, started: Instant) -> Error {
    if let Error::Throttled(throttled) = &mut error {
        throttled.attempts = attempts;
        throttled.elapsed = started.elapsed();
    }
    error
}

#[cfg(test)]
mod tests;
