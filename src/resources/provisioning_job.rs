//! The job that synchronizes: its credentials, its scope, its notifications, and whether it runs.
//!
//! Graph keeps the settings as secrets of the service principal, so job and secrets are one resource.

mod target;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use self::target::{first_triggers, moves, replaced, target};
use super::connection_test::{self, Connection};
use super::job_secrets::{self, Secrets};
use super::job_watch::{self, Until};
use super::prelude::*;
use super::synchronization_configuration::principal_path;

/// The kind of job that synchronizes to another tenant.
const TEMPLATE: &str = "Azure2Azure";

attributes! {
    /// Manages the provisioning job of a configuration: where it synchronizes to, whom, who is told when it fails, and
    /// whether it runs. It belongs into the source tenant.
    ///
    /// Before the job is saved its connection is tested as in the portal; a failed test names what is missing in which tenant.
    /// Deleting the job leaves the users it created in the target tenant.
    pub struct ProvisioningJob {
        /// Object id of the configuration's service principal. Changing it makes another job.
        service_principal_id: String = key().guid(),
        /// Kind of the job; the default is the one for cross-tenant synchronization. Changing it makes another job.
        template_id: Option<String> = default(TEMPLATE).replaces(),
        /// Tenant id of the tenant to synchronize to. Changing it tests the connection to the new tenant, then deletes the job and
        /// creates another one with a new `id`; if the test fails, the job stays as it is. A job that has no target yet keeps its
        /// `id`.
        target_tenant_id: String = required()
            .check(Check::That(target))
            .same_if(str::eq_ignore_ascii_case),
        /// Whom to synchronize: `assigned` for users and the direct members of groups that are assigned to the configuration,
        /// or `all` for every user of the tenant. Going from `all` to `assigned` restarts the job, without which Graph would
        /// ignore the change.
        scope: Option<String> = default("assigned").one_of(&["assigned", "all"]),
        /// Address that is told when the job is quarantined. Left out: nobody.
        notification_email: Option<String> = optional().check(Check::Email),
        /// Whether the job stops for confirmation when it is about to delete more users than
        /// `accidental_deletion_threshold`.
        prevent_accidental_deletion: Option<bool> = default(true),
        /// How many deletions in one cycle are too many.
        accidental_deletion_threshold: Option<i64> = default(500).check(Check::Between(1, 2_147_483_647)),
        /// Whether the job runs: `true` starts it, `false` pauses it. Optional; if omitted, it is not decided here: a new job is
        /// created paused, one that exists is left as it is, and nothing about it is stored. Omit it where the job may only start
        /// once its mappings, filters and assignments are saved, and start it with `crosstenant_provisioning_job_state`.
        enabled: Option<bool> = computed(),
        /// Whether to test the connection before the job is saved or started.
        validate_connection: Option<bool> = default(true).local(),
        /// How long a failing connection test is repeated, because policies of the two tenants take a while to replicate.
        validate_connection_timeout: Option<String> = default("1m").check(Check::Duration).local(),
        /// Any values. When one of them changes, or when they are set for a job that exists, the job is restarted as
        /// `reset_scope` says.
        restart_triggers: Option<BTreeMap<String, String>> = optional().local(),
        /// What a restart starts over: `Watermark` evaluates every user again, `Escrows` and `QuarantineState` forget failures and
        /// leave the quarantine, `Full` is all of these and a new initial cycle, `ForceDeletes` confirms deletions that are more
        /// than the threshold. Left out: `Watermark`, `Escrows` and `QuarantineState`, as in the portal.
        reset_scope: Option<Set<String>> = optional().check(Check::That(reset_scopes)).local(),
        /// What to wait for after the job was started or restarted: `started` until it is switched on, `initial_cycle` until a
        /// whole cycle has run. A quarantine ends the wait with an error. The time allowed is that of `timeouts`; the progress is
        /// in the log. Left out: nothing.
        wait_for: Option<String> = optional().one_of(&["started", "initial_cycle"]).local(),
        /// Whether the scope was narrowed but the restart that makes Graph heed it has not succeeded yet. The next apply restarts
        /// the job.
        restart_pending: Option<bool> = read_only(),
        /// Id of the job.
        id: Option<String> = read_only(),
        /// Tenant id of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for ProvisioningJob {
    const NAME: &'static str = "provisioning_job";
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>/<id>",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<id>",
        "<service_principal_id>/job/<id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", "/servicePrincipals/{id}/synchronization/jobs"),
        ("GET", "/servicePrincipals/{id}/synchronization/jobs/{id}"),
        ("GET", "/servicePrincipals/{id}/synchronization/secrets"),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/validateCredentials",
        ),
        ("POST", "/servicePrincipals/{id}/synchronization/jobs"),
        ("PUT", "/servicePrincipals/{id}/synchronization/secrets"),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/start",
        ),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/pause",
        ),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/restart",
        ),
        (
            "DELETE",
            "/servicePrincipals/{id}/synchronization/jobs/{id}",
        ),
        ("GET", "/policies/crossTenantAccessPolicy/partners/{id}"),
    ];
    const MOVES: &'static [Peer] = &[
        Peer::azuread("azuread_synchronization_job", 1),
        Peer {
            id: of_secret,
            ..Peer::azuread("azuread_synchronization_secret", 1)
        },
        Peer {
            id: peer::by_resource_url_of_job,
            ..Peer::MSGRAPH
        },
    ];

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("target_tenant_id", Some("source"));
        if change.is_destroy() {
            change.warn_of_loss(
                "the job, its schema and its links to users in the target tenant",
                "Users stay in the target tenant. A new job has the mappings of the template and finds users there by the matching \
                 attributes, so that they are not created twice. A job comes back only together with its configuration, where that \
                 was deleted and the job was not: see `crosstenant_restored_configuration`.",
            );
            return;
        }
        if moves(change.prior, change.planned) {
            change.planned.set_member("id", Value::Unknown);
            change.diagnostics.push(replaced(change.prior));
        }
        if let Some(warning) = first_triggers(change.prior, change.planned) {
            change.diagnostics.push(warning);
        }
        // A restart that is owed is part of every plan until it has been made.
        let owed = *change.prior.member("restart_pending") == Value::Bool(true);
        if owed || change.prior.is_null() {
            change
                .planned
                .set_member("restart_pending", Value::Bool(false));
        }
        // What is not decided here is not stored: it would seem to change when the job is started elsewhere.
        if change.prior.is_null() && change.config.member("enabled").is_null() {
            change.planned.set_member("enabled", Value::Null);
        }
    }

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        let (jobs, secrets) = planned.look(context).await?;
        if let Some(existing) = jobs.iter().find(|job| planned.is_same_kind(job)) {
            return Err(planned.exists(context, existing));
        }
        planned.test_connection(context).await?;
        let job = planned.post(context, None).await?;
        // From here on there is a job: what fails below is repaired by the next apply.
        let made = state.insert(planned.made(&job));
        made.set_up(context, secrets, planned.enabled()).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>, Problem> {
        let id = state.present(context).await?;
        if id.is_none() {
            return Ok(None);
        }
        let mut found = Self {
            id,
            ..state.clone()
        };
        let paths = [found.job_path()?, state.path("secrets")];
        let mut answers = context.graph.batch_together(&paths).await?.into_iter();
        let Some(job) = answers.next().transpose()?.flatten() else {
            return Ok(None);
        };
        let secrets = Secrets::read(answers.next().transpose()?.flatten().as_ref());
        if state.enabled.is_some() || state.is_named_only() {
            found.enabled = Some(runs(&job));
        }
        found.template_id = text(&job, "templateId").or(found.template_id);
        secrets.describe(&mut found)?;
        // Somebody may have narrowed the scope, or been interrupted right after, without the restart.
        found.restart_pending = Some(state.restart_pending == Some(true) || found.narrows(state));
        Ok(Some(found))
    }

    async fn explain(context: &Context, _stored: &Self, found: &Self) -> Diagnostics {
        let is_set_up = !found.target_tenant_id.is_empty();
        (!is_set_up)
            .then(|| found.no_target(context))
            .into_iter()
            .collect()
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        if planned.has_another_target(state) {
            return planned.replace(context, state).await;
        }
        let starts = planned.enabled() && !state.enabled();
        if starts || state.target_tenant_id.is_empty() {
            planned.test_connection(context).await?;
        }
        if !planned.same_settings(state) {
            let secrets = state.own_secrets(context).await?;
            planned.save_secrets(context, secrets).await?;
        }
        let narrows = planned.narrows(state) || state.restart_pending == Some(true);
        let triggered = planned.restart_triggers.is_some()
            && state.restart_triggers != planned.restart_triggers;
        let restarts = narrows || triggered;
        let was_enabled = state.enabled;
        let runs_after = match planned.enabled {
            None if restarts => planned.runs(context).await?,
            decided => decided == Some(true),
        };
        let before = if restarts || starts {
            planned.last_cycle(context).await?
        } else {
            None
        };
        *state = Self {
            id: state.id.take(),
            enabled: was_enabled,
            restart_pending: Some(narrows),
            ..planned.clone()
        };
        if restarts {
            let criteria = json!({ "criteria": { "resetScope": planned.resets() } });
            state.act(context, "restart", &criteria).await?;
            state.restart_pending = Some(false);
        } else if starts {
            state.act(context, "start", &Json::Null).await?;
        }
        if !runs_after && (restarts || was_enabled == Some(true)) {
            state.act(context, "pause", &Json::Null).await?;
        }
        state.enabled = planned.enabled;
        if restarts || starts {
            state.watch(context, before.as_deref(), runs_after).await?;
        }
        Ok(())
    }

    /// As documented: a job is paused, then deleted.
    async fn delete(context: &Context, state: &Self) -> Result<(), Problem> {
        remove(context, &state.job_path()?, state.enabled != Some(false)).await
    }
}

