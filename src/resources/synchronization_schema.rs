//! The attribute mappings and scoping filters of a job: the parts of its schema that people change.
//!
//! Graph takes the schema as one document only. It is read, changed where a configuration says so, and written back whole.

mod announcement;
mod customised;
mod directories;
mod document;
mod guards;
mod leaving;
mod live;
mod merge;
mod names;
mod part;
mod planned;
mod reading;
mod saving;
mod together;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use self::merge::Step;
pub use self::planned::planned;
use super::prelude::*;
use super::previewing::{announced, with_others};
use super::provisioning_job::named_or_only_job;
use super::synchronization_configuration::job_path;
use crate::expression;

attributes! {
    /// Manages the attribute mappings and the scoping filters of a provisioning job, for users and for groups: which values they
    /// get in the target tenant, which of them are synchronized at all, and what may happen to them there. Configure this resource
    /// in the source tenant.
    ///
    /// Every job has a schema, which starts as a copy of its template. This resource changes what is written here and leaves
    /// the rest of the schema as it is. What is no longer written returns to the template.
    pub struct SynchronizationSchema {
        /// Object id of the service principal that the job belongs to. Changing it manages another schema.
        service_principal_id: String = key().guid(),
        /// Id of the job. Changing it manages another schema.
        job_id: String = key(),
        /// Where the values of users in the target tenant come from, by the name of the attribute in the target tenant. Names are
        /// case-sensitive. The matching attribute `alternativeSecurityIds` cannot be changed, and `otherMails` and `proxyAddresses`
        /// cannot be written. If omitted, the mappings are not changed.
        attribute_mappings: Option<BTreeMap<String, AttributeMapping>> =
            optional().neutral(Value::Map(crate::terraform::Object::new())).left_alone(),
        /// Who of those assigned is synchronized: users who fulfil all clauses of at least one of these filters. An empty list lets
        /// everybody in. Users who have been synchronized and no longer fulfil one are deleted in the target tenant, where they can
        /// be restored for 30 days. If omitted, the filters are not changed.
        scoping_filters: Option<Vec<ScopingFilter>> = optional().neutral(Value::List(Vec::new())).left_alone(),
        /// What may happen to users in the target tenant. If omitted, it is not changed.
        object_actions: Option<ObjectActions> = optional().neutral(all_actions()).left_alone(),
        /// Whether users are synchronized. If omitted, it is not changed.
        users_enabled: Option<bool> = optional().neutral(true).left_alone(),
        /// Whether assigned groups are synchronized: *Provision Microsoft Entra ID Groups*, *Enabled*. It is off in a new job. The
        /// target tenant must allow groups as well, with `group_sync_inbound` of `crosstenant_sync_policy`, and the scope of the job
        /// must be `assigned`. Optional; if omitted, it is left as it is.
        groups_enabled: Option<bool> = optional().neutral(false).left_alone(),
        /// Where the values of groups in the target tenant come from, by the name of the attribute in the target tenant, for example
        /// `displayName`, `description` or `members`. The matching attribute cannot be changed: it is the origin of the group.
        /// Microsoft does not publish the list of attributes, so names are looked for in the schema of the job (UNVERIFIED).
        /// Optional; if omitted, the mappings of groups are left as they are.
        group_attribute_mappings: Option<BTreeMap<String, AttributeMapping>> =
            optional().neutral(Value::Map(crate::terraform::Object::new())).left_alone(),
        /// Which of the assigned groups are synchronized: groups that fulfil all clauses of at least one of these filters. An empty
        /// list lets all groups in. `members`, attributes with several values and `IsMemberOf` cannot be used. Users are filtered by
        /// `scoping_filters` only. Optional; if omitted, the filters of groups are left as they are.
        group_scoping_filters: Option<Vec<ScopingFilter>> = optional().neutral(Value::List(Vec::new())).left_alone(),
        /// What may happen to groups in the target tenant. What becomes of a copied group whose source group leaves the scope while
        /// `delete` is `true` is not documented (UNVERIFIED); with `delete = false` it stays. Optional; if omitted, it is left as it
        /// is.
        group_object_actions: Option<ObjectActions> = optional().neutral(all_actions()).left_alone(),
        /// Whether to remove every mapping and scoping filter that is not written here, of groups only where
        /// `group_attribute_mappings` is written. Then destroying this resource resets the whole schema. The matching attribute and `IsSoftDeleted`, which tells the target tenant about deletions, always
        /// stay.
        exclusive: Option<bool> = default(false).local(),
        /// How many users may leave the scope because of one change. A plan that would take out more fails and lists them. It counts
        /// from what the source tenant shows, as far as the provider may read it; where it may not, a warning says that nothing was
        /// counted. Destroying this resource is not held up. Optional; if omitted, a plan only warns of users who leave.
        maximum_leaving: Option<i64> = optional().check(Check::Between(0, 2_147_483_647)).local(),
        /// Attributes by which users are recognized in the target tenant, each with the expression of its value. They cannot be
        /// changed.
        matching_attributes: Option<BTreeMap<String, String>> = read_only(),
        /// Attributes by which groups are recognized in the target tenant, each with the expression of its value. They cannot be
        /// changed.
        group_matching_attributes: Option<BTreeMap<String, String>> = read_only(),
        /// Tenant id of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Where one value of a user or group comes from: exactly one of `attribute`, `constant` and `expression`, or only `default_value`.
    pub struct AttributeMapping {
        /// Name of the attribute in the source tenant. `userType` and `SamAccountName` of users cannot be read.
        attribute: Option<String> = optional().check(Check::NotEmpty),
        /// Same text for all, such as `Member` for `userType` or `True` for `showInAddressList`.
        constant: Option<String> = optional().check(Check::NotEmpty),
        /// Text in Microsoft's mapping language, for example `Join(", ", [surname], [givenName])`. It is checked while
        /// planning. How it is formatted makes no difference.
        expression: Option<String> = optional().check(Check::NotEmpty).same_if(expression::equivalent),
        /// Whether `expression` is checked while planning. Set it to `false` for an expression that Microsoft Graph accepts and
        /// this provider does not know, for example because of a new function. Microsoft Graph reads the expression when the
        /// schema is saved. An import sets it where it is needed. Optional; defaults to `true`.
        validate_expression: Option<bool> = optional(),
        /// Text for users or groups that are created without a value. Without `attribute`, `constant` and `expression`, the text for
        /// those whose attribute in the target tenant is empty. Those that exist already keep what they have. Optional; if omitted,
        /// nothing is written.
        default_value: Option<String> = optional().check(Check::NotEmpty),
        /// When the value is written: `always`, or `only_during_creation`, after which it can be changed in the target tenant.
        /// `multi_value_add_only`, `value_add_only` and `attribute_add_only` are Graph's rarer kinds.
        apply: Option<String> = default("always").one_of(&[
            "always", "only_during_creation", "multi_value_add_only", "value_add_only", "attribute_add_only",
        ]),
        /// Which users get it in a cycle: `FlowWhenChanged` for those that have changed, `FlowAlways` for all.
        flow_behavior: Option<String> = default("FlowWhenChanged").one_of(&["FlowWhenChanged", "FlowAlways"]),
    }

    /// Clauses that all have to be fulfilled.
    pub struct ScopingFilter {
        /// Title of the filter. The provisioning log names it beside the clause that leaves a user out. It may be empty.
        name: String,
        /// What has to be fulfilled.
        clauses: Vec<Clause> = required().check(Check::NotEmpty),
    }

    /// One condition on an attribute of the user or group.
    pub struct Clause {
        /// Name of the attribute in the source tenant. `userType`, `manager`, dates and attributes with several values
        /// cannot be filtered by.
        attribute: String = required().check(Check::NotEmpty),
        /// How it is compared: `EQUALS`, `NOT EQUALS`, `REGEX MATCH`, `NOT REGEX MATCH`, `ENDS_WITH`, `Includes`,
        /// `Greater_Than`, `Greater_Than_OR_EQUALS`, `&` or `!&`, which need `values`, or `IS NULL`, `IS NOT NULL`, `IS TRUE` or
        /// `IS FALSE`, which stand alone. Case matters in texts.
        operator: String,
        /// What it is compared with.
        values: Option<Vec<String>>,
    }

    /// What may happen to objects in the target tenant.
    pub struct ObjectActions {
        /// Whether objects are created that are not there yet.
        create: Option<bool> = default(true),
        /// Whether objects are changed that are there.
        update: Option<bool> = default(true),
        /// Whether objects are deleted that are deleted in the source tenant, no longer assigned or filtered out.
        delete: Option<bool> = default(true),
    }
}

/// Whether the schema `document` has the mapping of groups enabled; nothing where it has none.
pub(super) fn groups_enabled(document: &Json) -> Option<bool> {
    document::enabled(document, part::Objects::Groups)
}

pub(super) use live::of_first_job as schema_of_first_job;

/// The rule of the schema `document` that has the mapping of groups.
pub(super) fn rule_of_groups(document: &Json) -> Option<&Json> {
    let (rule, _) = part::Objects::Groups.place(document)?;
    Some(&document["synchronizationRules"][rule])
}

/// What a template allows.
fn all_actions() -> Value {
    let actions = ["create", "update", "delete"];
    Value::Object(
        actions
            .map(|action| (action.to_owned(), Value::Bool(true)))
            .into(),
    )
}

const SCHEMA: &str = "/servicePrincipals/{id}/synchronization/jobs/{id}/schema";

/// The id of a schema whose state calls the job's id its own.
fn of_job(state: &Value) -> Result<String, String> {
    let (principal, job) = (
        peer::text(state, "service_principal_id")?,
        peer::by_id(state)?,
    );
    Ok(format!("{principal}/{}", graph::segment(&job)))
}

impl Resource for SynchronizationSchema {
    const NAME: &'static str = "synchronization_schema";
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
        Peer {
            id: peer::by_resource_url_of_job,
            ..Peer::MSGRAPH
        },
        Peer {
            id: peer::by_url_of_job,
            ..Peer::MSGRAPH_UPDATE
        },
    ];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", SCHEMA),
        ("PUT", SCHEMA),
        ("DELETE", SCHEMA),
        ("GET", "/servicePrincipals/{id}/synchronization/jobs"),
        ("GET", "/servicePrincipals/{id}/synchronization/jobs/{id}"),
        (
            "GET",
            "/servicePrincipals/{id}/synchronization/templates/{id}/schema",
        ),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/schema/directories/{id}/discover",
        ),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/schema/parseExpression",
        ),
        ("GET", "/servicePrincipals/{id}/synchronization/secrets"),
        ("GET", "/servicePrincipals/{id}/appRoleAssignedTo"),
        ("GET", "/groups/{id}"),
        ("GET", "/groups/{id}/members/microsoft.graph.user"),
        ("GET", "/users"),
        (
            "GET",
            "/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
        ),
    ];
    const NOTES: &'static str = "\
A mapping is written whole: what is left out in it has its default, whatever the portal says. So `userType` with `constant =
\"Member\"` is applied always, also to users who are there already, unless `apply = \"only_during_creation\"` is added.

