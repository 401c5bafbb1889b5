//! The attribute mappings and scoping filters of a job: the parts of its schema that are usually customized.
//!
//! Graph accepts the schema only as one document. It is read, changed as configured, and written back as a whole.

mod announcement;
mod customized;
mod directories;
mod document;
mod guards;
mod leaving;
mod live;
mod merge;
mod model;
mod names;
mod part;
mod planned;
mod reading;
mod saving;
mod together;

#[cfg(test)]
mod tests;

use serde_json::Value as Json;

use self::merge::Step;
pub(super) use self::model::*;
pub use self::planned::planned;
use super::previewing::{announced, with_others};
use super::provisioning_job::named_or_only_job;
use sdk::prelude::*;

/// Whether the mapping of groups is enabled in the schema `document`; `None` if there is none.
pub(super) fn groups_enabled(document: &Json) -> Option<bool> {
    document::enabled(document, part::Objects::Groups)
}

pub(super) use live::of_first_job as schema_of_first_job;

/// Returns the rule of the schema `document` that contains the mapping of groups.
pub(super) fn rule_of_groups(document: &Json) -> Option<&Json> {
    let (rule, _) = part::Objects::Groups.place(document)?;
    Some(&document["synchronizationRules"][rule])
}

/// Returns the import ID of a schema whose state contains the job's ID in `id`.
fn of_job(state: &Value) -> Result<String, String> {
    let (principal, job) = (
        peer::text(state, "service_principal_id")?,
        peer::by_id(state)?,
    );
    Ok(format!("{principal}/{}", graph::segment(&job)))
}

impl Resource for SynchronizationSchema {
    const NAME: &'static str = "synchronization_schema";
    const TASK: Task = Task::Synchronization;
    const PATH: &'static str =
        "/servicePrincipals/{service_principal_id}/synchronization/jobs/{job_id}/schema";
    const EXPORT: Export = Export::IfChanged(export::SYNCHRONIZATION);
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>/<job_id>",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>/schema",
        "/servicePrincipals/<service_principal_id>/synchronization/jobs/<job_id>",
        "<service_principal_id>/job/<job_id>",
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365wp("microsoft365wp_synchronization_schema_json", of_job),
        Peer::MSGRAPH.by(peer::by_resource_url_of_job),
        Peer::MSGRAPH_UPDATE.by(peer::by_url_of_job),
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "PUT /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "DELETE /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}",
        "GET /servicePrincipals/{id}/synchronization/templates/{id}/schema",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/schema/directories/{id}/discover",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/schema/parseExpression",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /groups/{id}",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];
    const NOTES: &'static str = "\
A mapping is always written completely: attributes that are omitted in it get their defaults, whatever is set in the portal. For example,
`userType` with `constant = \"Member\"` is always applied, also to existing users, unless you add `apply = \"only_during_creation\"`.

Names of standard attributes are checked during the plan. All other names are looked up in the schema of the job before anything is written.
A directory extension that the schema does not contain yet is discovered.

Creating this resource fails if the parts that it would change are already customized, and shows how to import the schema. An import shows
what differs from the template. Saving a changed mapping or filter makes the job evaluate every user again; the plan warns about that. If
nothing changes, nothing is sent.

If the scoping filters of users change, the plan counts the users who leave the scope and names the first of them with the clause that they
no longer meet. To make the plan fail above a number of users, set `maximum_leaving`. For the count, the plan reads the assignments and the
users in scope; without the permissions for these reads, the plan does not warn.

To synchronize groups, four settings are required: `group_sync_inbound` and `user_sync_inbound` in the target tenant's
`crosstenant_sync_policy`, `groups_enabled` here, the scope `assigned` of the job, and at least one assigned group. A plan that enables
groups warns about each setting that is missing, as far as it is visible in the source tenant, and counts the assigned groups that would be
copied. The mapping of groups is found by its name in any rule of the schema. See the guide [Synchronize
groups](https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs/guides/synchronize-groups).

The schema of a job can be written only after the job was created, so a job that starts immediately may begin with the mappings of the
template and without a filter. Omit `enabled` of the job, and start it with `crosstenant_provisioning_job_state`, which must depend on this
resource.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        guards::check(config, found);
    }

    fn plan(change: &mut Change) {
        announcement::announce(change);
    }

    async fn warn(context: &Context, prior: &Value, planned: &Value) -> Result<Diagnostics> {
        let counted = leaving::counted(context, prior, planned).await;
        let leaving = announced(counted, planned, context);
        with_others(leaving, together::warnings(context, prior, planned).await)
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let live = planned.visible(context, None).await?;
        let template = planned.template(context).await?;
        planned.nothing_lost(&live, &template)?;
        let step = Step {
            planned,
            prior: None,
            template: &template,
        };
        planned.save(context, &step, live, state).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let (principal, named) = (&state.service_principal_id, &state.job_id);
        let Some(job_id) = named_or_only_job(context, principal, named).await? else {
            return Ok(None);
        };
        let named = Self {
            job_id,
            ..state.clone()
        };
        let Some(live) = context.graph.get(&named.path()).await? else {
            return Ok(None);
        };
        // Only after an import is it unknown whether the configuration is exclusive.
        if named.exclusive.is_some() {
            return Ok(Some(named.found(&live)));
        }
        let template = named.template(context).await?;
        Ok(Some(named.customized(&live, &template)))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        let live = planned.visible(context, Some(state)).await?;
        let prior = state.clone();
        let mut step = Step {
            planned,
            prior: Some(&prior),
            template: &Json::Null,
        };
        let template = if step.needs_template() {
            planned.template(context).await?
        } else {
            Json::Null
        };
        step.template = &template;
        let mut saved = None;
        planned.save(context, &step, live, &mut saved).await?;
        if let Some(saved) = saved {
            *state = saved;
        }
        Ok(())
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        if state.exclusive == Some(true) {
            context.graph.delete(&state.path()).await?;
            return Ok(());
        }
        let shown = |live: &Json| shows(state, &state.found(live));
        let Some(live) = context.graph.get_written(&state.path(), shown).await? else {
            return Ok(());
        };
        let template = state.template(context).await?;
        let nothing = state.with_nothing();
        let step = Step {
            planned: &nothing,
            prior: Some(state),
            template: &template,
        };
        nothing.save(context, &step, live, &mut None).await
    }
}
