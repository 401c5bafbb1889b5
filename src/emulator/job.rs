//! A provisioning job, and what it stores about each object.

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
    /// The schema, if it was customized.
    pub(super) schema: Option<Value>,
    /// Start of the next cycle, in milliseconds since 1970.
    pub(super) next_run: Option<i64>,
    /// Value of `SyncAll` at the first start or the last restart.
    pub(super) all_users: Option<bool>,
    /// Whether the next cycle evaluates every user again.
    pub(super) full: bool,
    /// Whether a cycle is running.
    pub(super) underway: bool,
    /// Whether the next cycle may exceed the accidental deletion threshold.
    pub(super) force_deletes: bool,
    /// State of each source user and group.
    pub(super) links: BTreeMap<String, Link>,
}

/// The state of one source user or group in a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Link {
    /// Id of the copy in the target tenant; empty if there is none.
    pub(super) target: String,
    /// Why the object was skipped or failed the last time, so that it is logged only once.
    pub(super) outcome: String,
    /// References that could not be resolved the last time, for the same reason.
    pub(super) unresolved: String,
    /// The values sent last. The engine compares only the source with them: a copy is not updated while these values would be sent again.
    pub(super) sent: Value,
    /// Source users whose membership was sent.
    pub(super) references: Vec<String>,
}
