//! The verbs callers use, and what each does about an answer that was lost.

use std::time::Duration;

use reqwest::Method;

use super::answer::Answer;
use super::client::Client;
use super::error::AnswerLost;
use super::{Error, Json, Resend};

/// How an object went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// By this call.
    Now,
    /// It was not there any more.
    Before,
}

/// The waits between looks for the result of a request whose answer was lost: about 15 s in all, because what
/// was written may not be readable at once.
const LOOKS: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

impl Client {
    /// Reads one object. `None` only where Graph itself says that it does not exist.
    pub async fn get(&self, path: &str) -> Result<Option<Json>, Error> {
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
        Ok(self.call(Method::POST, path, body, resend).await?.json)
    }

    /// Replaces, or creates at a known path. After a lost answer it is sent again, so a refusal may come from the
    /// first attempt's success: see [`Error::follows_lost_answer`].
    pub async fn put(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.call(Method::PUT, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Changes what the body names.
    pub async fn patch(&self, path: &str, body: &Json) -> Result<(), Error> {
        self.call(Method::PATCH, path, Some(body), Resend::Safe)
            .await
            .map(drop)
    }

    /// Deletes. That the object is gone already is no error.
    pub async fn delete(&self, path: &str) -> Result<Deleted, Error> {
        match self.call(Method::DELETE, path, None, Resend::Safe).await {
            Ok(_) => Ok(Deleted::Now),
            Err(error) if error.is_not_found() && error.follows_lost_answer() => Ok(Deleted::Now),
            Err(error) if error.is_not_found() => Ok(Deleted::Before),
            Err(error) => Err(error),
        }
    }

    /// Sends a POST that must not take effect twice. Where its answer is lost, `look` is asked for the result, for
    /// about 15 s. Nothing found: with [`Resend::Safe`] (Graph refuses duplicates itself) it is sent again, with
    /// [`Resend::Never`] the call ends with [`Error::AnswerLost`].
    pub async fn post_once<F>(
        &self,
        path: &str,
        body: &Json,
        resend: Resend,
        look: impl Fn() -> F + Send + Sync,
    ) -> Result<Json, Error>
    where
        F: Future<Output = Result<Option<Json>, Error>> + Send,
    {
        let mut sends = 0;
        loop {
            sends += 1;
            let lost = match self
                .call(Method::POST, path, Some(body), Resend::Never)
                .await
            {
                Ok(answer) => return Ok(answer.json),
                Err(Error::AnswerLost(lost)) => lost,
                // A duplicate of what an earlier send made: 409, or 400 for assignments.
                Err(error) if sends > 1 && matches!(error.status(), Some(400 | 409)) => {
                    return self.poll(&look).await?.ok_or(error);
                }
                Err(error) => return Err(error),
            };
            match self.poll(&look).await {
                Ok(Some(found)) => return Ok(found),
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

    async fn poll<F>(&self, look: &(impl Fn() -> F + Send + Sync)) -> Result<Option<Json>, Error>
    where
        F: Future<Output = Result<Option<Json>, Error>> + Send,
    {
        for pause in LOOKS {
            self.wait(pause).await?;
            if let Some(found) = look().await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