/// Whether a job is switched on.
fn runs(job: &Json) -> bool {
    job["schedule"]["state"] == "Active"
}

/// The service principal whose settings a secret is. They are settings of its job, which is looked for when it is read.
fn of_secret(state: &Value) -> Result<String, String> {
    peer::text(state, "service_principal_id")
}

/// The job `id`, or the only one, where an import has named the service principal alone and `id` is empty.
pub(super) async fn named_or_only_job(
    context: &Context,
    principal: &str,
    id: &str,
) -> Result<Option<String>, Problem> {
    if id.is_empty() {
        only_job(context, principal).await
    } else {
        Ok(Some(id.to_owned()))
    }
}

/// The job that is meant where an import or a move names only its service principal; `None` where there is no such principal.
async fn only_job(context: &Context, principal: &str) -> Result<Option<String>, Problem> {
    let path = format!("{}/synchronization/jobs", principal_path(principal));
    let jobs = match context.graph.list(&path).await {
        Err(error) if error.is_not_found() => return Ok(None),
        jobs => jobs?,
    };
    let all: Vec<&Json> = jobs.iter().collect();
    let mut usual = all.clone();
    usual.retain(|job| job["templateId"] == TEMPLATE);
    for candidates in [&all, &usual] {
        if let [only] = candidates.as_slice() {
            return Ok(text(only, "id"));
        }
    }
    let tenant_id = context.tenant_id();
    let ids: Vec<String> = jobs
        .iter()
        .filter_map(|job| Some(format!("{principal}/{}", text(job, "id")?)))
        .collect();
    let (summary, detail) = if ids.is_empty() {
        (
            "The service principal has no provisioning job",
            format!(
                "There is nothing to import or to move: service principal {principal} in tenant {tenant_id} has no provisioning \
                 job. A `crosstenant_provisioning_job` without an `import` or `moved` block creates one."
            ),
        )
    } else {
        (
            "The service principal has several provisioning jobs",
            format!(
                "Service principal {principal} in tenant {tenant_id} does not say which of its jobs is meant. Import the one that \
                 is, by its whole id:\n\n  {}\n",
                ids.join("\n  ")
            ),
        )
    };
    Err(Problem::said(summary, detail))
}

