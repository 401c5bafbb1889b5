//! Lists the partners of a tenant.

use serde_json::Value as Json;

use super::{Entry, ListResource};
use crate::partner_policy::PartnerPolicy;
use sdk::prelude::*;

attributes! {
    /// Lists the partners in this tenant's cross-tenant access policy. They are shown with the names of their tenants
    /// if the provider may look them up.
    pub struct PartnerPolicies {}
}

/// The path of the partners. It does not support `$top`.
pub(super) const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

impl ListResource for PartnerPolicies {
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

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let ids: Vec<String> = page
            .iter()
            .filter_map(|partner| text(partner, "tenantId"))
            .collect();
        let names = names(context, &ids).await;
        let found = ids.into_iter().zip(names).map(|(id, display_name)| Entry {
            display_name,
            key: vec![("partner_tenant_id", id)],
        });
        Ok(found.collect())
    }
}

/// Returns display names of tenants. If the permission to look up a name is missing, the ID is used.
pub(super) async fn names(context: &Context, ids: &[String]) -> Vec<String> {
    let look_up = |id: &String| {
        format!(
            "/tenantRelationships/findTenantInformationByTenantId(tenantId={})",
            graph::quoted(id)
        )
    };
    let paths: Vec<String> = ids.iter().map(look_up).collect();
    let answers = context.graph.batch_get(&paths).await.unwrap_or_default();
    let mut answers = answers.into_iter();
    let name = |id: &String| {
        let answer = answers.next().and_then(Result::ok).flatten();
        let name = answer.and_then(|answer| text(&answer, "displayName"));
        name.map_or_else(|| id.clone(), |name| format!("{name} ({id})"))
    };
    ids.iter().map(name).collect()
}
