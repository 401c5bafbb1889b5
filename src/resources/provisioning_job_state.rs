//! The state of a job, started or paused, as a separate resource, so that it can depend on all settings that must be saved first.

use std::time::Duration;

use serde_json::Value as Json;

use super::connection_test::{self, Connection};
use super::job_secrets::Secrets;
use super::paths::principal_path;
use super::provisioning_job::{named_or_only_job, pause};
use super::wait_for_job::{self, Until};
use sdk::prelude::*;

attributes! {
    /// Manages whether a provisioning job runs. Use it to start the job after the mappings and scoping filters of
    /// `crosstenant_synchronization_schema` and the assignments are saved. A job that is started earlier could synchronize users
    /// that a filter excludes. Configure this resource in the source tenant.
    ///
    /// Omit `enabled` of `crosstenant_provisioning_job`, and list the resources that must exist first in `depends_on`.
    /// Destroying this resource pauses the job before the resources that it depends on are destroyed.
    pub struct ProvisioningJobState {
        /// Object ID of the service principal that the job belongs to. Changing this forces a new resource to be created.
        service_principal_id: String = key().guid(),
        /// ID of the job. Changing this forces a new resource to be created.
        job_id: String = key(),
        /// Whether the job runs; `false` pauses it.
        enabled: Option<bool> = default(true),
        /// Whether to test the connection before the job is started.
        validate_connection: Option<bool> = default(true).local(),
        /// Time during which a failing connection test is repeated. The policies of the two tenants need some time to replicate.
        validate_connection_timeout: Option<String> = default("1m").check(Check::Duration).local(),
        /// Condition to wait for after the job was started: `started` waits until the job is active, `initial_cycle` until a
        /// whole cycle has run. A quarantine ends the wait with an error. `timeouts` limits the wait; the progress is written to
        /// the log. If omitted, the resource does not wait.
        wait_for: Option<String> = optional().one_of(&["started", "initial_cycle"]).local(),
        /// Tenant ID of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for ProvisioningJobState {
    const NAME: &'static str = "provisioning_job_state";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::No("`crosstenant_provisioning_job` has the same settings");
    const PATH: &'static str =
        "/servicePrincipals/{service_principal_id}/synchronization/jobs/{job_id}";
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>/<job_id>",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>",
        "<service_principal_id>/job/<job_id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "POST /servicePrincipals/{id}/synchronization/jobs/validateCredentials",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/start",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/pause",
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
    ];
    const NOTES: &'static str = "\
A job that already runs is adopted and not started again. Do not set `enabled` of the job as well: the two resources would undo each other's
changes. To restart the job, use `restart_triggers` of `crosstenant_provisioning_job`.";

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        if !planned.enabled() {
            planned.pause(context).await?;
            *state = Some(planned.clone());
            return Ok(());
        }
        let job = planned.visible(context).await?;
        // Unnecessary starts are avoided, as Microsoft requests, but not if this run has written to the job, because a replica may return
        // the old state.
        let is_certain = context.graph.is_settling(&planned.path()).is_zero();
        if !(runs(&job) && is_certain) {
            planned.start(context, &job).await?;
        }
        *state = Some(planned.clone());
        planned.watch(context, &job).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let (principal, named) = (&state.service_principal_id, &state.job_id);
        let Some(job_id) = named_or_only_job(context, principal, named).await? else {
            return Ok(None);
        };
        let found = Self {
            job_id,
            ..state.clone()
        };
        let job = context.graph.get_together(&found.path()).await?;
        Ok(job.map(|job| Self {
            enabled: Some(runs(&job)),
            ..found
        }))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        if state.enabled == planned.enabled {
            *state = planned.clone();
            return Ok(());
        }
        if !planned.enabled() {
            planned.pause(context).await?;
            *state = planned.clone();
            return Ok(());
        }
        let job = planned.visible(context).await?;
        planned.start(context, &job).await?;
        *state = planned.clone();
        planned.watch(context, &job).await
    }

    /// The filters may be removed next, so the job must not be started any more.
    async fn delete(context: &Context, state: &Self) -> Result {
        pause(context, &state.path()).await.map(drop)
    }
}

/// Whether a job is started, independent of whether a cycle is in progress.
fn runs(job: &Json) -> bool {
    job["schedule"]["state"] == "Active"
}

impl ProvisioningJobState {
    fn synchronization(&self) -> String {
        format!(
            "{}/synchronization",
            principal_path(&self.service_principal_id)
        )
    }

    fn enabled(&self) -> bool {
        self.enabled == Some(true)
    }

    /// Reads the job, once it is visible.
    async fn visible(&self, context: &Context) -> Result<Json> {
        let found = context.graph.get_referred(&self.path()).await?;
        found.ok_or_else(|| self.no_job(context))
    }

    fn no_job(&self, context: &Context) -> Problem {
        Problem::at(
            "job_id",
            "The job does not exist",
            format!(
                "The service principal {} in tenant {} has no job {}. Refer to `service_principal_id` and `id` of a \
                 `crosstenant_provisioning_job` in the same tenant.",
                self.service_principal_id,
                context.tenant_id(),
                self.job_id
            ),
        )
    }

    /// Pauses the job without reading it first: a replica may return the state before the start.
    async fn pause(&self, context: &Context) -> Result {
        if pause(context, &self.path()).await? {
            Ok(())
        } else {
            Err(self.no_job(context))
        }
    }

    async fn start(&self, context: &Context, job: &Json) -> Result {
        self.test_connection(context, job).await?;
        let start = format!("{}/start", self.path());
        let done = context.graph.post(&start, &Json::Null, Resend::Safe).await;
        Ok(done.map(drop)?)
    }

    async fn test_connection(&self, context: &Context, job: &Json) -> Result {
        if self.validate_connection != Some(true) {
            return Ok(());
        }
        let path = format!("{}/secrets", self.synchronization());
        let answer = context.graph.get(&path).await?;
        let secrets = Secrets::read(answer.as_ref());
        // A job without a target was never set up; the start returns that error.
        let Some(target) = secrets.target() else {
            return Ok(());
        };
        let written = self.validate_connection_timeout.as_deref().unwrap_or("1m");
        let patience = terraform::duration(written).unwrap_or(Duration::from_secs(60));
        let template = text(job, "templateId").unwrap_or_default();
        let connection = Connection {
            principal: &self.service_principal_id,
            template: &template,
            target,
        };
        connection_test::run(context, &connection, patience).await
    }

    /// Waits as configured in `wait_for`, if the job is started. `before` is the job before the start.
    async fn watch(&self, context: &Context, before: &Json) -> Result {
        match Until::of(self.wait_for.as_deref()) {
            Some(until) if self.enabled() => {
                let cycle = (!runs(before))
                    .then(|| wait_for_job::last_cycle(before))
                    .flatten();
                wait_for_job::wait(context, &self.path(), until, cycle.as_deref()).await
            }
            _ => Ok(()),
        }
    }
}