/// What a restart from the portal resets: everything is evaluated again, nothing is forgotten about who was synchronized.
pub(super) const RESTART: &str = "Watermark, Escrows, QuarantineState";

/// Pauses a job where it may run, and deletes it. That it is gone already is a success.
pub(super) async fn remove(context: &Context, path: &str, may_run: bool) -> Result<(), Problem> {
    if may_run {
        let pause = format!("{path}/pause");
        match context.graph.post(&pause, &Json::Null, Resend::Safe).await {
            Err(error) if error.is_not_found() => return Ok(()),
            // Whether a job that is paused already may be paused again is UNVERIFIED: the deletion decides.
            Err(error) if matches!(error.status(), Some(400 | 409)) => {}
            result => drop(result?),
        }
    }
    context.graph.delete(path).await?;
    Ok(())
}

/// Pauses a job, whether it runs or not. That it is gone is a success.
pub(super) async fn pause(context: &Context, path: &str) -> Result<(), Problem> {
    let pause = format!("{path}/pause");
    let error = match context.graph.post(&pause, &Json::Null, Resend::Safe).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => error,
    };
    // Whether a job that is paused already may be paused again is UNVERIFIED. Only one that certainly does not run is left.
    if matches!(error.status(), Some(400 | 409)) {
        let is_paused = |job: &Json| job["schedule"]["state"] != "Active";
        let look = || context.graph.get(path);
        let runs = |job: &Option<Json>| !job.as_ref().is_none_or(is_paused);
        let window = context.graph.is_settling(path);
        if !runs(&context.graph.until(window, look, runs).await?) {
            return Ok(());
        }
    }
    Err(error.into())
}

