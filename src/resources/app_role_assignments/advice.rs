//! Warnings of a plan about assignments that Graph accepts and synchronization ignores.
//!
//! It checks few principals with few requests. If a permission is missing, there is no warning.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::copies;
use super::live::{Id, guid, text};
use crate::group_kinds::{self, LeftOut};
use sdk::enumeration::listed;
use sdk::{Context, Result};
use terraform::{Diagnostic, Diagnostics, Path, Value};

/// The maximum number of principals to check. A map of thousands is generated from another source.
const LOOKED_AT: usize = 200;

/// The type of a principal.
enum Found {
    Internal,
    Guest(String),
    Group {
        id: Id,
        name: String,
        /// Groups in it that are not assigned themselves.
        nested: Vec<String>,
        /// Whether a user is, or may be, among its direct members.
        users: bool,
        /// Its kind, if groups of this kind are not synchronized like others.
        kind: Option<LeftOut>,
    },
    Unknown,
}

/// Returns the warning that no principal is assigned; `before` principals were assigned until now.
pub(super) fn nobody(before: usize) -> Diagnostic {
    let losing = match before {
        0 => String::new(),
        1 => "1 principal loses its assignment. Users who were synchronized because of it are soft-deleted in the \
            target tenant by the next cycle and can be restored for 30 days. "
            .to_owned(),
        many => format!(
            "{many} principals lose their assignments. Users who were synchronized because of them are soft-deleted in \
            the target tenant by the next cycle and can be restored for 30 days. "
        ),
    };
    warning(
        "No users will be synchronized",
        &format!(
            "`principals` is empty. {losing}A job with the scope `assigned` synchronizes users only if at least one \
            internal user is assigned, directly or as a direct member of a group."
        ),
    )
}

/// Returns the warnings about the principals that `planned` adds to `prior`.
pub(super) async fn about(
    context: &Context,
    prior: &Value,
    planned: &Value,
) -> Result<Diagnostics> {
    let ids = |value: &Value| -> HashSet<Id> {
        let members = value.member("principals").as_object();
        members
            .into_iter()
            .flatten()
            .map(|(id, _)| guid(id))
            .collect()
    };
    let (before, after) = (ids(prior), ids(planned));
    let mut added: Vec<Id> = after.difference(&before).copied().collect();
    if added.is_empty() || added.len() > LOOKED_AT {
        return Ok(Diagnostics::new());
    }
    added.sort_unstable();
    let is_all = added.len() == after.len();
    let found = look(context, &added, &after).await?;
    let mut all = warnings(&found, is_all);
    all.extend(copies::warning(context, planned, &copied(&found)).await);
    Ok(all)
}

/// Returns the groups that are copied if group synchronization is enabled, each with its name.
fn copied(found: &[Found]) -> Vec<(Id, &str)> {
    let groups = found.iter().filter_map(|one| match one {
        Found::Group {
            id,
            name,
            kind: None,
            ..
        } => Some((*id, name.as_str())),
        _ => None,
    });
    groups.collect()
}

/// Returns the warnings about a principal that is assigned by a resource of its own.
pub(crate) async fn about_one(context: &Context, planned: &Value) -> Result<Diagnostics> {
    let principal = planned.member("principal_object_id").as_str();
    let Some(id) = principal.filter(|_| context.may_look()).map(guid) else {
        return Ok(Diagnostics::new());
    };
    // In one batch with the other assignments of the plan, because there may be many.
    let user = context.graph.batch_together(&[user_path(id)]).await?;
    let found = judge(context, &[id], user, &HashSet::from([id])).await?;
    let mut all = warnings(&found, false);
    all.extend(copies::warning(context, planned, &copied(&found)).await);
    for one in &mut all {
        one.path = Some(Path::root("principal_object_id"));
    }
    Ok(all)
}

async fn look(context: &Context, ids: &[Id], assigned: &HashSet<Id>) -> Result<Vec<Found>> {
    let users: Vec<String> = ids.iter().map(|id| user_path(*id)).collect();
    let users = context.graph.batch_get(&users).await?;
    judge(context, ids, users, assigned).await
}

fn user_path(id: Id) -> String {
    format!("/users/{}?$select=id,displayName,userType", text(id))
}

