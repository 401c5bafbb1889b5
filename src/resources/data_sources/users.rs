//! The users of the tenant that match a search.

use super::directory_search::{Collection, exactly_one_of, guids, ids};
use super::prelude::*;

attributes! {
    /// Finds users of this tenant by user principal names, by object IDs, by the beginning of their names, or by an
    /// OData filter. All pages are read.
    pub struct Users {
        /// The user principal names.
        user_principal_names: Option<Vec<String>> = optional(),
        /// Object IDs of the users.
        ids: Option<Vec<String>> = computed().check(Check::That(guids)),
        /// Beginning of the display names of the users. Not case-sensitive.
        display_name_prefix: Option<String> = optional().check(Check::NotEmpty),
        /// OData filter, for example `department eq 'Sales' and accountEnabled eq true`. A filter that Graph supports only in
        /// advanced queries, such as `endswith(mail,'@contoso.com')`, is sent as an advanced query, whose results may lag
        /// behind.
        filter: Option<String> = optional().check(Check::NotEmpty),
        /// Whether users who cannot be found by name or ID are skipped instead of failing the data source.
        ignore_missing: Option<bool> = optional(),
        /// Users who were found. With `ids` or `user_principal_names`, they are in the same order.
        users: Option<Vec<FoundUser>> = read_only(),
        /// Names or IDs for which no user was found. Only set with `ignore_missing`.
        missing: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the users belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One user.
    pub struct FoundUser {
        /// Object ID of the user.
        id: Option<String> = read_only(),
        /// The user principal name.
        user_principal_name: Option<String> = read_only(),
        /// Name of the user.
        display_name: Option<String> = read_only(),
        /// Email address of the user.
        mail: Option<String> = read_only(),
        /// `Member` or `Guest`. Guests are not synchronized to other tenants.
        user_type: Option<String> = read_only(),
        /// Whether the user can sign in.
        account_enabled: Option<bool> = read_only(),
        /// Department of the user, which scoping filters often use.
        department: Option<String> = read_only(),
        /// Whether the invitation of an external user was accepted: `Accepted` or `PendingAcceptance`; null for internal users.
        external_user_state: Option<String> = read_only(),
    }
}

const USERS: Collection = Collection {
    path: "/users",
    noun: "user",
    select: "id,userPrincipalName,displayName,mail,userType,accountEnabled,department,externalUserState",
};

impl DataSource for Users {
    const NAME: &'static str = "users";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /users", "GET /users/{id}"];

    fn validate(config: &Value, found: &mut Diagnostics) {
        let ways = [
            "user_principal_names",
            "ids",
            "display_name_prefix",
            "filter",
        ];
        exactly_one_of(config, &ways, found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let mut missing = Vec::new();
        let keys = [
            ("user_principal_names", &config.user_principal_names),
            ("ids", &config.ids),
        ];
        let named = keys
            .iter()
            .find_map(|(name, keys)| Some((*name, keys.as_ref()?)));
        let found = if let Some((attribute, keys)) = named {
            let found = USERS.each(context, keys).await?;
            USERS.complain(context, attribute, &found.1, config.ignore_missing)?;
            missing = found.1;
            found.0
        } else if let Some(prefix) = &config.display_name_prefix {
            USERS.named(context, prefix).await?
        } else {
            let filter = config.filter.as_deref().unwrap_or_default();
            USERS.filtered(context, filter).await?
        };
        Ok(Self {
            ids: Some(ids(&found)),
            users: Some(found.iter().map(model).collect::<Result<_, _>>()?),
            missing: Some(missing),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}
