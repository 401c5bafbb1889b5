//! Restores a deleted partner or synchronization policy, which Graph keeps for thirty days.

use serde_json::Value as Json;

use super::partner_policy::partner;
use sdk::prelude::*;

attributes! {
    /// Restores a deleted partner policy or synchronization policy with its settings. Configure this resource in the tenant where the
    /// policy was deleted.
    ///
    /// A policy that exists is not changed. If it is deleted again later, the next apply restores it. Destroying this resource
    /// removes it from the state only and deletes nothing. To manage a restored policy, import it into `crosstenant_partner_policy`,
    /// `crosstenant_trust_settings` or `crosstenant_sync_policy`.
    pub struct RestoredPolicy {
        /// Tenant ID of the partner. Changing this forces a new resource to be created.
        partner_tenant_id: String = key().guid(),
        /// `partner` for the partner policy with its trust settings, or `synchronization` for the synchronization
        /// policy of the partner, which can be restored only while the partner policy exists. Changing this forces a
        /// new resource to be created.
        kind: String = key().one_of(&KINDS),
        /// Name of the policy; null for a partner policy.
        display_name: Option<String> = read_only(),
        /// Tenant ID of the tenant that the policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

/// The kinds of policies that Graph keeps after deletion.
pub(super) const KINDS: [&str; 2] = [PARTNER, SYNCHRONIZATION];
const PARTNER: &str = "partner";
const SYNCHRONIZATION: &str = "synchronization";

/// Returns the path of deleted policies of a kind. Only beta has them.
pub(super) fn deleted(kind: &str) -> &'static str {
    if kind == PARTNER {
        "beta:/policies/deletedItems/crossTenantPartners"
    } else {
        "beta:/policies/deletedItems/crossTenantSyncPolicyPartners"
    }
}

impl Resource for RestoredPolicy {
    const NAME: &'static str = "restored_policy";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::No("it is a one-off operation");
    const DESTROY: Destroy = Destroy::Keep;
    const IMPORT: &'static [&'static str] = &["<partner_tenant_id>/<kind>"];
    const CALLS: Calls = &[
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        "POST /policies/deletedItems/crossTenantPartners/{id}/restore",
        "POST /policies/deletedItems/crossTenantSyncPolicyPartners/{id}/restore",
    ];
    const NOTES: &'static str = "\
Policies can be restored for 30 days; after that, Microsoft Graph removes them permanently. The calls exist in Microsoft Graph beta only.
**UNVERIFIED:** Microsoft's pages contradict each other about the application permission. If the call is refused, the error shows the
request that an administrator can send in Graph Explorer.

Restore the partner policy before its synchronization policy: let the second resource refer to the first. A policy that was created since
the deletion is never overwritten.";

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id", None);
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        if let Some(there) = Self::read(context, planned).await? {
            *state = Some(there);
            return Ok(());
        }
        if planned.kind == SYNCHRONIZATION && planned.partner(context).await?.is_none() {
            return Err(planned.has_no_partner());
        }
        let path = format!("{}/restore", planned.deleted_path());
        // The response is documented to have no body. If the response is lost, the restored policy is not among the deleted ones any more.
        let look = || planned.look(context);
        match context
            .graph
            .post_once(&path, &Json::Null, Resend::Safe, look)
            .await
        {
            Ok(restored) => *state = Some(planned.named_by(&restored)),
            Err(error) if error.is_not_found() || error.is_conflict() => {
                let there = Self::read(context, planned).await?;
                *state = Some(there.ok_or_else(|| planned.is_gone(context))?);
            }
            Err(error) if error.status() == Some(403) => {
                return Err(planned.by_hand(context, &error));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let found = state.look(context).await?;
        Ok(found.map(|answer| state.named_by(&answer)))
    }
}

impl RestoredPolicy {
    /// Returns the policy with the name in a response.
    fn named_by(&self, answer: &Json) -> Self {
        Self {
            display_name: text(answer, "displayName").filter(|_| self.kind == SYNCHRONIZATION),
            ..self.clone()
        }
    }

    async fn partner(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        context.graph.get(&partner(&self.partner_tenant_id)).await
    }

    async fn look(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        if self.kind == PARTNER {
            return self.partner(context).await;
        }
        let path = format!(
            "{}/identitySynchronization",
            partner(&self.partner_tenant_id)
        );
        context.graph.get(&path).await
    }

    fn deleted_path(&self) -> String {
        let id = graph::segment(&self.partner_tenant_id.to_lowercase());
        format!("{}/{id}", deleted(&self.kind))
    }

    fn has_no_partner(&self) -> Problem {
        let id = &self.partner_tenant_id;
        Problem::at(
            "partner_tenant_id",
            "Restore the partner policy first",
            format!(
                "The synchronization policy of partner {id} belongs to its partner policy, which does not exist. Restore the partner \
                 policy first and refer to it:\n\n  resource \"crosstenant_restored_policy\" \"partner\" {{\n    partner_tenant_id = \
                 {id:?}\n    kind = \"partner\"\n  }}\n"
            ),
        )
    }

    fn is_gone(&self, context: &Context) -> Problem {
        Problem::at(
            "partner_tenant_id",
            "The policy to restore does not exist",
            format!(
                "Tenant {} has no {} policy for partner {}, neither among its policies nor among the deleted ones. Policies can be \
                 restored for 30 days. `crosstenant_deleted_policies` lists the policies that can be restored. To create a new policy, use \
                 `crosstenant_partner_policy` or `crosstenant_sync_policy`.",
                context.tenant_id(),
                self.kind,
                self.partner_tenant_id
            ),
        )
    }

    /// Microsoft's pages contradict each other about whether applications may do this.
    fn by_hand(&self, context: &Context, error: &graph::Error) -> Problem {
        let path = self.deleted_path();
        let path = path.trim_start_matches("beta:");
        Problem::error(
            "Microsoft Graph does not let this application restore the policy",
            format!(
                "{error}\n\nMicrosoft's pages contradict each other about the permission: some name \
                 Policy.ReadWrite.CrossTenantAccess, others say that no application may restore \
                 policies. If the permission is granted, ask a user with the directory role \
                 Security Administrator in tenant {} to send this request in Graph Explorer, and \
                 apply again:\n\n  POST https://graph.microsoft.com/beta{path}/restore\n",
                context.tenant_id()
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, refuse, reply};

    const PARTNER_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";

    fn wanted(kind: &str) -> RestoredPolicy {
        RestoredPolicy {
            partner_tenant_id: PARTNER_ID.to_owned(),
            kind: kind.to_owned(),
            display_name: None,
            tenant_id: None,
        }
    }

    async fn restored(
        kind: &str,
        script: &std::sync::Arc<Script>,
    ) -> Result<RestoredPolicy, String> {
        let mut state = None;
        let context = Context::new(script.client());
        RestoredPolicy::create(&context, &wanted(kind), &mut state)
            .await
            .map_err(|problem| problem.into_diagnostic("create", "t").detail)?;
        Ok(state.unwrap())
    }

    #[tokio::test]
    async fn a_policy_that_exists_is_left_alone() {
        let script = Script::of([reply(200, &json!({ "tenantId": PARTNER_ID }))]);
        restored("partner", &script).await.unwrap();
        assert_eq!(script.calls().len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_says_what_a_person_can_do() {
        let script = Script::of([
            refuse(404, "Request_ResourceNotFound"),
            refuse(403, "Authorization_RequestDenied"),
        ]);
        let said = restored("partner", &script).await.unwrap_err();
        assert!(
            said.contains(
                "POST https://graph.microsoft.com/beta/policies/deletedItems/crossTenantPartners/"
            ),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_synchronization_policy_needs_its_partner() {
        let script = Script::of([
            refuse(404, "Directory_ObjectNotFound"),
            refuse(404, "Request_ResourceNotFound"),
        ]);
        let said = restored("synchronization", &script).await.unwrap_err();
        assert!(said.contains("crosstenant_restored_policy"), "{said}");
    }
}
