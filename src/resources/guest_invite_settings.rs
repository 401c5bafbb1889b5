//! Who may invite guests: one field of the tenant's authorization policy.

use serde_json::{Value as Json, json};

use super::prelude::*;
use super::singleton;

attributes! {
    /// Manages who may invite guests into this tenant. It belongs into the target tenant: while nobody may, synchronization
    /// fails with `AzureActiveDirectoryForbidden`.
    ///
    /// Every tenant has exactly one such setting.
    pub struct GuestInviteSettings {
        /// Who may invite guests: `everyone` (guests too; Microsoft's default), `adminsGuestInvitersAndAllMembers`,
        /// `adminsAndGuestInviters`, or `none`, with which no user can be synchronized into this tenant.
        allow_invites_from: String = required().one_of(&["everyone", "adminsGuestInvitersAndAllMembers", "adminsAndGuestInviters", "none"]),
        /// Tenant id of the tenant that these settings belong to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const POLICY: &str = "/policies/authorizationPolicy";

/// Whatever the state of another provider calls them, a tenant has these settings once.
#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn this(_: &Value) -> Result<String, String> {
    Ok(POLICY.to_owned())
}

impl Resource for GuestInviteSettings {
    const NAME: &'static str = "guest_invite_settings";
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/policies/authorizationPolicy",
        "/policies/authorizationPolicy/authorizationPolicy",
        "authorizationPolicy",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365wp("microsoft365wp_authorization_policy", this),
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: &'static [(&'static str, &'static str)] = &[("GET", POLICY), ("PATCH", POLICY)];
    const NOTES: &'static str = "\
Nothing is created: the setting that exists is changed, and no other field of the authorization policy is touched. Destroying
this resource sets it to `everyone`, Microsoft's default, in every cloud; in the US Government cloud, where the default is
`none`, give it up with a `removed` block and `destroy = false` instead.";

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        singleton::write(context, POLICY, &body(&planned.allow_invites_from)).await?;
        *state = Some(planned.clone());
        Ok(())
    }

    async fn read(context: &Context, _state: &Self) -> Result<Option<Self>, Problem> {
        let answer = singleton::read(context, POLICY).await?;
        answer.map(|answer| model(&answer)).transpose()
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        if state.allow_invites_from != planned.allow_invites_from {
            set(context, &planned.allow_invites_from).await?;
        }
        *state = planned.clone();
        Ok(())
    }

    async fn delete(context: &Context, _state: &Self) -> Result<(), Problem> {
        set(context, "everyone").await
    }
}

fn body(allow_invites_from: &str) -> Json {
    json!({ "allowInvitesFrom": allow_invites_from })
}

async fn set(context: &Context, allow_invites_from: &str) -> Result<(), Problem> {
    let body = body(allow_invites_from);
    Ok(context.graph.patch(POLICY, &body).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Script, empty};

    #[tokio::test]
    async fn only_this_field_is_written_without_a_look_at_what_a_replica_shows() {
        let script = Script::of([empty(204), empty(204)]);
        let context = Context::new(script.client());
        let settings = |who: &str| GuestInviteSettings {
            allow_invites_from: who.to_owned(),
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
        assert_eq!(bodies, [body("none"), body("everyone")]);
    }
}
