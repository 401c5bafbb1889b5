//! All partners of the tenant.

use super::prelude::*;
use super::read_only::ReadOnly;
use crate::resources::collaboration::{
    AppServiceConnect, M365CollaborationInbound, M365CollaborationOutbound,
};
use crate::resources::partner_policy::{B2bSetting, TenantRestrictions};
use crate::resources::trust_settings::{AutomaticUserConsentSettings, InboundTrust};

attributes! {
    /// Lists all partners in this tenant's cross-tenant access policy, with what is set for each of them. What is null is
    /// inherited from the default policy.
    pub struct PartnerPolicies {
        /// The partners.
        partners: Option<Vec<FoundPartner>> = read_only(),
        /// Tenant ids of the partners.
        partner_tenant_ids: Option<Vec<String>> = read_only(),
        /// Tenant id of the tenant that the policies belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One partner.
    pub struct FoundPartner {
        /// Tenant id of the partner.
        partner_tenant_id: Option<String> = read_only().named("tenantId"),
        /// Whether the partner is a service provider of this tenant.
        is_service_provider: Option<bool> = read_only(),
        /// Whether both tenants belong to the same multitenant organization, which may change these settings.
        is_in_multi_tenant_organization: Option<bool> = read_only(),
        /// Which claims of the partner are accepted in place of this tenant's own.
        inbound_trust: Option<ReadOnly<InboundTrust>> = read_only(),
        /// Whether invitations between the two tenants are redeemed without asking the user.
        automatic_user_consent_settings: Option<ReadOnly<AutomaticUserConsentSettings>> = read_only(),
        /// Which users of the partner may be invited here, and to which applications.
        b2b_collaboration_inbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Which users of this tenant may be invited by the partner, and to which applications.
        b2b_collaboration_outbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Which users of the partner may connect directly, as in shared channels.
        b2b_direct_connect_inbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Which users of this tenant may connect directly to the partner.
        b2b_direct_connect_outbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Which external accounts of the partner may be used from this tenant's networks and devices.
        tenant_restrictions: Option<ReadOnly<TenantRestrictions>> = read_only(),
        /// Which users of the partner may use Microsoft 365 features of this tenant.
        m365_collaboration_inbound: Option<ReadOnly<M365CollaborationInbound>> = read_only(),
        /// Which users of this tenant may use Microsoft 365 features of the partner.
        m365_collaboration_outbound: Option<ReadOnly<M365CollaborationOutbound>> = read_only(),
        /// Which applications of the partner may call applications of this tenant.
        app_service_connect_inbound: Option<ReadOnly<AppServiceConnect>> = read_only(),
    }
}

/// Where they are. That Graph could filter or select among them is not documented.
pub(super) const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

impl DataSource for PartnerPolicies {
    const NAME: &'static str = "partner_policies";
    const CALLS: &'static [(&'static str, &'static str)] = &[("GET", PARTNERS)];

    async fn read(context: &Context, _config: &Self) -> Result<Self, Problem> {
        let found = context.graph.list(PARTNERS).await?;
        let ids = found.iter().filter_map(|partner| text(partner, "tenantId"));
        Ok(Self {
            partner_tenant_ids: Some(ids.collect()),
            partners: Some(found.iter().map(model).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}
