//! The settings of a job, which Graph stores as secrets of its service principal. They are read, changed and written as a whole.

use super::super::job_secrets::{self, Secrets};
use super::ProvisioningJob;
use sdk::prelude::*;
use serde_json::Value as Json;

impl ProvisioningJob {
    pub(super) fn same_settings(&self, other: &Self) -> bool {
        job_secrets::wanted(self) == job_secrets::wanted(other)
    }

    /// Returns an error: unreadable secrets are not overwritten, because they may contain unmanaged settings.
    pub(super) fn no_secrets(&self, context: &Context) -> Problem {
        Problem::at(
            "service_principal_id",
            "The settings of the provisioning job cannot be read",
            format!(
                "Microsoft Graph did not find the synchronization secrets of service principal {} in tenant {}. \
                Because writing secrets replaces all of them, nothing was written. Apply again later.",
                self.service_principal_id,
                context.tenant_id()
            ),
        )
    }

    /// Reads the secrets, including the values that were last written for this job.
    pub(super) async fn own_secrets(&self, context: &Context) -> Result<Secrets> {
        let shown = |answer: &Json| self.is_shown_by(&Secrets::read(Some(answer)));
        let path = self.path("secrets");
        let answer = context.graph.get_written(&path, shown).await?;
        let answer = answer.ok_or_else(|| self.no_secrets(context))?;
        Ok(Secrets::read(Some(&answer)))
    }

    /// Whether the secrets contain the values that were last written for this job.
    fn is_shown_by(&self, secrets: &Secrets) -> bool {
        let mut shown = self.clone();
        secrets.describe(&mut shown).is_ok() && shown.same_settings(self)
    }

    /// Writes the managed secrets and keeps the others. Sends no request if nothing changes.
    pub(super) async fn save_secrets(&self, context: &Context, existing: Secrets) -> Result {
        let Some(body) = existing.with(&job_secrets::wanted(self))? else {
            return Ok(());
        };
        Ok(context.graph.put(&self.path("secrets"), &body).await?)
    }
}
