//! The directories: assignments, groups with their members, source users and target users.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::graph;
use crate::preview::{
    Assignment, Columns, Configuration, Group, Principal, Record, Target, properties_of,
};
use crate::resources::lookups::{assigned as lookup, literal};
use crate::resources::prelude::text;
use crate::resources::{Context, Problem};

/// From so many users on, the whole directory is read instead of one after the other.
const ONE_BY_ONE: usize = 800;

/// What the target tenant allows, and its domain.
#[derive(Clone, Debug, Default)]
pub struct TargetFacts {
    /// The domain in the names of external users.
    pub domain: String,
    /// Whether guests can be invited; none where that cannot be seen.
    pub invitations: Option<bool>,
}

/// The assignments of a configuration.
///
/// # Errors
///
/// Where Graph refuses to list them.
pub async fn assigned(context: &Context, principal: &str) -> Result<Vec<Assignment>, Problem> {
    let found = lookup::assignments(context, principal).await?;
    let assignment = |one: &Json| {
        Some(Assignment {
            principal: text(one, "principalId")?,
            role: text(one, "appRoleId")?,
            kind: match one["principalType"].as_str() {
                Some("User") => Principal::User,
                Some("Group") => Principal::Group,
                _ => return None,
            },
        })
    };
    Ok(found.iter().filter_map(assignment).collect())
}

/// Which of these principals are groups: those that a plan assigns have no type yet.
///
/// # Errors
///
/// Where Graph refuses to answer.
pub async fn groups_of(context: &Context, ids: &[String]) -> Result<BTreeSet<String>, Problem> {
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

const GROUP: &str = "id,displayName,description,mailNickname,groupTypes,mailEnabled,securityEnabled,isAssignableToRole";

/// Groups with their direct members who are users. Groups that are gone are left out.
///
/// # Errors
///
/// Where Graph refuses to answer.
pub async fn groups(
    context: &Context,
    ids: &[String],
    columns: &Columns,
) -> Result<Vec<Group>, Problem> {
    let path = |id: &String| format!("/groups/{}?$select={GROUP}", graph::segment(id));
    let paths: Vec<String> = ids.iter().map(path).collect();
    let mut groups = Vec::new();
    for answer in context.graph.batch_get(&paths).await? {
        let Some(object) = answer? else { continue };
        let id = text(&object, "id").unwrap_or_default();
        let members = format!(
            "/groups/{}/members/microsoft.graph.user?$select=id&$top=999",
            graph::segment(&id)
        );
        let take = |users: &mut Vec<String>, user: Json| users.extend(text(&user, "id"));
        let users = context.graph.fold(&members, Vec::new, take).await?;
        let kinds = object["groupTypes"].as_array();
        groups.push(Group {
            display_name: text(&object, "displayName").unwrap_or_default(),
            record: columns.record(&object),
            security_enabled: object["securityEnabled"] == true,
            mail_enabled: object["mailEnabled"] == true,
            unified: kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "Unified")),
            role_assignable: object["isAssignableToRole"] == true,
            entitled: true,
            id,
            users,
            others: 0,
        });
    }
    Ok(groups)
}

