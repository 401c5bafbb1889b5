//! The target tenant of a job. A missing target is set in place; another target requires another job.
//!
//! Includes the messages of the plan. The old job is kept until the connection to the new tenant was tested.

use serde_json::Value as Json;

use super::{ProvisioningJob, Secrets, named_or_only_job, remove};
use sdk::prelude::*;

/// Whether the plan changes the target of a job that has one. An unknown target counts as a change.
pub(super) fn moves(prior: &Value, planned: &Value) -> bool {
    let [before, after] = [prior, planned].map(|job| job.member("target_tenant_id"));
    let is_other = |before: &str| match after.as_str() {
        Some(after) => !after.eq_ignore_ascii_case(before),
        None => after.is_unknown(),
    };
    // A job without a target was not set up, or the target was removed from its settings. It has no users in another tenant, so the target
    // is set and the job keeps its ID.
    before
        .as_str()
        .is_some_and(|before| !before.is_empty() && is_other(before))
}

/// Returns a warning about the change of the target, which the CLI shows as an update.
pub(super) fn replaced(prior: &Value) -> Diagnostic {
    let detail = format!(
        "Changing `target_tenant_id` tests the connection to the new tenant, then deletes the job {} and creates \
        another one. Users that the job created in the tenant {} stay there and are no longer updated.",
        prior.member("id").as_str().unwrap_or_default(),
        prior
            .member("target_tenant_id")
            .as_str()
            .unwrap_or_default(),
    );
    Diagnostic::warning("The job will be replaced", detail).at(Path::root("target_tenant_id"))
}

/// Warns that a job restarts whose triggers were not managed before, because the plan after an import looks the same.
pub(super) fn first_triggers(prior: &Value, planned: &Value) -> Option<Diagnostic> {
    let [before, after] = [prior, planned].map(|job| job.member("restart_triggers"));
    if prior.is_null() || !before.is_null() || after.is_null() {
        return None;
    }
    let detail = "`restart_triggers` was not set for this job before. Setting it restarts the job as `reset_scope` \
        says. To avoid the restart, remove `restart_triggers`.";
    let warning = Diagnostic::warning("The job will be restarted", detail);
    Some(warning.at(Path::root("restart_triggers")))
}

impl ProvisioningJob {
    /// Returns the ID of the job if it exists.
    pub(super) async fn present(&self, context: &Context) -> Result<Option<String>> {
        if self.id.is_none() && !self.target_tenant_id.is_empty() {
            // A replacement that failed partially has deleted the old job; the new one may exist.
            let jobs = context.graph.list(&self.path("jobs")).await?;
            let job = jobs.iter().find(|job| self.is_same_kind(job));
            return Ok(job.and_then(|job| text(job, "id")));
        }
        let named = self.id.as_deref().unwrap_or_default();
        named_or_only_job(context, &self.service_principal_id, named).await
    }

    pub(super) fn no_target(&self, context: &Context) -> Diagnostic {
        let detail = format!(
            "The job {} of the service principal {} in tenant {} has no target tenant, because it was not set up or \
            its settings were removed. Set `target_tenant_id` in the configuration. The next apply writes it to the \
            settings of the job, which keeps its ID.",
            self.id.as_deref().unwrap_or_default(),
            self.service_principal_id,
            context.tenant_id(),
        );
        Diagnostic::warning("The job has no target tenant yet", detail)
            .at(Path::root("target_tenant_id"))
    }

    pub(super) fn has_another_target(&self, before: &Self) -> bool {
        let (before, after) = (&before.target_tenant_id, &self.target_tenant_id);
        !before.is_empty() && !before.eq_ignore_ascii_case(after)
    }

    /// Returns the job that was created for this plan, before it is set up.
    pub(super) fn made(&self, job: &Json) -> Self {
        Self {
            id: text(job, "id"),
            enabled: self.enabled.map(|_| false),
            restart_pending: Some(false),
            ..self.clone()
        }
    }

    /// Saves the settings of a new job and starts it if configured.
    pub(super) async fn set_up(
        &mut self,
        context: &Context,
        secrets: Secrets,
        starts: bool,
    ) -> Result {
        self.save_secrets(context, secrets).await?;
        if starts {
            self.act(context, "start", &Json::Null).await?;
            self.enabled = Some(true);
        }
        self.watch(context, None, starts).await
    }

    /// Replaces the job in `state`, which is kept if the new tenant is not ready.
    pub(super) async fn replace(&self, context: &Context, state: &mut Self) -> Result {
        self.test_connection(context).await?;
        let secrets = state.own_secrets(context).await?;
        remove(context, &state.job_path()?, state.enabled != Some(false)).await?;
        let old = state.id.take();
        let job = self.post(context, old.as_deref()).await?;
        *state = self.made(&job);
        state.set_up(context, secrets, self.enabled()).await
    }
}
