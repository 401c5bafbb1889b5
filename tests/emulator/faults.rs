//! Faults of connections, tokens and time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{CONTOSO, CONTOSO_APP, CONTOSO_SECRET, Desk, PARTNERS, code, column};

async fn order(desk: &Desk, order: Value) {
    assert_eq!(desk.control("POST", "faults", order).await.0, 204);
}

#[tokio::test]
async fn an_answer_can_break_off_or_stop_in_the_middle_of_its_json() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    order(
        &desk,
        json!({ "method": "POST", "path": PARTNERS, "kind": "reset_during" }),
    )
    .await;
    let post = caller
        .request("POST", PARTNERS)
        .json(&json!({ "tenantId": CONTOSO }));
    let answer = post.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert!(answer.text().await.is_err());
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);

    let path = format!("{PARTNERS}/{CONTOSO}");
    order(
        &desk,
        json!({ "method": "PATCH", "path": path, "kind": "reset_during" }),
    )
    .await;
    let change = caller
        .request("PATCH", &path)
        .json(&json!({ "isServiceProvider": true }));
    let lost = match change.send().await {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(lost, "an answer without a body can break off as well");
    assert_eq!(caller.get(&path).await.1["isServiceProvider"], true);

    order(&desk, json!({ "path": PARTNERS, "kind": "half_json" })).await;
    let text = caller.request("GET", PARTNERS).send().await.unwrap();
    let text = text.text().await.unwrap();
    assert!(text.starts_with('{') && serde_json::from_str::<Value>(&text).is_err());

    order(&desk, json!({ "path": PARTNERS, "kind": "content_type" })).await;
    let answer = caller.request("GET", PARTNERS).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert!(serde_json::from_str::<Value>(&answer.text().await.unwrap()).is_ok());
}

#[tokio::test]
async fn a_connection_that_is_reset_does_not_end_in_an_orderly_way() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    for kind in ["reset_before", "reset_during", "reset_after"] {
        order(&desk, json!({ "path": PARTNERS, "kind": kind })).await;
        let asked = caller.request("GET", PARTNERS).send().await;
        let why = match asked {
            Ok(answer) => answer.bytes().await.unwrap_err(),
            Err(why) => why,
        };
        let mut cause: &dyn std::error::Error = &why;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let cause = cause.to_string();
        assert!(cause.contains("reset by peer"), "{kind}: {cause}");
    }
}

#[tokio::test]
async fn a_gateway_can_answer_although_everything_was_done() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    order(
        &desk,
        json!([
            { "method": "POST", "path": PARTNERS, "kind": "gateway" },
            { "method": "PATCH", "kind": "gateway", "status": 502 },
        ]),
    )
    .await;
    let made = caller.post(PARTNERS, json!({ "tenantId": CONTOSO })).await;
    assert_eq!(code(&made), (504, "GatewayTimeout"));
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);

    let path = format!("{PARTNERS}/{CONTOSO}");
    let url = path.trim_start_matches("/v1.0");
    let part = json!({
        "id": "1", "method": "PATCH", "url": url, "body": { "isServiceProvider": true },
        "headers": { "Content-Type": "application/json" },
    });
    let answer = caller
        .post("/v1.0/$batch", json!({ "requests": [part] }))
        .await
        .1;
    assert_eq!(answer["responses"][0]["status"], 502);
    assert_eq!(caller.get(&path).await.1["isServiceProvider"], true);
}

#[tokio::test]
async fn an_answer_can_trickle() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    order(
        &desk,
        json!({ "path": PARTNERS, "kind": "trickle", "delay_ms": 60 }),
    )
    .await;
    let began = Instant::now();
    let mut answer = caller.request("GET", PARTNERS).send().await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = answer.chunk().await.unwrap() {
        pieces.push(piece);
    }
    assert!(pieces.len() > 5, "{pieces:?}");
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert!(serde_json::from_slice::<Value>(&pieces.concat()).is_ok());
}

