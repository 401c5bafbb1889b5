//! Counts the users who leave the scope when it is narrowed from all to assigned users.

use super::target::moves;
use crate::previewing::{Count, Next, Situation};
use preview::Scope;
use sdk::prelude::*;

/// Counts them. Sends no request if the scope is not narrowed.
pub(super) async fn counted(context: &Context, prior: &Value, planned: &Value) -> Result<Count> {
    let scope = |value: &Value| value.member("scope").as_str().map(str::to_owned);
    let was_all = scope(prior).as_deref() == Some("all");
    let principal = prior.member("service_principal_id").as_str();
    let Some(principal) = principal.filter(|_| was_all && !planned.is_null()) else {
        return Ok(Count::Nobody);
    };
    // A job with another target is replaced, and users stay in the old target tenant.
    if moves(prior, planned) {
        return Ok(Count::Nobody);
    }
    match planned.member("scope") {
        Value::Unknown => return Ok(Count::NotYet),
        other if other.as_str() == Some("all") => return Ok(Count::Nobody),
        _ => {}
    }
    let job = prior.member("id").as_str();
    let Some(now) = Situation::read(context, principal, job).await? else {
        return Ok(Count::Nobody);
    };
    let next = Next {
        scope: Scope::Assigned,
        assignments: now.assignments.clone(),
        schema: None,
    };
    Ok(now.leaving(context, next).await?.into())
}
