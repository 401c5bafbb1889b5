//! Synchronization from the policies to the first users: secrets, connection test, job, schema, on demand, cycle, log.

use crosstenant::emulator::Running;
use serde_json::{Value, json};

use super::{CONTOSO, Caller, FABRIKAM, NOBODY, applications};

const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

pub(super) async fn drive(emulator: &Running, source: &Caller, target: &Caller) {
    let (application, principal) = applications::instantiate(source).await;
    let root = format!("/servicePrincipals/{principal}/synchronization");
    templates(source, &application, &root).await;
    let validate = format!("{root}/jobs/validateCredentials");
    source.refused("POST", &validate, credentials()).await;
    agree(source, target).await;
    source.post(&validate, credentials()).await;
    let job = create(source, &root).await;
    secrets(source, &root).await;
    schema(source, &job).await;
    assign(source, &principal).await;
    run(emulator, source, &job).await;
    logs(source, target).await;
    source.delete(&job).await;
    source.no(404, "GET", &job, Value::Null).await;
    source
        .no(404, "POST", &format!("{job}/start"), Value::Null)
        .await;
    source.no(404, "DELETE", &job, Value::Null).await;
    source.delete(&format!("/applications/{application}")).await;
}

fn credentials() -> Value {
    json!({ "useSavedCredentials": false, "templateId": "Azure2Azure", "credentials": [
        { "key": "CompanyId", "value": FABRIKAM }, { "key": "AuthenticationType", "value": "SyncPolicy" }] })
}

async fn templates(me: &Caller, application: &str, root: &str) {
    me.get(root).await;
    for templates in [
        format!("{root}/templates"),
        format!("/applications/{application}/synchronization/templates"),
    ] {
        let all = me.get(&templates).await;
        let id = all["value"][0]["id"].as_str().unwrap();
        me.get(&format!("{templates}/{id}")).await;
        me.get(&format!("{templates}/{id}/schema")).await;
        me.no(404, "GET", &format!("{templates}/{NOBODY}"), Value::Null)
            .await;
    }
    let schema = format!("{root}/templates/Azure2Azure/schema");
    me.get(&format!("{schema}/filterOperators")).await;
    me.get(&format!("{schema}/functions")).await;
    me.post(
        &format!("{schema}/parseExpression"),
        json!({ "expression": "Join(\"-\", [a], [b])" }),
    )
    .await;
    if me.beta {
        me.get(&format!("{root}/Ping()")).await;
    }
}

