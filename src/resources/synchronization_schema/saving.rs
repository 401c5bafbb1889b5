//! Reads the live document and the template, and writes the next document.

use serde_json::Value as Json;

use super::super::paths::principal_path;
use super::SynchronizationSchema;
use super::merge::Step;
use sdk::prelude::*;

impl SynchronizationSchema {
    /// Reads the live document, once a recently created job is visible, and once it contains the recent writes of `prior`.
    pub(super) async fn visible(&self, context: &Context, prior: Option<&Self>) -> Result<Json> {
        let shown = |live: &Json| prior.is_none_or(|prior| shows(prior, &prior.found(live)));
        let live = context.graph.get_written(&self.path(), shown).await?;
        live.ok_or_else(|| self.no_job(context))
    }

    fn no_job(&self, context: &Context) -> Problem {
        Problem::at(
            "job_id",
            "The job does not exist",
            format!(
                "In tenant {} the service principal {} has no job {:?}. Refer to `id` of a `crosstenant_provisioning_job` in the \
                 same tenant.",
                context.tenant_id(),
                self.service_principal_id,
                self.job_id
            ),
        )
    }

    /// Reads the schema of the job's template.
    pub(super) async fn template(&self, context: &Context) -> Result<Json> {
        let job = context.graph.get_referred(&self.job_path()).await?;
        let Some(template) = job.as_ref().and_then(|job| text(job, "templateId")) else {
            return Err(self.no_job(context));
        };
        let path = format!(
            "{}/synchronization/templates/{}/schema",
            principal_path(&self.service_principal_id),
            graph::segment(&template)
        );
        context.graph.get(&path).await?.ok_or_else(|| {
            let detail = format!(
                "The job was created from the template {template:?}, but Microsoft Graph returns no schema for it, so \
                customizations cannot be detected. Nothing was changed."
            );
            Problem::error("The template of the job has no schema", detail)
        })
    }

    /// Writes the next document if it differs, and updates `state`.
    pub(super) async fn save(
        &self,
        context: &Context,
        step: &Step<'_>,
        live: Json,
        state: &mut Option<Self>,
    ) -> Result {
        let mut next = step.merged(&live, &self.read_by_graph(context, &live).await?)?;
        if next != live {
            self.all_names_exist(context, &mut next).await?;
            // The OData context belongs to the response and not to the document.
            if let Some(members) = next.as_object_mut() {
                members.shift_remove("@odata.context");
            }
            context.graph.put(&self.path(), &next).await?;
        }
        *state = Some(self.clone().recognizing(&next));
        Ok(())
    }
}
