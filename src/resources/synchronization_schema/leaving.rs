//! Counts the users who leave the scope when the scoping filters of users change.

use super::planned::filtered;
use crate::previewing::{Count, Next, Situation};
use sdk::prelude::*;

/// Counts them. Sends no request if the filters do not change, or if they match all users.
pub(super) async fn counted(context: &Context, prior: &Value, planned: &Value) -> Result<Count> {
    let name = "scoping_filters";
    let filters = planned.member(name);
    let known = |member: &str| planned.member(member).as_str();
    let (Some(principal), Some(job)) = (known("service_principal_id"), known("job_id")) else {
        // The job does not exist yet.
        return Ok(Count::Nobody);
    };
    if filters.is_null() || filters == prior.member(name) {
        return Ok(Count::Nobody);
    }
    if !filters.is_wholly_known() {
        return Ok(Count::NotYet);
    }
    if filters.as_elements().is_none_or(<[Value]>::is_empty) {
        return Ok(Count::Nobody);
    }
    let Some(now) = Situation::read(context, principal, Some(job)).await? else {
        return Ok(Count::Nobody);
    };
    let schema = filtered(&now.settings.schema, planned)
        .map_err(|why| Problem::error("The schema of the job cannot be previewed", why))?;
    let next = Next {
        scope: now.settings.scope,
        assignments: now.assignments.clone(),
        schema: Some(&schema),
    };
    Ok(now.leaving(context, next).await?.into())
}
