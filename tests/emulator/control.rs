//! The journal, faults, batches, changes by others, and reset.

use serde_json::{Value, json};

use crate::client::{CONTOSO, CONTOSO_SECRET, Desk, FABRIKAM, PARTNERS, column, quiet, seed, user};

#[tokio::test]
async fn the_journal_tells_what_happened_and_no_secrets() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    desk.contoso().await;
    caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    caller.get(&format!("{PARTNERS}?$top=5")).await;
    let journal = desk.journal().await;
    let text = Value::Array(journal.clone()).to_string();
    assert!(!text.contains(CONTOSO_SECRET) && !text.contains(&caller.token));
    let post = journal
        .iter()
        .find(|entry| entry["method"] == "POST" && entry["path"] == PARTNERS)
        .unwrap();
    for (name, value) in [
        ("tenant", json!(FABRIKAM)),
        ("status", json!(201)),
        ("request_body", json!({ "tenantId": CONTOSO })),
        ("batch", Value::Null),
    ] {
        assert_eq!(post[name], value, "{name}");
    }
    assert_eq!(post["response_body"]["tenantId"], CONTOSO);
    assert!(
        post["connection"].is_u64() && post["duration_ms"].is_u64() && post["time"].is_string()
    );
    let last = journal.last().unwrap();
    assert_eq!(
        (&last["path"], &last["query"]),
        (&json!(PARTNERS), &json!("$top=5"))
    );
    assert_eq!(
        last["connection"], post["connection"],
        "connections are kept"
    );
    let since = last["index"].as_u64().unwrap();
    let later = desk
        .control("GET", &format!("requests?since={since}"), Value::Null)
        .await
        .1;
    assert_eq!(later.as_array().unwrap().len(), 1);
    desk.control("DELETE", "requests", Value::Null).await;
    assert_eq!(desk.journal().await, Vec::<Value>::new());
}

#[tokio::test]
async fn ordered_faults_strike_and_end() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let order = json!([
        { "method": "GET", "path": PARTNERS, "kind": "throttle", "retry_after": 7 },
        { "method": "GET", "path": "/v1.0/policies/*", "kind": "status", "status": 503, "count": 2, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT" },
    ]);
    assert_eq!(desk.control("POST", "faults", order).await.0, 204);
    let throttled = caller.request("GET", PARTNERS).send().await.unwrap();
    assert_eq!(
        (
            throttled.status().as_u16(),
            throttled.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "7")
    );
    let dated = caller.request("GET", PARTNERS).send().await.unwrap();
    assert_eq!(
        dated.headers()["retry-after"].to_str().unwrap(),
        "Wed, 21 Oct 2026 07:28:00 GMT"
    );
    let body: Value = dated.json().await.unwrap();
    assert_eq!(body["error"]["code"], "ServiceUnavailable");
    assert_eq!(caller.get(PARTNERS).await.0, 503);
    assert_eq!(caller.get(PARTNERS).await.0, 200);
    assert_eq!(
        desk.control("POST", "faults", json!({ "kind": "earthquake" }))
            .await
            .0,
        400
    );
    desk.control("POST", "faults", json!({ "kind": "throttle", "count": 9 }))
        .await;
    desk.control("DELETE", "faults", Value::Null).await;
    assert_eq!(caller.get(PARTNERS).await.0, 200);
}

#[tokio::test]
async fn broken_connections_lose_the_request_or_only_the_answer() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let lost = |kind: &str| json!({ "method": "POST", "path": PARTNERS, "kind": kind });
    desk.control("POST", "faults", lost("reset_before")).await;
    let post = || {
        caller
            .request("POST", PARTNERS)
            .json(&json!({ "tenantId": CONTOSO }))
            .send()
    };
    assert!(post().await.is_err());
    assert_eq!(caller.get(PARTNERS).await.1["value"], json!([]));
    desk.control("POST", "faults", lost("reset_after")).await;
    assert!(post().await.is_err());
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);
    let statuses: Vec<Value> = desk
        .journal()
        .await
        .iter()
        .filter(|entry| entry["method"] == "POST" && entry["path"] == PARTNERS)
        .map(|entry| entry["status"].clone())
        .collect();
    assert_eq!(statuses, [0, 0]);
}

#[tokio::test]
async fn answers_can_be_mangled() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    for kind in ["truncate", "not_json", "empty"] {
        desk.control("POST", "faults", json!({ "path": PARTNERS, "kind": kind }))
            .await;
        let answer = caller.request("GET", PARTNERS).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let text = answer.text().await;
        match kind {
            "truncate" => assert!(text.is_err()),
            "not_json" => assert!(text.unwrap().starts_with("<html>")),
            _ => assert_eq!(text.unwrap(), ""),
        }
    }
    desk.control(
        "POST",
        "faults",
        json!({ "path": PARTNERS, "kind": "delay", "delay_ms": 30 }),
    )
    .await;
    assert_eq!(caller.get(PARTNERS).await.0, 200);
    let last = desk.journal().await.pop().unwrap();
    assert!(last["duration_ms"].as_u64().unwrap() >= 30);
    assert_eq!(last["fault"], "delay");
}

