//! Jobs from creation to deletion, and the users that they synchronize between tenants.

use serde_json::{Value, json};

use crate::applications::{Configuration, configuration};
use crate::client::{
    ADA, COLLABORATORS, CONTOSO, Caller, Desk, EDSGER_SMS, FABRIKAM, GRACE, LINUS_GUEST, NOBODY,
    PARTNERS, code, column, quiet, seed, user,
};

/// Both tenants, a configuration between them, and its job.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    pub(crate) source: Caller,
    pub(crate) target: Caller,
    pub(crate) made: Configuration,
    pub(crate) job: String,
}

impl Scene {
    pub(crate) async fn open() -> Self {
        Self::seeded(&seed()).await
    }

    pub(crate) async fn seeded(seed: &Value) -> Self {
        Self::at(Desk::seeded(seed).await).await
    }

    async fn at(desk: Desk) -> Self {
        let (source, target) = (desk.contoso().await, desk.fabrikam().await);
        let made = configuration(&source, "Contoso to Fabrikam").await;
        agree(&source, &target).await;
        let root = format!("/v1.0/servicePrincipals/{}/synchronization", made.principal);
        let (status, body) = source
            .post(
                &format!("{root}/jobs"),
                json!({ "templateId": "Azure2Azure" }),
            )
            .await;
        assert_eq!(status, 201, "{body}");
        let job = format!("{root}/jobs/{}", body["id"].as_str().unwrap());
        let scene = Self {
            desk,
            source,
            target,
            made,
            job,
        };
        scene.save("false", 500).await;
        scene
    }

    pub(crate) fn root(&self) -> String {
        format!(
            "/v1.0/servicePrincipals/{}/synchronization",
            self.made.principal
        )
    }

    pub(crate) async fn save(&self, all: &str, threshold: u64) {
        let settings = json!({ "DeleteThresholdValue": threshold, "DeleteThresholdEnabled": true, "Enabled": false }).to_string();
        let secrets = json!({ "value": [
            { "key": "AuthenticationType", "value": "SyncPolicy" },
            { "key": "CompanyId", "value": FABRIKAM },
            { "key": "SyncNotificationSettings", "value": settings },
            { "key": "SyncAll", "value": all },
        ]});
        let answer = self
            .source
            .put(&format!("{}/secrets", self.root()), secrets)
            .await;
        assert_eq!(answer, (204, Value::Null));
    }

    /// Starts the job and runs its first cycle.
    pub(crate) async fn start(&self) {
        assert_eq!(
            self.source.act(&format!("{}/start", self.job)).await,
            (204, Value::Null)
        );
        self.desk.cycle().await;
    }

    pub(crate) async fn assign(&self, principal: &str) -> String {
        self.made.assign(&self.source, principal).await
    }

    pub(crate) async fn unassign(&self, id: &str) {
        assert_eq!(
            self.source
                .delete(&format!("{}/{id}", self.made.assigned_to()))
                .await
                .0,
            204
        );
    }

    pub(crate) async fn status(&self) -> Value {
        self.source.get(&self.job).await.1["status"].clone()
    }

    /// Names of the users who were synchronized from the source tenant.
    pub(crate) async fn arrived(&self) -> Vec<String> {
        let path =
            "/v1.0/users?$filter=creationType eq 'Invitation'&$select=displayName,creationType";
        let mut names = column(&self.target.get(path).await, "displayName");
        names.sort();
        names
    }

    pub(crate) async fn arrival(&self, name: &str) -> Value {
        let path = format!("/beta/users?$filter=displayName eq '{name}'");
        self.target.get(&path).await.1["value"][0].clone()
    }

    /// Newest entries first, as action, status and error code.
    async fn log(&self, user: u8) -> Vec<(String, String, String)> {
        self.log_of(&crate::client::user(user)).await
    }

