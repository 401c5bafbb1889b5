//! All assignments of a service principal as one map: thousands of principals, written in batch requests.

pub(super) mod advice;
mod copies;
mod leaving;
mod live;
mod report;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use self::live::{Id, Kind, Live, Target, guid};
use super::app_role_assignment::role;
use super::previewing::{announced, with_others};
use sdk::prelude::*;

attributes! {
    /// Manages all users and groups that are assigned to a service principal, so that a job with the scope `assigned`
    /// synchronizes exactly them. Configure this resource in the source tenant.
    ///
    /// The map is authoritative: assignments made outside this resource appear in the next plan and are removed by the
    /// next apply. To manage a few assignments next to those of others, use `crosstenant_app_role_assignment`. Do not
    /// use both resources for the same service principal.
    pub struct AppRoleAssignments {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration. Changing this forces a new
        /// resource to be created.
        resource_object_id: String = key().guid(),
        /// Assigned users and groups, by object ID. Only the direct members of a group are synchronized. For a list of object IDs,
        /// write `{ for id in ids : id => {} }`.
        principals: BTreeMap<String, AssignedPrincipal> = required().check(Check::That(guids)),
        /// ID of the role. If omitted, the service principal's role for users is used. Assignments of other roles are not changed.
        /// Changing this replaces the assignments.
        app_role_id: Option<String> = computed().replaces().guid(),
        /// Maximum number of users who may leave the scope because of one change. A plan in which more users leave fails and lists
        /// them. The count is based on what the provider can read in the source tenant; if it cannot read enough, a warning says
        /// that nothing was counted. Destroying this resource is always allowed. Optional; if omitted, a plan only warns about
        /// users who leave.
        maximum_leaving: Option<i64> = optional().check(Check::Between(0, 2_147_483_647)).local(),
        /// Number of principals that are users.
        user_count: Option<i64> = read_only().volatile(),
        /// Number of principals that are groups.
        group_count: Option<i64> = read_only().volatile(),
        /// Tenant ID of the tenant that the assignments belong to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// One user or group.
    pub struct AssignedPrincipal {
        /// Note for readers of the configuration and its plans, for example a user principal name. It is stored only in the state.
        note: Option<String> = optional().local(),
    }
}

impl Default for AssignedPrincipal {
    /// A principal without further settings.
    fn default() -> Self {
        Self { note: None }
    }
}

/// The objects that are lost, for the warning.
pub(super) const ASSIGNMENTS: &str = "assignments to the configuration";
/// The consequence, for the warning.
pub(super) const UNASSIGNED: &str = "Users who are no longer assigned are soft-deleted in the target tenant by the \
    next cycle if the job runs. They can be restored there for 30 days: see `crosstenant_restored_user`. To keep them, \
    pause the job first.";

impl Resource for AppRoleAssignments {
    const NAME: &'static str = "app_role_assignments";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::Always(export::ASSIGNMENTS);
    const VERSION: i64 = 1;
    const IMPORT: &'static [&'static str] = &[
        "<resource_object_id>",
        "<resource_object_id>/<app_role_id>",
        "/servicePrincipals/<resource_object_id>",
        "/servicePrincipals/<resource_object_id>/appRoleAssignedTo",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "POST /servicePrincipals/{id}/appRoleAssignedTo",
        "DELETE /servicePrincipals/{id}/appRoleAssignedTo/{id}",
        "GET /users/{id}",
        "GET /groups/{id}",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /groups/{id}/members",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];
    const TIMEOUTS: [Duration; 4] = [
        Duration::from_secs(1800),
        Duration::from_secs(600),
        Duration::from_secs(1800),
        Duration::from_secs(1800),
    ];
    const NOTES: &'static str = "\
Existing assignments that are in the map are adopted. If other assignments exist when the resource is created, the apply changes nothing and
fails with a list of them, because the plan of a new resource cannot show that they would be removed. Import the resource to see them in a
plan.

If some principals cannot be assigned, all others are assigned, the error names each failed principal with the reason from Graph, and the
state holds exactly the principals that are assigned. A failed first apply leaves the resource tainted. Replacing a tainted resource removes
no assignments, so that no user is deprovisioned in between.

Users who are removed from the map are deprovisioned in the target tenant by the next cycle of the job. Destroying the resource removes all
assignments in its state. A plan counts the users who leave the scope and names the first of them. Users who stay assigned in another way
and users whom the job did not synchronize are not counted. To make the plan fail above a number of users, set `maximum_leaving`. For the
count, the plan reads the job, its schema, and the users and groups that change; without the permissions for these reads, the plan does not
warn. Graph allows 3,000 writes in 150 seconds; larger changes wait as long as Graph requests.

A plan reads at most 200 of the principals that are added. It warns about guests, which are skipped; about nested groups, whose members are
not synchronized; about kinds of groups that are not synchronized; and about a map without any internal user.

The principals are a map because Terraform and OpenTofu compare the elements of a set pairwise, which takes minutes for a few thousand
principals. Earlier versions had the set `principal_object_ids`. States are converted; for the changes to a configuration, see the guide
\"From the set of principals to the map\".";

    fn validate(config: &Value, found: &mut Diagnostics) {
        let members = config.member("principals").as_object();
        let mut seen = HashSet::new();
        let mut known = members.into_iter().flatten().map(|(id, _)| id);
        if let Some(twice) = known.find(|id| !seen.insert(id.to_ascii_lowercase())) {
            let detail = format!(
                "{twice} appears twice, in uppercase and in lowercase. Remove one of them."
            );
            let error = Diagnostic::error("Duplicate principal", detail);
            found.push(error.at(Path::root("principals")));
        }
    }

    fn plan(change: &mut Change) {
        change.warn_of_loss(ASSIGNMENTS, UNASSIGNED);
        // Object IDs are case-insensitive.
        let prior = change.prior.member("principals");
        let planned = change.planned.member("principals");
        if let (Some(before), Some(after)) = (all(prior), all(planned)) {
            let same_principals =
                before.len() == after.len() && before.keys().all(|id| after.contains_key(id));
            if before == after {
                let prior = prior.clone();
                change.planned.set_member("principals", prior);
            }
            let counts =
                ["user_count", "group_count"].map(|name| (name, change.prior.member(name).clone()));
            let same = |name: &str| change.planned.member(name) == change.prior.member(name);
            if same_principals && ["resource_object_id", "app_role_id"].into_iter().all(same) {
                for (name, value) in counts {
                    change.planned.set_member(name, value);
                }
            }
        }
        let count = |object: &Value| {
            let members = object.member("principals").as_object();
            members.map(terraform::Object::len)
        };
        if !change.is_destroy() && count(change.planned) == Some(0) {
            let before = count(change.prior).unwrap_or_default();
            change.diagnostics.push(advice::nobody(before));
        }
    }

    async fn warn(context: &Context, prior: &Value, planned: &Value) -> Result<Diagnostics> {
        let counted = leaving::counted(context, prior, planned).await;
        let leaving = announced(counted, planned, context);
        with_others(leaving, advice::about(context, prior, planned).await)
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let role = match &planned.app_role_id {
            Some(role) => role.clone(),
            None => role(context, &planned.resource_object_id).await?,
        };
        let wanted = Self {
            app_role_id: Some(role),
            ..planned.clone()
        };
        let target = wanted.target(context);
        let live = target.settled(&HashMap::new()).await?;
        let members = wanted.members();
        let foreign: Vec<Id> = live
            .keys()
            .filter(|id| !members.contains_key(id))
            .copied()
            .collect();
        if !foreign.is_empty() {
            return Err(report::foreign(&target, foreign));
        }
        let made = state.insert(Self {
            principals: BTreeMap::new(),
            ..wanted.clone()
        });
        made.reach(&target, &wanted, live).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let mut found = state.clone();
        if found.app_role_id.is_none() {
            found.app_role_id = Some(role(context, &state.resource_object_id).await?);
        }
        let Some(live) = found.target(context).list().await? else {
            return Ok(None);
        };
        found.hold(&live);
        Ok(Some(found))
    }

    fn upgrade(_version: i64, stored: Value) -> Option<Value> {
        from_set(stored)
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        if state.assigns_the_same(planned) {
            // Notes are only in the state; Graph does not store them.
            *state = Self {
                user_count: state.user_count,
                group_count: state.group_count,
                ..planned.clone()
            };
            return Ok(());
        }
        let target = planned.target(context);
        let live = target.settled(&state.members()).await?;
        state.reach(&target, planned, live).await
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        let (target, members) = (state.target(context), state.members());
        let Some(live) = target.holding(&members).await? else {
            return Ok(());
        };
        let ours = live.iter().filter(|(id, _)| members.contains_key(id));
        let failed = target
            .remove(ours.map(|(id, one)| (*id, one.assignment.as_str())))
            .await;
        if failed.is_empty() {
            return Ok(());
        }
        Err(report::failures(&target, members.len(), Vec::new(), failed).await)
    }

    /// The next creation adopts the assignments, so that no user is unassigned in between.
    async fn delete_before_recreate(_context: &Context, _state: &Self) -> Result {
        Ok(())
    }
}

/// Version 0 stored the object IDs as a set. A state without a set is corrupt and remains unchanged.
fn from_set(mut stored: Value) -> Option<Value> {
    let Some(ids) = stored.member("principal_object_ids").as_elements() else {
        return Some(stored);
    };
    let ids: Option<Vec<&str>> = ids.iter().map(Value::as_str).collect();
    let nothing = || Value::Object(terraform::Object::new());
    let principals = ids?.into_iter().map(|id| (id.to_owned(), nothing()));
    let principals = Value::Object(principals.collect());
    stored.set_member("principals", principals);
    Some(stored)
}

/// Checks that every key is a GUID. The error names the first invalid ones.
fn guids(value: &Value) -> Result<(), String> {
    let members = value.as_object();
    let wrong: Vec<String> = members
        .into_iter()
        .flatten()
        .map(|(id, _)| id)
        .filter(|text| !is_guid(text))
        .take(5)
        .map(|text| format!("{text:?}"))
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "a map whose keys are object IDs, which are GUIDs; these are not: {}",
            wrong.join(", ")
        ))
    }
}

