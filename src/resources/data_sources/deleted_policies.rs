//! Deleted partner and synchronization policies that can be restored.

use jiff::ToSpan;
use serde_json::Value as Json;

use super::prelude::*;
use super::timestamp::{instant, timestamp};
use crate::restored_policy::deleted;

attributes! {
    /// Lists partner policies and synchronization policies of this tenant that were deleted and can still be restored, for 30 days.
    /// `crosstenant_restored_policy` restores them. These lists exist in Microsoft Graph beta only.
    pub struct DeletedPolicies {
        /// Tenant ID of the partner whose policies to list. Optional. If omitted, the policies for all partners are listed.
        partner_tenant_id: Option<String> = optional().guid(),
        /// Partner policies, most recently deleted first.
        partners: Option<Vec<DeletedPolicy>> = read_only(),
        /// Synchronization policies, most recently deleted first.
        sync_policies: Option<Vec<DeletedPolicy>> = read_only(),
        /// Tenant ID of the tenant that the policies belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One deleted policy.
    pub struct DeletedPolicy {
        /// Tenant ID of the partner.
        partner_tenant_id: Option<String> = read_only(),
        /// Name of the policy, if it has one.
        display_name: Option<String> = read_only(),
        /// Time at which the policy was deleted.
        deleted: Option<String> = read_only(),
        /// Time until which the policy can be restored: 30 days after the deletion.
        restorable_until: Option<String> = read_only(),
    }
}

impl DataSource for DeletedPolicies {
    const NAME: &'static str = "deleted_policies";
    const TASK: Task = Task::Policies;
    const CALLS: Calls = &[
        "GET /policies/deletedItems/crossTenantPartners",
        "GET /policies/deletedItems/crossTenantSyncPolicyPartners",
    ];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        Ok(Self {
            partners: Some(config.of(context, "partner").await?),
            sync_policies: Some(config.of(context, "synchronization").await?),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl DeletedPolicies {
    async fn of(&self, context: &Context, kind: &str) -> Result<Vec<DeletedPolicy>> {
        let found = context.graph.list(deleted(kind)).await?;
        let wanted = |policy: &&DeletedPolicy| {
            let id = policy.partner_tenant_id.as_deref().unwrap_or_default();
            let wanted = self.partner_tenant_id.as_deref();
            wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(id))
        };
        let described: Vec<DeletedPolicy> = found.iter().map(described).collect();
        let mut policies: Vec<DeletedPolicy> = described.iter().filter(wanted).cloned().collect();
        policies.sort_by(|one, other| other.deleted.cmp(&one.deleted));
        Ok(policies)
    }
}

/// Returns the end of the period in which a deleted object can be restored.
pub(super) fn restorable_until(deleted: Option<&str>) -> Option<String> {
    let until = deleted
        .and_then(instant)?
        .checked_add((30 * 24).hours())
        .ok()?;
    Some(until.to_string())
}

fn described(policy: &Json) -> DeletedPolicy {
    let deleted = timestamp(&policy["deletedDateTime"]);
    DeletedPolicy {
        partner_tenant_id: text(policy, "tenantId"),
        display_name: text(policy, "displayName"),
        restorable_until: restorable_until(deleted.as_deref()),
        deleted,
    }
}