#[tokio::test]
async fn connections_are_refused_for_a_limited_time() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    order(
        &desk,
        json!({ "path": PARTNERS, "kind": "refuse", "delay_ms": 300 }),
    )
    .await;
    let address = desk.url("").trim_start_matches("http://").to_owned();
    let taken = || std::net::TcpListener::bind(&address).is_err();
    let began = Instant::now();
    assert!(caller.request("GET", PARTNERS).send().await.is_err());
    let mut refusals = 0;
    let answer = loop {
        match reqwest::Client::new()
            .get(desk.url(PARTNERS))
            .bearer_auth(&caller.token)
            .send()
            .await
        {
            Ok(answer) => break answer,
            Err(why) => {
                assert!(why.is_connect(), "{why:?}");
                assert!(taken(), "nobody else may have the port meanwhile");
                refusals += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    assert_eq!(answer.status(), 200);
    assert!(
        refusals > 0 && began.elapsed() >= Duration::from_millis(250),
        "{refusals}"
    );
    assert!(taken(), "nor afterwards");
    order(
        &desk,
        json!({ "path": PARTNERS, "kind": "refuse", "delay_ms": 1 }),
    )
    .await;
    assert!(caller.request("GET", PARTNERS).send().await.is_err());
    while caller.request("GET", PARTNERS).send().await.is_err() {
        assert!(taken(), "nor the second time");
    }
}

#[tokio::test]
async fn tokens_end_early() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    assert_eq!(caller.get(PARTNERS).await.0, 200);
    order(&desk, json!({ "path": PARTNERS, "kind": "expire" })).await;
    let expired = (401, "InvalidAuthenticationToken");
    assert_eq!(code(&caller.get(PARTNERS).await), expired);
    assert_eq!(
        code(&caller.get(PARTNERS).await),
        expired,
        "for this token for good"
    );
    assert_eq!(desk.fabrikam().await.get(PARTNERS).await.0, 200);

    order(
        &desk,
        json!({ "path": "*/token", "kind": "skew", "delay_ms": 3_600_000 }),
    )
    .await;
    let (status, token) = desk.sign_in(CONTOSO, CONTOSO_APP, CONTOSO_SECRET).await;
    assert_eq!((status, &token["expires_in"]), (200, &json!(3_600)));
    let mut skewed = desk.contoso().await;
    token["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut skewed.token);
    assert_eq!(code(&skewed.get(PARTNERS).await), expired);
}

#[tokio::test]
async fn listings_lag_behind_creations_and_deletions() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    let lag = json!({ "method": "GET", "path": PARTNERS, "kind": "stale", "count": 1 });
    order(&desk, lag.clone()).await;
    assert_eq!(
        caller
            .post(PARTNERS, json!({ "tenantId": CONTOSO }))
            .await
            .0,
        201
    );
    let path = format!("{PARTNERS}/{CONTOSO}");
    assert_eq!(
        caller.get(&path).await.0,
        200,
        "the object itself can be read"
    );
    assert!(column(&caller.get(PARTNERS).await, "tenantId").is_empty());
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);

    order(&desk, lag).await;
    assert_eq!(caller.delete(&path).await.0, 204);
    assert_eq!(caller.get(&path).await.0, 404);
    assert_eq!(column(&caller.get(PARTNERS).await, "tenantId"), [CONTOSO]);
    assert!(column(&caller.get(PARTNERS).await, "tenantId").is_empty());
}

#[tokio::test]
async fn parts_of_batches_can_be_left_alone() {
    let desk = Desk::open().await;
    let caller = desk.fabrikam().await;
    order(
        &desk,
        json!([
            { "path": "/v1.0/organization", "kind": "throttle", "parts": false },
            { "path": "/v1.0/organization", "kind": "reset_after" },
        ]),
    )
    .await;
    let batch = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/organization" }] });
    let answer = caller.post("/v1.0/$batch", batch).await.1;
    assert_eq!(
        answer["responses"][0]["status"], 200,
        "a part has no connection to lose"
    );
    assert_eq!(caller.get("/v1.0/organization").await.0, 429);
}