/// Determines the types of the principals. Those that are not `users` are looked up as groups.
async fn judge(
    context: &Context,
    ids: &[Id],
    users: Vec<Result<Option<Json>, graph::Error>>,
    assigned: &HashSet<Id>,
) -> Result<Vec<Found>> {
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
                format!("{group}?$select={}", group_kinds::SELECT),
                format!("{group}/members?$top=999&$select=id,displayName"),
            ]
        })
        .collect();
    let answers = context.graph.batch_get(&paths).await?;
    for (id, pair) in groups.iter().zip(answers.chunks(2)) {
        found.push(group(*id, pair, assigned));
    }
    Ok(found)
}

/// Evaluates a group by its first page of members, which is enough for a warning.
fn group<E>(id: Id, pair: &[Result<Option<Json>, E>], assigned: &HashSet<Id>) -> Found {
    let [Ok(Some(group)), Ok(Some(page))] = pair else {
        return Found::Unknown;
    };
    let members = page["value"].as_array().map_or(&[][..], Vec::as_slice);
    let kind = |member: &Json| member["@odata.type"].as_str().map(str::to_owned);
    let is_user = |member: &Json| kind(member).is_none_or(|kind| kind == "#microsoft.graph.user");
    let groups = members
        .iter()
        .filter(|member| kind(member).as_deref() == Some("#microsoft.graph.group"));
    let inner = groups.filter_map(|member| {
        let id = guid(member["id"].as_str()?);
        (!assigned.contains(&id)).then(|| name(member, id))
    });
    Found::Group {
        id,
        name: name(group, id),
        nested: inner.collect(),
        users: graph::has_next_page(page) || members.iter().any(is_user),
        kind: LeftOut::of(group),
    }
}

fn name(object: &Json, id: Id) -> String {
    object["displayName"]
        .as_str()
        .map_or_else(|| text(id), str::to_owned)
}

fn warnings(found: &[Found], is_all: bool) -> Diagnostics {
    let (mut guests, mut nesting, mut may_count) = (Vec::new(), Vec::<String>::new(), false);
    let mut kinds = Vec::new();
    for one in found {
        match one {
            Found::Guest(name) => guests.push(name.as_str()),
            Found::Group {
                name,
                nested,
                users,
                kind,
                ..
            } => {
                let reads = kind.is_none_or(LeftOut::brings_members);
                may_count |= *users && reads;
                if let Some(kind) = kind {
                    kinds.push((name.as_str(), *kind));
                }
                if !nested.is_empty() {
                    let inner: Vec<&str> = nested.iter().map(String::as_str).collect();
                    nesting.push(format!("{name} contains {}", listed(&inner)));
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
                "These users are guests of this tenant. They can be assigned, but the job skips them: {}.",
                listed(&guests)
            ),
        ));
    }
    if !nesting.is_empty() {
        let nesting: Vec<&str> = nesting.iter().map(String::as_str).collect();
        warnings.push(warning(
            "Nested groups are not synchronized",
            &format!(
                "Only the direct members of an assigned group are synchronized. Assign these nested groups as well: {}.",
                listed(&nesting)
            ),
        ));
    }
    warnings.extend(of_kinds(&kinds));
    if is_all && !may_count {
        warnings.push(warning(
            "No internal user is assigned",
            "None of the principals is an internal user or a group with users as direct members, so no users will be \
            synchronized.",
        ));
    }
    warnings
}

/// Returns warnings about groups of kinds that are not copied: one for kinds whose members are synchronized, one for kinds whose members
/// are not.
fn of_kinds(kinds: &[(&str, LeftOut)]) -> Vec<Diagnostic> {
    let named = |brings: bool| {
        let some = kinds
            .iter()
            .filter(|(_, kind)| kind.brings_members() == brings);
        let lines = some.map(|(name, kind)| format!("{name} is {}", kind.words()));
        lines.collect::<Vec<String>>()
    };
    let mut found = Vec::new();
    let lines = named(false);
    if !lines.is_empty() {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let detail = format!(
            "The members of an assigned group are synchronized only if the group is security-enabled. Neither these \
            groups nor their members are synchronized: {}. Assign security groups instead.",
            listed(&lines)
        );
        found.push(warning(
            "The members of some groups are not synchronized",
            &detail,
        ));
    }
    let lines = named(true);
    if !lines.is_empty() {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let detail = format!(
            "Only security groups and Microsoft 365 groups are copied. The direct members of these groups are \
            synchronized, but the groups themselves are not: {}.",
            listed(&lines)
        );
        found.push(warning("Some groups are never copied", &detail));
    }
    found
}

