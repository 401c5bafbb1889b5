//! Restores a deleted partner or synchronization policy.

use super::{Action, model_of};
use crate::restored_policy::{KINDS, RestoredPolicy};
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Restores a deleted partner policy or synchronization policy with its settings. Invoke this action with the provider of the
    /// tenant where the policy was deleted.
    ///
    /// A policy that exists is not changed. Policies can be restored for 30 days. Restore a partner policy before its
    /// synchronization policy.
    pub struct RestoreDeletedPolicy {
        /// Tenant ID of the partner.
        partner_tenant_id: String = required().guid(),
        /// `partner` for the partner policy with its trust settings, or `synchronization` for the synchronization policy of the partner.
        kind: String = required().one_of(&KINDS),
    }
}

impl Action for RestoreDeletedPolicy {
    const NAME: &'static str = "restore_deleted_policy";
    const TASK: Task = Task::Policies;
    const CALLS: Calls = RestoredPolicy::CALLS;

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let (partner, kind) = (&config.partner_tenant_id, &config.kind);
        let wanted: RestoredPolicy = model_of([
            ("partner_tenant_id", partner.as_str().into()),
            ("kind", kind.as_str().into()),
        ])?;
        progress.tell(format!("Restoring the {kind} policy for {partner}"));
        RestoredPolicy::create(context, &wanted, &mut None).await?;
        progress.tell(format!("The {kind} policy for {partner} is not deleted."));
        Ok(())
    }
}
