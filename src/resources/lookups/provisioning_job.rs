//! How a provisioning job is doing, in words.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::job_state;
use super::moment::moment;
use super::prelude::*;
use crate::resources::synchronization_configuration::jobs_path;

attributes! {
    /// Tells how a provisioning job is doing: whether it runs, how far the initial cycle is, what the last cycle did, and why it is
    /// in quarantine. Use it in the source tenant.
    ///
    /// What Graph reports right after a start, an execution that looks failed and took place in the year 1, is left out here:
    /// there was none yet.
    pub struct ProvisioningJobState {
        /// Object id of the configuration's service principal.
        service_principal_id: String = required().guid(),
        /// Id of the job. If omitted, the only job of the service principal is used.
        id: Option<String> = computed().check(Check::NotEmpty),
        /// Kind of the job, `Azure2Azure` for cross-tenant synchronization.
        template_id: Option<String> = read_only(),
        /// What Graph calls the job's status: `not_configured`, `not_run` (started, but no cycle has run), `active`, `paused` or
        /// `quarantined`.
        state: Option<String> = read_only(),
        /// How the job is doing, as one or two sentences.
        summary: Option<String> = read_only(),
        /// Whether the job is started and not paused. A job in quarantine is, but tries seldom.
        is_running: Option<bool> = read_only(),
        /// How much of the initial cycle is done, in percent. 100 once it is finished, null where Graph does not say.
        progress: Option<i64> = read_only(),
        /// Whether the initial cycle is finished.
        is_initial_cycle_finished: Option<bool> = read_only(),
        /// When source and target first matched; null until then.
        steady_state_first_achieved: Option<String> = read_only(),
        /// When source and target last matched; null until then.
        steady_state_last_achieved: Option<String> = read_only(),
        /// Why the job hardly runs any more; null where it is not in quarantine.
        quarantine: Option<Quarantine> = read_only(),
        /// How many cycles in a row have failed as a whole.
        successive_failures: Option<i64> = read_only(),
        /// The last cycle; null where there was none.
        last_execution: Option<Execution> = read_only(),
        /// The last cycle without errors; null where there was none.
        last_successful_execution: Option<Execution> = read_only(),
        /// The last cycle without errors that changed something in the target tenant; null where there was none.
        last_successful_execution_with_exports: Option<Execution> = read_only(),
        /// How many objects are in sync, by Graph's name of their type.
        synchronized_counts: Option<BTreeMap<String, i64>> = read_only(),
        /// When the job runs.
        schedule: Option<Schedule> = read_only(),
        /// Address of a page about the job's errors, where Graph names one.
        troubleshooting_url: Option<String> = read_only(),
        /// Tenant id of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only(),
    }

    /// Why a job is in quarantine.
    pub struct Quarantine {
        /// Graph's reason, for example `encountered_quarantine_exception` or `too_many_deletes`.
        reason: Option<String> = read_only(),
        /// What it means.
        explanation: Option<String> = read_only(),
        /// What ends the quarantine.
        what_to_do: Option<String> = read_only(),
        /// Code of the error behind it, where there is one.
        error_code: Option<String> = read_only(),
        /// Graph's own words.
        error_message: Option<String> = read_only(),
        /// When it began.
        since: Option<String> = read_only(),
        /// How often it was confirmed since.
        attempts: Option<i64> = read_only(),
        /// When the job tries again: after 6, 12, then every 24 hours. After four weeks it is disabled.
        next_attempt: Option<String> = read_only(),
    }

    /// One cycle.
    pub struct Execution {
        /// How it ended: `succeeded`, `failed`, or `entry_level_errors` where only some objects failed.
        state: Option<String> = read_only(),
        /// When it began.
        began: Option<String> = read_only(),
        /// When it ended.
        ended: Option<String> = read_only(),
        /// How many objects were to be synchronized.
        entitled: Option<i64> = read_only(),
        /// How many objects were read from the source tenant.
        imported: Option<i64> = read_only(),
        /// How many objects were written to the target tenant.
        exported: Option<i64> = read_only(),
        /// How many objects failed and will be tried again.
        failed: Option<i64> = read_only(),
        /// The error that ended it; null where there was none.
        error: Option<ExecutionError> = read_only(),
        /// Id of the cycle, for Microsoft support.
        id: Option<String> = read_only(),
    }

    /// The error that ended a cycle.
    pub struct ExecutionError {
        /// Code of the error.
        code: Option<String> = read_only(),
        /// Graph's own words.
        message: Option<String> = read_only(),
        /// Whether an administrator of the tenant can do something about it.
        is_tenant_actionable: Option<bool> = read_only(),
    }

    /// When a job runs.
    pub struct Schedule {
        /// Whether it does: `Active`, `Disabled` or `Paused`.
        state: Option<String> = read_only(),
        /// Time between two cycles, as an ISO 8601 duration. Nobody can change it.
        interval: Option<String> = read_only(),
        /// When the schedule ends; null for never.
        expiration: Option<String> = read_only(),
    }
}