/// What a restart may reset, and why the rest of Graph's words are not for use.
pub(super) fn reset_scopes(value: &Value) -> Result<(), String> {
    const SCOPES: [&str; 5] = [
        "Escrows",
        "Watermark",
        "QuarantineState",
        "Full",
        "ForceDeletes",
    ];
    let Some(elements) = value.as_elements() else {
        return Ok(());
    };
    if elements.is_empty() {
        return Err("a set of at least one scope, or left out".to_owned());
    }
    for scope in elements.iter().filter_map(Value::as_str) {
        match scope {
            "None" => return Err("a set without \"None\": nothing would be restarted".to_owned()),
            "ConnectorDataStore" => {
                return Err(
                    "a set without \"ConnectorDataStore\", which Microsoft reserves for itself"
                        .to_owned(),
                );
            }
            known if SCOPES.contains(&known) => {}
            other => return Err(format!("a set of {}, not {other:?}", SCOPES.join(", "))),
        }
    }
    Ok(())
}

impl ProvisioningJob {
    /// Whether this goes from everybody to those assigned, which Graph ignores until the job is restarted.
    fn narrows(&self, before: &Self) -> bool {
        before.scope.as_deref() == Some("all") && self.scope.as_deref() == Some("assigned")
    }

    /// The scopes of a restart as Graph writes them.
    fn resets(&self) -> String {
        match &self.reset_scope {
            Some(Set(scopes)) => scopes.join(", "),
            None => RESTART.to_owned(),
        }
    }

    /// The cycle that has run last, where it will be waited for the next.
    async fn last_cycle(&self, context: &Context) -> Result<Option<String>, Problem> {
        if Until::of(self.wait_for.as_deref()) != Some(Until::InitialCycle) {
            return Ok(None);
        }
        let job = context.graph.get(&self.job_path()?).await?;
        Ok(job.as_ref().and_then(job_watch::last_cycle))
    }

    /// Whether the job runs now.
    async fn runs(&self, context: &Context) -> Result<bool, Problem> {
        let job = context.graph.get(&self.job_path()?).await?;
        Ok(job.as_ref().is_some_and(runs))
    }

    /// Waits as long as `wait_for` says, where the job runs.
    async fn watch(
        &self,
        context: &Context,
        before: Option<&str>,
        runs: bool,
    ) -> Result<(), Problem> {
        match Until::of(self.wait_for.as_deref()) {
            Some(until) if runs => job_watch::wait(context, &self.job_path()?, until, before).await,
            _ => Ok(()),
        }
    }

    fn path(&self, rest: &str) -> String {
        format!(
            "{}/synchronization/{rest}",
            principal_path(&self.service_principal_id)
        )
    }

    fn job_path(&self) -> Result<String, Problem> {
        let id = self.id.as_deref().ok_or_else(|| {
            Problem::said(
                "The job has no id",
                "The state does not say which job this is. Remove it from the state and import it.",
            )
        })?;
        Ok(self.path(&format!("jobs/{}", graph::segment(id))))
    }

    fn enabled(&self) -> bool {
        self.enabled == Some(true)
    }

    /// Whether nothing but the name of the job is known, as after an import. A job that was written or read has a kind.
    fn is_named_only(&self) -> bool {
        self.template_id.is_none()
    }

    fn same_settings(&self, other: &Self) -> bool {
        job_secrets::wanted(self) == job_secrets::wanted(other)
    }

