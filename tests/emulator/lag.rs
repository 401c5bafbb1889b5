//! Replicas that lag: the effect on reads, lists, references and the engine after a write.

use std::collections::BTreeSet;
use std::time::Duration;

use crosstenant::emulator::Lag;
use serde_json::{Value, json};

use crate::client::{
    ADA, Answer, CONTOSO, Caller, Desk, FABRIKAM, GALLERY, PARTNERS, code, column, quiet, seed,
    user,
};

const SYNC: &str = "identitySynchronization";

/// Long enough that no write reaches a replica during a test.
const LONG: Duration = Duration::from_secs(3_600);

/// Hours pass here, and tokens stay valid.
async fn lagging() -> Desk {
    let mut seed = seed();
    for tenant in seed["tenants"].as_array_mut().unwrap() {
        tenant["apps"][0]["tokenLifetime"] = json!(30 * 86_400);
    }
    let mut options = quiet(&seed);
    options.lag = Lag {
        longest: LONG,
        ..Lag::default()
    };
    Desk::with(options).await
}

async fn advance(desk: &Desk, by: &str) {
    let answer = desk.control("POST", "advance", json!({ "by": by })).await;
    assert_eq!(answer.0, 204);
}

async fn settle(desk: &Desk) -> u64 {
    let answer = desk.control("POST", "settle", Value::Null).await;
    assert_eq!(answer.0, 200);
    answer.1["advanced_ms"].as_u64().unwrap()
}

/// The statuses of thirty reads of a path, which are enough to reach every replica.
async fn statuses(caller: &Caller, path: &str) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    for _ in 0..30 {
        found.insert(caller.get(path).await.0);
    }
    found
}

/// The values in the responses of thirty reads.
async fn values(caller: &Caller, path: &str, of: impl Fn(&Value) -> Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for _ in 0..30 {
        found.insert(of(&caller.get(path).await.1).to_string());
    }
    found
}

#[tokio::test]
async fn creations_are_seen_late_and_unique_at_once() {
    let desk = lagging().await;
    let caller = desk.fabrikam().await;
    let created = caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!((created.0, &created.1["tenantId"]), (201, &json!(CONTOSO)));
    let path = format!("{PARTNERS}/{CONTOSO}");
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([404]));
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [""; 0]);
    let again = caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(again.0, 409, "uniqueness is decided at the primary");
    // A child of the new partner, and a change of it.
    let child = caller
        .put(
            &format!("{path}/{SYNC}"),
            json!({ "displayName": "Contoso" }),
        )
        .await;
    assert_eq!(code(&child), (404, "Directory_ObjectNotFound"));
    let change = caller.patch(&path, json!({ "inboundTrust": null })).await;
    assert_eq!(code(&change), (404, "Directory_ObjectNotFound"));

    advance(&desk, "1h").await;
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
    settle(&desk).await;
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);
    assert_eq!(settle(&desk).await, 0, "there is nothing more to wait for");
}

/// A random replica serves each read: between the shortest and the longest lag, consecutive reads differ.
#[tokio::test]
async fn replicas_disagree_for_a_while() {
    let desk = lagging().await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    let path = format!("{PARTNERS}/{CONTOSO}");
    let mut disagreed = false;
    for _ in 0..60 {
        disagreed |= statuses(&caller, &path).await == BTreeSet::from([200, 404]);
        advance(&desk, "1m").await;
    }
    assert!(disagreed);
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
}

#[tokio::test]
async fn changes_and_deletions_are_seen_late() {
    let desk = lagging().await;
    let caller = desk.fabrikam().await;
    let path = format!("{PARTNERS}/{CONTOSO}");
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    settle(&desk).await;
    let trust = json!({ "isMfaAccepted": true, "isCompliantDeviceAccepted": null, "isHybridAzureADJoinedDeviceAccepted": null });
    assert_eq!(
        caller
            .patch(&path, json!({ "inboundTrust": trust }))
            .await
            .0,
        204
    );
    let mfa = |partner: &Value| partner["inboundTrust"]["isMfaAccepted"].clone();
    let old = BTreeSet::from(["null".to_owned()]);
    assert_eq!(values(&caller, &path, mfa).await, old);
    settle(&desk).await;
    let new = BTreeSet::from(["true".to_owned()]);
    assert_eq!(values(&caller, &path, mfa).await, new);

    assert_eq!(caller.delete(&path).await.0, 204);
    assert_eq!(
        statuses(&caller, &path).await,
        BTreeSet::from([200]),
        "a ghost"
    );
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);
    assert_eq!(caller.delete(&path).await.0, 404, "writes know better");
    settle(&desk).await;
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([404]));
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [""; 0]);
}

