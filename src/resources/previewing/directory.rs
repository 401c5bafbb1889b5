//! Reads the directories: assignments, groups with their members, source users and target users.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::known::KnownUsers;
use crate::data_sources::{assigned as lookup, literal};
use crate::paths::principal_path;
use graph;
use preview::{
    Assignment, Columns, Configuration, Group, Principal, Record, Target, properties_of,
};
use sdk::prelude::text;
use sdk::{Context, Problem, Result};

/// From this number of users on, the whole directory is read instead of individual users.
const NAMED: usize = 6_000;

/// The maximum number of values that Graph accepts in one condition.
const IN_A_CONDITION: usize = 15;

/// Reads the assignments of a configuration.
///
/// # Errors
///
/// If Graph refuses to list them.
pub async fn assigned(context: &Context, principal: &str) -> Result<Vec<Assignment>> {
    let found = lookup::assignments(context, principal).await?;
    Ok(found.iter().filter_map(assignment).collect())
}

/// Returns the query for the assignments of a configuration.
pub(super) fn assignments_path(principal: &str) -> String {
    format!(
        "{}/appRoleAssignedTo?$top=999&$select=appRoleId,principalId,principalType",
        principal_path(principal)
    )
}

/// Parses an assignment; `None` if its principal is not a user or group.
pub(super) fn assignment(one: &Json) -> Option<Assignment> {
    Some(Assignment {
        principal: text(one, "principalId")?,
        role: text(one, "appRoleId")?,
        kind: match one["principalType"].as_str() {
            Some("User") => Principal::User,
            Some("Group") => Principal::Group,
            _ => return None,
        },
    })
}

/// Returns the principals that are groups. Principals that a plan assigns have no type yet.
///
/// # Errors
///
/// If a request fails.
pub async fn groups_of(context: &Context, ids: &[String]) -> Result<BTreeSet<String>> {
    let path = |id: &String| format!("/groups/{}?$select=id", graph::segment(id));
    let paths: Vec<String> = ids.iter().map(path).collect();
    let answers = context.graph.batch_get(&paths).await?;
    let mut groups = BTreeSet::new();
    for (id, answer) in ids.iter().zip(answers) {
        if answer?.is_some() {
            groups.insert(id.clone());
        }
    }
    Ok(groups)
}

pub(super) const GROUP: &str = "id,displayName,description,mailNickname,groupTypes,mailEnabled,securityEnabled,isAssignableToRole";

/// Reads groups with their direct members who are users. Deleted groups are omitted.
///
/// # Errors
///
/// If a request fails.
pub async fn groups(context: &Context, ids: &[String], columns: &Columns) -> Result<Vec<Group>> {
    let (_, groups) = groups_with(context, ids, &[]).await?;
    Ok(groups.iter().map(|group| group.read(columns)).collect())
}

/// A group in Graph's response, with the object IDs of its direct members who are users.
pub(super) struct Found {
    object: Json,
    users: Vec<String>,
}

/// Reads groups, and the paths `beside` in the same batch requests; null if a path does not exist.
pub(super) async fn groups_with(
    context: &Context,
    ids: &[String],
    beside: &[String],
) -> Result<(Vec<Json>, Vec<Found>)> {
    let pair = |id: &String| {
        let id = graph::segment(id);
        [
            format!("/groups/{id}?$select={GROUP}"),
            format!("/groups/{id}/members/microsoft.graph.user?$select=id&$top=999"),
        ]
    };
    let mut paths = beside.to_vec();
    paths.extend(ids.iter().flat_map(pair));
    let mut answers = Vec::with_capacity(paths.len());
    for answer in context.graph.batch_get(&paths).await? {
        answers.push(answer?);
    }
    let mut pairs = answers.split_off(beside.len()).into_iter();
    let mut paths = paths.iter().skip(beside.len() + 1).step_by(2);
    let mut groups = Vec::new();
    while let (Some(object), Some(members), Some(path)) = (pairs.next(), pairs.next(), paths.next())
    {
        let Some(object) = object else { continue };
        // A group that was deleted in the meantime has no members.
        let users = match members {
            Some(first) => context.graph.rest_of(path, first).await?,
            None => Vec::new(),
        };
        let users = users.iter().filter_map(|user| text(user, "id")).collect();
        groups.push(Found { object, users });
    }
    let beside = answers.into_iter().map(Option::unwrap_or_default);
    Ok((beside.collect(), groups))
}

impl Found {
    /// Returns the group with the attributes that a configuration uses.
    pub(super) fn read(&self, columns: &Columns) -> Group {
        let object = &self.object;
        let kinds = object["groupTypes"].as_array();
        Group {
            id: text(object, "id").unwrap_or_default(),
            display_name: text(object, "displayName").unwrap_or_default(),
            record: columns.record(object),
            security_enabled: object["securityEnabled"] == true,
            mail_enabled: object["mailEnabled"] == true,
            unified: kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "Unified")),
            role_assignable: object["isAssignableToRole"] == true,
            entitled: true,
            users: self.users.clone(),
            others: 0,
        }
    }
}

