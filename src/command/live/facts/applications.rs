//! Applications, service principals and assignments.

use serde_json::{Value as Json, json};

use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged, obstacle};
use crate::live::stage::{Configuration, PREFIX, Side, Stage, TEMPLATE, shown};

facts! {
    "filter-by-template"
        "Service principals can be filtered by applicationTemplateId."
        reads filter_by_template;
    "owner-after-instantiate"
        "The caller of instantiate becomes an owner, so that Application.ReadWrite.OwnedBy suffices."
        cannot "it needs an application that has no other permission";
    "new-application"
        "A new application and its service principal can be read within the time set by --patience."
        changes new_application;
    "name-of-principal"
        "Renaming an application renames its service principal."
        changes name_of_principal;
    "principal-of-deleted-application"
        "Deleting the application deletes the service principal."
        changes principal_of_deleted_application;
    "role-for-users"
        "The template's service principal has the role msiam_access, which is enabled for users."
        changes role_for_users;
    "second-assignment"
        "A duplicate assignment is refused with 409, or with 400 and the words \"already exist\"."
        changes second_assignment;
    "deletion-of-missing-assignment"
        "Deleting an assignment that is gone is refused with 404, or with 400 and the words \"not found\"."
        changes deletion_of_missing_assignment;
    "ids-of-instantiate"
        "The response of instantiate contains the IDs of the created objects."
        changes ids_of_instantiate;
    "page-of-assignments"
        "Listing assignments supports $top=999 and $select."
        changes page_of_assignments;
    "number-of-assignments"
        "The number of assignments of a service principal is not limited."
        cannot "it would take tens of thousands of users";
}

async fn filter_by_template(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = format!(
        "/servicePrincipals?$filter=applicationTemplateId eq '{TEMPLATE}'&$select=id,applicationTemplateId"
    );
    let found = stage.get(Side::Source, &path).await?;
    judged(found.succeeded(), shown(&found))
}

async fn new_application(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = format!("/applicationTemplates/{TEMPLATE}/instantiate");
    let body = json!({ "displayName": PREFIX });
    let made = stage.must(Side::Source, "POST", &path, Some(body)).await?;
    let since = tokio::time::Instant::now();
    for (of, collection) in [
        ("application", "applications"),
        ("servicePrincipal", "servicePrincipals"),
    ] {
        let id = made.response[of]["id"].as_str().unwrap_or_default();
        let path = format!("/{collection}/{}", graph::segment(id));
        let seen = ("GET", path.as_str(), None);
        let seen = stage
            .eventually(Side::Source, seen, graph::Exchange::succeeded)
            .await?;
        if !seen.succeeded() {
            return judged(false, format!("{of}: {}", shown(&seen)));
        }
    }
    judged(true, format!("after {} s", since.elapsed().as_secs()))
}

async fn name_of_principal(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.configuration().await?;
    let name = format!("{PREFIX} renamed");
    let body = json!({ "displayName": name });
    stage
        .must(Side::Source, "PATCH", &made.application_path(), Some(body))
        .await?;
    let is_new = |answer: &graph::Exchange| answer.response["displayName"] == json!(name);
    let path = made.principal_path();
    let read = stage
        .eventually(Side::Source, ("GET", &path, None), is_new)
        .await?;
    let new = is_new(&read);
    judged(
        new,
        if new {
            "it has the new name"
        } else {
            "it keeps the old name"
        },
    )
}

async fn principal_of_deleted_application(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.take_configuration().await?;
    stage
        .must(Side::Source, "DELETE", &made.application_path(), None)
        .await?;
    let gone = |answer: &graph::Exchange| answer.status == 404;
    let path = made.principal_path();
    let read = stage
        .eventually(Side::Source, ("GET", &path, None), gone)
        .await?;
    judged(gone(&read), shown(&read))
}

/// The enabled roles for users, by name.
async fn roles(stage: &mut Stage, made: &Configuration) -> Result<Vec<(String, Json)>, Obstacle> {
    let read = stage.get(Side::Source, &made.principal_path()).await?;
    let roles = read.response["appRoles"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let for_users = |role: &Json| {
        let members = role["allowedMemberTypes"].as_array().into_iter().flatten();
        role["isEnabled"] == json!(true) && members.into_iter().any(|kind| kind == "User")
    };
    let roles = roles.into_iter().filter(for_users);
    let named = roles.map(|role| {
        let name = role["displayName"].as_str().unwrap_or_default();
        (name.to_owned(), role["id"].clone())
    });
    Ok(named.collect())
}

async fn role_for_users(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.configuration().await?;
    let roles = roles(stage, &made).await?;
    let names: Vec<&str> = roles.iter().map(|(name, _)| name.as_str()).collect();
    judged(
        names.contains(&"msiam_access"),
        format!("roles for users: {}", names.join(", ")),
    )
}

async fn second_assignment(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.configuration().await?;
    let roles = roles(stage, &made).await?;
    let users = stage.get(Side::Source, "/users?$top=1&$select=id").await?;
    let Some((user, (_, role))) = users.response["value"].get(0).zip(roles.first()) else {
        return obstacle("there is no user or no role to assign");
    };
    let body =
        json!({ "principalId": user["id"], "resourceId": made.principal, "appRoleId": role });
    let path = format!("{}/appRoleAssignedTo", made.principal_path());
    let first = stage
        .must(Side::Source, "POST", &path, Some(body.clone()))
        .await?;
    let again = stage.ask(Side::Source, "POST", &path, Some(body)).await?;
    let id = first.response["id"].as_str().unwrap_or_default();
    let assignment = format!("{path}/{}", graph::segment(id));
    let gone = |answer: &graph::Exchange| answer.succeeded() || answer.status == 404;
    let delete = ("DELETE", assignment.as_str(), None);
    stage.eventually(Side::Source, delete, gone).await?;
    let worded = again.status == 400 && says(&again, "already exist");
    judged(again.status == 409 || worded, shown(&again))
}

/// Whether the message of an error response contains this text.
fn says(refusal: &graph::Exchange, words: &str) -> bool {
    let message = refusal.response.pointer("/error/message");
    message
        .and_then(Json::as_str)
        .is_some_and(|text| text.contains(words))
}

async fn deletion_of_missing_assignment(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.configuration().await?;
    let path = format!("{}/appRoleAssignedTo", made.principal_path());
    // Formatted like an ID, but no assignment of a service principal that was just created has it.
    let absent = format!("{path}/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let done = stage.ask(Side::Source, "DELETE", &absent, None).await?;
    let worded = done.status == 400 && says(&done, "not found");
    judged(done.status == 404 || worded, shown(&done))
}

async fn ids_of_instantiate(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = format!("/applicationTemplates/{TEMPLATE}/instantiate");
    let body = json!({ "displayName": PREFIX });
    let made = stage.must(Side::Source, "POST", &path, Some(body)).await?;
    let has = |of: &str| made.response[of]["id"].is_string();
    let both = has("application") && has("servicePrincipal");
    judged(both, shown(&made))
}

async fn page_of_assignments(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.configuration().await?;
    let path = format!(
        "{}/appRoleAssignedTo?$top=999&$select=id,principalId",
        made.principal_path()
    );
    let read = stage.get(Side::Source, &path).await?;
    judged(read.succeeded(), shown(&read))
}
