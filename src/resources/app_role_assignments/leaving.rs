//! Counts the users who leave the scope when principals are removed from the map.

use std::collections::{HashMap, HashSet};

use super::all;
use super::live::{Id, guid, text};
use crate::previewing::{Count, Next, Situation, groups_of};
use preview::{Assignment, Principal, Scope};
use sdk::{Context, Result};
use terraform::Value;

/// The maximum number of added principals that are looked up to distinguish groups from users.
const LOOKED_AT: usize = 400;

/// Counts them. Sends no request if no principal is removed.
pub(super) async fn counted(context: &Context, prior: &Value, planned: &Value) -> Result<Count> {
    let (resource, role) = ("resource_object_id", "app_role_id");
    let (Some(principal), Some(before)) = (prior.member(resource).as_str(), members(prior)) else {
        return Ok(Count::Nobody);
    };
    let stays = match planned.member(resource) {
        Value::Unknown => return Ok(Count::NotYet),
        other => other
            .as_str()
            .is_some_and(|it| it.eq_ignore_ascii_case(principal)),
    };
    let after = if stays {
        members(planned)
    } else {
        Some(HashSet::new())
    };
    let Some(after) = after else {
        return Ok(Count::NotYet);
    };
    let role_before = prior.member(role).as_str().unwrap_or_default();
    let role_after = planned.member(role).as_str().unwrap_or(role_before);
    if before.is_subset(&after) && role_after.eq_ignore_ascii_case(role_before) {
        return Ok(Count::Nobody);
    }
    let Some(now) = Situation::read(context, principal, None).await? else {
        return Ok(Count::Nobody);
    };
    if now.settings.scope == Scope::All {
        return Ok(Count::Nobody);
    }
    let is_ours = |one: &Assignment| {
        one.role.eq_ignore_ascii_case(role_before) && before.contains(&guid(&one.principal))
    };
    let mut assignments = now.assignments.clone();
    assignments.retain(|one| !is_ours(one));
    assignments.extend(assigned(context, &now.assignments, &after, role_after).await?);
    let next = Next {
        scope: Scope::Assigned,
        assignments,
        schema: None,
    };
    Ok(now.leaving(context, next).await?.into())
}

/// Returns the principals of the map if all of them are known.
fn members(object: &Value) -> Option<HashSet<Id>> {
    let principals = all(object.member("principals"))?;
    Some(principals.into_keys().collect())
}

/// Returns the assignments of the map. The types of assigned principals are known; others are looked up.
async fn assigned(
    context: &Context,
    live: &[Assignment],
    principals: &HashSet<Id>,
    role: &str,
) -> Result<Vec<Assignment>> {
    let mut kinds: HashMap<Id, Principal> = live
        .iter()
        .map(|one| (guid(&one.principal), one.kind))
        .collect();
    let new = principals.iter().filter(|id| !kinds.contains_key(id));
    let new: Vec<String> = new.map(|id| text(*id)).take(LOOKED_AT).collect();
    if !new.is_empty() {
        let groups = groups_of(context, &new).await?;
        kinds.extend(groups.iter().map(|id| (guid(id), Principal::Group)));
    }
    let assignment = |id: &Id| Assignment {
        principal: text(*id),
        kind: kinds.get(id).copied().unwrap_or(Principal::User),
        role: role.to_owned(),
    };
    Ok(principals.iter().map(assignment).collect())
}
