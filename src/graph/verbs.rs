//! The methods of the client, and how each handles a lost response.

use std::time::Duration;

use reqwest::Method;

use super::answer::Answer;
use super::client::Client;
use super::error::AnswerLost;
use super::patience::Patience;
use super::visibility::{Suspicion, suspect};
use super::{Error, Json, Resend};

/// How an object was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// By this call.
    Now,
    /// It no longer existed.
    Before,
}

/// How long to look for the result of a request whose response was lost before it is sent again, because the result may not be
/// visible at once.
const LOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an object may still be visible that Graph refuses to delete because it is gone.
const DELETION_LAG: Duration = Duration::from_secs(60);

impl Client {
    /// Reads one object. `None` only if Graph itself reports that it does not exist.
    ///
    /// A response that may predate our own last write is retried.
    pub async fn get(&self, path: &str) -> Result<Option<Json>, Error> {
        let mut patience = Patience::default();
        loop {
            let found = self.get_once(path).await?;
            let doubt = self.shared.visibility.doubt(path, found.as_ref());
            if doubt.is_zero() {
                return Ok(found);
            }
            patience.pause(&self.operation, path, doubt).await?;
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

    /// Sends a POST. Null if the response has no body. With [`Resend::Never`], a lost response is [`Error::AnswerLost`]; if there
    /// is a way to look for the result, use [`Client::post_once`].
    pub async fn post(&self, path: &str, body: &Json, resend: Resend) -> Result<Json, Error> {
        let body = (!body.is_null()).then_some(body);
        Ok(self.write(Method::POST, path, body, resend).await?.json)
    }

    /// Replaces an object, or creates it at a known path. After a lost response it is sent again, so an error may come from the
    /// success of the first attempt: see [`Error::follows_lost_answer`].
    pub async fn put(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.write(Method::PUT, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Changes the properties in `body`.
    pub async fn patch(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.write(Method::PATCH, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Deletes an object. It is not an error if the object is already gone.
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
            // A 404 for an object that was just created must not remove it from the state.
            let doubt = self.shared.visibility.unseen(path);
            if error.follows_lost_answer() || doubt.is_zero() {
                self.note(&Method::DELETE, path, &Json::Null);
                return Ok(if error.follows_lost_answer() {
                    Deleted::Now
                } else {
                    Deleted::Before
                });
            }
            patience.pause(&self.operation, path, doubt).await?;
        }
    }

    /// Whether the object at `path` can no longer be read. This is checked for about 15 s, because a replica may still return it.
    pub(super) async fn is_gone(&self, path: &str) -> Result<bool, Error> {
        let patience = self.replication_window(path).min(DELETION_LAG);
        let look = || self.get_once(path);
        let found: Option<Json> = self.until(patience, look, Option::is_none).await?;
        Ok(found.is_none())
    }

    /// Sends a POST that must not take effect twice and that returns the created object. If the response is lost, `look` (a
    /// closure, `|| async { … }`) looks for the result, for about 15 s. If it finds nothing, the request is sent again with
    /// [`Resend::Safe`] (Graph rejects duplicates), and the call ends with [`Error::AnswerLost`] with [`Resend::Never`].
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
        let send = || async {
            let body = (!body.is_null()).then_some(body);
            let call = self.call(Method::POST, path, body, Resend::Never);
            Ok(call.await?.json)
        };
        self.post_once_by(path, body, resend, look, send).await
    }

    /// Like [`Client::post_once`], with `send` to send it.
    pub(super) async fn post_once_by<Looking, Sending>(
        &self,
        path: &str,
        body: &Json,
        resend: Resend,
        look: impl Fn() -> Looking,
        send: impl Fn() -> Sending,
    ) -> Result<Json, Error>
    where
        Looking: Future<Output = Result<Option<Json>, Error>>,
        Sending: Future<Output = Result<Json, Error>>,
    {
        let (mut sends, mut patience) = (0, Patience::default());
        loop {
            let lost = match send().await {
                Ok(json) if !json.is_null() => return Ok(json),
                // It was carried out, but the response does not contain the result.
                Ok(_) => Box::new(AnswerLost {
                    method: Method::POST.to_string(),
                    path: path.to_owned(),
                    fault: "the response has no body".to_owned(),
                    look: None,
                }),
                Err(Error::AnswerLost(lost)) => lost,
                // A duplicate of the result of an earlier attempt: 409, or 400 for assignments.
                Err(error) if sends > 0 && matches!(error.status(), Some(400 | 409)) => {
                    let found = self.poll(path, resend, &look).await?;
                    let found = found.ok_or_else(|| error.after_lost_answer())?;
                    self.note(&Method::POST, path, &found);
                    return Ok(found);
                }
                Err(error) => {
                    if let Some(found) = self
                        .after_refusal(&mut patience, path, body, error, &look)
                        .await?
                    {
                        self.note(&Method::POST, path, &found);
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

    /// After an error that may be transient: returns the result if it exists nevertheless, or `None` if the request is to be sent
    /// again.
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
        // For assignments, only the message tells a duplicate from a reference that is not visible yet.
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

    /// Looks for the result of a request with a lost response: until listings must show it if it must not be sent again,
    /// otherwise for `LOOK_TIMEOUT`.
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
            Resend::Safe => LOOK_TIMEOUT.min(self.until_listed(path)),
            Resend::Never => self.until_listed(path),
        };
        self.until(patience, look, Option::is_some).await
    }
}

#[cfg(test)]
mod tests;
