//! Starts, pauses, restarts and watches a job, and pauses it before it is deleted.

use serde_json::Value as Json;

use super::super::wait_for_job::{self, Until};
use super::ProvisioningJob;
use sdk::prelude::*;

/// Whether a job is started.
pub(super) fn runs(job: &Json) -> bool {
    job["schedule"]["state"] == "Active"
}

/// The scopes that a restart in the portal resets: all objects are evaluated again, and the links of synchronized objects are kept.
pub(crate) const RESTART: &str = "Watermark, Escrows, QuarantineState";

/// Pauses a job if it may be started, and deletes it. If it does not exist, that is a success.
pub(crate) async fn remove(context: &Context, path: &str, may_run: bool) -> Result {
    if may_run {
        let pause = format!("{path}/pause");
        match context.graph.post(&pause, &Json::Null, Resend::Safe).await {
            Err(error) if error.is_not_found() => return Ok(()),
            // Whether a paused job can be paused again is UNVERIFIED: the result of the deletion decides.
            Err(error) if matches!(error.status(), Some(400 | 409)) => {}
            result => drop(result?),
        }
    }
    context.graph.delete(path).await?;
    Ok(())
}

/// Pauses a job, started or not. Returns whether it exists.
pub(crate) async fn pause(context: &Context, path: &str) -> Result<bool> {
    let pause = format!("{path}/pause");
    let error = match context.graph.post(&pause, &Json::Null, Resend::Safe).await {
        Ok(_) => return Ok(true),
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => error,
    };
    // Whether a paused job can be paused again is UNVERIFIED. An error is ignored only if the job is certainly not started.
    if matches!(error.status(), Some(400 | 409)) {
        let is_paused = |job: &Json| job["schedule"]["state"] != "Active";
        let look = || context.graph.get(path);
        let runs = |job: &Option<Json>| !job.as_ref().is_none_or(is_paused);
        let window = context.graph.is_settling(path);
        let found = context.graph.until(window, look, runs).await?;
        if !runs(&found) {
            return Ok(found.is_some());
        }
    }
    Err(error.into())
}

impl ProvisioningJob {
    /// Whether the scope changes from all to assigned users, which Graph ignores until the job is restarted.
    pub(super) fn narrows(&self, before: &Self) -> bool {
        before.scope.as_deref() == Some("all") && self.scope.as_deref() == Some("assigned")
    }

    /// Returns the scopes of a restart in Graph's format.
    pub(super) fn resets(&self) -> String {
        match &self.reset_scope {
            Some(Set(scopes)) => scopes.join(", "),
            None => RESTART.to_owned(),
        }
    }

    /// Returns the last cycle of the job if `wait_for` waits for the next one.
    pub(super) async fn last_cycle(&self, context: &Context) -> Result<Option<String>> {
        if Until::of(self.wait_for.as_deref()) != Some(Until::InitialCycle) {
            return Ok(None);
        }
        let job = context.graph.get(&self.job_path()?).await?;
        Ok(job.as_ref().and_then(wait_for_job::last_cycle))
    }

    /// Whether the job is started now.
    pub(super) async fn runs(&self, context: &Context) -> Result<bool> {
        let job = context.graph.get(&self.job_path()?).await?;
        Ok(job.as_ref().is_some_and(runs))
    }

    /// Waits as configured in `wait_for`, if the job is started.
    pub(super) async fn watch(
        &self,
        context: &Context,
        before: Option<&str>,
        runs: bool,
    ) -> Result {
        match Until::of(self.wait_for.as_deref()) {
            Some(until) if runs => {
                wait_for_job::wait(context, &self.job_path()?, until, before).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn act(&self, context: &Context, action: &str, body: &Json) -> Result {
        let path = format!("{}/{action}", self.job_path()?);
        let done = context.graph.post(&path, body, Resend::Safe).await;
        Ok(done.map(drop)?)
    }
}
