//! Lists the partners of a tenant that have a synchronization policy.

use serde_json::Value as Json;

use super::partner_policy::PARTNERS;
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
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("GET", PARTNERS),
        (
            "GET",
            "/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
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
        let policies = synchronizations(context, &ids).await?;
        let mut found = Vec::new();
        for (id, policy) in ids.into_iter().zip(policies) {
            let Some(policy) = policy else { continue };
            let name = text(&policy, "displayName");
            // Graph may return only nulls for a policy that was never created.
            let sets = |kind: &str| policy[kind].is_object();
            if name.is_some() || sets("userSyncInbound") || sets("groupSyncInbound") {
                found.push(Entry {
                    display_name: name.map_or_else(|| id.clone(), |name| format!("{name} ({id})")),
                    key: vec![("partner_tenant_id", id)],
                });
            }
        }
        Ok(found)
    }
}
