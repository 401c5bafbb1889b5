//! Lists the partners of a tenant with trust settings or automatic redemption.

use serde_json::Value as Json;

use super::partner_policy::{PARTNERS, names};
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
        let mut ids = Vec::new();
        for partner in &page {
            if let Some(id) = text(partner, "tenantId")
                && !model::<TrustSettings>(partner)?.sets_nothing()
            {
                ids.push(id);
            }
        }
        let names = names(context, &ids).await;
        let found = ids.into_iter().zip(names).map(|(id, display_name)| Entry {
            display_name,
            key: vec![("partner_tenant_id", id)],
        });
        Ok(found.collect())
    }
}
