//! Handles replication lag: the one place where a call is retried because a replica may not have a recent write yet.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Method;

use super::answer::Answer;
use super::client::Client;
use super::path::segment;
use super::patience::Patience;
use super::visibility::{Change, Suspicion, Written, changes, plain, suspect};
use super::{Error, Json, Resend};

impl Client {
    /// Records the changes of a write.
    pub(super) fn note(&self, method: &Method, path: &str, answer: &Json) {
        for (path, change) in changes(method, path, answer) {
            self.shared.visibility.note(&path, change);
            self.journal.note(&path, change);
        }
    }

    /// Records a write in the collection at `path` whose object ID is unknown.
    pub(super) fn note_among(&self, path: &str) {
        let path = plain(path);
        self.shared.visibility.note(&path, Change::Changed);
        self.journal.note(&path, Change::Changed);
    }

    /// Returns the writes of this operation.
    #[must_use]
    pub fn written(&self) -> Vec<Written> {
        self.journal.written()
    }

    /// Restores the writes of earlier processes.
    pub fn recall(&self, written: &[Written]) {
        self.shared.visibility.recall(written);
    }

    /// Returns the recent creations among `ids`, to be restored by another process.
    #[must_use]
    pub fn recent(&self, ids: impl FnOnce() -> HashSet<String>) -> Vec<Written> {
        if self.shared.visibility.is_any_recent() {
            self.shared.visibility.about(&ids())
        } else {
            Vec::new()
        }
    }

    /// Returns how long the provisioning service may ignore a write at or below `path`.
    #[must_use]
    pub fn unheeded(&self, path: &str) -> Duration {
        self.shared.visibility.unheeded(path)
    }

    /// Returns how long replicas may still differ about these writes.
    #[must_use]
    pub fn left_of(&self, written: &[Written]) -> Duration {
        self.shared.visibility.left_of(written)
    }

    /// Returns how long a read of `path` may return the state before our own last write.
    #[must_use]
    pub fn is_settling(&self, path: &str) -> Duration {
        self.shared.visibility.written(path)
    }

    /// Whether this run created the object with this ID, so that objects which others derive from it do not exist yet.
    #[must_use]
    pub fn has_created(&self, id: &str) -> bool {
        self.shared.visibility.is_own(id)
    }

    /// Returns how long an object that an earlier run derived from the object with this ID may be invisible. Zero if this process
    /// created the object, because its ID was unknown before.
    #[must_use]
    pub fn since_earlier(&self, id: &str) -> Duration {
        self.shared.visibility.since_earlier(id)
    }

    /// Returns how long replicas may differ about the object at `path`, even if another process wrote it.
    #[must_use]
    pub fn replication_window(&self, path: &str) -> Duration {
        self.shared.visibility.window_of(path)
    }

    /// Returns how long it takes at most until a listing at `path` shows a write.
    #[must_use]
    pub fn until_listed(&self, path: &str) -> Duration {
        self.shared.visibility.until_listed(path)
    }

    /// Returns how long to look for `path`, which another client or this process may have just created.
    #[must_use]
    pub fn for_others(&self, path: &str) -> Duration {
        self.shared
            .visibility
            .missing(&plain(path))
            .max(self.for_others)
    }

    /// Reads an object that a call is about to refer to; waits for one that another client may have just created.
    pub async fn get_referred(&self, path: &str) -> Result<Option<Json>, Error> {
        self.until(self.for_others(path), || self.get(path), Option::is_some)
            .await
    }

    /// Reads an object that is to be changed and written back as a whole. While our own last write may not be visible, a response
    /// that does not satisfy `as_written` is retried; after that it is accepted.
    pub async fn get_written(
        &self,
        path: &str,
        as_written: impl Fn(&Json) -> bool,
    ) -> Result<Option<Json>, Error> {
        let agrees = |found: &Option<Json>| found.as_ref().is_some_and(&as_written);
        self.until(self.is_settling(path), || self.get_referred(path), agrees)
            .await
    }

    /// Sends a write, and retries it while it may fail because of replication lag.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        resend: Resend,
    ) -> Result<Answer, Error> {
        let mut patience = Patience::default();
        loop {
            let error = match self.call(method.clone(), path, body, resend).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !self
                .may_pass(&mut patience, &method, path, body, &error)
                .await?
            {
                return Err(error);
            }
        }
    }

    /// Waits if a failed write may succeed later; returns false if it will not.
    pub(super) async fn may_pass(
        &self,
        patience: &mut Patience,
        method: &Method,
        path: &str,
        body: Option<&Json>,
        error: &Error,
    ) -> Result<bool, Error> {
        let left = self.patience_left(patience, method, path, body, error);
        if left.is_zero() {
            return Ok(false);
        }
        if self.is_due(patience) && self.is_principal_missing(body).await {
            return Ok(false);
        }
        let pause = patience.next(path, left);
        // An operation that would time out first returns Graph's error, not a timeout.
        if self.left().is_some_and(|time| time <= pause) {
            return Ok(false);
        }
        self.wait(pause).await?;
        Ok(true)
    }

    /// Waits once; returns false if the operation ends before.
    pub(super) async fn has_time(
        &self,
        patience: &mut Patience,
        path: &str,
        left: Duration,
    ) -> bool {
        let pause = patience.next(path, left);
        self.left().is_none_or(|time| time > pause) && self.wait(pause).await.is_ok()
    }

    /// Whether it is time to check whether the principal in the body exists, which happens once.
    pub(super) fn is_due(&self, patience: &mut Patience) -> bool {
        patience.is_due(self.shared.visibility.for_others())
    }

    pub(super) fn patience_left(
        &self,
        patience: &Patience,
        method: &Method,
        path: &str,
        body: Option<&Json>,
        error: &Error,
    ) -> Duration {
        let visibility = &self.shared.visibility;
        match suspect(method, path, error) {
            Suspicion::None => Duration::ZERO,
            Suspicion::Occupied => visibility.replaced(path, body),
            Suspicion::Exists => visibility
                .until_listed(path)
                .saturating_sub(patience.waited()),
            Suspicion::Reference { for_others } => {
                let base = if for_others {
                    self.for_others
                } else {
                    Duration::ZERO
                };
                let base = base.saturating_sub(patience.waited());
                visibility.referred(path, body).max(base)
            }
        }
    }

    /// Whether the principal in a body does not exist. One that was created here counts as visible later.
    pub(super) async fn is_principal_missing(&self, body: Option<&Json>) -> bool {
        let Some(principal) = body.and_then(|body| body["principalId"].as_str()) else {
            return false;
        };
        if self.shared.visibility.is_fresh(principal) {
            return false;
        }
        let paths = ["users", "groups", "servicePrincipals"]
            .map(|kind| format!("/{kind}/{}?$select=id", segment(principal)));
        let found = self.batch_get(&paths).await;
        found.is_ok_and(|answers| answers.iter().all(|answer| matches!(answer, Ok(None))))
    }
}
