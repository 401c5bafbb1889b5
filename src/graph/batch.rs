//! JSON batching: up to twenty requests in one exchange. Each has its own response, error and throttling.

mod create;
mod delete;
mod listed;
mod write;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::call::Call;
use super::client::Client;
use super::error::Throttled;
use super::path::{BATCH, beta, version};
use super::patience::Patience;
use super::retry::{self, Next};
use super::sign_in::Token;
use super::{Error, Json, Resend};

pub use write::Write;

/// The most requests that Graph accepts in a batch.
const MAX_ITEMS: usize = 20;

type Item = Result<Option<Json>, Error>;

impl Client {
    /// Reads many objects, twenty per exchange. The results are in the order of `paths`; an error of one does not affect the
    /// others. The outer error means that a batch failed as a whole.
    pub async fn batch_get(&self, paths: &[String]) -> Result<Vec<Item>, Error> {
        let answers = self.batch_get_once(paths).await?;
        self.settled(paths, answers).await
    }

    /// Reads objects again whose response may predate our own last write.
    pub(super) async fn settled(
        &self,
        paths: &[String],
        mut answers: Vec<Item>,
    ) -> Result<Vec<Item>, Error> {
        let mut patience = Patience::default();
        loop {
            let doubt = |index: usize| match answers.get(index) {
                Some(Ok(found)) => self.shared.visibility.doubt(&paths[index], found.as_ref()),
                _ => Duration::ZERO,
            };
            let open: Vec<(usize, Duration)> = (0..paths.len())
                .map(|index| (index, doubt(index)))
                .filter(|(_, doubt)| !doubt.is_zero())
                .collect();
            let Some((first, left)) = open.iter().copied().max_by_key(|(_, left)| *left) else {
                return Ok(answers);
            };
            patience.pause(&self.operation, &paths[first], left).await?;
            let again: Vec<String> = open
                .iter()
                .map(|(index, _)| paths[*index].clone())
                .collect();
            let asked = self.batch_get_once(&again).await?;
            for ((index, _), answer) in open.into_iter().zip(asked) {
                answers[index] = answer;
            }
        }
    }

    pub(super) async fn batch_get_once(&self, paths: &[String]) -> Result<Vec<Item>, Error> {
        // Paths inside a batch are validated only here.
        let refused = |path: &String| self.locate(path).err().map(Err);
        let mut answers: Vec<Option<Item>> = paths.iter().map(refused).collect();
        for root in ["v1.0", "beta"] {
            let same =
                |index: &usize| answers[*index].is_none() && version(&paths[*index]).0 == root;
            let indices: Vec<usize> = (0..paths.len()).filter(same).collect();
            for chunk in indices.chunks(MAX_ITEMS) {
                self.chunk(root, paths, chunk, &mut answers).await?;
            }
        }
        let missing = |(index, answer): (usize, Option<Item>)| {
            answer.unwrap_or_else(|| Err(odd(&paths[index], "the batch does not answer it")))
        };
        Ok(answers.into_iter().enumerate().map(missing).collect())
    }

    async fn chunk(
        &self,
        root: &str,
        paths: &[String],
        chunk: &[usize],
        answers: &mut [Option<Item>],
    ) -> Result<(), Error> {
        let mut open = chunk.to_vec();
        let (mut attempts, mut renewed) = (0, false);
        let started = Instant::now();
        while !open.is_empty() {
            attempts += 1;
            let (replies, token) = self.exchange(root, paths, &open).await?;
            let renews = !renewed && replies.iter().any(is_stale);
            if renews {
                renewed = true;
                self.shared.tokens.forget(&token);
            }
            let mut longest = None;
            open.retain(|&index| {
                let id = json!(index.to_string());
                let Some(reply) = replies.iter().find(|reply| reply["id"] == id) else {
                    return false;
                };
                if renews && is_stale(reply) {
                    return true;
                }
                match self.answer(&paths[index], reply, attempts, started) {
                    Ok(answer) => {
                        answers[index] = Some(answer.map_err(|error| self.redacted(error)));
                    }
                    Err(wait) => longest = longest.max(Some(wait)),
                }
                answers[index].is_none()
            });
            if let Some(wait) = longest {
                self.wait(wait).await?;
            }
        }
        Ok(())
    }

