//! The synchronization policies of all partners: the objects that they may synchronize into the tenant.

use super::partner_policies::PARTNERS;
use super::prelude::*;
use crate::partner_policy::synchronizations;

attributes! {
    /// Lists the synchronization policies of this tenant: whether its partners may synchronize users and groups into
    /// it. Configure this data source in the target tenant.
    pub struct SyncPolicies {
        /// Synchronization policies. Partners without a policy are not listed.
        policies: Option<Vec<FoundSyncPolicy>> = read_only(),
        /// Tenant IDs of the partners that may synchronize users.
        allowed_tenant_ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the policies belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One policy.
    pub struct FoundSyncPolicy {
        /// Tenant ID of the partner.
        partner_tenant_id: Option<String> = read_only(),
        /// Name of the policy, usually the partner's own name.
        display_name: Option<String> = read_only(),
        /// Whether the partner may synchronize users into this tenant.
        is_user_sync_allowed: Option<bool> = read_only(),
        /// Whether the partner may synchronize groups into this tenant. Null if Microsoft Graph does not return it.
        is_group_sync_allowed: Option<bool> = read_only(),
        /// Application ID of the application in another Microsoft cloud that may synchronize into this tenant.
        external_cloud_authorized_application_id: Option<String> = read_only(),
    }
}

impl DataSource for SyncPolicies {
    const NAME: &'static str = "sync_policies";
    const TASK: Task = Task::Policies;
    const CALLS: Calls = &[
        "GET /policies/crossTenantAccessPolicy/partners",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
    ];

    async fn read(context: &Context, _config: &Self) -> Result<Self> {
        let partners = context.graph.list(PARTNERS).await?;
        let ids: Vec<String> = partners
            .iter()
            .filter_map(|partner| text(partner, "tenantId"))
            .collect();
        let mut policies = Vec::new();
        let found = synchronizations(context, &ids).await?;
        for (id, answer) in ids.into_iter().zip(found) {
            policies.extend(answer.and_then(|answer| described(id, &answer)));
        }
        let allowed = policies
            .iter()
            .filter(|policy| policy.is_user_sync_allowed == Some(true))
            .filter_map(|policy| policy.partner_tenant_id.clone());
        Ok(Self {
            allowed_tenant_ids: Some(allowed.collect()),
            policies: Some(policies),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}

/// Graph may return only nulls for a policy that was never created.
fn described(partner_tenant_id: String, answer: &serde_json::Value) -> Option<FoundSyncPolicy> {
    let (name, users) = (text(answer, "displayName"), &answer["userSyncInbound"]);
    let groups = answer.get("groupSyncInbound");
    let sets_groups = groups.is_some_and(serde_json::Value::is_object);
    (name.is_some() || users.is_object() || sets_groups).then(|| FoundSyncPolicy {
        partner_tenant_id: Some(partner_tenant_id),
        display_name: name,
        is_user_sync_allowed: Some(users["isSyncAllowed"] == true),
        is_group_sync_allowed: groups.map(|groups| groups["isSyncAllowed"] == true),
        external_cloud_authorized_application_id: text(
            answer,
            "externalCloudAuthorizedApplicationId",
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_of_nulls_is_not_a_policy() {
        let policy = |answer: serde_json::Value| described("t".into(), &answer);
        assert_eq!(
            policy(json!({ "tenantId": "t", "displayName": null, "userSyncInbound": null })),
            None
        );
        let named = policy(json!({ "displayName": "Contoso", "userSyncInbound": null })).unwrap();
        assert_eq!(named.is_user_sync_allowed, Some(false));
        let allowed = policy(json!({ "userSyncInbound": { "isSyncAllowed": true } })).unwrap();
        assert_eq!(allowed.is_user_sync_allowed, Some(true));
        assert_eq!(
            allowed.is_group_sync_allowed, None,
            "v1.0 does not know groups"
        );
        let groups = policy(json!({ "groupSyncInbound": { "isSyncAllowed": true } })).unwrap();
        assert_eq!(groups.is_group_sync_allowed, Some(true));
    }
}
