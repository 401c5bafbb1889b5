//! Lists the deleted policies of a tenant that can be restored.

use serde_json::Value as Json;

use super::partner_policy::partners;
use super::{Entry, ListResource};
use crate::restored_policy::{KINDS, RestoredPolicy, deleted};
use sdk::prelude::*;

attributes! {
    /// Lists the partner policies or synchronization policies of this tenant that were deleted and can still be restored. They are shown
    /// with the names of their tenants if the provider may look them up.
    ///
    /// To restore a policy, write a `crosstenant_restored_policy` without an `import` block: a deleted policy cannot be imported.
    pub struct DeletedPolicies {
        /// `partner` for partner policies, or `synchronization` for synchronization policies.
        kind: String = required().one_of(&KINDS),
    }
}

impl ListResource for DeletedPolicies {
    type Of = RestoredPolicy;
    const COLLECTION: &'static str = "/policies/deletedItems/crossTenantPartners";
    const CALLS: Calls = &[
        "GET",
        "GET /policies/deletedItems/crossTenantSyncPolicyPartners",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];
    const ARE_DELETED: bool = true;

    fn collection(&self, _most: usize) -> String {
        deleted(&self.kind).to_owned()
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let ids = page.iter().filter_map(|policy| text(policy, "tenantId"));
        Ok(partners(context, ids.collect()).await)
    }
}