    fn is_same_kind(&self, job: &Json) -> bool {
        job["templateId"].as_str() == self.template_id.as_deref()
    }

    /// The jobs and secrets there are, once the service principal can be seen.
    async fn look(&self, context: &Context) -> Result<(Vec<Json>, Secrets), Problem> {
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

    /// What cannot be read is not written over: others may have stored settings there.
    fn no_secrets(&self, context: &Context) -> Problem {
        Problem::at(
            "service_principal_id",
            "The settings of the provisioning job cannot be read",
            format!(
                "Microsoft Graph knows no synchronization secrets of service principal {} in tenant {}. Writing them replaces all \
                 of them, so nothing was written. Apply again later.",
                self.service_principal_id,
                context.tenant_id()
            ),
        )
    }

    /// The secrets as they are, with what this job was last given.
    async fn own_secrets(&self, context: &Context) -> Result<Secrets, Problem> {
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
            "There is no such service principal",
            format!(
                "Tenant {tenant_id} has no service principal with the object id {}. {advice}",
                self.service_principal_id
            ),
        )
    }

    fn exists(&self, context: &Context, job: &Json) -> Problem {
        let id = format!(
            "{}/{}",
            self.service_principal_id,
            text(job, "id").unwrap_or_default()
        );
        Problem::exists(
            "crosstenant_provisioning_job",
            "A job of the same kind",
            &id,
            context.tenant_id(),
        )
    }

    async fn test_connection(&self, context: &Context) -> Result<(), Problem> {
        if self.validate_connection != Some(true) {
            return Ok(());
        }
        let written = self.validate_connection_timeout.as_deref().unwrap_or("1m");
        let patience = crate::terraform::duration(written).unwrap_or(Duration::from_secs(60));
        let connection = Connection {
            principal: &self.service_principal_id,
            template: self.template_id.as_deref().unwrap_or_default(),
            target: &self.target_tenant_id,
        };
        connection_test::run(context, &connection, patience).await
    }

    /// Creates the job. A second request would create a second one, so after a lost answer it is only looked for.
    /// `old` is the job that was just deleted: a replica may still show it.
    async fn post(&self, context: &Context, old: Option<&str>) -> Result<Json, Problem> {
        let path = self.path("jobs");
        let is_new = |job: &Json| self.is_same_kind(job) && job["id"].as_str() != old;
        let look = || async {
            let jobs = context.graph.list(&path).await?;
            Ok(jobs.into_iter().find(is_new))
        };
        let body = json!({ "templateId": self.template_id });
        let made = context
            .graph
            .post_once(&path, &body, Resend::Never, look)
            .await?;
        let principal = &self.service_principal_id;
        // One that is replaced was found by the refresh, so no killed run has left another one.
        if old.is_none() && !context.graph.since_earlier(principal).is_zero() {
            self.is_only_one(context, &made).await?;
        }
        Ok(made)
    }

    /// A run that was killed may have created a job that no listing showed yet. Replicas learn of writes in their order, so a
    /// listing that shows ours shows that one as well: then ours, which has done nothing yet, is taken away again.
    async fn is_only_one(&self, context: &Context, made: &Json) -> Result<(), Problem> {
        let path = self.path("jobs");
        let jobs = context.graph.list(&path).await?;
        let other = jobs
            .iter()
            .find(|job| self.is_same_kind(job) && job["id"] != made["id"]);
        let (Some(other), Some(id)) = (other, text(made, "id")) else {
            return Ok(());
        };
        let ours = format!("{path}/{}", graph::segment(&id));
        context.graph.delete(&ours).await?;
        Err(self.exists(context, other))
    }

    /// Writes our secrets and leaves those of others as they are. Nothing is sent where nothing would change.
    async fn save_secrets(&self, context: &Context, existing: Secrets) -> Result<(), Problem> {
        let Some(body) = existing.with(&job_secrets::wanted(self))? else {
            return Ok(());
        };
        Ok(context.graph.put(&self.path("secrets"), &body).await?)
    }

    async fn act(&self, context: &Context, action: &str, body: &Json) -> Result<(), Problem> {
        let path = format!("{}/{action}", self.job_path()?);
        let done = context.graph.post(&path, body, Resend::Safe).await;
        Ok(done.map(drop)?)
    }
}

#[cfg(test)]
mod tests;
