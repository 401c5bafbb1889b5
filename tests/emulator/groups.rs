//! Groups: which groups are copied, the properties and members of their copies, and what ends a copy.

use serde_json::{Value, json};

use crate::client::{
    ADA, COLLABORATORS, CONTOSO, FABRIKAM, GRACE, LINUS_GUEST, PARTNERS, code, column, seed, user,
};
use crate::synchronization::{Scene, entry};

const ALAN: u8 = 3;
const KATHERINE: u8 = 4;

impl Scene {
    /// Group synchronization allowed in the target tenant and the mapping of groups enabled.
    async fn with_groups() -> Self {
        let scene = Self::open().await;
        scene.allow_groups(true).await;
        scene
            .map_groups(|mapping| mapping["enabled"] = json!(true))
            .await;
        scene
    }

    async fn allow_groups(&self, allowed: bool) {
        let policy =
            format!("{PARTNERS}/{CONTOSO}/identitySynchronization").replace("v1.0", "beta");
        let body = json!({ "groupSyncInbound": { "isSyncAllowed": allowed } });
        assert_eq!(self.target.patch(&policy, body).await.0, 204);
    }

    /// Changes the mapping of groups, and returns the response.
    async fn map_groups(&self, change: impl Fn(&mut Value)) -> (u16, Value) {
        let path = format!("{}/schema", self.job);
        let (_, mut schema) = self.source.get(&path).await;
        let rules = schema["synchronizationRules"].as_array_mut().unwrap();
        let mut mappings = rules
            .iter_mut()
            .flat_map(|rule| rule["objectMappings"].as_array_mut().unwrap());
        change(
            mappings
                .find(|it| it["name"] == "Provision Microsoft Entra ID Groups")
                .unwrap(),
        );
        self.source.put(&path, schema).await
    }

    /// Changes the source tenant as another administrator.
    async fn meddle(&self, tenant: &str, path: &str, body: Value) {
        let path = format!("tenants/{tenant}/{path}");
        let (status, said) = self.desk.control("PATCH", &path, body).await;
        assert_eq!(status, 204, "{said}");
    }

    async fn members_become(&self, members: &[u8]) {
        let ids: Vec<String> = members.iter().map(|number| user(*number)).collect();
        let body = json!({ COLLABORATORS: ids });
        self.meddle(CONTOSO, "members", body).await;
    }

    /// The copies in the target tenant.
    async fn copies(&self) -> Vec<Value> {
        let (_, body) = self.target.get("/v1.0/groups").await;
        body["value"].as_array().unwrap().clone()
    }

    async fn copied_members(&self) -> Vec<String> {
        let copies = self.copies().await;
        let id = copies[0]["id"].as_str().unwrap();
        let path = format!("/v1.0/groups/{id}/members/microsoft.graph.user");
        let mut names = column(&self.target.get(&path).await, "displayName");
        names.sort();
        names
    }

    async fn demand_group(&self, members: &[u8]) -> (u16, Value) {
        let members: Vec<Value> = members
            .iter()
            .map(|number| json!({ "objectId": user(*number), "objectTypeName": "User" }))
            .collect();
        let subject = json!({ "objectId": COLLABORATORS, "objectTypeName": "Group", "links": { "members": members } });
        let body =
            json!({ "parameters": [{ "ruleId": self.rule().await, "subjects": [subject] }] });
        let path = format!("{}/provisionOnDemand", self.job);
        self.source.post(&path, body).await
    }
}