Names of attributes that every tenant has are checked while planning, all others in the schema of the job before anything is written.
A directory extension that the schema does not know yet is discovered.

Creating this resource fails where somebody has already customised what it would change, and shows how to import the schema instead.
An import shows what differs from the template. Saving a changed mapping or filter makes the job evaluate every user again, which a
plan announces. Nothing is sent where nothing changes.

Where the filters of users change, a plan counts the users who leave the scope and names the first of them with the clause that they
no longer meet; `maximum_leaving` makes it fail above a number. For that it reads who is assigned and the users in scope; without the
permission to do so there is no such warning.

To synchronize groups, four settings belong together: `group_sync_inbound` and `user_sync_inbound` in the target tenant's
`crosstenant_sync_policy`, `groups_enabled` here, the scope `assigned` of the job, and at least one assigned group. A plan that enables
groups warns about each of them that is missing, as far as the source tenant shows it, and counts the assigned groups that would be
copied. The mapping of groups is found by its name, in whichever rule it is. See the guide
[Synchronize groups](https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs/guides/synchronize-groups).

A job has its schema only after it was created, so one that starts at once may begin with the template's mappings and without a filter.
Start it with `crosstenant_provisioning_job_state`, which depends on this resource, and leave out `enabled` of the job.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        guards::check(config, found);
    }

    fn plan(change: &mut Change) {
        announcement::announce(change);
    }

    async fn warn(
        context: &Context,
        prior: &Value,
        planned: &Value,
    ) -> Result<Diagnostics, Problem> {
        let counted = leaving::counted(context, prior, planned).await;
        let leaving = announced(counted, planned, context);
        with_others(leaving, together::warnings(context, prior, planned).await)
    }

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
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

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>, Problem> {
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
        // Only an import does not know yet whether the configuration is exclusive.
        if named.exclusive.is_some() {
            return Ok(Some(named.found(&live)));
        }
        let template = named.template(context).await?;
        Ok(Some(named.customised(&live, &template)))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
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

    async fn delete(context: &Context, state: &Self) -> Result<(), Problem> {
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

impl SynchronizationSchema {
    fn job_path(&self) -> String {
        job_path(&self.service_principal_id, &self.job_id)
    }

    fn path(&self) -> String {
        format!("{}/schema", self.job_path())
    }

    /// The same schema with nothing managed.
    fn with_nothing(&self) -> Self {
        Self {
            attribute_mappings: None,
            scoping_filters: None,
            object_actions: None,
            users_enabled: None,
            groups_enabled: None,
            group_attribute_mappings: None,
            group_scoping_filters: None,
            group_object_actions: None,
            exclusive: Some(false),
            ..self.clone()
        }
    }
}
