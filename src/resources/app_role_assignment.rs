//! The assignment of a user or group to a service principal, which puts them in the scope of synchronization.

use serde_json::{Value as Json, json};

use super::app_role_assignments::{ASSIGNMENTS, UNASSIGNED, advice};
use super::group_kinds::NO_ROLE;
use super::paths::principal_path;
use super::synchronization_configuration::assignable_role;
use sdk::prelude::*;

attributes! {
    /// Assigns one user or group to a service principal, so that a job with the scope `assigned` synchronizes them.
    ///
    /// Only the direct members of an assigned group are synchronized; groups inside it do not count, and guests are skipped.
    /// An assignment that already exists is adopted, because it cannot differ from the configuration. If the job copies
    /// groups, an assigned group is copied as well.
    pub struct AppRoleAssignment {
        /// Object ID of the user or group. Changing this forces a new resource to be created.
        principal_object_id: String = key().guid().named("principalId"),
        /// Object ID of the service principal, usually `service_principal_id` of a configuration. Changing this forces a new
        /// resource to be created.
        resource_object_id: String = key().guid().named("resourceId"),
        /// ID of the role. If omitted, the service principal's role for users is used. Changing this forces a new resource to be
        /// created.
        app_role_id: Option<String> = computed().replaces().guid(),
        /// ID of the assignment.
        id: Option<String> = read_only(),
        /// `User`, `Group` or `ServicePrincipal`.
        principal_type: Option<String> = read_only(),
        /// Name of the user or group.
        principal_display_name: Option<String> = read_only(),
        /// Name of the service principal.
        resource_display_name: Option<String> = read_only(),
        /// Tenant ID of the tenant that the assignment belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

/// The properties of an assignment that the model contains.
const SELECT: &str =
    "id,appRoleId,principalId,principalType,principalDisplayName,resourceId,resourceDisplayName";

impl Resource for AppRoleAssignment {
    const NAME: &'static str = "app_role_assignment";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::Always(export::ASSIGNMENTS);
    const IMPORT: &'static [&'static str] = &[
        "<resource_object_id>/<id>",
        "<resource_object_id>/<principal_object_id>",
        "/servicePrincipals/<resource_object_id>/appRoleAssignedTo/<id>",
        "<resource_object_id>/appRoleAssignment/<id>",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /servicePrincipals/{id}/appRoleAssignedTo/{id}",
        "POST /servicePrincipals/{id}/appRoleAssignedTo",
        "DELETE /servicePrincipals/{id}/appRoleAssignedTo/{id}",
        "GET /users/{id}",
        "GET /groups/{id}",
        "GET /groups/{id}/members",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
    ];
    const NOTES: &'static str = "\
A plan that creates an assignment reads the principal and warns about guests, nested groups, and kinds of groups that are not synchronized.
The members of distribution groups and of other groups that are not security-enabled are not synchronized; mail-enabled security groups and
role-assignable groups are never copied. If the mapping of groups is enabled, the plan warns that the group itself will be copied, with the
number of groups that will then be assigned. One run reads at most 20 single assignments.";
    const MOVES: &'static [Peer] = &[
        Peer::azuread("azuread_app_role_assignment", 1),
        Peer::microsoft365(
            "microsoft365_graph_beta_applications_service_principal_app_role_assigned_to",
            of_resource,
        ),
        Peer::MSGRAPH.by(from_either_side),
    ];

    fn validate(config: &Value, found: &mut Diagnostics) {
        if config.member("app_role_id").as_str() == Some(NO_ROLE) {
            let detail = "The all-zero role is for applications without roles. A configuration for cross-tenant \
                synchronization has roles: users and groups that are assigned with the all-zero role are skipped with \
                `NotEffectivelyEntitled`. Omit `app_role_id`; the provider then uses the role of the service \
                principal, `msiam_access`.";
            let summary = "Assignments with the all-zero role are not synchronized";
            found.push(Diagnostic::warning(summary, detail).at(Path::root("app_role_id")));
        }
    }

    async fn warn(context: &Context, prior: &Value, planned: &Value) -> Result<Diagnostics> {
        if !prior.is_null() {
            return Ok(Diagnostics::new());
        }
        advice::about_one(context, planned).await
    }

    fn plan(change: &mut Change) {
        change.warn_of_loss(ASSIGNMENTS, UNASSIGNED);
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let mut wanted = planned.clone();
        if wanted.app_role_id.is_none() {
            wanted.app_role_id = Some(role(context, &planned.resource_object_id).await?);
        }
        let answer = wanted.assign(context).await?;
        *state = Some(wanted.answered(&answer)?);
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let answer = match &state.id {
            Some(id) => {
                let collection = assigned_to(&state.resource_object_id);
                let all = all_assigned_to(&state.resource_object_id);
                let single = format!("{collection}/{}", graph::segment(id));
                let member = graph::Member {
                    list: &format!("{all}&$select={SELECT}"),
                    fallback: Some(&all),
                    single: Some(&single),
                    key: &[("id", id)],
                    part: None,
                    readers: 1,
                };
                context.graph.member(&member).await?
            }
            None => state.find_imported(context).await?,
        };
        answer.map(|answer| state.answered(&answer)).transpose()
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        if let Some(id) = &state.id {
            let path = format!(
                "{}/{}",
                assigned_to(&state.resource_object_id),
                graph::segment(id)
            );
            context.graph.delete(&path).await?;
        }
        Ok(())
    }
}

