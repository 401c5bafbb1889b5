//! The template of the synchronization policies for tenants of a multitenant organization.

use serde_json::Value as Json;

use super::organization_template::{self as template, levels};
use super::sync_policy::SyncInbound;
use sdk::prelude::*;

attributes! {
    /// Manages the template for the synchronization policies that this tenant creates for the other tenants of its
    /// multitenant organization. These policies say what the other tenants may synchronize into this tenant.
    ///
    /// When this tenant joins an organization, the template is applied to all tenants of the organization. When another
    /// tenant joins, it is applied to that tenant. Every tenant has exactly one such template.
    pub struct MultiTenantOrganizationIdentitySynchronizationTemplate {
        /// Tenants that the template is applied to: `new_partners`, which have no synchronization policy yet, and
        /// `existing_partners`, whose policy it overwrites. If omitted, the template is applied to both, which is
        /// Microsoft's default. An empty list means none.
        template_application_level: Option<Set<String>> = levels(),
        /// Inbound synchronization of users from the partners. If omitted, the synchronization policies of the partners are not changed.
        user_sync_inbound: Option<SyncInbound>,
        /// Tenant ID of the tenant that this template belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for MultiTenantOrganizationIdentitySynchronizationTemplate {
    const NAME: &'static str = "multi_tenant_organization_identity_synchronization_template";
    const TASK: Task = Task::MultitenantOrganization;
    const EXPORT: Export = Export::IfChanged(export::ORGANIZATION);
    const PATH: &'static str = "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization";
    const DESTROY: Destroy = Destroy::Post(
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization/resetToDefaultSettings",
    );
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const NOTES: &'static str = "\
Creating this resource changes the existing template. Destroying it resets the template to Microsoft's default, which changes no policies;
partners keep the policies that they have.

A template with `existing_partners` overwrites what `crosstenant_sync_policy` manages for the same tenants. The provider warns if that has
happened.";

    fn body(body: &mut Json) {
        template::body(body);
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        model(&template::answer(answer)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::MultiTenantOrganizationIdentitySynchronizationTemplate as Synchronization;
    use super::*;
    use graph::testing::{Script, empty, reply};

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
    async fn settings_of_others_are_not_reset_without_a_plan() {
        let customized = json!({ "templateApplicationLevel": "none", "userSyncInbound": { "isSyncAllowed": true } });
        let script = Script::of([reply(200, &customized)]);
        let context = Context::new(script.client());
        let problem = Synchronization::create(&context, &template(&[], None), &mut None)
            .await
            .unwrap_err();
        assert!(
            problem
                .into_diagnostic("create", "t")
                .detail
                .contains("`user_sync_inbound`")
        );
    }
}
