//! The settings of a job, which Graph keeps as secrets of its service principal: read, and written only onto what was read.

use super::super::job_secrets::{self, Secrets};
use super::ProvisioningJob;
use sdk::prelude::*;
use serde_json::Value as Json;

impl ProvisioningJob {
    pub(super) fn same_settings(&self, other: &Self) -> bool {
        job_secrets::wanted(self) == job_secrets::wanted(other)
    }

    /// What cannot be read is not written over: others may have stored settings there.
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

    /// The secrets as they are, with what this job was last given.
    pub(super) async fn own_secrets(&self, context: &Context) -> Result<Secrets, Problem> {
        let shown = |answer: &Json| self.is_shown_by(&Secrets::read(Some(answer)));
        let path = self.path("secrets");
        let answer = context.graph.get_written(&path, shown).await?;
        let answer = answer.ok_or_else(|| self.no_secrets(context))?;
        Ok(Secrets::read(Some(&answer)))
    }

    /// Whether secrets are those that this job was last given.
    fn is_shown_by(&self, secrets: &Secrets) -> bool {
        let mut shown = self.clone();
        secrets.describe(&mut shown).is_ok() && shown.same_settings(self)
    }

    /// Writes our secrets and leaves those of others as they are. Nothing is sent where nothing would change.
    pub(super) async fn save_secrets(
        &self,
        context: &Context,
        existing: Secrets,
    ) -> Result<(), Problem> {
        let Some(body) = existing.with(&job_secrets::wanted(self))? else {
            return Ok(());
        };
        Ok(context.graph.put(&self.path("secrets"), &body).await?)
    }
}