#[tokio::test]
async fn an_assigned_group_becomes_a_static_security_group_with_its_direct_members() {
    let scene = Scene::with_groups().await;
    scene.assign(COLLABORATORS).await;
    scene.start().await;
    let copies = scene.copies().await;
    assert_eq!(
        copies.len(),
        1,
        "the nested group is not copied: {copies:?}"
    );
    for (name, value) in [
        ("displayName", json!("Fabrikam collaborators")),
        ("description", json!("People who work with Fabrikam")),
        ("groupTypes", json!([])),
        ("securityEnabled", json!(true)),
        ("mailEnabled", json!(false)),
        ("membershipRule", json!(null)),
    ] {
        assert_eq!(copies[0][name], value, "{name}");
    }
    assert_ne!(copies[0]["id"], COLLABORATORS);
    assert_eq!(
        scene.copied_members().await,
        ["Alan Turing", "Katherine Johnson"]
    );
    // The object is written first, its references afterwards.
    assert_eq!(
        scene.log_of(COLLABORATORS).await,
        [
            entry("update", "success", ""),
            entry("create", "success", "")
        ]
    );
    let (_, log) = scene.source.get("/v1.0/auditLogs/provisioning").await;
    let of_group = |entry: &&Value| entry["sourceIdentity"]["id"] == COLLABORATORS;
    let entries: Vec<&Value> = log["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(of_group)
        .collect();
    for kind in ["sourceIdentity", "targetIdentity"] {
        assert_eq!(entries[0][kind]["identityType"], "Group", "{kind}");
    }
    let counted = &scene.status().await["synchronizedEntryCountByType"];
    assert_eq!(
        counted,
        &json!([{ "key": "User to User", "value": 2 }, { "key": "Group to Group", "value": 1 }])
    );
}

#[tokio::test]
async fn each_missing_switch_keeps_groups_away() {
    let scene = Scene::open().await;
    scene.assign(COLLABORATORS).await;
    scene.allow_groups(true).await;
    scene.start().await;
    assert_eq!(
        scene.log_of(COLLABORATORS).await,
        [entry("other", "skipped", "EntityTypeNotSupported")]
    );
    // Members are synchronized anyway.
    assert_eq!(scene.arrived().await, ["Alan Turing", "Katherine Johnson"]);
    scene.allow_groups(false).await;
    scene
        .map_groups(|mapping| mapping["enabled"] = json!(true))
        .await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.log_of(COLLABORATORS).await[0],
        entry(
            "other",
            "failure",
            "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
        )
    );
    scene.allow_groups(true).await;
    scene.save("true", 500).await;
    let restart = json!({ "criteria": { "resetScope": "Full" } });
    scene
        .source
        .post(&format!("{}/restart", scene.job), restart)
        .await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.log_of(COLLABORATORS).await[0],
        entry("other", "skipped", "NotInProvisioningScope"),
        "not with the scope of all users"
    );
    assert_eq!(scene.copies().await.len(), 0);
}

