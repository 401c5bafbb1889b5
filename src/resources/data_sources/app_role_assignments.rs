//! The assignments of a service principal.

use super::prelude::*;
use super::sms_sign_in_users::assignments;

attributes! {
    /// Lists the users and groups that are assigned to a service principal. A job with the scope `assigned`
    /// synchronizes them. All pages are read.
    pub struct AppRoleAssignments {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration.
        resource_object_id: String = required().guid(),
        /// Type of principal to list: `User`, `Group` or `ServicePrincipal`. If omitted, all assignments are listed.
        principal_type: Option<String> = optional().one_of(&["User", "Group", "ServicePrincipal"]),
        /// The assignments.
        assignments: Option<Vec<FoundAssignment>> = read_only(),
        /// Object IDs of the assigned users, groups and service principals.
        principal_object_ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the service principal belongs to.
        tenant_id: Option<String> = read_only(),
    }

    /// One assignment.
    pub struct FoundAssignment {
        /// ID of the assignment.
        id: Option<String> = read_only(),
        /// Object ID of the user, group or service principal.
        principal_object_id: Option<String> = read_only().named("principalId"),
        /// Type of the principal: `User`, `Group` or `ServicePrincipal`.
        principal_type: Option<String> = read_only(),
        /// Name of the user, group or service principal.
        principal_display_name: Option<String> = read_only(),
        /// ID of the role.
        app_role_id: Option<String> = read_only(),
        /// Time at which the principal was assigned.
        created: Option<String> = read_only().named("createdDateTime"),
    }
}

impl DataSource for AppRoleAssignments {
    const NAME: &'static str = "app_role_assignments";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = &["GET /servicePrincipals/{id}/appRoleAssignedTo"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let mut found = assignments(context, &config.resource_object_id).await?;
        if let Some(kind) = &config.principal_type {
            found.retain(|one| one["principalType"] == kind.as_str());
        }
        let principals = found.iter().filter_map(|one| text(one, "principalId"));
        Ok(Self {
            principal_object_ids: Some(principals.collect()),
            assignments: Some(found.iter().map(model).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}
