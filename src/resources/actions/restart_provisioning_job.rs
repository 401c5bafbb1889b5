//! A provisioning job started over.

use serde_json::json;

use super::Action;
use crate::resources::prelude::*;
use crate::resources::provisioning_job::{RESTART, reset_scopes};
use crate::resources::synchronization_configuration::job_path;
use crate::terraform::Progress;

attributes! {
    /// Restarts a provisioning job, so that it evaluates users again. Invoke it with the provider of the source tenant.
    ///
    /// A job that is paused runs afterwards.
    pub struct RestartProvisioningJob {
        /// Object id of the service principal that the job belongs to.
        service_principal_id: String = required().guid(),
        /// Id of the provisioning job.
        job_id: String = required().check(Check::NotEmpty),
        /// What to start over: `Watermark` evaluates every user again, `Escrows` and `QuarantineState` forget failures and leave
        /// the quarantine, `Full` is all of these and a new initial cycle, `ForceDeletes` confirms deletions that are more than the
        /// threshold. If omitted, `Watermark`, `Escrows` and `QuarantineState`, as in the portal.
        reset_scope: Option<Set<String>> = optional().check(Check::That(reset_scopes)),
    }
}

impl Action for RestartProvisioningJob {
    const NAME: &'static str = "restart_provisioning_job";
    const CALLS: &'static [(&'static str, &'static str)] = &[(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{id}/restart",
    )];

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
                    "`ForceDeletes` lets the job carry out deletions that it holds back because they are more than its \
                     threshold. Look at them in the provisioning logs first.",
                )
                .at(Path::root("reset_scope")),
            );
        }
    }

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result<(), Problem> {
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
            "There is no such provisioning job",
            format!(
                "Service principal {} of tenant {} has no job {}. {error}",
                self.service_principal_id,
                context.tenant_id(),
                self.job_id
            ),
        )
    }
}
