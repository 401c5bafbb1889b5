//! The model of a job, and its paths.

use std::collections::BTreeMap;

use super::checks::{reset_scopes, target};
use crate::paths::principal_path;
use sdk::prelude::*;

/// The template of jobs that synchronize to another tenant.
pub(super) const TEMPLATE: &str = "Azure2Azure";

attributes! {
    /// Manages the provisioning job of a configuration: its target tenant, its scope, its notifications, and whether it runs.
    /// Configure this resource in the source tenant.
    ///
    /// Before the job is saved, its connection is tested as in the portal. If the test fails, the error names what is missing
    /// and in which tenant. Users that the job created stay in the target tenant when the job is deleted.
    pub struct ProvisioningJob {
        /// Object ID of the configuration's service principal. Changing this forces a new resource to be created.
        service_principal_id: String = key().guid(),
        /// Template of the job. Defaults to the template for cross-tenant synchronization. Changing this forces a new resource to be
        /// created.
        template_id: Option<String> = default(TEMPLATE).replaces().check(Check::NotEmpty),
        /// Tenant ID of the target tenant. Changing this tests the connection to the new tenant, then deletes the job and creates
        /// another one with a new `id`. If the test fails, the job is not changed. A job that has no target yet keeps its `id`.
        target_tenant_id: String = required()
            .check(Check::That(target))
            .same_if(str::eq_ignore_ascii_case),
        /// Users to synchronize: `assigned` for users and the direct members of groups that are assigned to the configuration, or
        /// `all` for every user of the tenant. Changing this from `all` to `assigned` restarts the job, because the change takes
        /// effect only after a restart.
        scope: Option<String> = default("assigned").one_of(&["assigned", "all"]),
        /// Email address that receives a notification when the job is quarantined. If omitted, no notifications are sent.
        notification_email: Option<String> = optional().check(Check::Email),
        /// Whether the job stops when it is about to delete more users than `accidental_deletion_threshold`, until the deletions are
        /// confirmed.
        prevent_accidental_deletion: Option<bool> = default(true),
        /// Number of deletions in one cycle above which the job stops.
        accidental_deletion_threshold: Option<i64> = default(500).check(Check::Between(1, 2_147_483_647)),
        /// Whether the job runs: `true` starts it, `false` pauses it. Optional; if omitted, this resource does not start or pause the
        /// job: a new job is created paused, and an existing job is not changed. Omit it if the job must not start before its
        /// mappings, filters and assignments are saved, and start it with `crosstenant_provisioning_job_state`.
        enabled: Option<bool> = computed(),
        /// Whether to test the connection before the job is saved or started.
        validate_connection: Option<bool> = default(true).local(),
        /// Time during which a failing connection test is repeated. The policies of the two tenants need some time to replicate.
        validate_connection_timeout: Option<String> = default("1m").check(Check::Duration).local(),
        /// Arbitrary values. When one of them changes, or when they are set for an existing job, the job is restarted as `reset_scope`
        /// says.
        restart_triggers: Option<BTreeMap<String, String>> = optional().local(),
        /// State that a restart resets: `Watermark` evaluates every user again, `Escrows` clears failures, `QuarantineState` ends the
        /// quarantine, `Full` resets all of these and starts a new initial cycle, and `ForceDeletes` confirms deletions above the
        /// threshold. Defaults to `Watermark`, `Escrows` and `QuarantineState`, as in the portal.
        reset_scope: Option<Set<String>> = optional().check(Check::That(reset_scopes)).local(),
        /// Condition to wait for after the job was started or restarted: `started` waits until the job is active, `initial_cycle`
        /// until a whole cycle has run. A quarantine ends the wait with an error. `timeouts` limits the wait; the progress is written
        /// to the log. If omitted, the resource does not wait.
        wait_for: Option<String> = optional().one_of(&["started", "initial_cycle"]).local(),
        /// Maximum number of users who may leave the scope because of one change. A plan in which more users leave fails and lists
        /// them. The count is based on what the provider can read in the source tenant; if it cannot read enough, a warning says that
        /// nothing was counted. Destroying this resource is always allowed. Optional; if omitted, a plan only warns about users who
        /// leave.
        maximum_leaving: Option<i64> = optional().check(Check::Between(0, 2_147_483_647)).local(),
        /// Whether a plan that would destroy the job fails while the job still has users in the target tenant. If the job is destroyed
        /// first, these users stay there and no cycle removes them. Optional; if omitted or `false`, the plan only warns with their
        /// number.
        prevent_leftovers: Option<bool> = optional().local(),
        /// Whether the scope was narrowed but the restart that makes the change take effect has not succeeded yet. The next apply
        /// restarts the job.
        restart_pending: Option<bool> = read_only(),
        /// ID of the job.
        id: Option<String> = read_only(),
        /// Tenant ID of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl ProvisioningJob {
    pub(super) fn path(&self, rest: &str) -> String {
        format!(
            "{}/synchronization/{rest}",
            principal_path(&self.service_principal_id)
        )
    }

    pub(super) fn job_path(&self) -> Result<String> {
        let id = self.id.as_deref().ok_or_else(|| {
            Problem::error(
                "The job has no ID",
                "The state does not contain the ID of the job. Remove the resource from the state and import it.",
            )
        })?;
        Ok(self.path(&format!("jobs/{}", graph::segment(id))))
    }

    pub(super) fn enabled(&self) -> bool {
        self.enabled == Some(true)
    }

    /// Whether only the key of the job is known, as after an import. A job that was written or read has a kind.
    pub(super) fn is_named_only(&self) -> bool {
        self.template_id.is_none()
    }
}