/// Returns `$select` for users with these attributes. `displayName` is used in output.
pub(super) fn select(columns: &Columns) -> String {
    let mut names: BTreeSet<String> = properties_of(columns.names()).into_iter().collect();
    names.insert("id".to_owned());
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// Reads source users: those with these IDs, or all users if there are none or very many. `take` receives each user as Graph returns it,
/// with `more` properties than the configurations use.
///
/// # Errors
///
/// If Graph refuses to list them.
pub async fn sources(
    context: &Context,
    columns: &[&Columns],
    ids: Option<&BTreeSet<String>>,
    more: &[&str],
    take: impl FnMut(&Json),
) -> Result {
    sources_within(context, columns, ids, (more, None), take).await
}

/// Like [`sources`], with a maximum number of pages. A larger directory is an error.
pub(super) async fn sources_within(
    context: &Context,
    columns: &[&Columns],
    ids: Option<&BTreeSet<String>>,
    (more, most): (&[&str], Option<usize>),
    mut take: impl FnMut(&Json),
) -> Result {
    let mut names: BTreeSet<String> = more.iter().map(|name| (*name).to_owned()).collect();
    for columns in columns {
        names.extend(select(columns).split(',').map(str::to_owned));
    }
    let select = names.into_iter().collect::<Vec<_>>().join(",");
    if let Some(ids) = ids.filter(|ids| ids.len() <= NAMED) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let paths: Vec<String> = ids
            .chunks(IN_A_CONDITION)
            .map(|ids| named(ids, &select))
            .collect();
        // Limits the number of pages in memory.
        for paths in paths.chunks(AT_A_TIME) {
            for users in context.graph.list_many(paths).await? {
                users?.unwrap_or_default().iter().for_each(&mut take);
            }
        }
        return Ok(());
    }
    let mut pages = graph::Pages::of(&format!("/users?$select={select}&$top=999"));
    let mut count = 0;
    while let Some(page) = context.graph.next_page(&mut pages).await? {
        count += 1;
        if most.is_some_and(|most| count > most) {
            return Err(too_many(count));
        }
        let is_wanted = |id: String| ids.is_none_or(|ids| ids.contains(&id));
        let wanted = page
            .iter()
            .filter(|user| text(user, "id").is_some_and(is_wanted));
        wanted.for_each(&mut take);
    }
    Ok(())
}

/// The number of conditions that are read before their users are processed.
const AT_A_TIME: usize = 40;

/// Returns the query for the users with these IDs.
fn named(ids: &[&str], select: &str) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    let condition = format!("id in ({})", ids.join(","));
    format!(
        "/users?$filter={}&$select={select}",
        graph::segment(&condition)
    )
}

fn too_many(pages: usize) -> Problem {
    Problem::error(
        "The directory is too large to be read during a plan",
        format!(
            "It has more than {} pages of users. `terraform-provider-crosstenant preview --plan` reads all of them.",
            pages - 1
        ),
    )
}

/// Reads the source users with these user principal names or email addresses, one request for each.
///
/// # Errors
///
/// If Graph refuses to list them.
pub async fn named_sources(
    context: &Context,
    columns: &Columns,
    names: &BTreeSet<String>,
    mut take: impl FnMut(&Json),
) -> Result {
    let select = select(columns);
    let path = |name: &String| {
        let name = literal(name);
        let filter = format!("userPrincipalName eq {name} or mail eq {name}");
        format!(
            "/users?$filter={}&$select={select}",
            graph::segment(&filter)
        )
    };
    let paths: Vec<String> = names.iter().map(path).collect();
    for answer in context.graph.batch_get(&paths).await? {
        let answer = answer?.unwrap_or_default();
        for user in answer["value"].as_array().into_iter().flatten() {
            take(user);
        }
    }
    Ok(())
}

/// Reads the users of the target tenant, including its recycle bin, with their known source users.
///
/// # Errors
///
/// If Graph refuses to list them.
pub async fn targets(
    context: &Context,
    configuration: &Configuration,
    known: &KnownUsers,
    mut take: impl FnMut(Target),
) -> Result {
    let columns = configuration.target_columns();
    let select = select(columns);
    for (path, deleted) in [
        ("/users", false),
        ("/directory/deletedItems/microsoft.graph.user", true),
    ] {
        let path = format!("{path}?$select={select}&$top=999");
        let each = |(): &mut (), user: Json| {
            let record: Record = columns.record(&user);
            let origin = known.origin(&user, &record, configuration, deleted);
            take(Target {
                record,
                deleted,
                origin,
            });
        };
        context.graph.fold(&path, || (), each).await?;
    }
    Ok(())
}

/// Returns the users who have SMS sign-in.
///
/// # Errors
///
/// If a request fails.
pub async fn with_sms_sign_in(context: &Context, users: &[String]) -> Result<BTreeSet<String>> {
    let found = lookup::with_sms_sign_in(context, users).await?;
    Ok(found.into_iter().collect())
}