async fn agree(source: &Caller, target: &Caller) {
    source.post(PARTNERS, json!({ "tenantId": FABRIKAM })).await;
    let consent = |name: &str| json!({ "automaticUserConsentSettings": { name: true } });
    source
        .patch(
            &format!("{PARTNERS}/{FABRIKAM}"),
            consent("outboundAllowed"),
        )
        .await;
    target.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let partner = format!("{PARTNERS}/{CONTOSO}");
    target.patch(&partner, consent("inboundAllowed")).await;
    let allowed = json!({ "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } });
    target
        .yes(
            "PUT",
            &format!("{partner}/identitySynchronization"),
            allowed,
        )
        .await;
}

/// Creates a job and returns its path.
async fn create(me: &Caller, root: &str) -> String {
    let jobs = format!("{root}/jobs");
    me.get(&jobs).await;
    me.refused("POST", &jobs, json!({ "templateId": "unheardOf" }))
        .await;
    me.refused("POST", &jobs, json!({})).await;
    let job = me.post(&jobs, json!({ "templateId": "Azure2Azure" })).await;
    me.get(&jobs).await;
    me.get(&format!("{jobs}?$select=id,status")).await;
    let job = format!("{jobs}/{}", job["id"].as_str().unwrap());
    me.get(&job).await;
    me.get(&format!("{job}?$select=status,schedule")).await;
    me.patch(&job, json!({ "schedule": { "interval": "PT40M" } }))
        .await;
    me.no(404, "GET", &format!("{jobs}/{NOBODY}"), Value::Null)
        .await;
    job
}

async fn secrets(me: &Caller, root: &str) {
    let secrets = format!("{root}/secrets");
    me.get(&secrets).await;
    let notify = json!({ "Enabled": true, "Recipients": "a@contoso.example", "DeleteThresholdEnabled": true,
        "DeleteThresholdValue": 500, "HumanResourcesLookaheadQueryEnabled": false });
    let value = json!([
        { "key": "AuthenticationType", "value": "SyncPolicy" },
        { "key": "CompanyId", "value": FABRIKAM },
        { "key": "SyncNotificationSettings", "value": notify.to_string() },
        { "key": "SyncAll", "value": "false" },
    ]);
    me.yes("PUT", &secrets, json!({ "value": value })).await;
    me.get(&secrets).await;
    let unknown = json!([{ "key": "NoSuchKey", "value": "x" }]);
    me.refused("PUT", &secrets, json!({ "value": unknown }))
        .await;
    let (root, _) = secrets.rsplit_once('/').unwrap();
    me.refused("PUT", root, json!({ "secretz": value })).await;
}

async fn schema(me: &Caller, job: &str) {
    let schema = format!("{job}/schema");
    let mut document = me.get(&schema).await;
    document
        .as_object_mut()
        .unwrap()
        .shift_remove("@odata.context");
    me.yes("PUT", &schema, document.clone()).await;
    me.patch(&schema, document).await;
    me.get(&schema).await;
    me.refused("PUT", &schema, json!({ "synchronizationRulez": [] }))
        .await;
    me.get(&format!("{schema}/filterOperators")).await;
    me.get(&format!("{schema}/functions")).await;
    let good = json!({ "expression": "Append([mail], \".x\")", "testInputObject": { "properties": [
        { "key": "mail", "value": "ada@contoso.example" }] } });
    me.post(&format!("{schema}/parseExpression"), good).await;
    me.post(
        &format!("{schema}/parseExpression"),
        json!({ "expression": "Nonsense((" }),
    )
    .await;
    let all = me.get(&format!("{schema}/directories")).await;
    let id = all["value"][0]["id"].as_str().unwrap();
    let directory = format!("{schema}/directories/{id}");
    me.get(&directory).await;
    me.post(&format!("{directory}/discover"), Value::Null).await;
    me.no(
        404,
        "GET",
        &format!("{schema}/directories/{NOBODY}"),
        Value::Null,
    )
    .await;
    me.delete(&schema).await;
}

async fn assign(me: &Caller, principal: &str) {
    let resource = me.get(&format!("/servicePrincipals/{principal}")).await;
    let role = resource["appRoles"][0]["id"].as_str().unwrap();
    for name in ["ada", "edsger"] {
        let user = me.get(&format!("/users/{name}@contoso.example")).await;
        let assignment =
            json!({ "appRoleId": role, "resourceId": principal, "principalId": user["id"] });
        me.post(
            &format!("/servicePrincipals/{principal}/appRoleAssignedTo"),
            assignment,
        )
        .await;
    }
}

async fn run(emulator: &Running, me: &Caller, job: &str) {
    let saved = json!({ "useSavedCredentials": true });
    me.post(&format!("{job}/validateCredentials"), saved).await;
    let schema = me.get(&format!("{job}/schema")).await;
    let rule = schema["synchronizationRules"][0]["id"].clone();
    let demand = async |name: &str| {
        let user = me.get(&format!("/users/{name}@contoso.example")).await;
        let subject = json!({ "objectId": user["id"], "objectTypeName": "User" });
        let body = json!({ "parameters": [{ "ruleId": rule, "subjects": [subject] }] });
        me.post(&format!("{job}/provisionOnDemand"), body).await;
    };
    for name in ["ada", "edsger", "alan"] {
        demand(name).await;
    }
    me.refused(
        "POST",
        &format!("{job}/provisionOnDemand"),
        json!({ "parameters": [] }),
    )
    .await;
    me.post(&format!("{job}/start"), Value::Null).await;
    let cycle = format!("{}/_emulator/cycle", emulator.graph_url());
    for scope in ["Full", "Watermark,QuarantineState", "ForceDeletes"] {
        let answer = me.http.post(&cycle).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
        me.get(job).await;
        me.post(
            &format!("{job}/restart"),
            json!({ "criteria": { "resetScope": scope } }),
        )
        .await;
    }
    me.get(job).await;
    me.refused(
        "POST",
        &format!("{job}/restart"),
        json!({ "criteria": { "resetScope": "All" } }),
    )
    .await;
    me.post(&format!("{job}/pause"), Value::Null).await;
    me.get(job).await;
}

async fn logs(source: &Caller, target: &Caller) {
    for me in [source, target] {
        me.get("/auditLogs/directoryAudits").await;
        me.get("/users").await;
    }
    target.get("/users?$filter=userType eq 'Guest' or userType eq 'Member'&$select=id,creationType,externalUserState,identities,userType").await;
    let log = source.get("/auditLogs/provisioning").await;
    let id = log["value"][0]["id"]
        .as_str()
        .expect("something was provisioned");
    source.get(&format!("/auditLogs/provisioning/{id}")).await;
    source
        .get("/auditLogs/provisioning?$top=1&$filter=provisioningAction eq 'create'")
        .await;
}
