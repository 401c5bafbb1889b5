//! Up to twenty reads in one exchange. Each is answered, refused and throttled on its own.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::json;

use super::client::Client;
use super::error::Throttled;
use super::path::{beta, version};
use super::retry::{self, Attempt, Next};
use super::{Error, Json, Resend};

/// Where batches are sent to.
pub(super) const PATH: &str = "/$batch";

/// Graph takes no more in one batch.
const MAX_ITEMS: usize = 20;

type Item = Result<Option<Json>, Error>;

impl Client {
    /// Reads many objects, twenty per exchange. The answers are in the order of `paths`; one that is refused does
    /// not disturb the others. The outer error is for a batch that failed as a whole.
    pub async fn batch_get(&self, paths: &[String]) -> Result<Vec<Item>, Error> {
        let mut answers: Vec<Option<Item>> = paths.iter().map(|_| None).collect();
        for root in ["v1.0", "beta"] {
            let same = |index: &usize| version(&paths[*index]).0 == root;
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
        let mut attempts = 0;
        let started = tokio::time::Instant::now();
        while !open.is_empty() {
            attempts += 1;
            let replies = self.exchange(root, paths, &open).await?;
            let mut again = Vec::new();
            let mut wait = Duration::ZERO;
            for index in open {
                let Some(reply) = replies
                    .iter()
                    .find(|reply| reply["id"] == json!(index.to_string()))
                else {
                    continue;
                };
                let status = reply["status"]
                    .as_u64()
                    .and_then(|status| u16::try_from(status).ok());
                let status = status.unwrap_or_default();
                let asked = asked(&reply["headers"]);
                let attempt = retry::judge(status, Resend::Safe);
                let max_retries = self.shared.options.max_retries;
                let next = match attempt {
                    Attempt::Final => Next::GiveUp,
                    _ => retry::next(
                        attempt,
                        Resend::Safe,
                        attempts,
                        max_retries,
                        asked,
                        self.left(),
                    ),
                };
                if let Next::After(own) = next {
                    wait = wait.max(own);
                    again.push(index);
                } else if status == 429 {
                    answers[index] = Some(Err(Error::Throttled(Box::new(Throttled {
                        method: "GET".to_owned(),
                        path: paths[index].clone(),
                        tenant_id: self.tenant_id().to_owned(),
                        attempts,
                        elapsed: started.elapsed(),
                        retry_after: asked,
                        request_id: None,
                    }))));
                } else {
                    answers[index] = Some(self.item(&paths[index], status, reply, asked));
                }
            }
            open = again;
            if !open.is_empty() {
                self.wait(wait).await?;
            }
        }
        Ok(())
    }

    async fn exchange(
        &self,
        root: &str,
        paths: &[String],
        open: &[usize],
    ) -> Result<Vec<Json>, Error> {
        let item = |index: &usize| json!({"id": index.to_string(), "method": "GET", "url": version(&paths[*index]).1});
        let body = json!({"requests": open.iter().map(item).collect::<Vec<_>>()});
        let path = if root == "beta" {
            beta(PATH)
        } else {
            PATH.to_owned()
        };
        let mut answer = self
            .call(Method::POST, &path, Some(&body), Resend::Safe)
            .await?
            .json;
        match answer.get_mut("responses").map(Json::take) {
            Some(Json::Array(replies)) => Ok(replies),
            _ => Err(Error::Unexpected {
                method: "POST".to_owned(),
                path,
                what: "a batch without an array named responses".to_owned(),
            }),
        }
    }

    fn item(&self, path: &str, status: u16, reply: &Json, asked: Option<Duration>) -> Item {
        match status {
            204 => Ok(None),
            200..=299 if reply["body"].is_object() => Ok(Some(reply["body"].clone())),
            200..=299 => Err(odd(path, "its body is no JSON object")),
            _ => {
                let mut refusal = self.refusal("GET", path, status, &reply["body"]);
                refusal.retry_after = asked;
                let error = Error::Refused(Box::new(refusal));
                if error.is_not_found() {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
        }
    }
}

fn odd(path: &str, what: &str) -> Error {
    Error::Unexpected {
        method: "GET".to_owned(),
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

/// An item's own `Retry-After`; the names of its headers come in any case.
fn asked(headers: &Json) -> Option<Duration> {
    let mut headers = headers.as_object()?.iter();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    retry::wait_asked(&text, SystemTime::now())
}
