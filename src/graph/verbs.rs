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

    /// Sends a POST. Null where the response has no body. With [`Resend::Never`] a lost answer is
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

    /// Deletes. That the object is gone already is not an error.
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
            patience.pause(&self.operation, path, doubt).await?;
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
        let send = || async {
            let body = (!body.is_null()).then_some(body);
            let call = self.call(Method::POST, path, body, Resend::Never);
            Ok(call.await?.json)
        };
        self.post_once_by(path, body, resend, look, send).await
    }

    /// The same where `send` sends it.
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
                // Done, but what came of it is not said.
                Ok(_) => Box::new(AnswerLost {
                    method: Method::POST.to_string(),
                    path: path.to_owned(),
                    fault: "the response has no body".to_owned(),
                    look: None,
                }),
                Err(Error::AnswerLost(lost)) => lost,
                // A duplicate of what an earlier send made: 409, or 400 for assignments.
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
mod tests;
