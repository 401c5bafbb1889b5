//! Lists the other tenants of the multitenant organization.

use serde_json::Value as Json;

use super::{Entry, ListResource};
use crate::multi_tenant_organization_tenant::{MultiTenantOrganizationTenant, TENANTS, is_leaving};
use sdk::prelude::*;

attributes! {
    /// Lists the other tenants of this tenant's multitenant organization. The list is empty if there is no
    /// organization. Use it in an owner tenant.
    pub struct MultiTenantOrganizationTenants {}
}

impl ListResource for MultiTenantOrganizationTenants {
    type Of = MultiTenantOrganizationTenant;
    const COLLECTION: &'static str = TENANTS;
    const MAY_BE_MISSING: bool = true;

    fn entry(&self, context: &Context, tenant: &Json) -> Option<Entry> {
        let id = text(tenant, "tenantId")?;
        let is_other = !id.eq_ignore_ascii_case(context.tenant_id()) && !is_leaving(tenant);
        is_other.then(|| Entry::new(id, text(tenant, "displayName")))
    }
}
