//! Lists the partners of a tenant that have a synchronization policy.

use serde_json::Value as Json;

use super::{Entry, ListResource};
use crate::partner_policy::synchronizations;
use crate::sync_policy::SyncPolicy;
use sdk::prelude::*;

attributes! {
    /// Lists the synchronization policies of this tenant, which say what its partners may synchronize into it.
    pub struct SyncPolicies {}
}

impl ListResource for SyncPolicies {
    type Of = SyncPolicy;
    const COLLECTION: &'static str = "/policies/crossTenantAccessPolicy/partners";
    const CALLS: Calls = &[
        "GET",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
    ];

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let ids: Vec<String> = page
            .iter()
            .filter_map(|partner| text(partner, "tenantId"))
            .collect();
        let policies = synchronizations(context, &ids).await?;
        let mut found = Vec::new();
        for (id, policy) in ids.into_iter().zip(policies) {
            let Some(policy) = policy else { continue };
            let name = text(&policy, "displayName");
            // Graph may return only nulls for a policy that was never created.
            let sets = |kind: &str| policy[kind].is_object();
            if name.is_some() || sets("userSyncInbound") || sets("groupSyncInbound") {
                let name = name.map(|name| format!("{name} ({id})"));
                found.push(Entry::new(id, name));
            }
        }
        Ok(found)
    }
}
