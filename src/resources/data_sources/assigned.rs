//! The users who are assigned to a service principal, directly or as direct members of a group, and their SMS sign-in.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::prelude::*;
use crate::paths::principal_path;

/// The ID of the mobile phone method, the same in every tenant. Only this method supports SMS sign-in.
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

/// Lists the assignments of a service principal.
pub(crate) async fn assignments(
    context: &Context,
    service_principal_id: &str,
) -> Result<Vec<Json>, graph::Error> {
    let path = format!(
        "{}/appRoleAssignedTo?$top=999",
        principal_path(service_principal_id)
    );
    context.graph.list(&path).await
}

/// Returns the assigned users without duplicates: users themselves, and the direct members of groups. Nested groups are ignored.
pub(crate) async fn users_of(
    context: &Context,
    assignments: &[Json],
) -> Result<Vec<String>, graph::Error> {
    let of_kind = |kind: &str| {
        let kind = kind.to_owned();
        assignments
            .iter()
            .filter(move |one| text(one, "principalType").as_ref() == Some(&kind))
            .filter_map(|one| text(one, "principalId"))
    };
    let mut users: BTreeSet<String> = of_kind("User").collect();
    let members = |group: String| {
        let group = graph::segment(&group);
        format!("/groups/{group}/members/microsoft.graph.user?$select=id&$top=999")
    };
    let paths: Vec<String> = of_kind("Group").map(members).collect();
    for list in context.graph.list_many(&paths).await? {
        // A deleted group has no members.
        let members = list?.unwrap_or_default();
        users.extend(members.iter().filter_map(|user| text(user, "id")));
    }
    Ok(users.into_iter().collect())
}

/// Reads the properties of users. Deleted users are omitted.
pub(crate) async fn read_users(
    context: &Context,
    ids: &[String],
    select: &str,
) -> Result<Vec<Json>, graph::Error> {
    let path = |id: &String| format!("/users/{}?$select={select}", graph::segment(id));
    let paths: Vec<String> = ids.iter().map(path).collect();
    let mut users = Vec::with_capacity(ids.len());
    for answer in context.graph.batch_get(&paths).await? {
        users.extend(answer?);
    }
    Ok(users)
}

/// Returns the users who can sign in by SMS, and are therefore not synchronized.
pub(crate) async fn with_sms_sign_in(
    context: &Context,
    users: &[String],
) -> Result<Vec<String>, graph::Error> {
    let path = |id: &String| {
        let id = graph::segment(id);
        format!("/users/{id}/authentication/phoneMethods/{MOBILE}")
    };
    let paths: Vec<String> = users.iter().map(path).collect();
    let mut ready = Vec::new();
    for (id, answer) in users.iter().zip(context.graph.batch_get(&paths).await?) {
        // Users without a mobile phone do not have this method.
        if answer?.is_some_and(|method| method["smsSignInState"] == "ready") {
            ready.push(id.clone());
        }
    }
    Ok(ready)
}