/// Two writes of one object: a replica never returns an older version than before.
#[tokio::test]
async fn a_replica_only_moves_forward() {
    let desk = lagging().await;
    desk.control("POST", "lag", json!({ "longest": "1h", "replicas": 1 }))
        .await;
    let caller = desk.fabrikam().await;
    let path = "/v1.0/policies/crossTenantAccessPolicy";
    for name in ["one", "two", "three"] {
        caller.patch(path, json!({ "displayName": name })).await;
        advance(&desk, "7m").await;
    }
    let mut seen = Vec::new();
    for _ in 0..60 {
        seen.push(caller.get(path).await.1["displayName"].clone());
        advance(&desk, "1m").await;
    }
    seen.dedup();
    let order = ["one", "two", "three"].map(|name| json!(name));
    let places: Vec<usize> = seen
        .iter()
        .filter_map(|name| order.iter().position(|known| known == name))
        .collect();
    assert!(places.is_sorted(), "{seen:?}");
    assert_eq!(seen.last(), Some(&json!("three")));
}

/// Two objects of one collection: a list that contains the second also contains the first.
#[tokio::test]
async fn writes_can_be_known_in_their_order() {
    let desk = lagging().await;
    let caller = desk.contoso().await;
    let mut overtaken = [false; 2];
    for (in_order, overtaken) in [false, true].into_iter().zip(&mut overtaken) {
        for seed in 0..8 {
            let lag = json!({ "longest": "1h", "in_order": in_order, "seed": seed });
            assert_eq!(desk.control("POST", "lag", lag).await.0, 204);
            let (_, first) = instantiate(&caller).await;
            let (_, second) = instantiate(&caller).await;
            for _ in 0..12 {
                let listed = column(&caller.get("/v1.0/servicePrincipals").await, "id");
                *overtaken |= listed.contains(&second) && !listed.contains(&first);
                advance(&desk, "10m").await;
            }
            settle(&desk).await;
        }
    }
    assert_eq!(overtaken, [true, false]);
}

async fn instantiate(caller: &Caller) -> (String, String) {
    let path = format!("/v1.0/applicationTemplates/{GALLERY}/instantiate");
    let answer = caller.post(&path, json!({ "displayName": "Sync" })).await;
    assert_eq!(answer.0, 201);
    let id = |name: &str| answer.1[name]["id"].as_str().unwrap().to_owned();
    (id("application"), id("servicePrincipal"))
}

#[tokio::test]
async fn references_are_resolved_at_a_replica() {
    let desk = lagging().await;
    let caller = desk.contoso().await;
    let (application, principal) = instantiate(&caller).await;
    let base = format!("/v1.0/servicePrincipals/{principal}");
    let assign = json!({ "principalId": user(ADA), "resourceId": principal, "appRoleId": "18d14569-c3bd-439b-9a66-3a2aee01d14f" });
    let template = json!({ "templateId": "Azure2Azure" });
    let refused: [Answer; 3] = [
        caller
            .post(&format!("{base}/appRoleAssignedTo"), assign.clone())
            .await,
        caller
            .post(&format!("{base}/synchronization/jobs"), template.clone())
            .await,
        caller
            .put(
                &format!("{base}/synchronization/secrets"),
                json!({ "value": [] }),
            )
            .await,
    ];
    assert_eq!(refused.map(|answer| answer.0), [404; 3]);
    let rename = json!({ "displayName": "Renamed" });
    let mut renames = BTreeSet::new();
    for _ in 0..30 {
        renames.insert(
            caller
                .patch(&format!("/v1.0/applications/{application}"), rename.clone())
                .await
                .0,
        );
    }
    assert_eq!(renames, BTreeSet::from([400, 404]));
    // At some time, a replica has the service principal but not its application.
    let mut backing = false;
    for _ in 0..60 {
        let answer = caller.patch(&base, json!({ "notes": "x" })).await;
        backing |= code(&answer) == (403, "Authorization_RequestDenied");
        advance(&desk, "1m").await;
    }
    assert!(backing);
    settle(&desk).await;
    assert_eq!(
        caller
            .post(&format!("{base}/synchronization/jobs"), template)
            .await
            .0,
        201
    );
    assert_eq!(
        caller
            .post(&format!("{base}/appRoleAssignedTo"), assign.clone())
            .await
            .0,
        201
    );
    let again = caller
        .post(&format!("{base}/appRoleAssignedTo"), assign)
        .await;
    assert_eq!(again.0, 400, "a repeated assignment fails at once");
}

