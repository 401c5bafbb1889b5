//! The partners of a tenant.

use serde_json::Value as Json;

use super::{Found, Listing};
use crate::resources::partner_policy::PartnerPolicy;
use crate::resources::prelude::*;

attributes! {
    /// Lists the partners in this tenant's cross-tenant access policy. They are shown by the names of their tenants, where the
    /// provider may look them up.
    pub struct PartnerPolicies {}
}

/// Where they are. It takes no `$top`.
pub(super) const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

impl Listing for PartnerPolicies {
    type Of = PartnerPolicy;
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", PARTNERS),
        (
            "GET",
            "/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
        ),
    ];

    fn collection(&self, _most: usize) -> String {
        PARTNERS.to_owned()
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Found>, Problem> {
        let ids: Vec<String> = page
            .iter()
            .filter_map(|partner| text(partner, "tenantId"))
            .collect();
        let look_up = |id: &String| {
            format!(
                "/tenantRelationships/findTenantInformationByTenantId(tenantId={})",
                graph::quoted(id)
            )
        };
        let paths: Vec<String> = ids.iter().map(look_up).collect();
        // A name is a convenience: without the permission to look it up, the id has to do.
        let names = context.graph.batch_get(&paths).await.unwrap_or_default();
        let mut names = names.into_iter();
        let found = ids.into_iter().map(|id| {
            let answer = names.next().and_then(Result::ok).flatten();
            let name = answer.and_then(|answer| text(&answer, "displayName"));
            Found {
                display_name: name.map_or_else(|| id.clone(), |name| format!("{name} ({id})")),
                key: vec![("partner_tenant_id", id)],
            }
        });
        Ok(found.collect())
    }
}
