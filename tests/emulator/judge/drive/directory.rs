//! The directory: users, groups, phone methods, deleted objects, the organization, the audit log.

use serde_json::{Value, json};

use super::{Caller, NOBODY};

pub(super) async fn drive(me: &Caller) {
    organization(me).await;
    users(me).await;
    phones(me).await;
    groups(me).await;
    deleted(me).await;
    audits(me).await;
}

async fn organization(me: &Caller) {
    let all = me.get("/organization").await;
    let id = all["value"][0]["id"].as_str().unwrap();
    me.get(&format!(
        "/organization/{id}?$select=id,displayName,verifiedDomains"
    ))
    .await;
    let own = format!("/organization/{id}");
    let profile = |contact: Value, statement: Value| json!({ "privacyProfile": { "contactEmail": contact, "statementUrl": statement } });
    let contact = json!("privacy@contoso.example");
    me.patch(
        &own,
        profile(contact, json!("https://contoso.example/privacy")),
    )
    .await;
    let changed = me.get(&own).await;
    assert_eq!(
        changed["privacyProfile"]["contactEmail"],
        "privacy@contoso.example"
    );
    for wrong in ["contoso.example", "ftp://contoso.example"] {
        me.no(400, "PATCH", &own, profile(Value::Null, json!(wrong)))
            .await;
    }
    me.patch(&own, profile(Value::Null, Value::Null)).await;
    assert!(me.get(&own).await["privacyProfile"].is_null());
}

async fn users(me: &Caller) {
    me.get("/users").await;
    me.get("/users?$top=2&$select=id,userPrincipalName&$count=true")
        .await;
    me.get("/users?$filter=startswith(displayName,'a')&$orderby=displayName&$count=true")
        .await;
    me.get("/users?$filter=userType%20eq%20'Guest'%20and%20externalUserState%20eq%20'PendingAcceptance'").await;
    me.get("/users/ada@contoso.example").await;
    me.get("/users/ada%40contoso.example?$select=id,accountEnabled,createdDateTime,identities")
        .await;
    let all = "id,accountEnabled,assignedLicenses,createdDateTime,deletedDateTime,employeeOrgData,\
        externalUserState,identities,onPremisesExtensionAttributes,otherMails,proxyAddresses,userType";
    me.get(&format!("/users?$select={all}")).await;
    me.get("/users?$select=id,signInActivity&$top=2").await;
    me.get("/users/ada@contoso.example/manager?$select=id")
        .await;
    let nobody = "/users/grace@contoso.example/manager";
    me.no(404, "GET", nobody, Value::Null).await;
    if me.beta {
        me.get("/users/ada@contoso.example/profile/accounts").await;
    }
    me.get("/contacts?$select=id,displayName,mail,proxyAddresses&$top=5")
        .await;
    me.patch(
        "/users/ada@contoso.example",
        json!({ "jobTitle": "Analyst", "businessPhones": ["+1 2"],
        "usageLocation": null }),
    )
    .await;
    me.no(404, "GET", &format!("/users/{NOBODY}"), Value::Null)
        .await;
    me.no(
        404,
        "PATCH",
        &format!("/users/{NOBODY}"),
        json!({ "city": "X" }),
    )
    .await;
}

async fn phones(me: &Caller) {
    let methods = "/users/edsger@contoso.example/authentication/phoneMethods";
    let all = me.get(methods).await;
    let id = all["value"][0]["id"].as_str().unwrap();
    let one = format!("{methods}/{id}");
    me.get(&one).await;
    me.post(&format!("{one}/disableSmsSignIn"), Value::Null)
        .await;
    me.get(&one).await;
    me.post(&format!("{one}/enableSmsSignIn"), Value::Null)
        .await;
    me.get("/users/ada@contoso.example/authentication/phoneMethods")
        .await;
    me.no(404, "GET", &format!("{methods}/{NOBODY}"), Value::Null)
        .await;
}

async fn groups(me: &Caller) {
    let all = me.get("/groups").await;
    let id = all["value"][0]["id"].as_str().unwrap();
    me.get("/groups?$filter=displayName eq 'Everyone'&$select=id,displayName")
        .await;
    me.get(&format!("/groups/{id}")).await;
    me.get(&format!("/groups/{id}/members")).await;
    me.get(&format!("/groups/{id}/members?$select=id,displayName"))
        .await;
    me.get(&format!("/groups/{id}/members/microsoft.graph.user"))
        .await;
    me.get(&format!("/groups/{id}/appRoleAssignments")).await;
    me.no(404, "GET", &format!("/groups/{NOBODY}"), Value::Null)
        .await;
    me.no(
        404,
        "GET",
        &format!("/groups/{NOBODY}/members"),
        Value::Null,
    )
    .await;
}

async fn deleted(me: &Caller) {
    let items = "/directory/deletedItems";
    let user = me.get("/users/grace@contoso.example").await;
    let id = user["id"].as_str().unwrap();
    me.delete(&format!("/users/{id}")).await;
    me.no(404, "GET", &format!("/users/{id}"), Value::Null)
        .await;
    // The description has this list; the reference says that its type is required in the path.
    me.no(400, "GET", items, Value::Null).await;
    for kind in ["user", "group", "application", "servicePrincipal"] {
        me.get(&format!("{items}/microsoft.graph.{kind}")).await;
    }
    me.get(&format!(
        "{items}/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime"
    ))
    .await;
    me.get(&format!("{items}/{id}")).await;
    me.post(&format!("{items}/{id}/restore"), json!({})).await;
    me.no(404, "GET", &format!("{items}/{id}"), Value::Null)
        .await;
    me.delete(&format!("/users/{id}")).await;
    me.delete(&format!("{items}/{id}")).await;
    me.no(404, "POST", &format!("{items}/{id}/restore"), json!({}))
        .await;
    me.no(404, "DELETE", &format!("{items}/{id}"), Value::Null)
        .await;
}

async fn audits(me: &Caller) {
    let all = me.get("/auditLogs/directoryAudits").await;
    let id = all["value"][0]["id"].as_str().expect("something happened");
    me.get(&format!("/auditLogs/directoryAudits/{id}")).await;
    me.get("/auditLogs/directoryAudits?$top=1&$filter=category eq 'CrossTenantAccessSettings'")
        .await;
    me.get("/auditLogs/provisioning").await;
    me.no(
        404,
        "GET",
        &format!("/auditLogs/provisioning/{NOBODY}"),
        Value::Null,
    )
    .await;
    me.no(
        404,
        "GET",
        &format!("/auditLogs/directoryAudits/{NOBODY}"),
        Value::Null,
    )
    .await;
}