impl DataSource for ProvisioningJobState {
    const NAME: &'static str = "provisioning_job";
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", "/servicePrincipals/{id}/synchronization/jobs"),
        ("GET", "/servicePrincipals/{id}/synchronization/jobs/{id}"),
    ];

    async fn read(context: &Context, config: &Self) -> Result<Self, Problem> {
        let job = config.find(context).await?;
        Ok(config.described(&job, context.tenant_id()))
    }
}

impl ProvisioningJobState {
    async fn find(&self, context: &Context) -> Result<Json, Problem> {
        let jobs = jobs_path(&self.service_principal_id);
        if let Some(id) = &self.id {
            let path = format!("{jobs}/{}", graph::segment(id));
            let found = context.graph.get(&path).await?;
            return found.ok_or_else(|| self.absent(context, &format!("no job {id:?}")));
        }
        let found = context.graph.get(&jobs).await?;
        let found = found.ok_or_else(|| {
            let detail = format!(
                "Tenant {} has no service principal with the object id {}.",
                context.tenant_id(),
                self.service_principal_id
            );
            Problem::at(
                "service_principal_id",
                "There is no such service principal",
                detail,
            )
        })?;
        match found["value"].as_array().map_or(&[][..], Vec::as_slice) {
            [job] => Ok(job.clone()),
            [] => Err(self.absent(context, "no job")),
            several => {
                let ids: Vec<String> = several.iter().filter_map(|job| text(job, "id")).collect();
                let detail = format!("Set `id` to one of {}.", ids.join(", "));
                Err(Problem::at(
                    "id",
                    "The service principal has several jobs",
                    detail,
                ))
            }
        }
    }

    fn absent(&self, context: &Context, what: &str) -> Problem {
        let detail = format!(
            "The service principal {} in tenant {} has {what}. A `crosstenant_provisioning_job` creates one.",
            self.service_principal_id,
            context.tenant_id()
        );
        Problem::at("service_principal_id", "There is no such job", detail)
    }

    fn described(&self, job: &Json, tenant_id: &str) -> Self {
        let (status, schedule) = (&job["status"], &job["schedule"]);
        let counts = status["synchronizedEntryCountByType"].as_array();
        let counts = counts.into_iter().flatten();
        let counts = counts.filter_map(|pair| Some((text(pair, "key")?, pair["value"].as_i64()?)));
        Self {
            service_principal_id: self.service_principal_id.clone(),
            id: text(job, "id"),
            template_id: text(job, "templateId"),
            state: job_state::state(status),
            summary: Some(job_state::summary(job)),
            is_running: Some(schedule["state"] == "Active"),
            progress: job_state::progress(status),
            is_initial_cycle_finished: Some(job_state::is_past_initial_cycle(status)),
            steady_state_first_achieved: moment(&status["steadyStateFirstAchievedTime"]),
            steady_state_last_achieved: moment(&status["steadyStateLastAchievedTime"]),
            quarantine: job_state::quarantine(status),
            successive_failures: status["countSuccessiveCompleteFailures"].as_i64(),
            last_execution: job_state::execution(&status["lastExecution"]),
            last_successful_execution: job_state::execution(&status["lastSuccessfulExecution"]),
            last_successful_execution_with_exports: job_state::execution(
                &status["lastSuccessfulExecutionWithExports"],
            ),
            synchronized_counts: Some(counts.collect()),
            schedule: schedule.is_object().then(|| Schedule {
                state: text(schedule, "state"),
                interval: text(schedule, "interval"),
                expiration: moment(&schedule["expiration"]),
            }),
            troubleshooting_url: text(status, "troubleshootingUrl"),
            tenant_id: Some(tenant_id.to_owned()),
        }
    }
}
