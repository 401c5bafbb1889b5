//! A provisioning job, and what it knows of each object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A provisioning job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) service_principal: String,
    pub(super) template_id: String,
    /// `Active`, `Paused` or `Disabled`.
    pub(super) state: String,
    /// Graph's `synchronizationStatus`.
    pub(super) status: Value,
    /// The schema once it was customized.
    pub(super) schema: Option<Value>,
    /// When the next cycle begins, in milliseconds since 1970.
    pub(super) next_run: Option<i64>,
    /// `SyncAll` as it was at the first start or the last restart.
    pub(super) all_users: Option<bool>,
    /// Whether the next cycle evaluates every user anew.
    pub(super) full: bool,
    /// Whether a cycle has begun and not ended.
    pub(super) underway: bool,
    /// Whether the next cycle may delete as many users as it wants.
    pub(super) force_deletes: bool,
    /// What became of each source user and group.
    pub(super) links: BTreeMap<String, Link>,
}

/// What a job knows of one source user or group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Link {
    /// Id of the copy in the target tenant; empty if there is none.
    pub(super) target: String,
    /// Why the object was skipped or failed the last time, so that it is logged once.
    pub(super) outcome: String,
    /// Which references could not be resolved the last time, for the same reason.
    pub(super) unresolved: String,
    /// What was sent last. The engine looks at the source alone: the copy is not touched while this would be sent again.
    pub(super) sent: Value,
    /// Source users whose membership was sent.
    pub(super) references: Vec<String>,
}
