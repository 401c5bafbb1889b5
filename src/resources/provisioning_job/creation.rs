//! Creates a job: looks for an existing one, sends one request, and checks that no killed run has created another one.

use serde_json::{Value as Json, json};

use super::super::job_secrets::Secrets;
use super::ProvisioningJob;
use sdk::prelude::*;

impl ProvisioningJob {
    pub(super) fn is_same_kind(&self, job: &Json) -> bool {
        job["templateId"].as_str() == self.template_id.as_deref()
    }

    /// Reads the existing jobs and secrets, once the service principal is visible.
    pub(super) async fn look(&self, context: &Context) -> Result<(Vec<Json>, Secrets)> {
        let paths = [self.path("jobs"), self.path("secrets")];
        let look = || async {
            let mut answers = context.graph.batch_get(&paths).await?.into_iter();
            let mut next = || answers.next().transpose().map(Option::flatten);
            Ok::<_, Problem>((next()?, next()?))
        };
        let are_visible =
            |(jobs, secrets): &(Option<Json>, Option<Json>)| jobs.is_some() && secrets.is_some();
        let patience = context.graph.for_others(&self.path("jobs"));
        match context.graph.until(patience, look, are_visible).await? {
            (Some(jobs), Some(secrets)) => {
                let jobs = jobs["value"].as_array().cloned().unwrap_or_default();
                Ok((jobs, Secrets::read(Some(&secrets))))
            }
            (Some(_), None) => Err(self.no_secrets(context)),
            (None, _) => Err(self.no_principal(context)),
        }
    }

    fn no_principal(&self, context: &Context) -> Problem {
        let tenant_id = context.tenant_id();
        let advice = if self.target_tenant_id.eq_ignore_ascii_case(tenant_id) {
            format!(
                "{tenant_id} is the target tenant of the job. Configure the job in the source tenant: set `provider` to the provider \
                 configuration that signs in to the source tenant."
            )
        } else {
            "Refer to `service_principal_id` of a `crosstenant_synchronization_configuration` that uses the same provider \
             configuration."
                .to_owned()
        };
        Problem::at(
            "service_principal_id",
            "The service principal does not exist",
            format!(
                "Tenant {tenant_id} has no service principal with the object ID {}. {advice}",
                self.service_principal_id
            ),
        )
    }

    pub(super) fn exists(&self, context: &Context, job: &Json) -> Problem {
        let id = format!(
            "{}/{}",
            self.service_principal_id,
            text(job, "id").unwrap_or_default()
        );
        Self::already_exists(context, "A job of the same kind", &id)
    }

    /// Creates the job and sets it up. A repeated request would create a second job, so after a lost response, the provider only looks for
    /// it.
    pub(super) async fn begin(
        &self,
        context: &Context,
        state: &mut Option<Self>,
        secrets: Secrets,
    ) -> Result {
        // If this process created the service principal, no killed run can have created a job: its ID was not known before.
        let principal = &self.service_principal_id;
        if context.graph.since_earlier(principal).is_zero() {
            let job = self.post(context, None).await?;
            let made = state.insert(self.made(&job));
            return made.set_up(context, secrets, self.enabled()).await;
        }
        let (path, body) = (self.path("jobs"), self.body());
        let look = || self.find(context, None);
        let (job, listed) = context.graph.post_listed(&path, &body, look).await?;
        // The job exists from here on: the next apply repairs later failures.
        let made = state.insert(self.made(&job));
        if let Some(other) = made.other(context, listed).await? {
            context.graph.delete(&made.job_path()?).await?;
            *state = None;
            return Err(self.exists(context, &other));
        }
        made.set_up(context, secrets, self.enabled()).await
    }

    /// Creates the job only. `old` is the job that was just deleted: a replica may still return it.
    pub(super) async fn post(&self, context: &Context, old: Option<&str>) -> Result<Json> {
        let look = || self.find(context, old);
        let (path, body) = (self.path("jobs"), self.body());
        let posted = context.graph.post_once(&path, &body, Resend::Never, look);
        Ok(posted.await?)
    }

    fn body(&self) -> Json {
        json!({ "templateId": self.template_id })
    }

    /// Looks for a job of this kind, which a request with a lost response may have created.
    async fn find(
        &self,
        context: &Context,
        old: Option<&str>,
    ) -> Result<Option<Json>, graph::Error> {
        let jobs = context.graph.list(&self.path("jobs")).await?;
        let is_new = |job: &Json| self.is_same_kind(job) && job["id"].as_str() != old;
        Ok(jobs.into_iter().find(is_new))
    }

    /// Returns another job of this kind, which a killed run may have created and which was not visible before. Replicas apply writes in
    /// order, so a response that contains this job also contains that one.
    async fn other(&self, context: &Context, listed: Option<Vec<Json>>) -> Result<Option<Json>> {
        let jobs = match listed {
            Some(jobs) => jobs,
            None => context.graph.list(&self.path("jobs")).await?,
        };
        let is_other =
            |job: &Json| self.is_same_kind(job) && job["id"].as_str() != self.id.as_deref();
        Ok(jobs.into_iter().find(is_other))
    }
}