/// Returns the principals of a map whose keys are known, with their settings.
fn all(map: &Value) -> Option<HashMap<Id, &Value>> {
    let members = map.as_object()?;
    Some(
        members
            .iter()
            .map(|(id, value)| (guid(id), value))
            .collect(),
    )
}

impl AppRoleAssignments {
    fn target<'a>(&'a self, context: &'a Context) -> Target<'a> {
        Target {
            context,
            resource: &self.resource_object_id,
            role: self.app_role_id.as_deref().unwrap_or_default(),
        }
    }

    /// Returns the principals, each with its spelling.
    fn members(&self) -> HashMap<Id, &str> {
        let ids = self.principals.keys();
        ids.map(|id| (guid(id), id.as_str())).collect()
    }

    /// Whether both assign the same principals.
    fn assigns_the_same(&self, planned: &Self) -> bool {
        let (before, after) = (self.members(), planned.members());
        let role = |one: &Self| one.app_role_id.as_deref().map(guid);
        role(self) == role(planned)
            && before.len() == after.len()
            && before.keys().all(|id| after.contains_key(id))
    }

    /// Stores the assigned principals. Known principals keep their spelling and note.
    fn hold(&mut self, live: &HashMap<Id, Live>) {
        let before = std::mem::take(&mut self.principals);
        let mut before: HashMap<Id, (String, AssignedPrincipal)> = before
            .into_iter()
            .map(|(id, value)| (guid(&id), (id, value)))
            .collect();
        let held = |id: &Id| {
            let known = before.remove(id);
            known.unwrap_or_else(|| (live::text(*id), AssignedPrincipal::default()))
        };
        self.principals = live.keys().map(held).collect();
        let count = |kind: Kind| {
            let of_kind = live.values().filter(|one| one.kind == kind).count();
            i64::try_from(of_kind).ok()
        };
        self.user_count = count(Kind::User);
        self.group_count = count(Kind::Group);
    }

