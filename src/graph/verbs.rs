//! The verbs callers use, and what each does about an answer that was lost.

use std::time::Duration;

use reqwest::Method;

use super::answer::Answer;
use super::client::Client;
use super::error::AnswerLost;
use super::patience::Patience;
use super::visibility::{Suspicion, suspect};
use super::{Error, Json, Resend};

/// How an object went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// By this call.
    Now,
    /// It was not there any more.
    Before,
}

/// How long the result of a request whose answer was lost is looked for before it is sent again, because what was written may
/// not be readable at once.
const LOOKS: Duration = Duration::from_secs(15);

/// How long an object that Graph refuses to delete because it is gone may still be visible.
const GHOSTS: Duration = Duration::from_secs(60);

impl Client {
    /// Reads one object. `None` only where Graph itself says that it does not exist.
    ///
    /// An answer that may be the one from before our own last write is asked for again.
    pub async fn get(&self, path: &str) -> Result<Option<Json>, Error> {
        let mut patience = Patience::default();
        loop {
            let found = self.get_once(path).await?;
            let doubt = self.shared.visibility.doubt(path, found.as_ref());
            if doubt.is_zero() {
                return Ok(found);
            }
            patience.pause(self, path, doubt).await?;
        }
    }

    async fn get_once(&self, path: &str) -> Result<Option<Json>, Error> {
        match self.call(Method::GET, path, None, Resend::Safe).await {
            Ok(Answer { status: 204, .. }) => Ok(None),
            Ok(answer) => Ok(Some(answer.json)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a POST. Null where the answer has no body. With [`Resend::Never`] a lost answer is
    /// [`Error::AnswerLost`]; where the result can be looked for, use [`Client::post_once`].
    pub async fn post(&self, path: &str, body: &Json, resend: Resend) -> Result<Json, Error> {
        let body = (!body.is_null()).then_some(body);
        Ok(self.write(Method::POST, path, body, resend).await?.json)
    }

    /// Replaces, or creates at a known path. After a lost answer it is sent again, so a refusal may come from the
    /// first attempt's success: see [`Error::follows_lost_answer`].
    pub async fn put(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.write(Method::PUT, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Changes what the body names.
    pub async fn patch(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.write(Method::PATCH, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Deletes. That the object is gone already is no error.
    pub async fn delete(&self, path: &str) -> Result<Deleted, Error> {
        let mut patience = Patience::default();
        loop {
            let error = match self.call(Method::DELETE, path, None, Resend::Safe).await {
                Ok(_) => return Ok(Deleted::Now),
                Err(error) if error.is_not_found() => error,
                Err(error) if error.may_mean_gone() && self.is_gone(path).await? => {
                    self.note(&Method::DELETE, path, &Json::Null);
                    return Ok(Deleted::Before);
                }
                Err(error) => return Err(error),
            };
            // One that was just created would be forgotten.
            let doubt = self.shared.visibility.unseen(path);
            if error.follows_lost_answer() || doubt.is_zero() {
                self.note(&Method::DELETE, path, &Json::Null);
                return Ok(if error.follows_lost_answer() {
                    Deleted::Now
                } else {
                    Deleted::Before
                });
            }
            patience.pause(self, path, doubt).await?;
        }
    }

    /// Whether the object at `path` cannot be read any more, asked for about 15 s: a replica may still show it.
    pub(super) async fn is_gone(&self, path: &str) -> Result<bool, Error> {
        let patience = self.replication_window(path).min(GHOSTS);
        let look = || self.get_once(path);
        let found: Option<Json> = self.until(patience, look, Option::is_none).await?;
        Ok(found.is_none())
    }

    /// Sends a POST that must not take effect twice and whose answer is what it made. Where that answer is lost, `look` (a closure, `|| async { … }`) is
    /// asked for the result, for
    /// about 15 s. Nothing found: with [`Resend::Safe`] (Graph refuses duplicates itself) it is sent again, with
    /// [`Resend::Never`] the call ends with [`Error::AnswerLost`].
    pub async fn post_once<Looking>(
        &self,
        path: &str,
        body: &Json,
        resend: Resend,
        look: impl Fn() -> Looking,
    ) -> Result<Json, Error>
    where
        Looking: Future<Output = Result<Option<Json>, Error>>,
    {
        let (mut sends, mut patience) = (0, Patience::default());
        loop {
            let lost = match self
                .call(Method::POST, path, Some(body), Resend::Never)
                .await
            {
                Ok(answer) if !answer.json.is_null() => return Ok(answer.json),
                // Done, but what came of it is not said.
                Ok(_) => Box::new(AnswerLost {
                    method: Method::POST.to_string(),
                    path: path.to_owned(),
                    fault: "the answer has no body".to_owned(),
                    look: None,
                }),
                Err(Error::AnswerLost(lost)) => lost,
                // A duplicate of what an earlier send made: 409, or 400 for assignments.
                Err(error) if sends > 0 && matches!(error.status(), Some(400 | 409)) => {
                    let found = self.poll(path, resend, &look).await?;
                    return found.ok_or_else(|| error.after_lost_answer());
                }
                Err(error) => {
                    if let Some(found) = self
                        .after_refusal(&mut patience, path, body, error, &look)
                        .await?
                    {
                        return Ok(found);
                    }
                    continue;
                }
            };
            sends += 1;
            match self.poll(path, resend, &look).await {
                Ok(Some(found)) => {
                    self.note(&Method::POST, path, &found);
                    return Ok(found);
                }
                Ok(None) if resend == Resend::Safe && sends <= self.shared.options.max_retries => {}
                Ok(None) => return Err(Error::AnswerLost(lost)),
                Err(error) => {
                    return Err(Error::AnswerLost(Box::new(AnswerLost {
                        look: Some(Box::new(error)),
                        ..*lost
                    })));
                }
            }
        }
    }

    /// After a refusal that may pass: what made it there nevertheless, or nothing where it is to be sent again.
    async fn after_refusal<Looking>(
        &self,
        patience: &mut Patience,
        path: &str,
        body: &Json,
        error: Error,
        look: &impl Fn() -> Looking,
    ) -> Result<Option<Json>, Error>
    where
        Looking: Future<Output = Result<Option<Json>, Error>>,
    {
        // For assignments Graph tells a duplicate from a reference that is not visible yet in words only.
        let may_exist = matches!(
            suspect(&Method::POST, path, &error),
            Suspicion::Reference { .. } | Suspicion::Exists
        );
        if matches!(error.status(), Some(400 | 409))
            && may_exist
            && let Some(found) = look().await?
        {
            return Ok(Some(found));
        }
        let passes = self
            .may_pass(patience, &Method::POST, path, Some(body), &error)
            .await?;
        if passes { Ok(None) } else { Err(error) }
    }

    /// Looks for the result of a lost answer: until listings must show it where it must not be sent again, else for a while.
    async fn poll<Looking>(
        &self,
        path: &str,
        resend: Resend,
        look: &impl Fn() -> Looking,
    ) -> Result<Option<Json>, Error>
    where
        Looking: Future<Output = Result<Option<Json>, Error>>,
    {
        let patience = match resend {
            Resend::Safe => LOOKS.min(self.until_listed(path)),
            Resend::Never => self.until_listed(path),
        };
        self.until(patience, look, Option::is_some).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Script, empty, lost, raw, refuse, reply};
    use serde_json::json;
    use std::cell::Cell;

    const PATH: &str = "/servicePrincipals/1/appRoleAssignedTo";

    #[tokio::test(start_paused = true)]
    async fn only_graphs_own_word_makes_an_object_absent() {
        let get = async |answer| Script::of([answer]).client().get("/users/1").await;
        assert_eq!(
            get(refuse(404, "Request_ResourceNotFound")).await.unwrap(),
            None
        );
        assert_eq!(get(empty(204)).await.unwrap(), None);
        assert_eq!(
            get(raw(404, "text/html", "nginx"))
                .await
                .unwrap_err()
                .status(),
            Some(404)
        );
        assert_eq!(
            get(refuse(404, "BadRequest")).await.unwrap_err().status(),
            Some(404)
        );
        assert_eq!(
            get(reply(200, &json!({"id": 1}))).await.unwrap(),
            Some(json!({"id": 1}))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_delete_says_whether_there_was_something() {
        let gone = || refuse(404, "Request_ResourceNotFound");
        let delete = async |answers: Vec<_>| Script::of(answers).client().delete("/users/1").await;
        assert_eq!(delete(vec![empty(204)]).await.unwrap(), Deleted::Now);
        assert_eq!(delete(vec![gone()]).await.unwrap(), Deleted::Before);
        assert_eq!(delete(vec![lost(), gone()]).await.unwrap(), Deleted::Now);
        assert!(delete(vec![raw(404, "text/html", "nginx")]).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_delete_that_is_refused_for_what_is_gone_is_done_once_it_cannot_be_read() {
        let refused = || {
            let message = "Entry being updated or deleted is not found.";
            let error = json!({ "error": { "code": "Request_BadRequest", "message": message } });
            reply(400, &error)
        };
        let there = || reply(200, &json!({ "id": "1" }));
        let gone = || refuse(404, "Request_ResourceNotFound");
        let script = Script::of([refused(), there(), gone()]);
        assert_eq!(script.client().delete(PATH).await.unwrap(), Deleted::Before);

        let script = Script::new(move |sent| {
            if sent.method == "GET" {
                there()
            } else {
                refused()
            }
        });
        let error = script.client().delete(PATH).await.unwrap_err();
        assert_eq!(error.status(), Some(400), "it is still there");

        let script = Script::of([refuse(400, "Request_BadRequest")]);
        assert!(
            script.client().delete(PATH).await.is_err(),
            "not every 400 is looked into"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_conflict_with_oneself_can_be_told() {
        let conflict = || refuse(409, "Request_MultipleObjectsWithSameKeyValue");
        let put = async |answers: Vec<_>| {
            Script::of(answers)
                .client()
                .put("/x", &json!({}))
                .await
                .unwrap_err()
        };
        assert!(!put(vec![conflict()]).await.follows_lost_answer());
        let error = put(vec![refuse(503, "x"), conflict()]).await;
        assert!(error.is_conflict() && error.follows_lost_answer());
        let error = put(vec![refuse(429, "x"), conflict()]).await;
        assert!(
            !error.follows_lost_answer(),
            "a throttled request was not carried out"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_answer_is_looked_for() {
        for answer in [
            lost(),
            refuse(504, "x"),
            raw(201, "application/json", "{\"i"),
            empty(201),
        ] {
            let script = Script::of([answer]);
            let looks = Cell::new(0);
            let look = || async {
                looks.set(looks.get() + 1);
                Ok((looks.get() == 3).then(|| json!({"id": "made"})))
            };
            let made = script
                .client()
                .post_once(PATH, &json!({}), Resend::Never, look)
                .await
                .unwrap();
            assert_eq!((made, looks.get()), (json!({"id": "made"}), 3));
            assert_eq!(script.calls(), [format!("POST /v1.0{PATH}")]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_came_is_not_looked_for() {
        let script = Script::of([reply(201, &json!({"id": "made"}))]);
        let look = || async { panic!("nobody asked") };
        let made = script
            .client()
            .post_once(PATH, &json!({}), Resend::Never, look)
            .await
            .unwrap();
        assert_eq!(made, json!({"id": "made"}));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_found_is_sent_again_only_where_that_is_safe() {
        let script = Script::of([lost()]);
        let error = script
            .client()
            .post_once(PATH, &json!({}), Resend::Never, || async { Ok(None) })
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::AnswerLost(lost) if lost.look.is_none()),
            "{error}"
        );
        assert!(error.to_string().contains("connection reset"), "{error}");

        let script = Script::of([lost(), reply(201, &json!({"id": "made"}))]);
        let made = script
            .client()
            .post_once(PATH, &json!({}), Resend::Safe, || async { Ok(None) })
            .await
            .unwrap();
        assert_eq!(made, json!({"id": "made"}));

        let script = Script::new(|_| lost());
        let error = script
            .client()
            .post_once(PATH, &json!({}), Resend::Safe, || async { Ok(None) })
            .await
            .unwrap_err();
        assert!(matches!(error, Error::AnswerLost(_)), "{error}");
        assert_eq!(script.sent().len(), 4, "bounded by the retries");
    }

    #[tokio::test(start_paused = true)]
    async fn a_duplicate_of_our_own_making_is_the_answer() {
        for status in [400, 409] {
            let script = Script::of([lost(), refuse(status, "Request_BadRequest")]);
            // Visible only after the second send was refused.
            let look = || async { Ok((script.sent().len() > 1).then(|| json!({"id": "made"}))) };
            let made = script
                .client()
                .post_once(PATH, &json!({}), Resend::Safe, look)
                .await
                .unwrap();
            assert_eq!(made, json!({"id": "made"}));
        }
        // Somebody else's duplicate is not.
        let script = Script::of([refuse(409, "Conflict")]);
        let error = script
            .client()
            .post_once("/tenants", &json!({}), Resend::Safe, || async { panic!() })
            .await;
        assert!(error.unwrap_err().is_conflict());
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_fails_is_told_together_with_the_loss() {
        let script = Script::of([lost(), refuse(403, "Authorization_RequestDenied")]);
        let client = script.client();
        let look = || client.get("/users/1");
        let error = client
            .post_once(PATH, &json!({}), Resend::Safe, look)
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::AnswerLost(lost) if lost.look.is_some()),
            "{error}"
        );
        assert!(
            error.to_string().contains("Authorization_RequestDenied"),
            "{error}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn calls_can_be_made_from_any_thread() {
        fn sendable<F: Future + Send>(future: F) -> F {
            future
        }
        let script = Script::of([
            lost(),
            reply(200, &json!({"value": [{"id": "1"}]})),
            empty(204),
        ]);
        let client = script.client();
        let path = PATH.to_owned();
        let made = sendable(async {
            let look = || async { Ok(client.list(&path).await?.pop()) };
            let made = client
                .post_once(&path, &json!({}), Resend::Safe, look)
                .await;
            client.delete(&path).await.unwrap();
            client.batch_get(&[]).await.unwrap();
            made
        });
        assert_eq!(made.await.unwrap(), json!({"id": "1"}));
    }

    #[tokio::test(start_paused = true)]
    async fn beta_is_another_root_and_null_is_no_body() {
        let script = Script::new(|_| empty(204));
        let client = script.client();
        client
            .get("beta:/policies/externalIdentitiesPolicy")
            .await
            .unwrap();
        client
            .post("/x/start", &Json::Null, Resend::Safe)
            .await
            .unwrap();
        client
            .patch("/y", &json!({"b": 1, "a": null}))
            .await
            .unwrap();
        assert_eq!(
            script.calls(),
            [
                "GET /beta/policies/externalIdentitiesPolicy",
                "POST /v1.0/x/start",
                "PATCH /v1.0/y"
            ]
        );
        assert_eq!(script.sent()[1].body, Json::Null);
        assert_eq!(script.sent()[2].body.to_string(), r#"{"b":1,"a":null}"#);
    }
}
