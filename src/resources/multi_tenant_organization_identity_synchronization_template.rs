//! What the tenants of a multitenant organization may synchronize into this one.

use super::organization_template::{self as template, Template, levels};
use super::prelude::*;
use super::sync_policy::SyncInbound;

attributes! {
    /// Manages the template from which this tenant makes the synchronization policies of the other tenants of its multitenant
    /// organization: what these may synchronize into it.
    ///
    /// The template is used when this tenant joins an organization, for all its tenants, and when another tenant joins, for
    /// that one. Every tenant has exactly one.
    pub struct MultiTenantOrganizationIdentitySynchronizationTemplate {
        /// For which tenants the template is used: `new_partners`, which had no synchronization policy before, and
        /// `existing_partners`, whose policy it overwrites. If omitted, both, which is Microsoft's default. An empty list means
        /// none.
        template_application_level: Option<Set<String>> = levels(),
        /// Users who arrive from the partners. If omitted, nothing is changed at the partners.
        user_sync_inbound: Option<SyncInbound>,
        /// Tenant id of the tenant that this template belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Template for MultiTenantOrganizationIdentitySynchronizationTemplate {
    const PATH: &'static str = "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization";
}

impl Resource for MultiTenantOrganizationIdentitySynchronizationTemplate {
    const NAME: &'static str = "multi_tenant_organization_identity_synchronization_template";
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", Self::PATH),
        ("PATCH", Self::PATH),
        (
            "POST",
            "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization/resetToDefaultSettings",
        ),
    ];
    const NOTES: &'static str = "\
Nothing is created: the template that exists is changed. Destroying this resource resets it to Microsoft's default, in which it
changes nothing; partners keep the policies they have.

A template with `existing_partners` overwrites what `crosstenant_sync_policy` manages for the same tenants. The provider warns
where that has happened.";

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        template::create(context, planned, state).await
    }

    async fn read(context: &Context, _state: &Self) -> Result<Option<Self>, Problem> {
        template::read(context).await
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        template::update(context, planned, state).await
    }

    async fn delete(context: &Context, _state: &Self) -> Result<(), Problem> {
        template::reset::<Self>(context).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::MultiTenantOrganizationIdentitySynchronizationTemplate as Synchronization;
    use super::*;
    use crate::graph::testing::{Script, empty, reply};

    fn template(level: &[&str], allowed: Option<bool>) -> Synchronization {
        Synchronization {
            template_application_level: Some(Set(level
                .iter()
                .map(|level| (*level).to_owned())
                .collect())),
            user_sync_inbound: allowed.map(|is_sync_allowed| SyncInbound { is_sync_allowed }),
            tenant_id: None,
        }
    }

    #[tokio::test]
    async fn what_is_set_is_written_and_reset_at_the_end() {
        let untouched = json!({ "id": "x", "templateApplicationLevel": "newPartners,existingPartners", "userSyncInbound": null });
        let script = Script::of([reply(200, &untouched), empty(204), empty(204), empty(204)]);
        let context = Context::new(script.client());
        let mut state = None;
        let planned = template(&["existing_partners", "new_partners"], Some(true));
        Synchronization::create(&context, &planned, &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        Synchronization::update(&context, &template(&[], None), &mut state)
            .await
            .unwrap();
        Synchronization::delete(&context, &state).await.unwrap();
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        let expected = [
            Json::Null,
            json!({ "userSyncInbound": { "isSyncAllowed": true },
                "templateApplicationLevel": "existingPartners,newPartners" }),
            json!({ "templateApplicationLevel": "none", "userSyncInbound": null }),
            Json::Null,
        ];
        assert_eq!(bodies, expected);
    }

    #[tokio::test]
    async fn what_somebody_else_has_set_is_not_reset_unseen() {
        let customised = json!({ "templateApplicationLevel": "none", "userSyncInbound": { "isSyncAllowed": true } });
        let script = Script::of([reply(200, &customised)]);
        let context = Context::new(script.client());
        let problem = Synchronization::create(&context, &template(&[], None), &mut None)
            .await
            .unwrap_err();
        assert!(
            problem
                .tell("create", "t")
                .detail
                .contains("`user_sync_inbound`")
        );
    }
}
