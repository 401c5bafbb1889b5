//! The state of a provisioning job, with explanations.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::job_state;
use super::prelude::*;
use super::timestamp::timestamp;
use crate::paths::jobs_path;

attributes! {
    /// Reads the status of a provisioning job: whether it runs, the progress of the initial cycle, the result of the last
    /// cycle, and the reason for a quarantine. Configure this data source in the source tenant.
    ///
    /// Right after a start, Microsoft Graph reports a failed execution in the year 1 although no cycle has run. This data
    /// source ignores it.
    pub struct ProvisioningJobState {
        /// Object ID of the configuration's service principal.
        service_principal_id: String = required().guid(),
        /// ID of the job. If omitted, the only job of the service principal is used.
        id: Option<String> = computed().check(Check::NotEmpty),
        /// Template of the job, `Azure2Azure` for cross-tenant synchronization.
        template_id: Option<String> = read_only(),
        /// Status of the job: `not_configured`, `not_run` (started, but no cycle has run), `active`, `paused` or
        /// `quarantined`.
        state: Option<String> = read_only(),
        /// Summary of the status in one or two sentences.
        summary: Option<String> = read_only(),
        /// Whether the job is started and not paused. This is also `true` for a job in quarantine, which retries only every few hours.
        is_running: Option<bool> = read_only(),
        /// Progress of the initial cycle in percent: 100 once it is finished, null if Graph does not report it.
        progress: Option<i64> = read_only(),
        /// Whether the initial cycle is finished.
        is_initial_cycle_finished: Option<bool> = read_only(),
        /// Time at which steady state, with no outstanding changes, was first achieved. Null until then.
        steady_state_first_achieved: Option<String> = read_only(),
        /// Time at which steady state, with no outstanding changes, was last achieved. Null until then.
        steady_state_last_achieved: Option<String> = read_only(),
        /// Quarantine of the job. Null if the job is not in quarantine.
        quarantine: Option<Quarantine> = read_only(),
        /// Number of consecutive cycles that failed completely.
        successive_failures: Option<i64> = read_only(),
        /// Last cycle. Null if there was none.
        last_execution: Option<Execution> = read_only(),
        /// Last cycle without errors. Null if there was none.
        last_successful_execution: Option<Execution> = read_only(),
        /// Last cycle without errors that changed something in the target tenant. Null if there was none.
        last_successful_execution_with_exports: Option<Execution> = read_only(),
        /// Number of synchronized objects, by type of object.
        synchronized_counts: Option<BTreeMap<String, i64>> = read_only(),
        /// Schedule of the job.
        schedule: Option<Schedule> = read_only(),
        /// URL of a page about the job's errors, if Graph returns one.
        troubleshooting_url: Option<String> = read_only(),
        /// Tenant ID of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only(),
    }

    /// Why a job is in quarantine.
    pub struct Quarantine {
        /// Reason for the quarantine, for example `encountered_quarantine_exception` or `too_many_deletes`.
        reason: Option<String> = read_only(),
        /// Explanation of the reason.
        explanation: Option<String> = read_only(),
        /// Recommended action to end the quarantine.
        what_to_do: Option<String> = read_only(),
        /// Code of the error that caused the quarantine, if there is one.
        error_code: Option<String> = read_only(),
        /// Error message from Graph.
        error_message: Option<String> = read_only(),
        /// When it began.
        since: Option<String> = read_only(),
        /// Number of times that the quarantine was reevaluated and confirmed.
        attempts: Option<i64> = read_only(),
        /// Time of the next retry: after 6 hours, 12 hours, then every 24 hours. After four weeks, the job is disabled.
        next_attempt: Option<String> = read_only(),
    }

    /// One cycle.
    pub struct Execution {
        /// Result: `succeeded`, `failed`, or `entry_level_errors` if only some objects failed.
        state: Option<String> = read_only(),
        /// When it began.
        began: Option<String> = read_only(),
        /// When it ended.
        ended: Option<String> = read_only(),
        /// Number of objects in scope.
        entitled: Option<i64> = read_only(),
        /// Number of objects read from the source tenant.
        imported: Option<i64> = read_only(),
        /// Number of objects written to the target tenant.
        exported: Option<i64> = read_only(),
        /// Number of objects that failed and will be retried.
        failed: Option<i64> = read_only(),
        /// Error that ended the cycle. Null if there was none.
        error: Option<ExecutionError> = read_only(),
        /// ID of the cycle, for Microsoft support.
        id: Option<String> = read_only(),
    }

    /// The error that ended a cycle.
    pub struct ExecutionError {
        /// Code of the error.
        code: Option<String> = read_only(),
        /// Error message from Graph.
        message: Option<String> = read_only(),
        /// Whether an administrator of the tenant can fix the error.
        is_tenant_actionable: Option<bool> = read_only(),
    }

    /// When a job runs.
    pub struct Schedule {
        /// State of the schedule: `Active`, `Disabled` or `Paused`.
        state: Option<String> = read_only(),
        /// Time between two cycles, as an ISO 8601 duration. It cannot be changed.
        interval: Option<String> = read_only(),
        /// Time at which the schedule ends. Null if it does not end.
        expiration: Option<String> = read_only(),
    }
}

impl DataSource for ProvisioningJobState {
    const NAME: &'static str = "provisioning_job";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}",
    ];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let job = config.find(context).await?;
        Ok(config.described(&job, context.tenant_id()))
    }
}

impl ProvisioningJobState {
    async fn find(&self, context: &Context) -> Result<Json> {
        let jobs = jobs_path(&self.service_principal_id);
        if let Some(id) = &self.id {
            let path = format!("{jobs}/{}", graph::segment(id));
            let found = context.graph.get(&path).await?;
            return found.ok_or_else(|| self.absent(context, &format!("no job {id:?}")));
        }
        let found = context.graph.get(&jobs).await?;
        let found = found.ok_or_else(|| {
            let detail = format!(
                "Tenant {} has no service principal with the object ID {}.",
                context.tenant_id(),
                self.service_principal_id
            );
            Problem::at(
                "service_principal_id",
                "The service principal does not exist",
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
        Problem::at("service_principal_id", "The job does not exist", detail)
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
            steady_state_first_achieved: timestamp(&status["steadyStateFirstAchievedTime"]),
            steady_state_last_achieved: timestamp(&status["steadyStateLastAchievedTime"]),
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
                expiration: timestamp(&schedule["expiration"]),
            }),
            troubleshooting_url: text(status, "troubleshootingUrl"),
            tenant_id: Some(tenant_id.to_owned()),
        }
    }
}