#[tokio::test]
async fn kinds_of_groups_that_are_left_out_are_named() {
    let kinds = [
        ("role-assignable", json!({ "isAssignableToRole": true }), 2),
        ("mail-enabled security", json!({ "mailEnabled": true }), 2),
        (
            "distribution",
            json!({ "mailEnabled": true, "securityEnabled": false }),
            0,
        ),
        (
            "not enabled for security",
            json!({ "groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false }),
            0,
        ),
    ];
    for (words, change, arriving) in kinds {
        let scene = Scene::with_groups().await;
        scene
            .meddle(CONTOSO, &format!("groups/{COLLABORATORS}"), change)
            .await;
        scene.assign(COLLABORATORS).await;
        scene.start().await;
        assert_eq!(scene.copies().await.len(), 0, "{words}");
        assert_eq!(scene.arrived().await.len(), arriving, "{words}");
        let (_, log) = scene.source.get("/v1.0/auditLogs/provisioning").await;
        assert!(log.to_string().contains(words), "{words}: {log}");
    }
    // Microsoft 365 groups and dynamic groups are in scope.
    let scene = Scene::with_groups().await;
    let unified = json!({ "groupTypes": ["Unified", "DynamicMembership"], "mailEnabled": true, "membershipRule": "x" });
    scene
        .meddle(CONTOSO, &format!("groups/{COLLABORATORS}"), unified)
        .await;
    scene.assign(COLLABORATORS).await;
    scene.start().await;
    let copies = scene.copies().await;
    assert_eq!(
        (&copies[0]["groupTypes"], &copies[0]["mailEnabled"]),
        (&json!([]), &json!(false))
    );
}

#[tokio::test]
async fn members_names_and_drift_follow_the_source_alone() {
    let scene = Scene::with_groups().await;
    scene.assign(COLLABORATORS).await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    scene.members_become(&[ALAN, ADA]).await;
    let rename = json!({ "displayName": "Fabrikam team" });
    scene
        .meddle(CONTOSO, &format!("groups/{COLLABORATORS}"), rename)
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await[0]["displayName"], "Fabrikam team");
    assert_eq!(
        scene.copied_members().await,
        ["Ada Lovelace", "Alan Turing"]
    );
    assert_eq!(
        scene.arrived().await,
        ["Ada Lovelace", "Alan Turing"],
        "Katherine lost her scope"
    );
    // An edit of the copy stays until the source changes.
    let copy = scene.copies().await[0]["id"].as_str().unwrap().to_owned();
    let edit = json!({ "displayName": "Edited", "description": "Edited" });
    scene
        .meddle(FABRIKAM, &format!("groups/{copy}"), edit)
        .await;
    scene
        .meddle(FABRIKAM, "members", json!({ copy.clone(): [] }))
        .await;
    let logged = scene.log_of(COLLABORATORS).await.len();
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await[0]["displayName"], "Edited");
    assert_eq!(scene.copied_members().await.len(), 0);
    assert_eq!(
        scene.log_of(COLLABORATORS).await.len(),
        logged,
        "nothing is logged"
    );
    let rename = json!({ "displayName": "Fabrikam crew" });
    scene
        .meddle(CONTOSO, &format!("groups/{COLLABORATORS}"), rename)
        .await;
    scene.desk.cycle().await;
    let repaired = &scene.copies().await[0];
    assert_eq!(repaired["displayName"], "Fabrikam crew");
    assert_eq!(repaired["description"], "People who work with Fabrikam");
    assert_eq!(
        scene.copied_members().await.len(),
        0,
        "members only by a change of theirs"
    );
    let full = json!({ "criteria": { "resetScope": "Full" } });
    scene
        .source
        .post(&format!("{}/restart", scene.job), full)
        .await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.copied_members().await,
        ["Ada Lovelace", "Alan Turing"]
    );
}

#[tokio::test]
async fn a_member_who_is_not_in_the_target_is_named_and_the_rest_arrives() {
    let scene = Scene::with_groups().await;
    scene.members_become(&[ALAN, LINUS_GUEST]).await;
    scene.assign(COLLABORATORS).await;
    scene.start().await;
    assert_eq!(scene.copied_members().await, ["Alan Turing"]);
    let code = "UnableToResolveReferenceAttributeValue";
    assert_eq!(
        scene.log_of(COLLABORATORS).await[0],
        entry("update", "failure", code)
    );
    let (_, log) = scene.source.get("/v1.0/auditLogs/provisioning").await;
    let mut entries = log["value"].as_array().unwrap().iter();
    let entry = entries
        .find(|entry| entry["provisioningStatusInfo"]["errorInformation"]["errorCode"] == code)
        .unwrap();
    assert!(
        entry["provisioningSteps"]
            .to_string()
            .contains("linus_northwind"),
        "{entry}"
    );
    // A reference that cannot be resolved does not fail the cycle.
    let status = scene.status().await;
    assert_eq!(status["lastExecution"]["state"], "EntryLevelErrors");
    assert!(status["lastSuccessfulExecution"].is_object());
    let logged = scene.log_of(COLLABORATORS).await.len();
    scene.desk.cycle().await;
    assert_eq!(
        scene.log_of(COLLABORATORS).await.len(),
        logged,
        "logged once"
    );
}

