//! Restarts a provisioning job.

use serde_json::json;

use super::Action;
use crate::paths::job_path;
use crate::provisioning_job::{RESTART, reset_scopes};
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Restarts a provisioning job, so that it evaluates users again. Invoke this action with the provider of the source tenant.
    ///
    /// A paused job is active after the restart.
    pub struct RestartProvisioningJob {
        /// Object ID of the service principal that the job belongs to.
        service_principal_id: String = required().guid(),
        /// ID of the provisioning job.
        job_id: String = required().check(Check::NotEmpty),
        /// State to reset: `Watermark` evaluates every user again, `Escrows` clears failures, `QuarantineState` ends
        /// the quarantine, `Full` resets all of these and starts a new initial cycle, and `ForceDeletes` confirms
        /// deletions above the threshold. Defaults to `Watermark`, `Escrows` and `QuarantineState`, as in the portal.
        reset_scope: Option<Set<String>> = optional().check(Check::That(reset_scopes)),
    }
}

impl Action for RestartProvisioningJob {
    const NAME: &'static str = "restart_provisioning_job";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = &["POST /servicePrincipals/{id}/synchronization/jobs/{id}/restart"];

    fn plan(_tenant_id: &str, config: &Value, found: &mut Diagnostics) {
        let scopes = config
            .member("reset_scope")
            .as_elements()
            .unwrap_or_default();
        if scopes
            .iter()
            .any(|scope| scope.as_str() == Some("ForceDeletes"))
        {
            found.push(
                Diagnostic::warning(
                    "Deletions will be confirmed",
                    "`ForceDeletes` makes the job carry out deletions that it holds back because their number exceeds \
                    the threshold. Check them in the provisioning log first.",
                )
                .at(Path::root("reset_scope")),
            );
        }
    }

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let scope = match &config.reset_scope {
            Some(Set(scopes)) => scopes.join(", "),
            None => RESTART.to_owned(),
        };
        progress.tell(format!("Restarting job {}: {scope}", config.job_id));
        let job = job_path(&config.service_principal_id, &config.job_id);
        let path = format!("{job}/restart");
        let body = json!({ "criteria": { "resetScope": scope } });
        match context.graph.post(&path, &body, Resend::Safe).await {
            Err(error) if error.is_not_found() => return Err(config.is_missing(context, &error)),
            result => drop(result?),
        }
        progress.tell("Restarted. The next cycle begins shortly.");
        Ok(())
    }
}

impl RestartProvisioningJob {
    fn is_missing(&self, context: &Context, error: &graph::Error) -> Problem {
        Problem::at(
            "job_id",
            "The provisioning job does not exist",
            format!(
                "Service principal {} of tenant {} has no job {}. {error}",
                self.service_principal_id,
                context.tenant_id(),
                self.job_id
            ),
        )
    }
}