    pub(crate) async fn log_of(&self, object: &str) -> Vec<(String, String, String)> {
        let (_, body) = self
            .source
            .get("/v1.0/auditLogs/provisioning?$top=500")
            .await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mine = body["value"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["sourceIdentity"]["id"] == *object);
        mine.map(|entry| {
            let info = &entry["provisioningStatusInfo"];
            (
                text(&entry["provisioningAction"]),
                text(&info["status"]),
                text(&info["errorInformation"]["errorCode"]),
            )
        })
        .collect()
    }

    pub(crate) async fn rule(&self) -> String {
        let (_, schema) = self.source.get(&format!("{}/schema", self.job)).await;
        schema["synchronizationRules"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn demand(&self, user: &str) -> (u16, Value) {
        let subjects = json!([{ "objectId": user, "objectTypeName": "User" }]);
        let body = json!({ "parameters": [{ "ruleId": self.rule().await, "subjects": subjects }] });
        self.source
            .post(&format!("{}/provisionOnDemand", self.job), body)
            .await
    }
}

async fn agree(source: &Caller, target: &Caller) {
    target.post(PARTNERS, json!({ "tenantId": CONTOSO, "automaticUserConsentSettings": { "inboundAllowed": true } })).await;
    let policy = format!("{PARTNERS}/{CONTOSO}/identitySynchronization");
    target
        .put(
            &policy,
            json!({ "userSyncInbound": { "isSyncAllowed": true } }),
        )
        .await;
    source.post(PARTNERS, json!({ "tenantId": FABRIKAM, "automaticUserConsentSettings": { "outboundAllowed": true } })).await;
}

pub(crate) fn entry(action: &str, status: &str, code: &str) -> (String, String, String) {
    (action.to_owned(), status.to_owned(), code.to_owned())
}

#[tokio::test]
async fn the_connection_test_names_each_side_that_lacks_something() {
    let desk = Desk::open().await;
    let (source, target) = (desk.contoso().await, desk.fabrikam().await);
    let made = configuration(&source, "Sync").await;
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/validateCredentials",
        made.principal
    );
    let body = |tenant: &str| {
        json!({ "useSavedCredentials": false, "templateId": "Azure2Azure", "credentials": [
            { "key": "CompanyId", "value": tenant }, { "key": "AuthenticationType", "value": "SyncPolicy" } ] })
    };
    let failed = source.post(&path, body(FABRIKAM)).await;
    assert_eq!(
        code(&failed),
        (400, "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure")
    );
    let details = |answer: &(u16, Value)| -> Vec<String> {
        answer.1["error"]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| detail["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        details(&failed),
        [
            "SourceOutboundConsentMissing",
            "TargetInboundConsentMissing",
            "TargetInboundSyncMissing"
        ]
    );
    agree(&source, &target).await;
    assert_eq!(source.post(&path, body(FABRIKAM)).await, (204, Value::Null));
    let policy = format!("{PARTNERS}/{CONTOSO}/identitySynchronization");
    target
        .patch(
            &policy,
            json!({ "userSyncInbound": { "isSyncAllowed": false } }),
        )
        .await;
    assert_eq!(
        details(&source.post(&path, body(FABRIKAM)).await),
        ["TargetInboundSyncMissing"]
    );
    assert_eq!(
        code(&source.post(&path, body(NOBODY)).await),
        (400, "ExternalTenantNotFound")
    );
    assert_eq!(
        source
            .post(
                &path,
                json!({ "credentials": [{ "key": "Nonsense", "value": "" }] })
            )
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn the_older_code_is_a_setting() {
    let mut seed = seed();
    seed["settings"]["oldValidationCode"] = json!(true);
    let scene = Scene::seeded(&seed).await;
    scene
        .target
        .patch(
            &format!("{PARTNERS}/{CONTOSO}"),
            json!({ "automaticUserConsentSettings": null }),
        )
        .await;
    let answer = scene
        .source
        .post(
            &format!("{}/validateCredentials", scene.job),
            json!({ "useSavedCredentials": true }),
        )
        .await;
    assert_eq!(
        code(&answer),
        (400, "AzureDirectoryB2BManagementPolicyCheckFailure")
    );
}

#[tokio::test]
async fn a_new_job_is_disabled_and_a_started_one_has_a_placeholder() {
    let scene = Scene::open().await;
    let (_, job) = scene.source.get(&scene.job).await;
    assert_eq!(
        job["schedule"],
        json!({ "expiration": null, "interval": "PT40M", "state": "Disabled" })
    );
    assert_eq!(
        (&job["status"]["code"], &job["status"]["lastExecution"]),
        (&json!("Paused"), &Value::Null)
    );
    assert_eq!(
        job["status"]["steadyStateFirstAchievedTime"],
        "0001-01-01T00:00:00Z"
    );
    assert!(
        job["id"]
            .as_str()
            .unwrap()
            .starts_with("Azure2Azure.3f1c8a526d0b4c1e9c550a7d2b9e4f10.")
    );
    scene.source.act(&format!("{}/start", scene.job)).await;
    let (_, job) = scene.source.get(&scene.job).await;
    assert_eq!(
        (&job["schedule"]["state"], &job["status"]["code"]),
        (&json!("Active"), &json!("NotRun"))
    );
    let last = &job["status"]["lastExecution"];
    assert_eq!(
        (&last["state"], &last["error"]["code"], &last["timeEnded"]),
        (
            &json!("Failed"),
            &json!("None"),
            &json!("0001-01-01T00:00:00Z")
        )
    );
    scene.desk.cycle().await;
    let status = scene.status().await;
    assert_eq!(
        (&status["code"], &status["lastExecution"]["state"]),
        (&json!("Active"), &json!("Succeeded"))
    );
    assert_ne!(
        status["steadyStateFirstAchievedTime"],
        "0001-01-01T00:00:00Z"
    );
    assert_eq!(
        scene.source.act(&format!("{}/pause", scene.job)).await.0,
        204
    );
    assert_eq!(scene.status().await["code"], "Paused");
    assert_eq!(scene.desk.cycle().await, json!([]), "paused jobs rest");
}

#[tokio::test]
async fn jobs_follow_their_rules() {
    let scene = Scene::open().await;
    let jobs = format!("{}/jobs", scene.root());
    assert_eq!(scene.source.post(&jobs, json!({})).await.0, 400);
    assert_eq!(
        scene
            .source
            .post(&jobs, json!({ "templateId": "Other" }))
            .await
            .0,
        400
    );
    assert_eq!(
        scene
            .source
            .post(&jobs, json!({ "templateId": "Azure2Azure" }))
            .await
            .0,
        201,
        "a second one"
    );
    assert_eq!(
        column(&scene.source.get(&jobs).await, "templateId").len(),
        2
    );
    assert_eq!(
        scene
            .source
            .patch(&scene.job, json!({ "schedule": { "interval": "PT10M" } }))
            .await
            .0,
        400
    );
    assert_eq!(scene.source.delete(&scene.job).await.0, 204);
    assert_eq!(scene.source.get(&scene.job).await.0, 404);
    let app = scene
        .source
        .get("/v1.0/servicePrincipals?$filter=displayName eq 'Terraform in Contoso'")
        .await;
    let other = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs",
        app.1["value"][0]["id"].as_str().unwrap()
    );
    assert_eq!(
        scene
            .source
            .post(&other, json!({ "templateId": "Azure2Azure" }))
            .await
            .0,
        400,
        "no gallery application"
    );
}

#[tokio::test]
async fn secrets_replace_each_other_and_hide_credentials() {
    let scene = Scene::open().await;
    let path = format!("{}/secrets", scene.root());
    let (_, stored) = scene.source.get(&path).await;
    let value = |key: &str, body: &Value| {
        let secrets = body["value"].as_array().unwrap();
        secrets
            .iter()
            .find(|secret| secret["key"] == key)
            .map(|secret| secret["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(value("CompanyId", &stored).as_deref(), Some(FABRIKAM));
    let settings = value("SyncNotificationSettings", &stored).unwrap();
    assert!(
        settings.starts_with("{\"Enabled\""),
        "the server orders as it likes: {settings}"
    );
    scene.source.put(&path, json!({ "value": [{ "key": "SecretToken", "value": "hush" }, { "key": "SyncAll", "value": "true" }] })).await;
    let (_, stored) = scene.source.get(&path).await;
    assert_eq!(value("SecretToken", &stored).as_deref(), Some("*"));
    assert_eq!(
        (
            value("SyncAll", &stored).as_deref(),
            value("CompanyId", &stored)
        ),
        (Some("true"), None)
    );
    for wrong in [
        json!({}),
        json!({ "value": [{ "key": "Nonsense", "value": "" }] }),
        json!({ "value": [{ "key": "SyncAll", "value": "perhaps" }] }),
        json!({ "value": [{ "key": "CompanyId", "value": "x" }] }),
        json!({ "value": [{ "key": "SyncNotificationSettings", "value": "{" }] }),
        json!({ "value": [{ "key": "SyncAll", "value": "true" }, { "key": "SyncAll", "value": "true" }] }),
    ] {
        assert_eq!(
            scene.source.put(&path, wrong.clone()).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn assigned_internal_users_arrive_and_others_are_skipped_with_a_reason() {
    let scene = Scene::open().await;
    for principal in [
        user(ADA),
        user(EDSGER_SMS),
        user(LINUS_GUEST),
        COLLABORATORS.to_owned(),
    ] {
        scene.assign(&principal).await;
    }
    scene.start().await;
    // Donald is only a member of a nested group.
    assert_eq!(
        scene.arrived().await,
        ["Ada Lovelace", "Alan Turing", "Katherine Johnson"]
    );
    let ada = scene.arrival("Ada Lovelace").await;
    for (name, value) in [
        (
            "userPrincipalName",
            json!("ada_contoso.example#EXT#@fabrikam.example"),
        ),
        ("mail", json!("ada@contoso.example")),
        ("userType", json!("Member")),
        ("creationType", json!("Invitation")),
        ("externalUserState", json!("Accepted")),
        ("showInAddressList", json!(true)),
        ("department", json!("Research")),
        ("accountEnabled", json!(true)),
    ] {
        assert_eq!(ada[name], value, "{name}");
    }
    assert_eq!(scene.log(ADA).await, [entry("create", "success", "")]);
    assert_eq!(
        scene.log(GRACE).await,
        [entry("other", "skipped", "NotEffectivelyEntitled")]
    );
    for skipped in [EDSGER_SMS, LINUS_GUEST] {
        assert_eq!(
            scene.log(skipped).await,
            [entry("other", "skipped", "NotInProvisioningScope")]
        );
    }
    let status = scene.status().await;
    assert_eq!(
        status["synchronizedEntryCountByType"],
        json!([{ "key": "User to User", "value": 3 }])
    );
    assert_eq!(status["lastExecution"]["countExported"], 3);
}

#[tokio::test]
async fn a_second_cycle_is_silent_and_changes_flow() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    scene.desk.cycle().await;
    assert_eq!(scene.log(ADA).await.len(), 1);
    scene
        .source
        .patch(
            &format!("/v1.0/users/{}", user(ADA)),
            json!({ "city": "Paris" }),
        )
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrival("Ada Lovelace").await["city"], "Paris");
    scene
        .source
        .patch(
            &format!("/v1.0/users/{}", user(ADA)),
            json!({ "accountEnabled": false }),
        )
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrival("Ada Lovelace").await["accountEnabled"], false);
    let actions: Vec<String> = scene
        .log(ADA)
        .await
        .into_iter()
        .map(|(action, ..)| action)
        .collect();
    assert_eq!(actions, ["disable", "update", "create"]);
}

#[tokio::test]
async fn leaving_scope_deletes_softly_and_returning_restores() {
    let scene = Scene::open().await;
    let assignment = scene.assign(&user(ADA)).await;
    scene.start().await;
    let id = scene.arrival("Ada Lovelace").await["id"].clone();
    scene.unassign(&assignment).await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, Vec::<String>::new());
    let deleted = scene
        .target
        .get("/v1.0/directory/deletedItems/microsoft.graph.user")
        .await;
    assert_eq!(column(&deleted, "id"), [id.as_str().unwrap()]);
    scene.assign(&user(ADA)).await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.arrival("Ada Lovelace").await["id"],
        id,
        "the same user"
    );
    scene
        .source
        .delete(&format!("/v1.0/users/{}", user(ADA)))
        .await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.arrived().await,
        Vec::<String>::new(),
        "deleted at home"
    );
}

/// Documented for members of assigned groups: a user who is disabled in both tenants stays when the assignment is removed.
#[tokio::test]
async fn a_disabled_user_who_is_unassigned_stays() {
    let scene = Scene::open().await;
    let (ada, grace) = (
        scene.assign(&user(ADA)).await,
        scene.assign(&user(GRACE)).await,
    );
    scene.start().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace", "Grace Hopper"]);
    let path = format!("/v1.0/users/{}", user(ADA));
    let disabled = json!({ "accountEnabled": false });
    assert_eq!(scene.source.patch(&path, disabled).await.0, 204);
    scene.desk.cycle().await;
    assert_eq!(scene.arrival("Ada Lovelace").await["accountEnabled"], false);
    scene.unassign(&ada).await;
    scene.unassign(&grace).await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn a_user_deleted_by_hand_is_not_restored() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    let id = scene.arrival("Ada Lovelace").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    scene.target.delete(&format!("/v1.0/users/{id}")).await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, Vec::<String>::new());
    // A user who left and was permanently deleted is provisioned again.
    scene
        .target
        .delete(&format!("/v1.0/directory/deletedItems/{id}"))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn deleting_job_or_agreement_leaves_the_users() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    scene.source.delete(&scene.job).await;
    scene
        .source
        .delete(&format!("/v1.0/applications/{}", scene.made.application))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn without_agreement_the_job_goes_into_quarantine() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    let policy = format!("{PARTNERS}/{CONTOSO}/identitySynchronization");
    scene
        .target
        .patch(
            &policy,
            json!({ "userSyncInbound": { "isSyncAllowed": false } }),
        )
        .await;
    scene.start().await;
    let status = scene.status().await;
    assert_eq!(status["code"], "Quarantine");
    assert_eq!(
        status["quarantine"]["reason"],
        "EncounteredQuarantineException"
    );
    assert_eq!(
        status["quarantine"]["error"]["code"],
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    );
    assert_eq!(status["lastExecution"]["state"], "Failed");
    assert_eq!(scene.arrived().await, Vec::<String>::new());
    scene
        .target
        .patch(
            &policy,
            json!({ "userSyncInbound": { "isSyncAllowed": true } }),
        )
        .await;
    scene.start().await;
    assert_eq!(
        (
            scene.status().await["quarantine"].clone(),
            scene.arrived().await.len()
        ),
        (Value::Null, 1)
    );
}

#[tokio::test]
async fn without_invitations_each_user_fails() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    let policy = "/v1.0/policies/authorizationPolicy";
    scene
        .target
        .patch(policy, json!({ "allowInvitesFrom": "none" }))
        .await;
    scene.start().await;
    assert_eq!(
        scene.log(ADA).await,
        [entry("other", "failure", "AzureActiveDirectoryForbidden")]
    );
    let status = scene.status().await;
    assert_eq!(
        (
            &status["lastExecution"]["state"],
            &status["lastExecution"]["countEscrowed"]
        ),
        (&json!("EntryLevelErrors"), &json!(1))
    );
    scene
        .target
        .patch(policy, json!({ "allowInvitesFrom": "everyone" }))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn too_many_deletions_are_staged_until_they_are_forced() {
    let scene = Scene::open().await;
    let assignment = scene.assign(COLLABORATORS).await;
    scene.start().await;
    scene.save("false", 1).await;
    scene.unassign(&assignment).await;
    scene.desk.cycle().await;
    let status = scene.status().await;
    assert_eq!(
        (&status["code"], &status["quarantine"]["reason"]),
        (&json!("Quarantine"), &json!("TooManyDeletes"))
    );
    assert_eq!(scene.arrived().await.len(), 2);
    assert_eq!(scene.log(3).await[0], entry("stagedDelete", "success", ""));
    let restart = json!({ "criteria": { "resetScope": "ForceDeletes, QuarantineState" } });
    assert_eq!(
        scene
            .source
            .post(&format!("{}/restart", scene.job), restart)
            .await,
        (204, Value::Null)
    );
    scene.desk.cycle().await;
    assert_eq!(
        (
            scene.arrived().await.len(),
            scene.status().await["code"].clone()
        ),
        (0, json!("Active"))
    );
    let wrong = json!({ "criteria": { "resetScope": "Everything" } });
    assert_eq!(
        scene
            .source
            .post(&format!("{}/restart", scene.job), wrong)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn a_change_of_scope_waits_for_a_restart() {
    let scene = Scene::open().await;
    scene.save("true", 500).await;
    scene.start().await;
    assert_eq!(
        scene.arrived().await.len(),
        7,
        "everyone but the guest and the one with SMS sign-in"
    );
    scene.save("false", 500).await;
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await.len(), 7);
    assert_eq!(
        scene.source.act(&format!("{}/restart", scene.job)).await.0,
        204
    );
    scene.desk.cycle().await;
    assert_eq!(scene.arrived().await.len(), 0);
}

#[tokio::test]
async fn one_user_arrives_on_demand() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    let (status, body) = scene.demand(&user(ADA)).await;
    assert_eq!(status, 200, "{body}");
    assert!(
        body["key"]
            .as_str()
            .unwrap()
            .ends_with("SyncFabric.StatusInfo")
    );
    let value: Value = serde_json::from_str(body["value"].as_str().unwrap()).unwrap();
    let steps: Vec<&str> = value[0]["provisioningSteps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        ["Import", "Scoping", "Matching", "Processing", "Export"]
    );
    assert!(
        value[0]["modifiedProperties"]
            .as_array()
            .unwrap()
            .iter()
            .any(|change| change["displayName"] == "mail")
    );
    assert_eq!(scene.arrived().await, ["Ada Lovelace"]);
    let result =
        |body: &Value| serde_json::from_str::<Value>(body["key"].as_str().unwrap()).unwrap();
    let (_, unassigned) = scene.demand(&user(GRACE)).await;
    assert_eq!(result(&unassigned)["result"], "Skipped");
    assert_eq!(
        result(&unassigned)["details"]["errorCode"],
        "NotEffectivelyEntitled"
    );
    assert_eq!(
        result(&scene.demand(&user(ADA)).await.1)["details"]["errorCode"],
        "RedundantExport"
    );
    assert_eq!(scene.demand(NOBODY).await.0, 404);
    let wrong = json!({ "parameters": [{ "ruleId": NOBODY, "subjects": [{ "objectId": user(ADA), "objectTypeName": "User" }] }] });
    assert_eq!(
        scene
            .source
            .post(&format!("{}/provisionOnDemand", scene.job), wrong)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn published_limits_are_enforced_unless_the_seed_lifts_them() {
    let mut seed = seed();
    seed["settings"]["limits"] = json!(true);
    let scene = Scene::seeded(&seed).await;
    for _ in 0..5 {
        assert_eq!(scene.demand(&user(ADA)).await.0, 200);
    }
    let refused = scene
        .source
        .request("POST", &format!("{}/provisionOnDemand", scene.job))
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=10).contains(&wait));
    scene
        .desk
        .control("POST", "advance", json!({ "by": "11s" }))
        .await;
    assert_eq!(scene.demand(&user(ADA)).await.0, 200);
}

#[tokio::test]
async fn pending_guests_are_accepted_on_demand() {
    let mut seed = seed();
    seed["tenants"][1]["users"].as_array_mut().unwrap().push(json!({
        "userPrincipalName": "grace_contoso.example#EXT#@fabrikam.example", "displayName": "Grace Hopper",
        "mail": "grace@contoso.example", "userType": "Guest", "creationType": "Invitation",
        "externalUserState": "PendingAcceptance", "homeUser": "grace@contoso.example",
    }));
    let scene = Scene::seeded(&seed).await;
    scene.assign(&user(GRACE)).await;
    assert_eq!(scene.demand(&user(GRACE)).await.0, 200);
    let grace = scene.arrival("Grace Hopper").await;
    assert_eq!(
        (&grace["externalUserState"], &grace["userType"]),
        (&json!("Accepted"), &json!("Guest")),
        "the type of existing users stays"
    );
    assert_eq!(scene.arrived().await, ["Grace Hopper"], "no second one");
}

#[tokio::test]
async fn cycles_run_by_themselves() {
    let mut options = quiet(&seed());
    options.first_cycle = std::time::Duration::ZERO;
    let scene = Scene::at(Desk::with(options).await).await;
    scene.assign(&user(ADA)).await;
    scene.source.act(&format!("{}/start", scene.job)).await;
    for _ in 0..500 {
        if !scene.arrived().await.is_empty() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody arrived: {}", scene.status().await);
}

#[tokio::test]
async fn progress_is_seen_while_the_initial_cycle_takes_its_time() {
    let mut options = quiet(&seed());
    options.first_cycle = std::time::Duration::ZERO;
    options.cycle_duration = std::time::Duration::from_secs(3_600);
    let scene = Scene::at(Desk::with(options).await).await;
    scene.assign(&user(ADA)).await;
    scene.source.act(&format!("{}/start", scene.job)).await;
    let mut progress = Value::Null;
    for _ in 0..500 {
        progress = scene.status().await["progress"][0].clone();
        if !progress.is_null() {
            break;
        }
    }
    assert_eq!(
        (&progress["totalUnits"], &progress["completedUnits"]),
        (&json!(9), &json!(0))
    );
    scene
        .desk
        .control("POST", "advance", json!({ "by": "61m" }))
        .await;
    for _ in 0..500 {
        if scene.desk.contoso().await.get(&scene.job).await.1["status"]["code"] == "Active" {
            return;
        }
    }
    panic!("the cycle never ended");
}

#[tokio::test]
async fn both_tenants_have_audit_entries() {
    let scene = Scene::open().await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    let source = scene.source.get("/v1.0/auditLogs/directoryAudits?$filter=loggedByService eq 'Account Provisioning' and activityDisplayName eq 'Export'").await;
    assert!(
        column(&source, "id")
            .iter()
            .all(|id| id.starts_with("Sync_"))
    );
    assert_eq!(column(&source, "category"), ["ProvisioningManagement"]);
    let target = scene
        .target
        .get("/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Add user'")
        .await;
    assert_eq!(
        target.1["value"][0]["initiatedBy"]["app"]["displayName"],
        "Microsoft.Azure.SyncFabric"
    );
    let filter = format!(
        "contains(tolower(servicePrincipal/id),'{}') and activityDateTime gt 2020-01-01",
        scene.made.principal
    );
    let entries = scene
        .source
        .get(&format!(
            "/v1.0/auditLogs/provisioning?$filter={filter}&$orderby=activityDateTime desc"
        ))
        .await;
    assert_eq!(entries.1["value"].as_array().unwrap().len(), 9);
    let id = entries.1["value"][0]["id"].as_str().unwrap();
    assert_eq!(
        scene
            .source
            .get(&format!("/v1.0/auditLogs/provisioning/{id}"))
            .await
            .0,
        200
    );
}