#[tokio::test]
async fn managers_are_written_after_both_users() {
    let scene = Scene::open().await;
    scene
        .meddle(
            CONTOSO,
            &format!("users/{}", user(ADA)),
            json!({ "_manager": user(GRACE) }),
        )
        .await;
    scene.assign(&user(ADA)).await;
    scene.start().await;
    let code = "UnableToResolveReferenceAttributeValue";
    assert_eq!(
        scene.log_of(&user(ADA)).await[0],
        entry("update", "failure", code)
    );
    scene.assign(&user(GRACE)).await;
    scene.desk.cycle().await;
    let path = format!("tenants/{FABRIKAM}/users");
    let (_, users) = scene.desk.control("GET", &path, Value::Null).await;
    let named = |name: &str| {
        let mut users = users.as_object().unwrap().values();
        users.find(|user| user["displayName"] == *name).unwrap()
    };
    let (ada, grace) = (named("Ada Lovelace"), named("Grace Hopper"));
    assert_eq!(ada["_manager"], grace["id"]);
    let caller = scene.desk.fabrikam().await;
    let manager = |user: &Value| {
        let id = user["id"].as_str().unwrap();
        format!("/v1.0/users/{id}/manager?$select=id")
    };
    let (status, found) = caller.get(&manager(ada)).await;
    assert_eq!((status, &found["id"]), (200, &grace["id"]));
    assert_eq!(found["@odata.type"], "#microsoft.graph.user");
    let nobody = caller.get(&manager(grace)).await;
    assert_eq!(
        crate::client::code(&nobody),
        (404, "Request_ResourceNotFound")
    );
}

#[tokio::test]
async fn groups_that_leave_are_deleted_and_count_for_the_threshold() {
    let scene = Scene::with_groups().await;
    let assignment = scene.assign(COLLABORATORS).await;
    scene.assign(&user(ALAN)).await;
    scene.assign(&user(KATHERINE)).await;
    scene.start().await;
    assert_eq!(scene.copies().await.len(), 1);
    scene.save("false", 0).await;
    scene.unassign(&assignment).await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.status().await["quarantine"]["reason"],
        "TooManyDeletes"
    );
    assert_eq!(scene.log_of(COLLABORATORS).await[0].0, "stagedDelete");
    let force = json!({ "criteria": { "resetScope": "ForceDeletes, QuarantineState" } });
    scene
        .source
        .post(&format!("{}/restart", scene.job), force)
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await.len(), 0);
    assert_eq!(
        scene.arrived().await.len(),
        2,
        "its members are assigned themselves"
    );
    let deleted = scene
        .target
        .get("/v1.0/directory/deletedItems/microsoft.graph.group")
        .await;
    assert_eq!(
        column(&deleted, "id"),
        Vec::<String>::new(),
        "not to be restored"
    );
}

#[tokio::test]
async fn without_delete_and_without_permission_copies_stay() {
    let scene = Scene::with_groups().await;
    let assignment = scene.assign(COLLABORATORS).await;
    scene.start().await;
    scene.allow_groups(false).await;
    scene.unassign(&assignment).await;
    scene.desk.cycle().await;
    assert_eq!(
        scene.copies().await.len(),
        1,
        "not allowed any more: it stays"
    );
    scene.allow_groups(true).await;
    scene
        .map_groups(|mapping| mapping["flowTypes"] = json!("Add, Update"))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await.len(), 1, "deletions do not flow");
    scene
        .map_groups(|mapping| mapping["enabled"] = json!(false))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await.len(), 1, "disabled again: it stays");
    scene
        .map_groups(|mapping| {
            mapping["enabled"] = json!(true);
            mapping["flowTypes"] = json!("Add, Update, Delete");
        })
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await.len(), 0);
}

