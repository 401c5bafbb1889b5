//! The partners of the tenant.

use super::prelude::*;
use super::read_only::ReadOnly;
use crate::collaboration::{
    AppServiceConnect, M365CollaborationInbound, M365CollaborationOutbound,
};
use crate::partner_policy::{B2bSetting, TenantRestrictions};
use crate::trust_settings::{AutomaticUserConsentSettings, InboundTrust};

attributes! {
    /// Lists all partners in this tenant's cross-tenant access policy with their settings. Settings that are null are
    /// inherited from the default policy.
    pub struct PartnerPolicies {
        /// The partners.
        partners: Option<Vec<FoundPartner>> = read_only(),
        /// Tenant IDs of the partners.
        partner_tenant_ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the policies belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One partner.
    pub struct FoundPartner {
        /// Tenant ID of the partner.
        partner_tenant_id: Option<String> = read_only().named("tenantId"),
        /// Whether the partner is a service provider of this tenant.
        is_service_provider: Option<bool> = read_only(),
        /// Whether both tenants belong to the same multitenant organization. The organization may then change these settings.
        is_in_multi_tenant_organization: Option<bool> = read_only(),
        /// Claims from the partner that this tenant trusts: multifactor authentication, compliant devices, and hybrid joined devices.
        inbound_trust: Option<ReadOnly<InboundTrust>> = read_only(),
        /// Automatic redemption of invitations between the two tenants, without asking the user for consent.
        automatic_user_consent_settings: Option<ReadOnly<AutomaticUserConsentSettings>> = read_only(),
        /// Inbound B2B collaboration: users of the partner who may be invited to this tenant, and the applications that they may access.
        b2b_collaboration_inbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Outbound B2B collaboration: users of this tenant who may be invited by the partner, and the applications that they may access.
        b2b_collaboration_outbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Inbound B2B direct connect: users of the partner who may connect directly, for example to shared channels.
        b2b_direct_connect_inbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// Outbound B2B direct connect: users of this tenant who may connect directly to the partner.
        b2b_direct_connect_outbound: Option<ReadOnly<B2bSetting>> = read_only(),
        /// External accounts of the partner that may be used from this tenant's networks and devices (tenant restrictions).
        tenant_restrictions: Option<ReadOnly<TenantRestrictions>> = read_only(),
        /// Users of the partner who may use Microsoft 365 features of this tenant.
        m365_collaboration_inbound: Option<ReadOnly<M365CollaborationInbound>> = read_only(),
        /// Users of this tenant who may use Microsoft 365 features of the partner.
        m365_collaboration_outbound: Option<ReadOnly<M365CollaborationOutbound>> = read_only(),
        /// Applications of the partner that may call applications of this tenant.
        app_service_connect_inbound: Option<ReadOnly<AppServiceConnect>> = read_only(),
    }
}

/// The path of the partners. Whether Graph supports `$filter` and `$select` for it is not documented.
pub(super) const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

impl DataSource for PartnerPolicies {
    const NAME: &'static str = "partner_policies";
    const TASK: Task = Task::Policies;
    const CALLS: Calls = &["GET /policies/crossTenantAccessPolicy/partners"];

    async fn read(context: &Context, _config: &Self) -> Result<Self> {
        let found = context.graph.list(PARTNERS).await?;
        let ids = found.iter().filter_map(|partner| text(partner, "tenantId"));
        Ok(Self {
            partner_tenant_ids: Some(ids.collect()),
            partners: Some(found.iter().map(model).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}
