//! Gallery applications, service principals and app role assignments.

use serde_json::{Value, json};

use crate::client::{
    ADA, COLLABORATORS, Caller, Desk, GALLERY, GRACE, NOBODY, code, column, quiet, seed, user,
};

/// A new configuration: application ID, client ID, service principal ID, and the assignable role.
pub(crate) struct Configuration {
    pub(crate) application: String,
    pub(crate) client: String,
    pub(crate) principal: String,
    pub(crate) role: String,
}

pub(crate) async fn configuration(caller: &Caller, name: &str) -> Configuration {
    let path = format!("/v1.0/applicationTemplates/{GALLERY}/instantiate");
    let (status, body) = caller.post(&path, json!({ "displayName": name })).await;
    assert_eq!(status, 201, "{body}");
    let text = |part: &str, name: &str| body[part][name].as_str().unwrap().to_owned();
    let roles = body["servicePrincipal"]["appRoles"].as_array().unwrap();
    let role = roles
        .iter()
        .find(|role| role["displayName"] == "msiam_access")
        .unwrap();
    Configuration {
        application: text("application", "id"),
        client: text("application", "appId"),
        principal: text("servicePrincipal", "id"),
        role: role["id"].as_str().unwrap().to_owned(),
    }
}

impl Configuration {
    pub(crate) fn assigned_to(&self) -> String {
        format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            self.principal
        )
    }

    pub(crate) fn assignment(&self, principal: &str) -> Value {
        json!({ "principalId": principal, "resourceId": self.principal, "appRoleId": self.role })
    }

    pub(crate) async fn assign(&self, caller: &Caller, principal: &str) -> String {
        let (status, body) = caller
            .post(&self.assigned_to(), self.assignment(principal))
            .await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_instantiation_makes_another_pair() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let first = configuration(&caller, "Contoso to Fabrikam").await;
    let second = configuration(&caller, "Contoso to Fabrikam").await;
    assert_ne!(first.principal, second.principal);
    let (_, principal) = caller
        .get(&format!("/v1.0/servicePrincipals/{}", first.principal))
        .await;
    assert_eq!(
        (&principal["appRoleAssignmentRequired"], &principal["appId"]),
        (&json!(true), &json!(first.client))
    );
    assert_eq!(
        principal["tags"],
        json!(["WindowsAzureActiveDirectoryIntegratedApp"])
    );
    assert!(
        principal["homepage"]
            .as_str()
            .unwrap()
            .contains("metadata=aad2aadsync")
    );
    assert!(principal.get("_owners").is_none(), "notes stay inside");
    let found = caller
        .get(&format!(
            "/v1.0/servicePrincipals?$filter=applicationTemplateId eq '{GALLERY}'"
        ))
        .await;
    assert_eq!(
        column(&found, "displayName"),
        ["Contoso to Fabrikam", "Contoso to Fabrikam"]
    );
    let by_client = format!("/v1.0/servicePrincipals(appId='{}')", first.client);
    assert_eq!(caller.get(&by_client).await.1["id"], json!(first.principal));
    let path = format!("/v1.0/applicationTemplates/{GALLERY}/instantiate");
    assert_eq!(caller.post(&path, json!({})).await.0, 400);
    assert_eq!(
        caller
            .post(&path, json!({ "displayName": "x", "color": "red" }))
            .await
            .0,
        400
    );
    assert_eq!(
        caller
            .post(
                &path.replace(GALLERY, NOBODY),
                json!({ "displayName": "x" })
            )
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn a_rename_reaches_the_service_principal() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let made = configuration(&caller, "Old").await;
    let application = format!("/v1.0/applications/{}", made.application);
    assert_eq!(
        caller
            .patch(&application, json!({ "displayName": "New" }))
            .await
            .0,
        204
    );
    assert_eq!(caller.get(&application).await.1["displayName"], "New");
    let principal = format!("/v1.0/servicePrincipals/{}", made.principal);
    assert_eq!(caller.get(&principal).await.1["displayName"], "New");
    assert_eq!(
        caller
            .patch(
                &principal,
                json!({ "notes": "kept", "accountEnabled": false })
            )
            .await
            .0,
        204
    );
    assert_eq!(caller.get(&principal).await.1["notes"], "kept");
    assert_eq!(
        caller.patch(&principal, json!({ "appId": NOBODY })).await.0,
        400
    );
    assert_eq!(
        caller
            .patch(&application, json!({ "displayName": "" }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn deleting_the_application_takes_its_service_principal_along() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let made = configuration(&caller, "Gone").await;
    assert_eq!(
        caller
            .delete(&format!("/v1.0/applications/{}", made.application))
            .await
            .0,
        204
    );
    assert_eq!(
        caller
            .get(&format!("/v1.0/servicePrincipals/{}", made.principal))
            .await
            .0,
        404
    );
    let deleted = caller
        .get("/v1.0/directory/deletedItems/microsoft.graph.servicePrincipal")
        .await;
    assert_eq!(column(&deleted, "id"), [made.principal.as_str()]);
    // Each is restored separately.
    let principal = format!("/v1.0/servicePrincipals/{}", made.principal);
    for (id, status) in [(&made.application, 404), (&made.principal, 200)] {
        let restore = format!("/v1.0/directory/deletedItems/{id}/restore");
        assert_eq!(caller.act(&restore).await.0, 200);
        assert_eq!(caller.get(&principal).await.0, status);
    }
    assert_eq!(
        caller
            .delete(&format!("/v1.0/servicePrincipals/{}", made.principal))
            .await
            .0,
        204
    );
    assert_eq!(
        caller
            .get(&format!("/v1.0/applications/{}", made.application))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn assignments_are_checked_and_seen_from_both_sides() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let made = configuration(&caller, "Sync").await;
    let (status, body) = caller
        .post(&made.assigned_to(), made.assignment(&user(ADA)))
        .await;
    assert_eq!(
        (
            status,
            &body["principalType"],
            &body["principalDisplayName"]
        ),
        (201, &json!("User"), &json!("Ada Lovelace"))
    );
    assert_eq!(body["resourceDisplayName"], "Sync");
    let again = caller
        .post(&made.assigned_to(), made.assignment(&user(ADA)))
        .await;
    assert_eq!(code(&again), (400, "Request_BadRequest"));
    assert_eq!(
        again.1["error"]["message"],
        "Permission being assigned already exists on the object"
    );
    let group = caller
        .post(
            &format!("/v1.0/groups/{COLLABORATORS}/appRoleAssignments"),
            made.assignment(COLLABORATORS),
        )
        .await;
    assert_eq!((group.0, &group.1["principalType"]), (201, &json!("Group")));
    assert_eq!(
        caller.get(&made.assigned_to()).await.1["value"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let mine = format!("/v1.0/users/{}/appRoleAssignments", user(ADA));
    assert_eq!(
        column(&caller.get(&mine).await, "resourceId"),
        [made.principal.as_str()]
    );
    let beta = caller.get(&mine.replace("v1.0", "beta")).await;
    assert!(beta.1["value"][0]["creationTimestamp"].is_string());
    let id = body["id"].as_str().unwrap();
    assert_eq!(
        caller.get(&format!("{}/{id}", made.assigned_to())).await.0,
        200
    );
    assert_eq!(
        caller
            .delete(&format!("{}/{id}", made.assigned_to()))
            .await
            .0,
        204
    );
    assert_eq!(caller.delete(&format!("{mine}/{id}")).await.0, 404);
}

#[tokio::test]
async fn wrong_assignments_are_refused() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let made = configuration(&caller, "Sync").await;
    let mut body = made.assignment(&user(GRACE));
    for (name, value, status) in [
        ("principalId", json!(NOBODY), 400),
        ("appRoleId", json!(NOBODY), 400),
        (
            "appRoleId",
            json!("00000000-0000-0000-0000-000000000000"),
            400,
        ),
        ("appRoleId", Value::Null, 400),
        ("resourceId", json!(NOBODY), 400),
        ("principalId", json!("x"), 400),
        ("principalType", json!("User"), 400),
    ] {
        let mut wrong = body.clone();
        wrong[name] = value.clone();
        assert_eq!(
            caller.post(&made.assigned_to(), wrong).await.0,
            status,
            "{name} {value}"
        );
    }
    body["resourceId"] = json!(NOBODY);
    assert_eq!(
        caller
            .post(
                &format!("/v1.0/users/{}/appRoleAssignments", user(GRACE)),
                body
            )
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn owned_by_reaches_only_what_the_caller_made() {
    let mut seed = seed();
    seed["tenants"][0]["apps"].as_array_mut().unwrap().push(json!({
        "clientId": "0d000000-0000-4000-8000-000000000001", "displayName": "Owner", "secrets": ["s"],
        "permissions": ["Application.ReadWrite.OwnedBy"],
    }));
    let desk = Desk::seeded(&seed).await;
    let (everybody, owner) = (
        desk.contoso().await,
        desk.caller(
            "contoso.example",
            "0d000000-0000-4000-8000-000000000001",
            "s",
        )
        .await,
    );
    let (theirs, own) = (
        configuration(&everybody, "Theirs").await,
        configuration(&owner, "Own").await,
    );
    let jobs = |made: &Configuration| {
        format!(
            "/v1.0/servicePrincipals/{}/synchronization/jobs",
            made.principal
        )
    };
    assert_eq!(owner.get(&jobs(&own)).await.0, 200);
    assert_eq!(owner.get(&jobs(&theirs)).await.0, 403);
    let application = |made: &Configuration| format!("/v1.0/applications/{}", made.application);
    assert_eq!(
        owner.get(&application(&theirs)).await.0,
        200,
        "reading is allowed"
    );
    assert_eq!(owner.delete(&application(&theirs)).await.0, 403);
    assert_eq!(owner.delete(&application(&own)).await.0, 204);
}

#[tokio::test]
async fn new_objects_appear_after_the_delay() {
    let mut options = quiet(&seed());
    options.visibility_delay = std::time::Duration::from_secs(30);
    let desk = Desk::with(options).await;
    let caller = desk.contoso().await;
    let made = configuration(&caller, "Late").await;
    let principal = format!("/v1.0/servicePrincipals/{}", made.principal);
    assert_eq!(caller.get(&principal).await.0, 404);
    assert_eq!(
        caller
            .get(&format!(
                "/v1.0/servicePrincipals?$filter=appId eq '{}'",
                made.client
            ))
            .await
            .1["value"],
        json!([])
    );
    assert_eq!(
        caller
            .post(&made.assigned_to(), made.assignment(&user(ADA)))
            .await
            .0,
        404
    );
    let mine = format!("/v1.0/users/{}/appRoleAssignments", user(ADA));
    assert_eq!(caller.post(&mine, made.assignment(&user(ADA))).await.0, 404);
    desk.control("POST", "advance", json!({ "by": "31s" }))
        .await;
    assert_eq!(caller.get(&principal).await.0, 200);
    made.assign(&caller, &user(ADA)).await;
    assert_eq!(
        caller.get(&made.assigned_to()).await.1["value"],
        json!([]),
        "not yet"
    );
    assert_eq!(
        caller
            .post(&made.assigned_to(), made.assignment(&user(ADA)))
            .await
            .0,
        400,
        "but it is there"
    );
    desk.control("POST", "advance", json!({ "by": "31s" }))
        .await;
    assert_eq!(
        caller.get(&made.assigned_to()).await.1["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