fn warning(summary: &str, detail: &str) -> Diagnostic {
    Diagnostic::warning(summary, detail).at(Path::root("principals"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn summaries(found: &[Found], is_all: bool) -> Vec<String> {
        let warnings = warnings(found, is_all);
        warnings.into_iter().map(|one| one.summary).collect()
    }

    fn a_group(nested: bool, users: bool) -> Found {
        Found::Group {
            id: 1,
            name: "G".to_owned(),
            nested: nested.then(|| "inner".to_owned()).into_iter().collect(),
            users,
            kind: None,
        }
    }

    /// Evaluates the members of a group: returns its nested groups, and whether it may contain users.
    fn looked_at(members: &Json, more: bool, assigned: &[&str]) -> (Vec<String>, bool) {
        let mut page = json!({ "value": members });
        if more {
            page["@odata.nextLink"] = json!("https://graph.microsoft.com/next");
        }
        let pair: [Result<_, ()>; 2] = [Ok(Some(json!({ "displayName": "G" }))), Ok(Some(page))];
        match group(1, &pair, &assigned.iter().map(|id| guid(id)).collect()) {
            Found::Group { nested, users, .. } => (nested, users),
            _ => panic!("no group"),
        }
    }

    #[test]
    fn nested_groups_are_named_only_where_they_are_not_assigned_themselves() {
        const INNER: &str = "b1000000-0000-4000-8000-000000000002";
        let inner =
            json!({ "@odata.type": "#microsoft.graph.group", "id": INNER, "displayName": "EMEA" });
        let user = json!({ "@odata.type": "#microsoft.graph.user", "id": INNER });
        let device = json!({ "@odata.type": "#microsoft.graph.device", "id": INNER });
        let emea = || vec!["EMEA".to_owned()];
        assert_eq!(looked_at(&json!([inner, user]), false, &[]), (emea(), true));
        assert_eq!(
            looked_at(&json!([inner]), false, &[INNER]),
            (Vec::new(), false)
        );
        assert_eq!(looked_at(&json!([user]), false, &[]), (Vec::new(), true));
        assert_eq!(looked_at(&json!([device]), false, &[]), (Vec::new(), false));
        // Members on later pages, or of unknown type, may be users.
        assert_eq!(looked_at(&json!([device]), true, &[]), (Vec::new(), true));
        assert_eq!(
            looked_at(&json!([{ "id": null }]), false, &[]),
            (Vec::new(), true)
        );
    }

    #[test]
    fn kinds_that_are_left_out_are_named() {
        let of = |kind| Found::Group {
            id: 1,
            name: "G".to_owned(),
            nested: Vec::new(),
            users: true,
            kind: Some(kind),
        };
        let said = |kind, is_all| summaries(&[of(kind)], is_all);
        assert_eq!(
            said(LeftOut::Distribution, true),
            [
                "The members of some groups are not synchronized",
                "No internal user is assigned"
            ]
        );
        for kind in [LeftOut::RoleAssignable, LeftOut::MailEnabledSecurity] {
            assert_eq!(said(kind, true), ["Some groups are never copied"]);
            assert!(warnings(&[of(kind)], true)[0].detail.contains(kind.words()));
        }
    }

    #[test]
    fn an_empty_set_says_how_many_lose_their_assignment() {
        assert!(!nobody(0).detail.contains("assignments."));
        assert!(
            nobody(1)
                .detail
                .contains("1 principal loses its assignment.")
        );
        assert!(
            nobody(12)
                .detail
                .contains("12 principals lose their assignments.")
        );
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
                "Nested groups are not synchronized",
                "No internal user is assigned"
            ]
        );
        // Other assigned principals may be internal, and so may those that could not be read.
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
