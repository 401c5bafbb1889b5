//! One user of the tenant.

use super::prelude::*;

attributes! {
    /// Finds one user of this tenant by user principal name or object id.
    pub struct User {
        /// Object id of the user. Exactly one of this and `user_principal_name` must be set.
        id: Option<String> = computed().guid(),
        /// Sign-in name of the user, for example `ada@contoso.com`.
        user_principal_name: Option<String> = computed().check(Check::NotEmpty),
        /// Name of the user.
        display_name: Option<String> = read_only(),
        /// Mail address of the user.
        mail: Option<String> = read_only(),
        /// `Member` or `Guest`. Guests are not synchronized to other tenants.
        user_type: Option<String> = read_only(),
        /// Whether the user can sign in.
        account_enabled: Option<bool> = read_only(),
        /// Whether the invitation of an external user was accepted: `Accepted` or `PendingAcceptance`; null for internal users.
        external_user_state: Option<String> = read_only(),
        /// Tenant id of the tenant that the user belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const SELECT: &str =
    "id,userPrincipalName,displayName,mail,userType,accountEnabled,externalUserState";

impl DataSource for User {
    const NAME: &'static str = "user";
    const CALLS: &'static [(&'static str, &'static str)] = &[("GET", "/users/{id}")];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one(config, ["user_principal_name", "id"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self, Problem> {
        let (attribute, wanted) = match (&config.user_principal_name, &config.id) {
            (Some(name), _) => ("user_principal_name", name),
            (None, Some(id)) => ("id", id),
            (None, None) => {
                return Err(Problem::said(
                    "Nothing to look for",
                    "Set `user_principal_name` or `id`.",
                ));
            }
        };
        let path = format!("/users/{}?$select={SELECT}", graph::segment(wanted));
        let Some(answer) = context.graph.get_together(&path).await? else {
            let detail = format!("Tenant {} has no user {wanted:?}.", context.tenant_id());
            return Err(Problem::at(
                attribute,
                format!("There is no user {wanted:?}"),
                detail,
            ));
        };
        Ok(Self {
            tenant_id: Some(context.tenant_id().to_owned()),
            ..model(&answer)?
        })
    }
}
