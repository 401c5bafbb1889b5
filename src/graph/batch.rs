//! Up to twenty requests in one exchange. Each is answered, refused and throttled on its own.

mod create;
mod write;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::client::Client;
use super::error::Throttled;
use super::exchange::Call;
use super::path::{beta, locate, version};
use super::patience::Patience;
use super::retry::{self, Next};
use super::sign_in::Token;
use super::{Error, Json, Resend};

pub use write::Write;

/// Where batches are sent to.
pub(super) const PATH: &str = "/$batch";

/// Graph takes no more in one batch.
const MAX_ITEMS: usize = 20;

type Item = Result<Option<Json>, Error>;

impl Client {
    /// Reads many objects, twenty per exchange. The answers are in the order of `paths`; one that is refused does
    /// not disturb the others. The outer error is for a batch that failed as a whole.
    pub async fn batch_get(&self, paths: &[String]) -> Result<Vec<Item>, Error> {
        let answers = self.batch_get_once(paths).await?;
        self.settled(paths, answers).await
    }

    /// Asks again for what may be an answer from before our own last write.
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
            patience.pause(self, &paths[first], left).await?;
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
        // Inside of a batch nobody else would look at the path.
        let refused = |path: &String| {
            locate(&self.shared.options.endpoints.graph, path)
                .err()
                .map(Err)
        };
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

    /// What an item came to, or how long to wait before asking for it again.
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
            200..=299 => Err(odd(path, "its body is no JSON object")),
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

    /// Takes in what an item's own headers say about limits.
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
            beta(PATH)
        } else {
            PATH.to_owned()
        };
        let url = locate(&self.shared.options.endpoints.graph, &path)?;
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

/// Whether an item was refused for a token that the batch itself was taken with: it went stale in between.
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

/// How long an item's headers ask to wait.
fn asked(headers: &Json) -> Option<Duration> {
    header(headers, "retry-after").and_then(|text| retry::wait_asked(&text, SystemTime::now()))
}