    /// Applies the planned difference: assigns the principals that are in `planned` and not assigned, and removes those that were in this
    /// state and are not in `planned`. Afterwards, this state holds the assigned principals, even after a failure.
    async fn reach(
        &mut self,
        target: &Target<'_>,
        planned: &Self,
        mut live: HashMap<Id, Live>,
    ) -> Result {
        let (before, wanted) = (self.members(), planned.members());
        let missing: Vec<Id> = wanted
            .keys()
            .filter(|id| !live.contains_key(id))
            .copied()
            .collect();
        let surplus: Vec<Id> = before
            .keys()
            .filter(|id| !wanted.contains_key(id) && live.contains_key(id))
            .copied()
            .collect();
        let unremoved = target
            .remove(surplus.iter().map(|id| (*id, live[id].assignment.as_str())))
            .await;
        let kept: HashSet<Id> = unremoved.iter().map(|(id, _)| *id).collect();
        for id in surplus.iter().filter(|id| !kept.contains(id)) {
            live.remove(id);
        }
        let (added, unassigned) = target.add(missing).await;
        live.extend(added);
        // The next plan shows principals that were assigned outside Terraform since this plan was made.
        live.retain(|id, _| wanted.contains_key(id) || before.contains_key(id));
        let mut reached = Self {
            app_role_id: self.app_role_id.clone(),
            ..planned.clone()
        };
        reached.hold(&live);
        *self = reached;
        if unassigned.is_empty() && unremoved.is_empty() {
            return Ok(());
        }
        Err(report::failures(target, planned.members().len(), unassigned, unremoved).await)
    }
}

#[cfg(test)]
mod tests;
