//! Settings for guest invitations and guest access: two fields of the tenant's authorization policy.

use serde_json::{Value as Json, json};

use sdk::observed::Finding;
use sdk::prelude::*;

attributes! {
    /// Manages which users may invite guests into this tenant. Configure this resource in the target tenant: while
    /// invitations are blocked, synchronization fails with `AzureActiveDirectoryForbidden`.
    ///
    /// Every tenant has exactly one such setting.
    pub struct GuestInviteSettings {
        /// Users who may invite guests: `everyone` (including guests; Microsoft's default), `adminsGuestInvitersAndAllMembers`,
        /// `adminsAndGuestInviters` or `none`. With `none`, no user can be synchronized into this tenant.
        allow_invites_from: String = required().one_of(&["everyone", "adminsGuestInvitersAndAllMembers", "adminsAndGuestInviters", "none"]),
        /// ID of the role that guests have in the directory: `a0b1b346-4d3e-4e8b-98f8-753987be4970` (the same as members),
        /// `10dae51f-b6af-4016-8d66-8c2a99b929b3` (limited, Microsoft's default) or `2af84b1e-32c8-42b7-82bc-daa82404023b` (most
        /// restricted). Optional. If omitted, the existing role is kept, and plans warn if guests have the same access as members.
        guest_user_role_id: Option<String> = optional().observed().neutral(GUEST_ROLES[1]).one_of(&GUEST_ROLES),
        /// Tenant ID of the tenant that these settings belong to.
        tenant_id: Option<String> = read_only().local(),
    }
}

/// Same access as members, limited access, most restricted access.
const GUEST_ROLES: [&str; 3] = [
    "a0b1b346-4d3e-4e8b-98f8-753987be4970",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "2af84b1e-32c8-42b7-82bc-daa82404023b",
];

impl Resource for GuestInviteSettings {
    const NAME: &'static str = "guest_invite_settings";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::IfChanged(export::SETTINGS);
    const PATH: &'static str = "/policies/authorizationPolicy";
    // The guest role is not reset.
    const DESTROY: Destroy = Destroy::Reset(|| json!({ "allowInvitesFrom": "everyone" }));
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        Self::PATH,
        "/policies/authorizationPolicy/authorizationPolicy",
        "authorizationPolicy",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365wp_settings("microsoft365wp_authorization_policy"),
        Peer::MSGRAPH_UPDATE,
    ];
    const NOTES: &'static str = "\
Creating this resource changes the existing settings and no other property of the authorization policy. Destroying it sets
`allow_invites_from` to `everyone`, Microsoft's default in most clouds, and does not change the role of guests. In the US Government cloud,
where the default is `none`, stop managing the settings with a `removed` block and `destroy = false` instead.";

    fn findings(tenant_id: &str, found: &Value) -> Vec<Finding> {
        if found.member("guest_user_role_id").as_str() != Some(GUEST_ROLES[0]) {
            return Vec::new();
        }
        vec![Finding {
            attribute: "guest_user_role_id",
            allows: true,
            what: format!(
                "Guests of tenant {tenant_id} have the same access to the directory as members. Microsoft's default is \
                limited access."
            ),
            fix: format!("guest_user_role_id = {:?}", GUEST_ROLES[1]),
        }]
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let mut found: Self = model(answer)?;
        // Other tools may write the ID in upper case. The default is stored only if it was configured.
        let role = found.guest_user_role_id.map(|id| id.to_lowercase());
        let is_written = self.guest_user_role_id.is_some();
        found.guest_user_role_id = role.filter(|role| is_written || role != GUEST_ROLES[1]);
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, empty};

    #[tokio::test]
    async fn only_this_field_is_written_without_a_look_at_what_a_replica_shows() {
        let script = Script::of([empty(204), empty(204)]);
        let context = Context::new(script.client());
        let settings = |who: &str| GuestInviteSettings {
            allow_invites_from: who.to_owned(),
            guest_user_role_id: None,
            tenant_id: None,
        };
        let mut state = None;
        GuestInviteSettings::create(&context, &settings("none"), &mut state)
            .await
            .unwrap();
        GuestInviteSettings::delete(&context, &state.unwrap())
            .await
            .unwrap();
        let bodies: Vec<_> = script.sent().into_iter().map(|sent| sent.body).collect();
        let body = |who: &str| json!({ "allowInvitesFrom": who });
        assert_eq!(bodies, [body("none"), body("everyone")]);
    }
}
