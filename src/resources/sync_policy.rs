//! What one partner tenant may synchronize into this one: a single object under the partner.

use serde_json::{Value as Json, json};

use super::organization_template::explain;
use super::partner_policy::{partner, read_synchronization};
use super::prelude::*;
use super::trust_settings::no_partner;

attributes! {
    /// Manages what a partner tenant may synchronize into this tenant. It belongs into the target tenant.
    ///
    /// Switching synchronization off, or destroying this resource, stops it; users who arrived already stay.
    pub struct SyncPolicy {
        /// Tenant id of the partner. Changing it makes another policy.
        partner_tenant_id: String = key().guid().named("tenantId"),
        /// Name of the policy, usually the partner's own name.
        display_name: Option<String>,
        /// Users who arrive from the partner.
        user_sync_inbound: Option<SyncInbound>,
        /// Groups that arrive from the partner. A preview feature of Microsoft Graph beta, which is used only where this is set.
        group_sync_inbound: Option<SyncInbound>,
        /// Tenant id of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// One kind of object that arrives from a partner.
    pub struct SyncInbound {
        /// Whether the partner may synchronize them into this tenant.
        is_sync_allowed: bool,
    }
}

impl Resource for SyncPolicy {
    const NAME: &'static str = "sync_policy";
    const IMPORT: &'static [&'static str] = &[
        "<partner_tenant_id>",
        "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>/identitySynchronization",
        "<partner_tenant_id>/<partner_tenant_id>",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_user_sync_settings",
            peer::by_tenant_id,
        ),
        Peer::microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_group_sync_settings",
            peer::by_tenant_id,
        ),
        Peer::microsoft365wp(
            "microsoft365wp_cross_tenant_identity_sync_policy_partner",
            peer::by_tenant_id,
        ),
        Peer::MSGRAPH,
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        (
            "GET",
            "/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        ),
        (
            "PUT",
            "/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        ),
        (
            "PATCH",
            "/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        ),
        (
            "DELETE",
            "/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        ),
    ];

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id");
    }

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        let path = planned.path(planned.group_sync_inbound.is_some());
        let body = without_key(json::body(&Self::attributes(), &planned.to_value()));
        let mut pauses = Pauses::within(context.patience(&[&planned.partner_tenant_id]));
        loop {
            match context.graph.put(&path, &body).await {
                Ok(()) => break,
                Err(error) if error.is_conflict() => {
                    planned.adopt(context, &path).await?;
                    break;
                }
                Err(error) if error.is_not_found() => {
                    if !pauses.pause(context).await? {
                        return Err(no_partner(context, &planned.partner_tenant_id));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        *state = Some(planned.clone());
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>, Problem> {
        // An import, which knows nothing yet, looks for groups as well.
        let path = state.path(state.group_sync_inbound.is_some() || state.is_bare());
        let partner_tenant_id = &state.partner_tenant_id;
        let Some(answer) = read_synchronization(context, partner_tenant_id, &path).await? else {
            return Ok(None);
        };
        let found = state.found(&answer)?;
        // Graph may answer with nothing but nulls for a policy that was never created.
        let sets_nothing = found.display_name.is_none()
            && found.user_sync_inbound.is_none()
            && found.group_sync_inbound.is_none();
        Ok((!sets_nothing).then_some(found))
    }

    async fn explain(context: &Context, stored: &Self, found: &Self) -> Diagnostics {
        if stored.is_bare() || stored.user_sync_inbound == found.user_sync_inbound {
            return Diagnostics::new();
        }
        let template = "crosstenant_multi_tenant_organization_identity_synchronization_template";
        let partner = &stored.partner_tenant_id;
        explain(context, partner, "user_sync_inbound", template)
            .await
            .into_iter()
            .collect()
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        let body = json::changes(&Self::attributes(), &state.to_value(), &planned.to_value());
        if body != json!({}) {
            let path = planned.path(body.get("groupSyncInbound").is_some());
            context.graph.patch(&path, &body).await?;
        }
        *state = planned.clone();
        Ok(())
    }

    async fn delete(context: &Context, state: &Self) -> Result<(), Problem> {
        context.graph.delete(&state.path(false)).await?;
        Ok(())
    }
}

impl SyncPolicy {
    /// Whether nothing is known but the key, as after an import.
    fn is_bare(&self) -> bool {
        self.user_sync_inbound.is_none() && self.display_name.is_none()
    }

    /// Where it is; groups exist only in beta.
    fn path(&self, with_groups: bool) -> String {
        let path = format!(
            "{}/identitySynchronization",
            partner(&self.partner_tenant_id)
        );
        if with_groups {
            graph::beta(&path)
        } else {
            path
        }
    }

    fn found(&self, answer: &Json) -> Result<Self, Problem> {
        let mut found: Self = model(answer)?;
        found.partner_tenant_id.clone_from(&self.partner_tenant_id);
        found.display_name = found.display_name.filter(|name| !name.is_empty());
        Ok(found)
    }

    /// Accepts a policy that exists where it is exactly what was to be created: a lost answer leaves such a one behind.
    async fn adopt(&self, context: &Context, path: &str) -> Result<(), Problem> {
        if let Some(answer) = context.graph.get(path).await? {
            let found = self.found(&answer)?;
            if (Self {
                tenant_id: self.tenant_id.clone(),
                ..found
            }) == *self
            {
                return Ok(());
            }
        }
        let what = format!(
            "Another synchronization policy for tenant {}",
            self.partner_tenant_id
        );
        Err(Problem::exists(
            "crosstenant_sync_policy",
            &what,
            &self.partner_tenant_id,
            context.tenant_id(),
        ))
    }
}

/// The key stands in the path and is read-only in the body.
fn without_key(mut body: Json) -> Json {
    if let Json::Object(members) = &mut body {
        members.remove("tenantId");
    }
    body
}
