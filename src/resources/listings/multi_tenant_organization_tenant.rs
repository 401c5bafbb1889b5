//! The other tenants of the multitenant organization.

use serde_json::Value as Json;

use super::{Found, Listing};
use crate::resources::multi_tenant_organization_tenant::{
    MultiTenantOrganizationTenant, TENANTS, is_leaving,
};
use crate::resources::prelude::*;

attributes! {
    /// Lists the other tenants of this tenant's multitenant organization: nothing where there is none. It belongs into an owner
    /// tenant.
    pub struct MultiTenantOrganizationTenants {}
}

impl Listing for MultiTenantOrganizationTenants {
    type Of = MultiTenantOrganizationTenant;
    const CALLS: &'static [(&'static str, &'static str)] = &[("GET", TENANTS)];
    const MAY_BE_MISSING: bool = true;

    fn collection(&self, _most: usize) -> String {
        TENANTS.to_owned()
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Found>, Problem> {
        let one = |tenant: &Json| {
            let id = text(tenant, "tenantId")?;
            let is_own = id.eq_ignore_ascii_case(context.tenant_id());
            let name = text(tenant, "displayName");
            (!is_own && !is_leaving(tenant)).then(|| Found {
                display_name: name.map_or_else(|| id.clone(), |name| format!("{name} ({id})")),
                key: vec![("member_tenant_id", id)],
            })
        };
        Ok(page.iter().filter_map(one).collect())
    }
}
