//! The effect of a changed scope on groups. Whether there are any depends on the schema, which is another resource.

use super::super::paths::schema_path;
use super::super::synchronization_schema::groups_enabled;
use sdk::prelude::*;

/// Warns if the scope of a job that copies groups changes to `all`, with which groups are not synchronized. Sends one request in that case.
pub(super) async fn warnings(
    context: &Context,
    prior: &Value,
    planned: &Value,
) -> Result<Diagnostics> {
    let widens = |value: &Value| value.member("scope").as_str() == Some("all");
    let job = prior.member("id").as_str();
    let principal = prior.member("service_principal_id").as_str();
    let (Some(job), Some(principal), true) = (job, principal, widens(planned) && !widens(prior))
    else {
        return Ok(Diagnostics::new());
    };
    let schema = context.graph.get(&schema_path(principal, job)).await?;
    if schema.as_ref().and_then(groups_enabled) != Some(true) {
        return Ok(Diagnostics::new());
    }
    let detail = "The schema of this job has the mapping of groups enabled. Groups are synchronized only with the scope `assigned`: keep \
                  it, or set `groups_enabled = false` in `crosstenant_synchronization_schema`.";
    let warning = Diagnostic::warning("Groups are not synchronized with the scope `all`", detail);
    Ok(vec![warning.at(Path::root("scope"))])
}