    /// Returns the result of an item, or the time to wait before its retry.
    fn answer(
        &self,
        path: &str,
        reply: &Json,
        attempts: u32,
        started: Instant,
    ) -> Result<Item, Duration> {
        let status = reply["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let status = status.unwrap_or_default();
        let headers = &reply["headers"];
        let asked = asked(headers);
        self.learn(path, status, headers);
        let request_id = || header(headers, "request-id");
        let attempt = retry::judge(status, Resend::Safe);
        let max_retries = self.shared.options.max_retries;
        if let Next::After(wait) = retry::next(
            attempt,
            Resend::Safe,
            attempts,
            max_retries,
            asked,
            self.left(),
        ) {
            return Err(wait);
        }
        Ok(match status {
            0 => Err(odd(path, "it has no status")),
            204 => Ok(None),
            200..=299 if reply["body"].is_object() => Ok(Some(reply["body"].clone())),
            200..=299 => Err(odd(path, "its body is not a JSON object")),
            429 => Err(Error::Throttled(Box::new(Throttled {
                method: "GET".to_owned(),
                path: path.to_owned(),
                tenant_id: self.tenant_id().to_owned(),
                attempts,
                elapsed: started.elapsed(),
                retry_after: asked,
                request_id: request_id(),
            }))),
            _ => {
                let mut refusal = self.refusal("GET", path, status, &reply["body"]);
                refusal.retry_after = asked;
                refusal.request_id = refusal.request_id.or_else(request_id);
                let error = Error::Refused(Box::new(refusal));
                if error.is_not_found() {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
        })
    }

    /// Updates the rate limiter from an item's own headers.
    fn learn(&self, path: &str, status: u16, headers: &Json) {
        let text = |name: &str| header(headers, name);
        self.shared
            .limiter
            .learn_from(path, status, text, asked(headers));
    }

    async fn exchange(
        &self,
        root: &str,
        paths: &[String],
        open: &[usize],
    ) -> Result<(Vec<Json>, Arc<Token>), Error> {
        let item = |index: &usize| json!({"id": index.to_string(), "method": "GET", "url": version(&paths[*index]).1});
        let body = json!({"requests": open.iter().map(item).collect::<Vec<_>>()});
        let path = if root == "beta" {
            beta(BATCH)
        } else {
            BATCH.to_owned()
        };
        let url = self.locate(&path)?;
        let body = body.to_string().into_bytes();
        let parts: Vec<&str> = open.iter().map(|index| paths[*index].as_str()).collect();
        let call = Call {
            method: &Method::POST,
            path: &path,
            url: &url,
            body: Some(&body),
            resend: Resend::Safe,
            writes: 0,
            parts: &parts,
        };
        let mut answer = self.run(call).await?;
        match answer.json.get_mut("responses").map(Json::take) {
            Some(Json::Array(replies)) => Ok((replies, answer.token)),
            _ => Err(Error::Unexpected {
                method: "POST".to_owned(),
                path,
                what: "a batch without an array named responses".to_owned(),
            }),
        }
    }
}

/// Whether an item was rejected because of its token although the batch was accepted with it: the token expired in between.
fn is_stale(reply: &Json) -> bool {
    reply["status"] == 401
}

fn odd(path: &str, what: &str) -> Error {
    Error::Unexpected {
        method: "GET".to_owned(),
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

/// Returns the wait that an item's headers ask for.
fn asked(headers: &Json) -> Option<Duration> {
    header(headers, "retry-after").and_then(|text| retry::wait_asked(&text, SystemTime::now()))
}

/// Returns one of an item's own headers; the case of the name is ignored.
fn header(headers: &Json, name: &str) -> Option<String> {
    let mut headers = headers.as_object()?.iter();
    let (_, value) = headers.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
    let text = value.as_str().map(str::to_owned);
    Some(text.unwrap_or_else(|| value.to_string()))
}

#[cfg(test)]
mod tests;
