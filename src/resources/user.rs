//! A user of the tenant.

use sdk::prelude::*;

attributes! {
    /// Finds one user of this tenant by user principal name or object ID.
    pub struct User {
        /// Object ID of the user. Exactly one of this and `user_principal_name` must be set.
        id: Option<String> = computed().guid(),
        /// The user principal name, for example `ada@contoso.com`.
        user_principal_name: Option<String> = computed().check(Check::NotEmpty),
        /// Name of the user.
        display_name: Option<String> = read_only(),
        /// Email address of the user.
        mail: Option<String> = read_only(),
        /// `Member` or `Guest`. Guests are not synchronized to other tenants.
        user_type: Option<String> = read_only(),
        /// Whether the user can sign in.
        account_enabled: Option<bool> = read_only(),
        /// Whether the invitation of an external user was accepted: `Accepted` or `PendingAcceptance`; null for internal users.
        external_user_state: Option<String> = read_only(),
        /// Tenant ID of the tenant that the user belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const SELECT: &str =
    "id,userPrincipalName,displayName,mail,userType,accountEnabled,externalUserState";

impl DataSource for User {
    const NAME: &'static str = "user";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /users/{id}"];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one(config, ["user_principal_name", "id"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let (attribute, wanted) = match (&config.user_principal_name, &config.id) {
            (Some(name), _) => ("user_principal_name", name),
            (None, Some(id)) => ("id", id),
            (None, None) => {
                return Err(Problem::error(
                    "Missing search argument",
                    "Set `user_principal_name` or `id`.",
                ));
            }
        };
        let path = format!("{}?$select={SELECT}", graph::user(wanted));
        let Some(answer) = context.graph.get_together(&path).await? else {
            let detail = format!("Tenant {} has no user {wanted:?}.", context.tenant_id());
            return Err(Problem::at(
                attribute,
                format!("User {wanted:?} not found"),
                detail,
            ));
        };
        Ok(Self {
            tenant_id: Some(context.tenant_id().to_owned()),
            ..model(&answer)?
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, reply};

    #[tokio::test]
    async fn a_service_account_whose_name_begins_with_a_dollar_sign_is_found() {
        let name = "$svc@contoso.example";
        let script = Script::new(|sent| {
            // The form with a slash is documented to be refused for such a name.
            let is_right = sent
                .path
                .starts_with("/v1.0/users('%24svc%40contoso.example')?");
            let status = if is_right { 200 } else { 400 };
            reply(
                status,
                &json!({ "id": "1", "userPrincipalName": "$svc@contoso.example" }),
            )
        });
        let config = User {
            user_principal_name: Some(name.to_owned()),
            ..User::from_value(&Value::Null).unwrap()
        };
        let context = Context::new(script.client());
        let found = User::read(&context, &config).await.unwrap();
        assert_eq!(found.user_principal_name.as_deref(), Some(name));
    }
}
