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

impl ListResource for PartnerPolicies {
    type Of = PartnerPolicy;
    const COLLECTION: &'static str = "/policies/crossTenantAccessPolicy/partners";
    const CALLS: Calls = &[
        "GET",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let ids = page.iter().filter_map(|partner| text(partner, "tenantId"));
        Ok(partners(context, ids.collect()).await)
    }
}

/// Returns the entries of partners, with the names of their tenants if the provider may look them up.
pub(super) async fn partners(context: &Context, ids: Vec<String>) -> Vec<Entry> {
    let look_up = |id: &String| {
        format!(
            "/tenantRelationships/findTenantInformationByTenantId(tenantId={})",
            graph::quoted(id)
        )
    };
    let paths: Vec<String> = ids.iter().map(look_up).collect();
    let answers = context.graph.batch_get(&paths).await.unwrap_or_default();
    let mut answers = answers.into_iter();
    let entry = |id: String| {
        let answer = answers.next().and_then(Result::ok).flatten();
        let name = answer.and_then(|answer| text(&answer, "displayName"));
        let name = name.map(|name| format!("{name} ({id})"));
        Entry::new(id, name)
    };
    ids.into_iter().map(entry).collect()
}
