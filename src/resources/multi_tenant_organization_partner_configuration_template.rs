//! The partner settings that the tenants of a multitenant organization get here.

use super::organization_template::{self as template, Template, levels};
use super::partner_policy::{B2bSetting, validate_block};
use super::prelude::*;
use super::trust_settings::{AutomaticUserConsentSettings, InboundTrust};

attributes! {
    /// Manages the template from which this tenant makes the partner settings of the other tenants of its multitenant
    /// organization.
    ///
    /// The template is used when this tenant joins an organization, for all its tenants, and when another tenant joins, for
    /// that one. Every tenant has exactly one. A block that is left out changes nothing at the partners.
    pub struct MultiTenantOrganizationPartnerConfigurationTemplate {
        /// For which tenants the template is used: `new_partners`, which had no partner settings before, and `existing_partners`,
        /// whose settings it overwrites. If omitted, both, which is Microsoft's default. An empty list means none.
        template_application_level: Option<Set<String>> = levels(),
        /// Which users of the partners may be invited here, and to which applications.
        b2b_collaboration_inbound: Option<B2bSetting>,
        /// Which users of this tenant may be invited by the partners, and to which applications.
        b2b_collaboration_outbound: Option<B2bSetting>,
        /// Which users of the partners may connect directly, as in shared channels.
        b2b_direct_connect_inbound: Option<B2bSetting>,
        /// Which users of this tenant may connect directly to the partners.
        b2b_direct_connect_outbound: Option<B2bSetting>,
        /// Which claims of the partners are accepted in place of this tenant's own.
        inbound_trust: Option<InboundTrust>,
        /// Whether invitations between the tenants are redeemed without asking the user.
        automatic_user_consent_settings: Option<AutomaticUserConsentSettings>,
        /// Tenant id of the tenant that this template belongs to.
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

impl Template for MultiTenantOrganizationPartnerConfigurationTemplate {
    const PATH: &'static str =
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration";

    fn fill(&mut self) {
        self.inbound_trust.iter_mut().for_each(InboundTrust::fill);
        self.automatic_user_consent_settings
            .iter_mut()
            .for_each(AutomaticUserConsentSettings::fill);
    }
}

impl Resource for MultiTenantOrganizationPartnerConfigurationTemplate {
    const NAME: &'static str = "multi_tenant_organization_partner_configuration_template";
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", Self::PATH),
        ("PATCH", Self::PATH),
        (
            "POST",
            "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration/resetToDefaultSettings",
        ),
    ];
    const NOTES: &'static str = "\
Nothing is created: the template that exists is changed. Where somebody has already set a block that the configuration leaves
out, creating this resource fails and shows how to import the template instead. Destroying it resets the template to Microsoft's
default, in which it changes nothing; partners keep the settings they have.

A template with `existing_partners` overwrites what `crosstenant_partner_policy` and `crosstenant_trust_settings` manage for the
same tenants. The provider warns where that has happened.";

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