#[tokio::test]
async fn documents_are_read_stale() {
    let desk = lagging().await;
    let caller = desk.contoso().await;
    let (_, principal) = instantiate(&caller).await;
    settle(&desk).await;
    let base = format!("/v1.0/servicePrincipals/{principal}/synchronization");
    let job = caller
        .post(
            &format!("{base}/jobs"),
            json!({ "templateId": "Azure2Azure" }),
        )
        .await;
    let job = format!("{base}/jobs/{}", job.1["id"].as_str().unwrap());
    settle(&desk).await;
    let secrets = json!({ "value": [{ "key": "SyncAll", "value": "true" }] });
    assert_eq!(caller.put(&format!("{base}/secrets"), secrets).await.0, 204);
    let count = |body: &Value| json!(body["value"].as_array().map(Vec::len));
    let none = BTreeSet::from(["0".to_owned()]);
    assert_eq!(
        values(&caller, &format!("{base}/secrets"), count).await,
        none
    );

    let mut schema = caller.get(&format!("{job}/schema")).await.1;
    let enabled =
        |schema: &Value| schema["synchronizationRules"][0]["objectMappings"][0]["enabled"].clone();
    assert_eq!(enabled(&schema), false);
    schema["synchronizationRules"][0]["objectMappings"][0]["enabled"] = json!(true);
    assert_eq!(caller.put(&format!("{job}/schema"), schema).await.0, 204);
    assert_eq!(caller.act(&format!("{job}/start")).await.0, 204);
    let stale = BTreeSet::from(["false".to_owned()]);
    assert_eq!(
        values(&caller, &format!("{job}/schema"), enabled).await,
        stale
    );
    let condition = |job: &Value| job["schedule"]["state"].clone();
    let disabled = BTreeSet::from(["\"Disabled\"".to_owned()]);
    assert_eq!(values(&caller, &job, condition).await, disabled);
    settle(&desk).await;
    let fresh = BTreeSet::from(["true".to_owned()]);
    assert_eq!(
        values(&caller, &format!("{job}/schema"), enabled).await,
        fresh
    );
    let active = BTreeSet::from(["\"Active\"".to_owned()]);
    assert_eq!(values(&caller, &job, condition).await, active);
}

/// Instantiating twice creates two objects, and neither a read nor a search shows the first one.
#[tokio::test]
async fn calls_that_are_not_idempotent_create_two_objects() {
    let desk = lagging().await;
    let caller = desk.contoso().await;
    instantiate(&caller).await;
    let search = "/v1.0/servicePrincipals?$filter=displayName eq 'Sync'";
    assert_eq!(column(&caller.get(search).await, "id").len(), 0);
    instantiate(&caller).await;
    settle(&desk).await;
    assert_eq!(column(&caller.get(search).await, "id").len(), 2);
}

#[tokio::test]
async fn the_engine_sees_policies_later_than_graph_does() {
    let desk = lagging().await;
    let (source, target) = (desk.contoso().await, desk.fabrikam().await);
    let (_, principal) = instantiate(&source).await;
    source.post(PARTNERS, json!({ "tenantId": FABRIKAM, "automaticUserConsentSettings": { "outboundAllowed": true } })).await;
    target.post(PARTNERS, json!({ "tenantId": CONTOSO, "automaticUserConsentSettings": { "inboundAllowed": true } })).await;
    settle(&desk).await;
    let path = format!("{PARTNERS}/{CONTOSO}/{SYNC}");
    let allowed = json!({ "userSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(target.put(&path, allowed).await.0, 204);
    let test =
        format!("/v1.0/servicePrincipals/{principal}/synchronization/jobs/validateCredentials");
    let credentials = json!({ "templateId": "Azure2Azure", "credentials": [
        { "key": "CompanyId", "value": FABRIKAM }, { "key": "AuthenticationType", "value": "SyncPolicy" } ] });
    let refused = source.post(&test, credentials.clone()).await;
    assert_eq!(
        refused.1["error"]["details"][0]["code"],
        "TargetInboundSyncMissing"
    );
    settle(&desk).await;
    assert_eq!(source.post(&test, credentials).await.0, 204);
}

#[tokio::test]
async fn lag_is_switched_at_run_time_and_refuses_nonsense() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let path = format!("{PARTNERS}/{CONTOSO}");
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(caller.get(&path).await.0, 200, "without lag nothing lags");
    let on = json!({ "longest": "1h", "replicas": 5, "seed": 7 });
    assert_eq!(desk.control("POST", "lag", on).await.0, 204);
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
    caller.delete(&path).await;
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
    desk.control("POST", "lag", json!({ "longest": "0s" }))
        .await;
    assert_eq!(caller.get(&path).await.0, 404);
    for wrong in [
        json!({ "longest": "soon" }),
        json!({ "replicas": 0 }),
        json!({ "seed": "x" }),
    ] {
        assert_eq!(desk.control("POST", "lag", wrong).await.0, 400);
    }
}

/// Changes through control paths reach replicas like any other write.
#[tokio::test]
async fn changes_from_outside_lag_too() {
    let desk = lagging().await;
    let caller = desk.fabrikam().await;
    let path = format!("tenants/{FABRIKAM}/partners/{CONTOSO}");
    desk.control("PATCH", &path, json!({ "tenantId": CONTOSO }))
        .await;
    let path = format!("{PARTNERS}/{CONTOSO}");
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([404]));
    desk.control("POST", "settle", Value::Null).await;
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
}

/// A lag of a minute passes within milliseconds, and tokens expire in real time.
#[tokio::test]
async fn the_clock_can_run_faster() {
    let mut options = quiet(&seed());
    options.lag.longest = Duration::from_secs(60);
    options.speed = 6_000;
    let desk = Desk::with(options).await;
    let caller = desk.fabrikam().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let path = format!("{PARTNERS}/{CONTOSO}");
    assert_eq!(statuses(&caller, &path).await, BTreeSet::from([200]));
    tokio::time::sleep(Duration::from_millis(700)).await; // more than an hour
    assert_eq!(caller.get(&path).await.0, 200);
}
