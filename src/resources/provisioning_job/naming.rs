//! Determines the job if an import or a move identifies only its service principal.

use serde_json::Value as Json;

use super::super::paths::jobs_path;
use super::TEMPLATE;
use sdk::prelude::*;

/// Returns the service principal of a secret. Secrets are settings of its job, which is looked up by the read.
pub(super) fn of_secret(state: &Value) -> Result<String, String> {
    peer::text(state, "service_principal_id")
}

/// Returns `id`, or the ID of the only job if an import identifies only the service principal and `id` is empty.
pub(crate) async fn named_or_only_job(
    context: &Context,
    principal: &str,
    id: &str,
) -> Result<Option<String>> {
    if id.is_empty() {
        only_job(context, principal).await
    } else {
        Ok(Some(id.to_owned()))
    }
}

/// Returns the only job of a service principal; `None` if the service principal does not exist.
async fn only_job(context: &Context, principal: &str) -> Result<Option<String>> {
    let jobs = match context.graph.list(&jobs_path(principal)).await {
        Err(error) if error.is_not_found() => return Ok(None),
        jobs => jobs?,
    };
    let all: Vec<&Json> = jobs.iter().collect();
    let mut usual = all.clone();
    usual.retain(|job| job["templateId"] == TEMPLATE);
    for candidates in [&all, &usual] {
        if let [only] = candidates.as_slice() {
            return Ok(text(only, "id"));
        }
    }
    let tenant_id = context.tenant_id();
    let ids: Vec<String> = jobs
        .iter()
        .filter_map(|job| Some(format!("{principal}/{}", text(job, "id")?)))
        .collect();
    let (summary, detail) = if ids.is_empty() {
        (
            "The service principal has no provisioning job",
            format!(
                "There is no job to import or to move: service principal {principal} in tenant {tenant_id} has no \
                provisioning job. A `crosstenant_provisioning_job` without an `import` or `moved` block creates one."
            ),
        )
    } else {
        (
            "The service principal has several provisioning jobs",
            format!(
                "Service principal {principal} in tenant {tenant_id} has several jobs. Import the job by its complete \
                ID:\n\n  {}\n",
                ids.join("\n  ")
            ),
        )
    };
    Err(Problem::error(summary, detail))
}
