//! Assigned users whom synchronization skips because of SMS sign-in.

use super::prelude::*;
use super::{assigned, directory_search};
use crate::paths::principal_path;

attributes! {
    /// Lists the users assigned to a configuration, directly or as direct members of an assigned group, who have SMS
    /// sign-in. Synchronization skips these users. Configure this data source in the source tenant.
    ///
    /// Guests are not listed, because synchronization skips all guests.
    pub struct SmsSignInUsers {
        /// Object ID of the configuration's service principal.
        service_principal_id: String = required().guid(),
        /// The users with SMS sign-in.
        users: Option<Vec<SmsSignInUser>> = read_only(),
        /// Object IDs of the users with SMS sign-in.
        ids: Option<Vec<String>> = read_only(),
        /// Total number of assigned users, including guests.
        assigned_count: Option<i64> = read_only(),
        /// Tenant ID of the tenant that the users belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One user with SMS sign-in.
    pub struct SmsSignInUser {
        /// Object ID of the user.
        id: Option<String> = read_only(),
        /// The user principal name.
        user_principal_name: Option<String> = read_only(),
        /// Name of the user.
        display_name: Option<String> = read_only(),
    }
}

impl DataSource for SmsSignInUsers {
    const NAME: &'static str = "sms_sign_in_users";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users/{id}",
        "GET /users/{id}/authentication/phoneMethods/{id}",
    ];
    const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(600);

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let assignments = assignments(context, &config.service_principal_id).await?;
        let assigned = assigned::users_of(context, &assignments).await?;
        let ready = assigned::with_sms_sign_in(context, &assigned).await?;
        let select = "id,userPrincipalName,displayName,userType";
        let mut users = assigned::read_users(context, &ready, select).await?;
        users.retain(|user| user["userType"] != "Guest");
        Ok(Self {
            service_principal_id: config.service_principal_id.clone(),
            ids: Some(directory_search::ids(&users)),
            users: Some(users.iter().map(model).collect::<Result<_, _>>()?),
            assigned_count: i64::try_from(assigned.len()).ok(),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}

/// Reads the assignments, or returns the error that the service principal does not exist.
pub(super) async fn assignments(
    context: &Context,
    service_principal_id: &str,
) -> Result<Vec<serde_json::Value>> {
    match assigned::assignments(context, service_principal_id).await {
        Err(error) if error.is_not_found() => Err(Problem::at(
            "service_principal_id",
            "The service principal does not exist",
            format!(
                "Tenant {} has nothing at {}.",
                context.tenant_id(),
                principal_path(service_principal_id)
            ),
        )),
        result => Ok(result?),
    }
}
