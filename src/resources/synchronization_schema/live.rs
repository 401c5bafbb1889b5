//! Reads the current schema, for other modules that only read it.

use serde_json::Value as Json;

use super::super::paths::{jobs_path, schema_path};
use sdk::prelude::*;

/// Reads the schema of the first job of a configuration, which has at most one; null if there is no job.
pub(crate) async fn of_first_job(
    context: &Context,
    service_principal_id: &str,
) -> Result<Json, graph::Error> {
    let jobs = jobs_path(service_principal_id);
    let found = context.graph.get(&jobs).await?.unwrap_or_default();
    let Some(job) = text(&found["value"][0], "id") else {
        return Ok(Json::Null);
    };
    let schema = context
        .graph
        .get(&schema_path(service_principal_id, &job))
        .await?;
    Ok(schema.unwrap_or_default())
}
