//! Sends a POST and lists the collection that it adds to in the same exchange.

use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::json;

use super::is_stale;
use super::write::{Lost, Open, Outcome, Write};
use crate::client::Client;
use crate::page::has_next_page;
use crate::path::version;
use crate::retry;
use crate::{Error, Json, Resend};

impl Client {
    /// Sends a POST that must not take effect twice, like [`Client::post_once`] with [`Resend::Never`], and lists the collection
    /// afterwards, in one exchange. The listing is returned only if it is complete and contains the new object.
    pub async fn post_listed<Looking>(
        &self,
        path: &str,
        body: &Json,
        look: impl Fn() -> Looking,
    ) -> Result<(Json, Option<Vec<Json>>), Error>
    where
        Looking: Future<Output = Result<Option<Json>, Error>>,
    {
        let page = Mutex::new(None);
        let send = || async {
            let (made, listed) = self.post_and_list(path, body).await?;
            *page.lock().unwrap_or_else(PoisonError::into_inner) = listed;
            Ok(made)
        };
        let made = self
            .post_once_by(path, body, Resend::Never, look, send)
            .await?;
        let page = page.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shows_it = |page: &Vec<Json>| page.iter().any(|one| one["id"] == made["id"]);
        let listed = page.filter(shows_it);
        Ok((made, listed))
    }

    async fn post_and_list(
        &self,
        path: &str,
        body: &Json,
    ) -> Result<(Json, Option<Vec<Json>>), Error> {
        let write = Write::post(path.to_owned(), body.clone(), Resend::Never);
        self.shared.cache.note_write(path, false);
        let listing =
            json!({ "id": "1", "method": "GET", "url": version(path).1, "dependsOn": ["0"] });
        let sent = self
            .exchange_items(&[write.item(0), listing], &[path, path], 1)
            .await;
        let (mut replies, token) = sent.map_err(|error| match error {
            Error::AnswerLost(lost) => write.error(Lost { fault: lost.fault }),
            other => other,
        })?;
        let mut take = |id: &str| {
            let at = replies.iter().position(|reply| reply["id"] == id)?;
            Some(replies.swap_remove(at))
        };
        let Some(mut made) = take("0") else {
            let fault = "the batch does not answer it".to_owned();
            return Err(write.error(Lost { fault }));
        };
        match self.judge(&write, Open::first(0), &mut made, &|json| json) {
            Outcome::Done(Ok(made)) => Ok((made, take("1").and_then(whole))),
            Outcome::Done(Err(error)) => Err(self.redacted(error)),
            // It was not carried out, so it is sent again without the batch.
            Outcome::Again { asked, .. } => {
                if is_stale(&made) {
                    self.shared.tokens.forget(&token);
                }
                self.wait(asked.unwrap_or_else(|| retry::backoff(1)))
                    .await?;
                let answer = self
                    .call(Method::POST, path, Some(body), Resend::Never)
                    .await?;
                Ok((answer.json, None))
            }
        }
    }
}

/// Returns the items of a collection that fits on one page.
fn whole(mut reply: Json) -> Option<Vec<Json>> {
    if reply["status"] != 200 || has_next_page(&reply["body"]) {
        return None;
    }
    match reply["body"]["value"].take() {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, Script, lost, refuse, reply};

    const JOBS: &str = "/servicePrincipals/1/synchronization/jobs";

    /// Builds the response to the two requests of a batch.
    fn parts(made: &Json, listed: &Json) -> Answer {
        let (mut made, mut listed) = (made.clone(), listed.clone());
        made["id"] = json!("0");
        listed["id"] = json!("1");
        reply(200, &json!({ "responses": [listed, made] }))
    }

    fn made() -> Json {
        json!({ "status": 201, "body": { "id": "ours" } })
    }

    async fn post(script: &std::sync::Arc<Script>) -> Result<(Json, Option<Vec<Json>>), Error> {
        let client = script.client();
        let look = || async { Ok(Some(json!({ "id": "found" }))) };
        client
            .post_listed(JOBS, &json!({ "templateId": "t" }), look)
            .await
    }

    #[tokio::test(start_paused = true)]
    async fn a_creation_and_the_listing_after_it_take_one_exchange() {
        let all =
            json!({ "status": 200, "body": { "value": [{ "id": "other" }, { "id": "ours" }] } });
        let script = Script::of([parts(&made(), &all)]);
        let (made, listed) = post(&script).await.unwrap();
        assert_eq!(made, json!({ "id": "ours" }));
        assert_eq!(listed.unwrap().len(), 2);
        let sent = &script.sent()[0].body["requests"];
        let expected = json!([
            { "id": "0", "method": "POST", "url": JOBS, "headers": { "Content-Type": "application/json" }, "body": { "templateId": "t" } },
            { "id": "1", "method": "GET", "url": JOBS, "dependsOn": ["0"] },
        ]);
        assert_eq!(*sent, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_without_the_new_object_is_not_returned() {
        let body = |body: Json| json!({ "status": 200, "body": body });
        for listed in [
            body(json!({ "value": [{ "id": "other" }] })),
            body(json!({ "value": [{ "id": "ours" }], "@odata.nextLink": "x" })),
            json!({ "status": 429, "body": {} }),
            json!({ "status": 403, "body": { "error": { "code": "Authorization_RequestDenied" } } }),
        ] {
            let script = Script::of([parts(&made(), &listed)]);
            let (made, listed) = post(&script).await.unwrap();
            assert_eq!((made, listed), (json!({ "id": "ours" }), None));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_that_may_exist_is_looked_for_and_not_created_again() {
        let failed = json!({ "status": 424 });
        let unknown = json!({ "status": 504, "body": {} });
        for answer in [
            lost(),
            refuse(504, "x"),
            reply(200, &json!({ "responses": [] })),
            parts(&unknown, &failed),
        ] {
            let script = Script::of([answer]);
            let (made, listed) = post(&script).await.unwrap();
            assert_eq!((made, listed), (json!({ "id": "found" }), None));
            assert_eq!(script.sent().len(), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn throttled_items_are_sent_again_alone_and_errors_are_returned() {
        let failed = json!({ "status": 424 });
        let throttled = json!({ "status": 429, "headers": { "Retry-After": "3" }, "body": {} });
        let script = Script::of([
            parts(&throttled, &failed),
            reply(201, &json!({ "id": "ours" })),
        ]);
        let started = tokio::time::Instant::now();
        assert_eq!(post(&script).await.unwrap().0, json!({ "id": "ours" }));
        assert_eq!(started.elapsed(), std::time::Duration::from_secs(3));
        assert_eq!(script.calls()[1], format!("POST /v1.0{JOBS}"));

        let denied = json!({ "status": 403, "body": { "error": { "code": "Authorization_RequestDenied", "message": "No." } } });
        let script = Script::of([parts(&denied, &failed)]);
        let error = post(&script).await.unwrap_err();
        assert_eq!(error.status(), Some(403));
        assert!(error.to_string().contains(JOBS), "{error}");
        assert_eq!(script.sent().len(), 1);
    }
}
