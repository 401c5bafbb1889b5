//! The provisioning job: its credentials, scope, notifications, and whether it is started.
//!
//! Graph stores the settings as secrets of the service principal, so the job and its secrets are one resource.

mod checks;
mod creation;
mod groups;
mod leaving;
mod model;
mod naming;
mod running;
mod settings;
mod target;

use std::time::Duration;

use serde_json::{Value as Json, json};

use self::model::TEMPLATE;
use self::naming::of_secret;
use self::running::runs;
use self::target::{first_triggers, moves, replaced};
use super::connection_test::{self, Connection};
use super::job_secrets::Secrets;
use super::order_guard::{self, Doomed};
use super::previewing::{announced, with_others};
use sdk::prelude::*;

pub(super) use self::checks::reset_scopes;
pub(super) use self::model::ProvisioningJob;
pub(super) use self::naming::named_or_only_job;
pub(super) use self::running::{RESTART, pause, remove};

impl Resource for ProvisioningJob {
    const NAME: &'static str = "provisioning_job";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::Always(export::SYNCHRONIZATION);
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>/<id>",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<id>",
        "<service_principal_id>/job/<id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "POST /servicePrincipals/{id}/synchronization/jobs/validateCredentials",
        "POST /servicePrincipals/{id}/synchronization/jobs",
        "PUT /servicePrincipals/{id}/synchronization/secrets",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/start",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/pause",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/restart",
        "DELETE /servicePrincipals/{id}/synchronization/jobs/{id}",
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /users",
        "GET /groups/{id}",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];
    const NOTES: &'static str = "\
A plan that changes `scope` from `all` to `assigned` counts the users who leave the scope and names the first of them. To make the plan fail
above a number of users, set `maximum_leaving`. For the count, the plan reads the assignments, the schema and the users of the tenant, up to
60 pages of 999; without the permissions for these reads, the plan does not warn.";
    const MOVES: &'static [Peer] = &[
        Peer::azuread("azuread_synchronization_job", 1),
        Peer::azuread("azuread_synchronization_secret", 1).by(of_secret),
        Peer::MSGRAPH.by(peer::by_resource_url_of_job),
    ];

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("target_tenant_id", Some("source"));
        if change.is_destroy() {
            change.warn_of_loss(
                "the job, its schema and its links to users in the target tenant",
                "Users stay in the target tenant. A new job has the mappings of the template and matches these users \
                by the matching attributes, so it does not create them again. A job can be restored only together with \
                a deleted configuration that it still belongs to: see `crosstenant_restored_configuration`.",
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
        // A pending restart is part of every plan until it was performed.
        let owed = *change.prior.member("restart_pending") == Value::Bool(true);
        if owed || change.prior.is_null() {
            change
                .planned
                .set_member("restart_pending", Value::Bool(false));
        }
        // An unmanaged value is not stored: it would seem to change when the job is started elsewhere.
        if change.prior.is_null() && change.config.member("enabled").is_null() {
            change.planned.set_member("enabled", Value::Null);
        }
    }

    async fn warn(context: &Context, prior: &Value, planned: &Value) -> Result<Diagnostics> {
        if order_guard::is_doomed::<Self>(prior, planned) || moves(prior, planned) {
            let doomed = Doomed {
                what: "the job",
                principal: prior
                    .member("service_principal_id")
                    .as_str()
                    .unwrap_or_default(),
                job: prior.member("id").as_str(),
                prevents: prior.member(order_guard::ATTRIBUTE).as_bool() == Some(true),
            };
            return Ok(order_guard::about(context, &doomed).await);
        }
        let counted = leaving::counted(context, prior, planned).await;
        let leaving = announced(counted, planned, context);
        with_others(leaving, groups::warnings(context, prior, planned).await)
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let (jobs, secrets) = planned.look(context).await?;
        if let Some(existing) = jobs.iter().find(|job| planned.is_same_kind(job)) {
            return Err(planned.exists(context, existing));
        }
        planned.test_connection(context).await?;
        planned.begin(context, state, secrets).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
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
        // The scope may have been narrowed without the restart, outside Terraform or by an interrupted run.
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

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
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

    /// As documented, the job is paused first, then deleted.
    async fn delete(context: &Context, state: &Self) -> Result {
        remove(context, &state.job_path()?, state.enabled != Some(false)).await
    }
}

impl ProvisioningJob {
    async fn test_connection(&self, context: &Context) -> Result {
        if self.validate_connection != Some(true) {
            return Ok(());
        }
        let written = self.validate_connection_timeout.as_deref().unwrap_or("1m");
        let patience = terraform::duration(written).unwrap_or(Duration::from_secs(60));
        let connection = Connection {
            principal: &self.service_principal_id,
            template: self.template_id.as_deref().unwrap_or_default(),
            target: &self.target_tenant_id,
        };
        connection_test::run(context, &connection, patience).await
    }
}

#[cfg(test)]
mod tests;