/// One of an item's own headers; their names come in any case.
fn header(headers: &Json, name: &str) -> Option<String> {
    let mut headers = headers.as_object()?.iter();
    let (_, value) = headers.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
    let text = value.as_str().map(str::to_owned);
    Some(text.unwrap_or_else(|| value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Script, Sent, refuse, reply};

    /// Answers each item of a batch by `rule`, last one first.
    fn each(sent: &Sent, mut rule: impl FnMut(&str) -> Json) -> crate::graph::testing::Answer {
        let requests = sent.body["requests"].as_array().unwrap();
        let answer = |request: &Json| {
            let mut item = rule(request["url"].as_str().unwrap());
            item["id"] = request["id"].clone();
            item
        };
        let responses: Vec<_> = requests.iter().rev().map(answer).collect();
        reply(200, &json!({"responses": responses}))
    }

    fn refused(status: u16, code: &str) -> Json {
        json!({"status": status, "body": {"error": {"code": code, "message": "No."}}})
    }

    #[tokio::test(start_paused = true)]
    async fn twenty_fit_into_one_and_answers_keep_their_order() {
        let script =
            Script::new(|sent| each(sent, |url| json!({"status": 200, "body": {"url": url}})));
        let paths: Vec<_> = (0..45).map(|number| format!("/users/{number}")).collect();
        let answers = script.client().batch_get(&paths).await.unwrap();
        for (path, answer) in paths.iter().zip(answers) {
            assert_eq!(answer.unwrap(), Some(json!({"url": path})));
        }
        assert_eq!(script.calls(), ["POST /v1.0/$batch"; 3]);
        let sizes: Vec<_> = script
            .sent()
            .iter()
            .map(|sent| sent.body["requests"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [20, 20, 5]);
        assert_eq!(
            script.sent()[0].body["requests"][1],
            json!({"id": "1", "method": "GET", "url": "/users/1"})
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_goes_stale_in_the_middle_is_replaced_once() {
        for heals in [true, false] {
            let script = Script::new(move |sent| {
                let is_taken = heals && sent.bearer.ends_with("-2");
                each(sent, |url| match url {
                    "/users/late" if !is_taken => refused(401, "InvalidAuthenticationToken"),
                    _ => json!({"status": 200, "body": {"id": 1}}),
                })
            });
            let paths = ["/users/early", "/users/late"].map(str::to_owned);
            let answers = script.client().batch_get(&paths).await.unwrap();
            assert!(answers[0].is_ok());
            assert_eq!(answers[1].is_ok(), heals);
            let sizes = script
                .sent()
                .into_iter()
                .map(|sent| sent.body["requests"].as_array().unwrap().len());
            assert_eq!(sizes.collect::<Vec<_>>(), [2, 1]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_item_has_its_own_answer() {
        let script = Script::new(|sent| {
            each(sent, |url| match url {
                "/users/gone" => refused(404, "Request_ResourceNotFound"),
                "/users/secret" => refused(403, "Authorization_RequestDenied"),
                "/users/strange" => json!({"status": 200, "body": "text"}),
                _ => json!({"status": 200, "body": {"id": 1}}),
            })
        });
        let paths = [
            "/users/gone",
            "/users/secret",
            "/users/strange",
            "/users/there",
            "beta:/users/there",
        ];
        let answers = script
            .client()
            .batch_get(&paths.map(str::to_owned))
            .await
            .unwrap();
        assert_eq!(*answers[0].as_ref().unwrap(), None);
        let Error::Refused(refusal) = answers[1].as_ref().unwrap_err() else {
            panic!();
        };
        assert_eq!(refusal.access.unwrap().permission, "User.Read.All");
        assert!(matches!(answers[2], Err(Error::Unexpected { .. })));
        assert_eq!(*answers[3].as_ref().unwrap(), Some(json!({"id": 1})));
        assert_eq!(*answers[4].as_ref().unwrap(), Some(json!({"id": 1})));
        assert_eq!(script.calls(), ["POST /v1.0/$batch", "POST /beta/$batch"]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_was_throttled_is_asked_again_after_the_longest_wait() {
        let mut round = 0;
        let script = Script::new(move |sent| {
            round += 1;
            each(sent, |url| match (url, round) {
                ("/users/1", 1) => json!({"status": 429, "headers": {"Retry-After": "4"}}),
                ("/users/2", 1) => json!({"status": 503, "headers": {"retry-after": 9}}),
                _ => json!({"status": 200, "body": {"url": url}}),
            })
        });
        let paths: Vec<_> = (0..4).map(|number| format!("/users/{number}")).collect();
        let started = Instant::now();
        let answers = script.client().batch_get(&paths).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(started.elapsed(), Duration::from_secs(9));
        let again = &script.sent()[1].body["requests"];
        assert_eq!(again.as_array().unwrap().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_item_throttled_without_end_fails_alone() {
        let script = Script::new(|sent| {
            each(sent, |url| match url {
                "/users/1" => {
                    json!({"status": 429, "headers": {"Retry-After": "1", "Request-Id": "r-9"}})
                }
                _ => json!({"status": 200, "body": {}}),
            })
        });
        let paths = ["/users/1".to_owned(), "/users/2".to_owned()];
        let answers = script.client().batch_get(&paths).await.unwrap();
        let Err(Error::Throttled(throttled)) = &answers[0] else {
            panic!("{:?}", answers[0]);
        };
        assert_eq!(throttled.request_id.as_deref(), Some("r-9"));
        assert!(answers[1].is_ok());
        assert_eq!(script.sent().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_that_fails_as_a_whole_is_repeated_or_told() {
        let mut answers = [refuse(503, "x"), reply(200, &json!({"responses": []}))].into_iter();
        let script = Script::new(move |_| answers.next().unwrap());
        let answers = script
            .client()
            .batch_get(&["/users/1".to_owned()])
            .await
            .unwrap();
        assert!(
            matches!(answers[0], Err(Error::Unexpected { .. })),
            "an item nobody answers"
        );

        let script = Script::new(|_| reply(200, &json!({})));
        assert!(
            script
                .client()
                .batch_get(&["/users/1".to_owned()])
                .await
                .is_err()
        );
        let script = Script::new(|_| panic!("nothing to ask"));
        assert!(script.client().batch_get(&[]).await.unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_item_says_of_limits_holds_back_others_of_its_service() {
        let mut first = true;
        let script = Script::new(move |sent| {
            if sent.method == "GET" {
                return reply(200, &json!({ "id": 1 }));
            }
            let headers = if std::mem::take(&mut first) {
                json!({ "X-MS-Throttle-Limit-Percentage": "1.8" })
            } else {
                json!({})
            };
            each(
                sent,
                |_| json!({ "status": 200, "headers": headers, "body": {} }),
            )
        });
        let client = script.client();
        let users = ["/users/1".to_owned(), "/users/2".to_owned()];
        client.batch_get(&users).await.unwrap();
        let started = Instant::now();
        client.get("/groups/1").await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO, "another service");
        client.batch_get(&users).await.unwrap();
        assert_eq!(started.elapsed(), Duration::from_millis(1050));
    }

    #[tokio::test(start_paused = true)]
    async fn a_path_with_dots_is_not_sent() {
        let script =
            Script::new(|sent| each(sent, |url| json!({"status": 200, "body": {"url": url}})));
        let paths = ["/users/../applications", "/users/1", "/users/%2e%2E/x"].map(str::to_owned);
        let answers = script.client().batch_get(&paths).await.unwrap();
        let is_refused = |at: usize| matches!(answers[at], Err(Error::BadPath { .. }));
        assert!(
            is_refused(0) && answers[1].is_ok() && is_refused(2),
            "{answers:?}"
        );
        let sent = &script.sent()[0].body["requests"];
        assert_eq!(sent.as_array().unwrap().len(), 1);
        let none = script.client().batch_get(&paths[..1]).await.unwrap();
        assert!(none[0].is_err());
        assert_eq!(script.sent().len(), 1, "nothing is left to send");
    }
}
