//! Applications: templates, a configuration created from a template, role assignments, deletion.

use serde_json::{Value, json};

use super::{ALL, Caller, NOBODY};

/// Graph's template of cross-tenant synchronization.
const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

pub(super) async fn drive(me: &Caller) {
    let (application, principal) = instantiate(me).await;
    read(me, &application, &principal).await;
    assign(me, &principal).await;
    batch(me, &principal).await;
    me.delete(&format!("/servicePrincipals/{principal}")).await;
    me.delete(&format!("/applications/{application}")).await;
    me.get("/directory/deletedItems/microsoft.graph.application")
        .await;
    me.get("/directory/deletedItems/microsoft.graph.servicePrincipal")
        .await;
    me.no(
        404,
        "GET",
        &format!("/applications/{application}"),
        Value::Null,
    )
    .await;
    me.no(
        404,
        "GET",
        &format!("/servicePrincipals/{principal}"),
        Value::Null,
    )
    .await;
    me.post(
        &format!("/directory/deletedItems/{application}/restore"),
        json!({}),
    )
    .await;
}

/// IDs of the application and its service principal.
pub(super) async fn instantiate(me: &Caller) -> (String, String) {
    me.get("/applicationTemplates").await;
    me.get(&format!("/applicationTemplates/{TEMPLATE}")).await;
    me.get("/applicationTemplates?$filter=displayName eq 'x'&$select=id,displayName")
        .await;
    let path = format!("/applicationTemplates/{TEMPLATE}/instantiate");
    let made = me
        .post(&path, json!({ "displayName": "Contoso to Fabrikam" }))
        .await;
    me.no(
        404,
        "GET",
        &format!("/applicationTemplates/{NOBODY}"),
        Value::Null,
    )
    .await;
    me.no(400, "POST", &path, json!({})).await;
    let id = |kind: &str| made[kind]["id"].as_str().unwrap().to_owned();
    (id("application"), id("servicePrincipal"))
}

async fn read(me: &Caller, application: &str, principal: &str) {
    for (kind, id) in [
        ("applications", application),
        ("servicePrincipals", principal),
    ] {
        me.get(&format!("/{kind}")).await;
        me.get(&format!(
            "/{kind}?$filter=displayName eq 'Contoso to Fabrikam'&$select=id,appId"
        ))
        .await;
        me.get(&format!(
            "/{kind}?$filter=appId eq '{ALL}'&$top=1&$count=true"
        ))
        .await;
        me.get(&format!("/{kind}/{id}")).await;
        me.get(&format!("/{kind}/{id}?$select=id,displayName,appRoles"))
            .await;
        me.get(&format!("/{kind}(appId='{ALL}')")).await;
        me.get(&format!("/{kind}(appId=%27{ALL}%27)?$select=id"))
            .await;
        me.patch(
            &format!("/{kind}/{id}"),
            json!({ "displayName": "Renamed", "notes": "by test" }),
        )
        .await;
        me.get(&format!("/{kind}/{id}")).await;
        me.no(404, "GET", &format!("/{kind}/{NOBODY}"), Value::Null)
            .await;
        me.no(
            404,
            "GET",
            &format!("/{kind}(appId='{NOBODY}')"),
            Value::Null,
        )
        .await;
        me.no(
            404,
            "PATCH",
            &format!("/{kind}/{NOBODY}"),
            json!({ "displayName": "x" }),
        )
        .await;
        me.no(404, "DELETE", &format!("/{kind}/{NOBODY}"), Value::Null)
            .await;
    }
}

async fn assign(me: &Caller, principal: &str) {
    let resource = me.get(&format!("/servicePrincipals/{principal}")).await;
    let role = resource["appRoles"][0]["id"].as_str().unwrap();
    let user = me.get("/users/ada@contoso.example").await;
    let groups = me.get("/groups").await;
    let (user, group) = (
        user["id"].as_str().unwrap(),
        groups["value"][0]["id"].as_str().unwrap(),
    );
    let assignments = format!("/servicePrincipals/{principal}/appRoleAssignedTo");
    let of = |principal_id: &str| json!({ "appRoleId": role, "resourceId": principal, "principalId": principal_id });
    let made = me.post(&assignments, of(user)).await;
    let id = made["id"].as_str().unwrap();
    me.refused("POST", &assignments, of(user)).await;
    me.get(&assignments).await;
    me.get(&format!(
        "{assignments}?$filter=principalId eq {user}&$select=id,principalId"
    ))
    .await;
    me.get(&format!("{assignments}/{id}")).await;
    me.get(&format!("/users/{user}/appRoleAssignments")).await;
    me.get(&format!("/users/{user}/appRoleAssignments/{id}"))
        .await;
    me.delete(&format!("{assignments}/{id}")).await;
    me.no(404, "GET", &format!("{assignments}/{id}"), Value::Null)
        .await;
    me.no(404, "DELETE", &format!("{assignments}/{id}"), Value::Null)
        .await;
    for owner in [format!("/users/{user}"), format!("/groups/{group}")] {
        let own = format!("{owner}/appRoleAssignments");
        let made = me.post(&own, of(owner.rsplit('/').next().unwrap())).await;
        let id = made["id"].as_str().unwrap();
        me.get(&own).await;
        me.get(&format!("{own}/{id}")).await;
        me.delete(&format!("{own}/{id}")).await;
        me.no(404, "GET", &format!("{own}/{id}"), Value::Null).await;
    }
}

async fn batch(me: &Caller, principal: &str) {
    let typed = json!({ "Content-Type": "application/json" });
    let parts = json!([
        { "id": "get", "method": "GET", "url": "/users/ada@contoso.example?$select=id" },
        { "id": "lost", "method": "GET", "url": format!("/users/{NOBODY}") },
        { "id": "waits", "method": "GET", "url": "/organization", "dependsOn": ["lost"] },
        { "id": "change", "method": "PATCH", "url": format!("/servicePrincipals/{principal}"),
            "headers": typed, "body": { "displayName": "In a batch" } },
    ]);
    let answer = me.post("/$batch", json!({ "requests": parts })).await;
    assert_eq!(answer["responses"].as_array().map(Vec::len), Some(4));
}
