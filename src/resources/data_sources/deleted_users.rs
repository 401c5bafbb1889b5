//! Deleted users who can be restored.

use jiff::ToSpan;
use serde_json::Value as Json;

use super::prelude::*;
use super::timestamp::{check, instant, timestamp};
use super::{directory_search, external};

attributes! {
    /// Lists soft-deleted users of the target tenant, who can be restored for 30 days. Configure this data source in the target tenant.
    ///
    /// A user whom synchronization deleted is restored by synchronization once the source user is in scope again. A user whom an
    /// administrator of the target tenant deleted stays deleted until an administrator restores the user, for example with
    /// `crosstenant_restored_user`. Provisioning the source user on demand before that creates a second user.
    pub struct DeletedUsers {
        /// Domain of the home tenant of the users to list, for example `contoso.example`.
        home_domain: Option<String> = optional().check(Check::NotEmpty),
        /// Beginning of the display names of the users to list. Not case-sensitive.
        display_name_prefix: Option<String> = optional().check(Check::NotEmpty),
        /// Earliest time or day of the deletion of the users to list.
        deleted_since: Option<String> = optional().check(Check::That(check)),
        /// Whether internal users are listed as well. Defaults to `false`.
        include_internal: Option<bool> = optional(),
        /// The deleted users, most recently deleted first.
        users: Option<Vec<DeletedUser>> = read_only(),
        /// Object IDs of the users.
        ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the users belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One deleted user.
    pub struct DeletedUser {
        /// Object ID of the user.
        id: Option<String> = read_only(),
        /// The user principal name. While the user is deleted, it begins with the object ID of the user.
        user_principal_name: Option<String> = read_only(),
        /// User principal name in the home tenant, derived from the user principal name in this tenant. Null for internal users.
        home_user_principal_name: Option<String> = read_only().local(),
        /// Name of the user.
        display_name: Option<String> = read_only(),
        /// Email address of the user.
        mail: Option<String> = read_only(),
        /// `Member` or `Guest`.
        user_type: Option<String> = read_only(),
        /// Time at which the user was deleted.
        deleted: Option<String> = read_only().named("deletedDateTime"),
        /// Time until which the user can be restored: 30 days after the deletion.
        restorable_until: Option<String> = read_only().local(),
    }
}

const PATH: &str = "/directory/deletedItems/microsoft.graph.user";
const SELECT: &str = "id,userPrincipalName,displayName,mail,userType,deletedDateTime";

impl DataSource for DeletedUsers {
    const NAME: &'static str = "deleted_users";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /directory/deletedItems/microsoft.graph.user"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        // Which properties of deleted users can be filtered is not documented, and there are few users.
        let path = format!("{PATH}?$select={SELECT}&$top=999");
        let mut found = context.graph.list(&path).await?;
        found.retain(|user| config.wants(user));
        found.sort_by_key(|user| {
            std::cmp::Reverse(text(user, "deletedDateTime").unwrap_or_default())
        });
        Ok(Self {
            ids: Some(directory_search::ids(&found)),
            users: Some(found.iter().map(described).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl DeletedUsers {
    fn wants(&self, user: &Json) -> bool {
        let begins = |prefix: &String| {
            let name = text(user, "displayName").unwrap_or_default();
            name.to_lowercase().starts_with(&prefix.to_lowercase())
        };
        let since = |since: &String| {
            let deleted = text(user, "deletedDateTime").and_then(|text| instant(&text));
            deleted >= instant(since)
        };
        (self.include_internal == Some(true) || external::is_external(user))
            && self
                .home_domain
                .as_ref()
                .is_none_or(|domain| external::comes_from(user, domain))
            && self.display_name_prefix.as_ref().is_none_or(begins)
            && self.deleted_since.as_ref().is_none_or(since)
    }
}

fn described(user: &Json) -> Result<DeletedUser> {
    let deleted = timestamp(&user["deletedDateTime"]);
    let until = deleted.as_deref().and_then(instant);
    let until = until.and_then(|deleted| deleted.checked_add((30 * 24).hours()).ok());
    Ok(DeletedUser {
        home_user_principal_name: external::home_name(user),
        restorable_until: until.map(|until| until.to_string()),
        ..model(user)?
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_applied_here() {
        let ada = json!({ "displayName": "Ada", "userPrincipalName": "ada_contoso.example#EXT#@f.example",
            "deletedDateTime": "2026-02-01T10:00:00Z" });
        let nadia = json!({ "displayName": "Nadia", "userPrincipalName": "nadia@f.example",
            "deletedDateTime": "2026-02-02T10:00:00Z" });
        let everything = DeletedUsers::from_object(&terraform::Object::new()).unwrap();
        let wants = |change: &dyn Fn(&mut DeletedUsers)| {
            let mut config = everything.clone();
            change(&mut config);
            [&ada, &nadia].map(|user| config.wants(user))
        };
        assert_eq!(wants(&|_| ()), [true, false]);
        assert_eq!(wants(&|it| it.include_internal = Some(true)), [true, true]);
        assert_eq!(
            wants(&|it| it.home_domain = Some("other.example".into())),
            [false, false]
        );
        assert_eq!(
            wants(&|it| it.display_name_prefix = Some("aD".into())),
            [true, false]
        );
        assert_eq!(
            wants(&|it| it.deleted_since = Some("2026-02-02".into())),
            [false, false]
        );
        let described = described(&ada).unwrap();
        assert_eq!(
            described.restorable_until.as_deref(),
            Some("2026-03-03T10:00:00Z")
        );
    }
}