/// Returns the import ID of an assignment whose state contains the service principal in an attribute.
fn of_resource(state: &Value) -> Result<String, String> {
    let (resource, id) = (
        peer::text(state, "resource_object_id")?,
        peer::by_id(state)?,
    );
    Ok(format!(
        "/servicePrincipals/{resource}/appRoleAssignedTo/{}",
        graph::segment(&id)
    ))
}

/// Returns the import ID of an assignment from its URL. Graph also exposes it below the principal; then only the request body in the state
/// contains the service principal.
fn from_either_side(state: &Value) -> Result<String, String> {
    let url = peer::by_resource_url(state)?;
    let below = url.to_ascii_lowercase();
    let Some(at) = below.find("/approleassignments/") else {
        return Ok(url);
    };
    // A value of dynamic type is stored together with its type.
    let body = state.member("body").member("value");
    let resource = peer::text(body, "resourceId")
        .map_err(|_| "its `body` does not name the `resourceId`".to_owned())?;
    let id = url.get(at..).and_then(|rest| rest.rsplit('/').next());
    Ok(format!(
        "/servicePrincipals/{resource}/appRoleAssignedTo/{}",
        id.unwrap_or_default()
    ))
}

fn same(json: &Json, id: &str) -> bool {
    json.as_str()
        .is_some_and(|text| text.eq_ignore_ascii_case(id))
}

fn assigned_to(resource_object_id: &str) -> String {
    format!("{}/appRoleAssignedTo", principal_path(resource_object_id))
}

/// Returns the query for all of [`assigned_to`], with the maximum page size.
fn all_assigned_to(resource_object_id: &str) -> String {
    format!("{}?$top=999", assigned_to(resource_object_id))
}

/// Returns the role for users of the service principal. All assignments to it share one lookup.
pub(super) async fn role(context: &Context, resource_object_id: &str) -> Result<String> {
    let look_up = async || {
        let path = format!(
            "{}?$select=id,displayName,appRoles",
            principal_path(resource_object_id)
        );
        let Some(principal) = context.graph.get_referred(&path).await? else {
            return Err(missing(
                "resource_object_id",
                "service principal",
                resource_object_id,
                context,
            ));
        };
        assignable_role(&principal).ok_or_else(|| {
            Problem::at(
                "app_role_id",
                "The service principal has no role for users",
                format!(
                    "Service principal {resource_object_id} has no enabled role that users or groups can be assigned. Set \
                     `app_role_id`; an application without roles takes \"00000000-0000-0000-0000-000000000000\"."
                ),
            )
        })
    };
    context.role(resource_object_id, look_up).await
}

