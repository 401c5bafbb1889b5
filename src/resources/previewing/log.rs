//! The recent operations of synchronization on one user.

use serde_json::Value as Json;

use crate::data_sources::{literal, provisioning_log_codes};
use graph;
use sdk::prelude::text;
use sdk::{Context, Result};

/// The number of entries to read.
const NEWEST: usize = 5;

/// An entry of the provisioning log, with an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Time of the entry.
    pub time: String,
    /// The operation, as Graph spells it.
    pub action: String,
    /// The result, as Graph spells it.
    pub status: String,
    /// The explanation, if there is one.
    pub why: Option<String>,
}

/// Returns the newest entries about a source user, newest first.
///
/// # Errors
///
/// If a request fails.
pub async fn log_of(context: &Context, principal: &str, user: &str) -> Result<Vec<LogLine>> {
    let quoted = |id: &str| literal(&id.to_lowercase());
    let filter = format!(
        "contains(tolower(servicePrincipal/id),{}) and contains(tolower(sourceIdentity/id),{})",
        quoted(principal),
        quoted(user)
    );
    let path = format!(
        "/auditLogs/provisioning?$filter={}&$orderby=activityDateTime%20desc&$top={NEWEST}",
        graph::segment(&filter)
    );
    let found = context.graph.list_first(&path, NEWEST).await?;
    Ok(found.iter().map(line).collect())
}

fn line(entry: &Json) -> LogLine {
    let word = |json: &Json, member: &str| text(json, member).unwrap_or_default();
    LogLine {
        time: word(entry, "activityDateTime"),
        action: word(entry, "provisioningAction"),
        status: word(&entry["provisioningStatusInfo"], "status"),
        why: provisioning_log_codes::explanation(entry)
            .or_else(|| provisioning_log_codes::skip_reason(entry)),
    }
}
