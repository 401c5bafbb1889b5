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
    const CALLS: &'static [(&'static str, &'static str)] = &[("GET", TENANTS)];
    const MAY_BE_MISSING: bool = true;

    fn collection(&self, _most: usize) -> String {
        TENANTS.to_owned()
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let own = context.tenant_id();
        let others = page.iter().filter(|tenant| !is_leaving(tenant));
        let one = |tenant: &Json| {
            let id = text(tenant, "tenantId").filter(|id| !id.eq_ignore_ascii_case(own))?;
            Some(Entry {
                display_name: text(tenant, "displayName").unwrap_or_else(|| id.clone()),
                key: vec![("member_tenant_id", id)],
            })
        };
        Ok(others.filter_map(one).collect())
    }
}