fn missing(attribute: &str, what: &str, id: &str, context: &Context) -> Problem {
    Problem::at(
        attribute,
        format!("The {what} does not exist"),
        format!(
            "Tenant {} has no {what} with the object ID {id}, or the object was created so recently that it is not visible yet.",
            context.tenant_id()
        ),
    )
}

impl AppRoleAssignment {
    /// Creates the assignment. An existing assignment is a success.
    async fn assign(&self, context: &Context) -> Result<Json> {
        let path = assigned_to(&self.resource_object_id);
        let body = json!({
            "principalId": self.principal_object_id,
            "resourceId": self.resource_object_id,
            "appRoleId": self.app_role_id,
        });
        let look = || self.find(context);
        match context
            .graph
            .post_once(&path, &body, Resend::Safe, look)
            .await
        {
            Err(error) if matches!(error.status(), Some(400 | 404 | 409)) => {
                Err(self.explain(context, error).await)
            }
            answer => Ok(answer?),
        }
    }

    /// Adds to the error which of the two objects does not exist, if one is missing.
    async fn explain(&self, context: &Context, error: graph::Error) -> Problem {
        let of = |kind: &str, id: &str| format!("/{kind}/{}?$select=id", graph::segment(id));
        let paths = [
            of("servicePrincipals", &self.resource_object_id),
            of("users", &self.principal_object_id),
            of("groups", &self.principal_object_id),
            of("servicePrincipals", &self.principal_object_id),
        ];
        let Ok(found) = context.graph.batch_get(&paths).await else {
            return error.into();
        };
        let absent: Vec<bool> = found
            .iter()
            .map(|answer| matches!(answer, Ok(None)))
            .collect();
        if absent.first() == Some(&true) {
            return missing(
                "resource_object_id",
                "service principal",
                &self.resource_object_id,
                context,
            );
        }
        if absent.iter().skip(1).all(|absent| *absent) {
            return missing(
                "principal_object_id",
                "user or group",
                &self.principal_object_id,
                context,
            );
        }
        error.into()
    }

    /// Looks for the assignment of this principal (and role, if it is known) among all assignments of the service principal.
    async fn find(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        let is_it = |assignment: &Json| {
            same(&assignment["principalId"], &self.principal_object_id) && self.has_role(assignment)
        };
        let mut pages = graph::Pages::of(&all_assigned_to(&self.resource_object_id));
        while let Some(page) = context.graph.next_page(&mut pages).await? {
            if let Some(found) = page.into_iter().find(is_it) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Like `find`, for an import. There may be thousands of imports at once, so they share one read of the collection.
    async fn find_imported(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        let principal = ("principalId", self.principal_object_id.as_str());
        let role = self.app_role_id.as_deref().map(|role| ("appRoleId", role));
        let key: Vec<_> = [principal].into_iter().chain(role).collect();
        let member = graph::Member {
            list: &all_assigned_to(&self.resource_object_id),
            fallback: None,
            single: None,
            key: &key,
            part: None,
            readers: 1,
        };
        match context.graph.member(&member).await? {
            Some(found) => Ok(Some(found)),
            // The shared collection may have been read before the assignment was created.
            None => self.find(context).await,
        }
    }

    fn has_role(&self, assignment: &Json) -> bool {
        self.app_role_id
            .as_deref()
            .is_none_or(|role| same(&assignment["appRoleId"], role))
    }

    /// Returns this assignment with the values of Graph's response.
    fn answered(&self, answer: &Json) -> Result<Self> {
        let mut found: Self = model(answer)?;
        found
            .resource_object_id
            .clone_from(&self.resource_object_id);
        if found.principal_object_id.is_empty() {
            found
                .principal_object_id
                .clone_from(&self.principal_object_id);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
