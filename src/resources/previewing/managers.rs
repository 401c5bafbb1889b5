//! Managers of users. Collections of users include them only in pages of a hundred, so they are read individually, in batch requests.

use std::collections::{BTreeSet, HashMap};

use sdk::prelude::text;
use sdk::{Context, Result};

/// Returns the object IDs of the managers of these users. Users without a manager are omitted.
///
/// # Errors
///
/// If a request fails.
pub async fn managers(
    context: &Context,
    users: &BTreeSet<String>,
) -> Result<HashMap<String, String>> {
    let path = |id: &String| format!("/users/{}/manager?$select=id", graph::segment(id));
    let paths: Vec<String> = users.iter().map(path).collect();
    let mut found = HashMap::new();
    for (id, answer) in users.iter().zip(context.graph.batch_get(&paths).await?) {
        let manager = answer?.and_then(|manager| text(&manager, "id"));
        found.extend(manager.map(|manager| (id.clone(), manager)));
    }
    Ok(found)
}