/// The query for users with these attributes. `displayName` is there for people to read.
fn select(columns: &Columns) -> String {
    let mut names: BTreeSet<String> = properties_of(columns.names()).into_iter().collect();
    names.insert("id".to_owned());
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// Takes source users in: those with these ids, or all of them where there are none or very many. `take` gets each user as
/// Graph answered it.
///
/// # Errors
///
/// Where Graph refuses to list them.
pub async fn sources(
    context: &Context,
    columns: &[&Columns],
    ids: Option<&BTreeSet<String>>,
    mut take: impl FnMut(&Json),
) -> Result<(), Problem> {
    let mut names = BTreeSet::new();
    for columns in columns {
        names.extend(select(columns).split(',').map(str::to_owned));
    }
    let select = names.into_iter().collect::<Vec<_>>().join(",");
    if let Some(ids) = ids.filter(|ids| ids.len() <= ONE_BY_ONE) {
        let ids: Vec<String> = ids.iter().cloned().collect();
        for user in lookup::read_users(context, &ids, &select).await? {
            take(&user);
        }
        return Ok(());
    }
    let path = format!("/users?$select={select}&$top=999");
    let each = |(): &mut (), user: Json| {
        let is_wanted = ids.is_none_or(|ids| text(&user, "id").is_some_and(|id| ids.contains(&id)));
        if is_wanted {
            take(&user);
        }
    };
    Ok(context.graph.fold(&path, || (), each).await?)
}

/// Takes in the source users with these user principal names or email addresses, one request for each.
///
/// # Errors
///
/// Where Graph refuses to list them.
pub async fn named_sources(
    context: &Context,
    columns: &Columns,
    names: &BTreeSet<String>,
    mut take: impl FnMut(&Json),
) -> Result<(), Problem> {
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

/// Takes the users of the target in, with those in its recycle bin.
///
/// # Errors
///
/// Where Graph refuses to list them.
pub async fn targets(
    context: &Context,
    configuration: &Configuration,
    mut take: impl FnMut(Target),
) -> Result<(), Problem> {
    let columns = configuration.target_columns();
    let select = select(columns);
    for (path, deleted) in [
        ("/users", false),
        ("/directory/deletedItems/microsoft.graph.user", true),
    ] {
        let path = format!("{path}?$select={select}&$top=999");
        let each = |(): &mut (), user: Json| {
            let record: Record = columns.record(&user);
            take(Target {
                record,
                deleted,
                origin: None,
            });
        };
        context.graph.fold(&path, || (), each).await?;
    }
    Ok(())
}

/// An organizational contact.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// What people call it.
    pub name: String,
    /// Its email addresses.
    pub addresses: Vec<String>,
}

/// The contacts of a tenant; none where they cannot be seen.
///
/// # Errors
///
/// Where Graph cannot list them for another reason than a missing permission.
pub async fn contacts(context: &Context) -> Result<Option<Vec<Contact>>, Problem> {
    let path = "/contacts?$select=id,displayName,mail,proxyAddresses&$top=999";
    let take = |all: &mut Vec<Contact>, contact: Json| {
        let mut addresses: Vec<String> = text(&contact, "mail").into_iter().collect();
        for address in contact["proxyAddresses"].as_array().into_iter().flatten() {
            let address = address.as_str().unwrap_or_default();
            let prefix = address.get(..5).unwrap_or_default();
            if prefix.eq_ignore_ascii_case("smtp:") {
                addresses.push(address[5..].to_owned());
            }
        }
        all.push(Contact {
            name: text(&contact, "displayName").unwrap_or_default(),
            addresses,
        });
    };
    match context.graph.fold(path, Vec::new, take).await {
        Ok(contacts) => Ok(Some(contacts)),
        Err(error) if matches!(error.status(), Some(401 | 403)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The verified domains of a tenant; none where they cannot be seen.
pub async fn domains(context: &Context) -> Vec<String> {
    let path = "/organization?$select=id,verifiedDomains";
    let Ok(Some(answer)) = context.graph.get(path).await else {
        return Vec::new();
    };
    let domains = answer["value"][0]["verifiedDomains"].as_array();
    let domains = domains.into_iter().flatten();
    domains.filter_map(|domain| text(domain, "name")).collect()
}

/// What the target tenant allows. What a permission is missing for stays unknown.
///
/// # Errors
///
/// Where the tenant cannot be asked at all.
pub async fn target_facts(context: &Context) -> Result<TargetFacts, Problem> {
    let paths = [
        "/organization?$select=id,verifiedDomains".to_owned(),
        "/policies/authorizationPolicy?$select=allowInvitesFrom".to_owned(),
    ];
    let mut answers = context.graph.batch_get(&paths).await?.into_iter();
    let mut next = || {
        answers
            .next()
            .and_then(Result::ok)
            .flatten()
            .unwrap_or_default()
    };
    let (organization, policy) = (next(), next());
    let domains = organization["value"][0]["verifiedDomains"].as_array();
    let domains = domains.map_or(&[][..], Vec::as_slice);
    let with = |mark: &str| domains.iter().find(|domain| domain[mark] == true);
    let domain = with("isInitial").or_else(|| with("isDefault"));
    let domain = domain.or_else(|| domains.first());
    let from = text(&policy, "allowInvitesFrom");
    Ok(TargetFacts {
        domain: domain
            .and_then(|domain| text(domain, "name"))
            .unwrap_or_default(),
        invitations: from.map(|from| from != "none"),
    })
}

/// Those of the users who have SMS sign-in.
///
/// # Errors
///
/// Where Graph refuses to answer.
pub async fn with_sms_sign_in(
    context: &Context,
    users: &[String],
) -> Result<BTreeSet<String>, Problem> {
    let found = lookup::with_sms_sign_in(context, users).await?;
    Ok(found.into_iter().collect())
}