#[tokio::test]
async fn sign_in_can_fail_too() {
    let desk = Desk::open().await;
    desk.control(
        "POST",
        "faults",
        json!({ "path": "*/oauth2/v2.0/token", "kind": "status", "status": 500 }),
    )
    .await;
    assert_eq!(
        desk.sign_in(CONTOSO, crate::client::CONTOSO_APP, CONTOSO_SECRET)
            .await
            .0,
        500
    );
    assert_eq!(
        desk.sign_in(CONTOSO, crate::client::CONTOSO_APP, CONTOSO_SECRET)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn batches_answer_each_part_by_itself() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    desk.control(
        "POST",
        "faults",
        json!({ "path": "/v1.0/organization", "kind": "throttle", "retry_after": 3 }),
    )
    .await;
    let headers = json!({ "Content-Type": "application/json" });
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": format!("/users/{}?$select=displayName", user(1)) },
        { "id": "2", "method": "GET", "url": "/organization" },
        { "id": "3", "method": "POST", "url": "/policies/crossTenantAccessPolicy/partners", "headers": headers, "body": { "tenantId": FABRIKAM } },
        { "id": "4", "method": "GET", "url": "/organization", "dependsOn": ["2"] },
        { "id": "5", "method": "POST", "url": "/policies/crossTenantAccessPolicy/partners", "body": { "tenantId": CONTOSO } },
    ]});
    let (status, body) = caller.post("/v1.0/$batch", batch).await;
    assert_eq!(status, 200);
    let part = |id: &str| {
        body["responses"]
            .as_array()
            .unwrap()
            .iter()
            .find(|part| part["id"] == id)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&part("1")["status"], &part("1")["body"]["displayName"]),
        (&json!(200), &json!("Ada Lovelace"))
    );
    assert_eq!(
        (&part("2")["status"], &part("2")["headers"]["Retry-After"]),
        (&json!(429), &json!("3"))
    );
    assert_eq!(
        (
            &part("3")["status"],
            &part("4")["status"],
            &part("5")["status"]
        ),
        (&json!(201), &json!(424), &json!(400))
    );
    let journal = desk.journal().await;
    let outer = journal
        .iter()
        .find(|entry| entry["path"] == "/v1.0/$batch")
        .unwrap();
    assert_eq!(
        journal
            .iter()
            .filter(|entry| entry["batch"] == outer["index"])
            .count(),
        4,
        "the one that never ran is missing"
    );
    let twenty_one: Vec<Value> = (0..21)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/organization" }))
        .collect();
    for wrong in [
        json!({}),
        json!({ "requests": [] }),
        json!({ "requests": twenty_one }),
        json!({ "requests": [{ "id": "a", "method": "GET", "url": "/users" }, { "id": "A", "method": "GET", "url": "/users" }] }),
        json!({ "requests": [{ "id": "a", "method": "GET", "url": "/users", "dependsOn": ["b"] }] }),
    ] {
        assert_eq!(
            caller.post("/v1.0/$batch", wrong.clone()).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn tenants_can_be_seen_and_changed_from_outside() {
    let desk = Desk::open().await;
    let caller = desk.contoso().await;
    let tenants = desk.control("GET", "tenants", Value::Null).await.1;
    assert_eq!(
        (&tenants[0]["tenantId"], &tenants[0]["users"]),
        (&json!(CONTOSO), &json!(9))
    );
    let all = desk
        .control("GET", "tenants/contoso.example", Value::Null)
        .await
        .1;
    assert_eq!(
        all["apps"][0]["secrets"],
        json!([]),
        "nothing secret is shown"
    );
    let ada = format!("tenants/{CONTOSO}/users/{}", user(1));
    assert_eq!(
        desk.control("PATCH", &ada, json!({ "city": "Turin" }))
            .await
            .0,
        204
    );
    assert_eq!(
        caller
            .get(&format!("/v1.0/users/{}?$select=city", user(1)))
            .await
            .1["city"],
        "Turin"
    );
    assert_eq!(
        desk.control("GET", &format!("{ada}/city"), Value::Null)
            .await
            .1,
        json!("Turin")
    );
    assert_eq!(desk.control("DELETE", &ada, Value::Null).await.0, 204);
    assert_eq!(caller.get(&format!("/v1.0/users/{}", user(1))).await.0, 404);
    assert_eq!(
        desk.control(
            "PATCH",
            &format!("tenants/{CONTOSO}"),
            json!({ "users": 7 })
        )
        .await
        .0,
        400
    );
    assert_eq!(desk.control("POST", "reset", Value::Null).await.0, 204);
    assert_eq!(
        caller.get(&format!("/v1.0/users/{}", user(1))).await.0,
        200,
        "the token outlives a reset"
    );
    assert_eq!(desk.control("GET", "nonsense", Value::Null).await.0, 404);
}

#[tokio::test]
async fn bad_seeds_are_explained() {
    let mut seed = seed();
    seed["tenants"][0]["groups"][0]["members"] = json!(["nobody@contoso.example"]);
    let why = crosstenant::emulator::start(quiet(&seed))
        .await
        .unwrap_err();
    assert!(why.contains("nobody@contoso.example"), "{why}");
    let mut options = quiet(&crate::client::seed());
    options.listen = "0.0.0.0:0".parse().unwrap();
    assert!(
        crosstenant::emulator::start(options)
            .await
            .unwrap_err()
            .contains("--allow-remote")
    );
}
