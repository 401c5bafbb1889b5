//! The template of the partner settings for tenants of a multitenant organization.

use serde_json::Value as Json;

use super::organization_template::{self as template, levels};
use super::partner_policy::{B2bSetting, validate_block};
use super::trust_settings::{AutomaticUserConsentSettings, InboundTrust};
use sdk::prelude::*;

attributes! {
    /// Manages the template for the partner settings that this tenant creates for the other tenants of its multitenant organization.
    ///
    /// When this tenant joins an organization, the template is applied to all tenants of the organization. When another
    /// tenant joins, it is applied to that tenant. Every tenant has exactly one such template. A block that is left out
    /// changes nothing at the partners.
    pub struct MultiTenantOrganizationPartnerConfigurationTemplate {
        /// Tenants that the template is applied to: `new_partners`, which have no partner settings yet, and
        /// `existing_partners`, whose settings it overwrites. If omitted, the template is applied to both, which is
        /// Microsoft's default. An empty list means none.
        template_application_level: Option<Set<String>> = levels(),
        /// Inbound B2B collaboration: users of the partners who may be invited to this tenant, and the applications that they may access.
        b2b_collaboration_inbound: Option<B2bSetting>,
        /// Outbound B2B collaboration: users of this tenant who may be invited by the partners, and the applications that they may access.
        b2b_collaboration_outbound: Option<B2bSetting>,
        /// Inbound B2B direct connect: users of the partners who may connect directly, for example to shared channels.
        b2b_direct_connect_inbound: Option<B2bSetting>,
        /// Outbound B2B direct connect: users of this tenant who may connect directly to the partners.
        b2b_direct_connect_outbound: Option<B2bSetting>,
        /// Claims from the partners that this tenant trusts: multifactor authentication, compliant devices, and hybrid joined devices.
        inbound_trust: Option<InboundTrust>,
        /// Automatic redemption of invitations between the tenants, without asking the user for consent.
        automatic_user_consent_settings: Option<AutomaticUserConsentSettings>,
        /// Tenant ID of the tenant that this template belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const BLOCKS: [&str; 6] = [
    "b2b_collaboration_inbound",
    "b2b_collaboration_outbound",
    "b2b_direct_connect_inbound",
    "b2b_direct_connect_outbound",
    "inbound_trust",
    "automatic_user_consent_settings",
];

impl Resource for MultiTenantOrganizationPartnerConfigurationTemplate {
    const NAME: &'static str = "multi_tenant_organization_partner_configuration_template";
    const TASK: Task = Task::MultitenantOrganization;
    const EXPORT: Export = Export::IfChanged(export::ORGANIZATION);
    const PATH: &'static str =
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration";
    const DESTROY: Destroy = Destroy::Post(
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration/resetToDefaultSettings",
    );
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const NOTES: &'static str = "\
Creating this resource changes the existing template. If a block that the configuration omits is already set in the tenant, creating this
resource fails and shows how to import the template. Destroying this resource resets the template to Microsoft's default, which changes no
partner settings; partners keep the settings that they have.

A template with `existing_partners` overwrites what `crosstenant_partner_policy` and `crosstenant_trust_settings` manage for the same
tenants. The provider warns if that has happened.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        for block in BLOCKS {
            validate_block(
                config.member(block),
                &Path::root(block),
                "change nothing at the partners",
                found,
            );
        }
    }

    fn body(body: &mut Json) {
        template::body(body);
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let mut found: Self = model(&template::answer(answer))?;
        found.inbound_trust.iter_mut().for_each(InboundTrust::fill);
        found
            .automatic_user_consent_settings
            .iter_mut()
            .for_each(AutomaticUserConsentSettings::fill);
        Ok(Some(found))
    }
}
