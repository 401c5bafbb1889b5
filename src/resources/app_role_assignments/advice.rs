//! What a plan should warn about: assignments that Graph accepts and synchronization ignores.
//!
//! It looks at few principals with few requests. What it may not read it does not warn about.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::live::{Id, guid, text};
use crate::resources::{Context, Problem};
use crate::terraform::{Diagnostic, Diagnostics, Path, Value};

/// No more principals than these are looked at; a set of thousands comes from a source that should know.
const LOOKED_AT: usize = 200;
/// More principals than these are counted, not named.
const NAMED: usize = 10;

/// What a principal turned out to be.
enum Found {
    Internal,
    Guest(String),
    Group {
        name: String,
        nested: bool,
        users: bool,
    },
    Unknown,
}

/// Nobody is assigned.
pub(super) fn nobody() -> Diagnostic {
    warning(
        "Nobody will be synchronized",
        "`principal_object_ids` is empty. At least one internal user must be assigned, directly or as a direct member of a \
         group, for a job with the scope `assigned` to synchronize anybody.",
    )
}

/// Warnings about the principals that `planned` adds to `prior`.
pub(super) async fn about(
    context: &Context,
    prior: &Value,
    planned: &Value,
) -> Result<Diagnostics, Problem> {
    let ids = |value: &Value| -> HashSet<Id> {
        let elements = value.member("principal_object_ids").as_elements();
        let known = elements
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str);
        known.map(guid).collect()
    };
    let (before, after) = (ids(prior), ids(planned));
    let mut added: Vec<Id> = after.difference(&before).copied().collect();
    if added.is_empty() || added.len() > LOOKED_AT {
        return Ok(Diagnostics::new());
    }
    added.sort_unstable();
    let is_all =
        added.len() == after.len() && planned.member("principal_object_ids").is_wholly_known();
    let found = look(context, &added).await?;
    Ok(warnings(&found, is_all))
}

async fn look(context: &Context, ids: &[Id]) -> Result<Vec<Found>, Problem> {
    let users: Vec<String> = ids
        .iter()
        .map(|id| format!("/users/{}?$select=id,displayName,userType", text(*id)))
        .collect();
    let users = context.graph.batch_get(&users).await?;
    let mut found = Vec::new();
    let mut groups = Vec::new();
    for (id, user) in ids.iter().zip(users) {
        match user {
            Ok(Some(user)) if user["userType"] == "Guest" => {
                found.push(Found::Guest(name(&user, *id)));
            }
            Ok(Some(_)) => found.push(Found::Internal),
            Ok(None) => groups.push(*id),
            Err(_) => found.push(Found::Unknown),
        }
    }
    let paths: Vec<String> = groups
        .iter()
        .flat_map(|id| {
            let group = format!("/groups/{}", text(*id));
            [
                format!("{group}?$select=id,displayName"),
                format!("{group}/members?$top=999&$select=id"),
            ]
        })
        .collect();
    let answers = context.graph.batch_get(&paths).await?;
    for (id, pair) in groups.iter().zip(answers.chunks(2)) {
        found.push(group(*id, pair));
    }
    Ok(found)
}

/// A group by its first page of members, which is enough for a warning.
fn group<E>(id: Id, pair: &[Result<Option<Json>, E>]) -> Found {
    let [Ok(Some(group)), Ok(Some(members))] = pair else {
        return Found::Unknown;
    };
    let members = members["value"].as_array().map_or(&[][..], Vec::as_slice);
    let has = |kind: &str| members.iter().any(|member| member["@odata.type"] == kind);
    Found::Group {
        name: name(group, id),
        nested: has("#microsoft.graph.group"),
        users: has("#microsoft.graph.user"),
    }
}

fn name(object: &Json, id: Id) -> String {
    object["displayName"]
        .as_str()
        .map_or_else(|| text(id), str::to_owned)
}

fn warnings(found: &[Found], is_all: bool) -> Diagnostics {
    let (mut guests, mut nesting, mut may_count) = (Vec::new(), Vec::new(), false);
    for one in found {
        match one {
            Found::Guest(name) => guests.push(name.as_str()),
            Found::Group {
                name,
                nested,
                users,
            } => {
                may_count |= *users;
                if *nested {
                    nesting.push(name.as_str());
                }
            }
            Found::Internal | Found::Unknown => may_count = true,
        }
    }
    let mut warnings = Diagnostics::new();
    if !guests.is_empty() {
        warnings.push(warning(
            "Guests are not synchronized",
            &format!(
                "These are guests of this tenant; they can be assigned, but the job skips them: {}.",
                listed(&guests)
            ),
        ));
    }
    if !nesting.is_empty() {
        warnings.push(warning(
            "Groups inside of groups do not count",
            &format!(
                "These groups contain groups; only their direct members are synchronized, so assign the inner groups as \
                 well: {}.",
                listed(&nesting)
            ),
        ));
    }
    if is_all && !may_count {
        warnings.push(warning(
            "No internal user is assigned",
            "None of the principals is an internal user or a group that has users as direct members, so nobody will be \
             synchronized.",
        ));
    }
    warnings
}

fn listed(names: &[&str]) -> String {
    let first = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn warning(summary: &str, detail: &str) -> Diagnostic {
    Diagnostic::warning(summary, detail).at(Path::root("principal_object_ids"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summaries(found: &[Found], is_all: bool) -> Vec<String> {
        let warnings = warnings(found, is_all);
        warnings.into_iter().map(|one| one.summary).collect()
    }

    fn a_group(nested: bool, users: bool) -> Found {
        Found::Group {
            name: "G".to_owned(),
            nested,
            users,
        }
    }

    #[test]
    fn what_does_not_count_is_warned_about_once() {
        let guests = || Found::Guest("Linus".to_owned());
        assert_eq!(summaries(&[Found::Internal], true), Vec::<String>::new());
        assert_eq!(
            summaries(&[guests(), guests(), Found::Internal], true),
            ["Guests are not synchronized"]
        );
        assert_eq!(
            summaries(&[guests(), a_group(true, false)], true),
            [
                "Guests are not synchronized",
                "Groups inside of groups do not count",
                "No internal user is assigned"
            ]
        );
        // Somebody else in the set may be internal, and so may be who could not be read.
        assert_eq!(
            summaries(&[a_group(false, false)], false),
            Vec::<String>::new()
        );
        assert_eq!(summaries(&[Found::Unknown], true), Vec::<String>::new());
        assert_eq!(
            summaries(&[a_group(false, true)], true),
            Vec::<String>::new()
        );
    }
}