#[tokio::test]
async fn mappings_and_filters_of_groups_count() {
    let scene = Scene::with_groups().await;
    scene.assign(COLLABORATORS).await;
    let changed = scene
        .map_groups(|mapping| {
            mapping["attributeMappings"][1]["source"] = json!({ "type": "Function", "name": "Append",
                "expression": "Append([displayName], \" (Contoso)\")", "parameters": [] });
        })
        .await;
    assert_eq!(changed.0, 204, "{}", changed.1);
    scene.start().await;
    assert_eq!(
        scene.copies().await[0]["displayName"],
        "Fabrikam collaborators (Contoso)"
    );
    let filter = |operand: &str, operator: &str| {
        let clause = json!({ "operatorName": operator, "sourceOperandName": operand, "targetOperand": { "values": ["Sales"] } });
        json!({ "groups": [{ "name": "Some", "clauses": [clause] }], "inputFilterGroups": [], "categoryFilterGroups": [] })
    };
    for operand in ["members", "groupTypes", "department"] {
        let refused = scene
            .map_groups(|mapping| mapping["scope"] = filter(operand, "EQUALS"))
            .await;
        assert_eq!(code(&refused), (400, "schemaInvalid"), "{operand}");
    }
    let refused = scene
        .map_groups(|mapping| mapping["scope"] = filter("displayName", "IsMemberOf"))
        .await;
    assert_eq!(code(&refused), (400, "schemaInvalid"));
    let refused = scene
        .map_groups(|mapping| {
            mapping["attributeMappings"][0]["source"]["name"] = json!("displayName");
        })
        .await;
    assert_eq!(
        code(&refused),
        (400, "schemaInvalid"),
        "the matching attribute"
    );
    scene
        .map_groups(|mapping| mapping["scope"] = filter("displayName", "EQUALS"))
        .await;
    scene.desk.cycle().await;
    assert_eq!(scene.copies().await.len(), 0, "filtered out");
    assert_eq!(
        scene.arrived().await.len(),
        2,
        "its members are in scope all the same"
    );
}

#[tokio::test]
async fn the_all_zero_role_is_not_synchronized() {
    let scene = Scene::with_groups().await;
    let assignment = scene.assign(COLLABORATORS).await;
    let nothing = json!({ "appRoleId": "00000000-0000-0000-0000-000000000000" });
    scene
        .meddle(CONTOSO, &format!("assignments/{assignment}"), nothing)
        .await;
    scene.start().await;
    let skipped = [entry("other", "skipped", "NotEffectivelyEntitled")];
    assert_eq!(scene.log_of(COLLABORATORS).await, skipped);
    assert_eq!(scene.log_of(&user(ALAN)).await, skipped);
    let (_, log) = scene.source.get("/v1.0/auditLogs/provisioning").await;
    let mut entries = log["value"].as_array().unwrap().iter();
    let entry = entries
        .find(|entry| entry["sourceIdentity"]["id"] == COLLABORATORS)
        .unwrap();
    let details = &entry["provisioningSteps"][1]["details"];
    assert_eq!(details["Assigned to the application"], "True");
    assert_eq!(details["User has the required role"], "False");
}

#[tokio::test]
async fn a_group_arrives_on_demand_with_five_members_at_most() {
    let scene = Scene::with_groups().await;
    scene.assign(COLLABORATORS).await;
    let (status, answer) = scene.demand_group(&[ALAN]).await;
    assert_eq!(status, 200, "{answer}");
    let text = answer.to_string();
    assert!(
        text.contains("UnableToResolveReferenceAttributeValue"),
        "Alan is not there yet: {text}"
    );
    assert_eq!(scene.copies().await.len(), 1);
    scene.demand(&user(ALAN)).await;
    let (_, answer) = scene.demand_group(&[ALAN]).await;
    assert!(
        answer["key"]
            .as_str()
            .unwrap()
            .ends_with("SyncFabric.StatusInfo"),
        "{answer}"
    );
    assert_eq!(scene.copied_members().await, ["Alan Turing"]);
    let (_, answer) = scene.demand_group(&[ALAN]).await;
    assert!(
        answer["key"].as_str().unwrap().contains("RedundantExport"),
        "{answer}"
    );
    assert_eq!(scene.demand_group(&[1, 2, 3, 4, 7, 8]).await.0, 400);

    let mut seed = seed();
    seed["settings"]["groupsOnDemand"] = json!(false);
    let scene = Scene::seeded(&seed).await;
    assert_eq!(
        code(&scene.demand_group(&[]).await),
        (400, "Request_BadRequest")
    );
}
