//! Texts about assigned groups and about copies of groups that are removed.

use serde_json::{Value as Json, json};

use super::super::counted;
use super::report::{facts, shown};
use preview::GroupVerdict;

/// The outcome for a group, in a word.
pub(super) fn outcome(group: &GroupVerdict) -> &'static str {
    let members = &group.members;
    let is_same =
        group.changes.is_empty() && members.added.is_empty() && members.removed.is_empty();
    match &group.skipped {
        _ if group.leaves => "leave",
        Some(_) if group.target.is_some() => "keep",
        Some(_) => "skip",
        None if group.created => "create",
        None if is_same => "nothing",
        None => "update",
    }
}

/// The outcome in a sentence.
pub(super) fn words(group: &GroupVerdict) -> String {
    let why = group.skipped.as_deref().unwrap_or_default();
    let members = &group.members;
    let mut parts = match outcome(group) {
        "leave" => return format!("its copy leaves: {why}"),
        "keep" => return format!("its copy stays: {why}"),
        "skip" => return format!("not copied: {why}"),
        "create" => vec![format!(
            "created, with {}",
            counted(members.members.len(), "member", "members")
        )],
        "nothing" => vec!["its copy does not change".to_owned()],
        _ => {
            let changes = group.changes.iter().map(|change| {
                let (before, after) = (shown(&change.before), shown(&change.after));
                format!("{}: {before} → {after}", change.attribute)
            });
            let mut parts: Vec<String> = changes.collect();
            for (ids, one, many) in [
                (&members.added, "member joins", "members join"),
                (
                    &members.removed,
                    "member is taken out",
                    "members are taken out",
                ),
            ] {
                if !ids.is_empty() {
                    parts.push(counted(ids.len(), one, many));
                }
            }
            parts
        }
    };
    if !members.unresolved.is_empty() {
        parts.push(counted(
            members.unresolved.len(),
            "member is not in the target",
            "members are not in the target",
        ));
    }
    if !group.doubts.is_empty() {
        parts.push(format!("[UNVERIFIED: {}]", facts(&group.doubts).join(", ")));
    }
    parts.join("; ")
}

pub(super) fn json(group: &GroupVerdict) -> Json {
    let changes = group.changes.iter().map(|change| {
        json!({ "attribute": change.attribute, "before": change.before.json(), "after": change.after.json() })
    });
    let members = &group.members;
    json!({
        "source_id": group.source, "display_name": group.name, "target_id": group.target, "outcome": outcome(group),
        "skipped": group.skipped, "changes": changes.collect::<Vec<_>>(), "members": members.members.len(),
        "members_added": members.added, "members_removed": members.removed, "unresolved": members.unresolved,
        "unverified": facts(&group.doubts),
    })
}
