//! Lists the partners of a tenant with trust settings or automatic redemption.

use serde_json::Value as Json;

use super::partner_policy::partners;
use super::{Entry, ListResource};
use crate::trust_settings::TrustSettings;
use sdk::prelude::*;

attributes! {
    /// Lists the partners that have their own trust settings or automatic redemption. Partners that inherit both are
    /// not listed. They are shown with the names of their tenants if the provider may look them up.
    pub struct ManyTrustSettings {}
}

impl ListResource for ManyTrustSettings {
    type Of = TrustSettings;
    const COLLECTION: &'static str = "/policies/crossTenantAccessPolicy/partners";
    const CALLS: Calls = &[
        "GET",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let mut ids = Vec::new();
        for partner in &page {
            if let Some(id) = text(partner, "tenantId")
                && !model::<TrustSettings>(partner)?.sets_nothing()
            {
                ids.push(id);
            }
        }
        Ok(partners(context, ids).await)
    }
}
