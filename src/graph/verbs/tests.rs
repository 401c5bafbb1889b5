use super::*;
use crate::testing::{Script, empty, lost, raw, refuse, reply};
use serde_json::json;
use std::cell::Cell;

const PATH: &str = "/servicePrincipals/1/appRoleAssignedTo";

#[tokio::test(start_paused = true)]
async fn only_a_404_of_graph_itself_means_that_an_object_is_missing() {
    let get = async |answer| Script::of([answer]).client().get("/users/1").await;
    assert_eq!(
        get(refuse(404, "Request_ResourceNotFound")).await.unwrap(),
        None
    );
    assert_eq!(get(empty(204)).await.unwrap(), None);
    assert_eq!(
        get(raw(404, "text/html", "nginx"))
            .await
            .unwrap_err()
            .status(),
        Some(404)
    );
    assert_eq!(
        get(refuse(404, "BadRequest")).await.unwrap_err().status(),
        Some(404)
    );
    assert_eq!(
        get(reply(200, &json!({"id": 1}))).await.unwrap(),
        Some(json!({"id": 1}))
    );
}

#[tokio::test(start_paused = true)]
async fn a_delete_returns_whether_the_object_existed() {
    let gone = || refuse(404, "Request_ResourceNotFound");
    let delete = async |answers: Vec<_>| Script::of(answers).client().delete("/users/1").await;
    assert_eq!(delete(vec![empty(204)]).await.unwrap(), Deleted::Now);
    assert_eq!(delete(vec![gone()]).await.unwrap(), Deleted::Before);
    assert_eq!(delete(vec![lost(), gone()]).await.unwrap(), Deleted::Now);
    assert!(delete(vec![raw(404, "text/html", "nginx")]).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_succeeds_once_the_object_cannot_be_read() {
    let refused = || {
        let message = "Entry being updated or deleted is not found.";
        let error = json!({ "error": { "code": "Request_BadRequest", "message": message } });
        reply(400, &error)
    };
    let there = || reply(200, &json!({ "id": "1" }));
    let gone = || refuse(404, "Request_ResourceNotFound");
    let script = Script::of([refused(), there(), gone()]);
    assert_eq!(script.client().delete(PATH).await.unwrap(), Deleted::Before);

    let script = Script::new(move |sent| {
        if sent.method == "GET" {
            there()
        } else {
            refused()
        }
    });
    let error = script.client().delete(PATH).await.unwrap_err();
    assert_eq!(error.status(), Some(400), "it is still there");

    let script = Script::of([refuse(400, "Request_BadRequest")]);
    assert!(
        script.client().delete(PATH).await.is_err(),
        "not every 400 is looked into"
    );
}

#[tokio::test(start_paused = true)]
async fn a_conflict_with_an_earlier_attempt_is_recognized() {
    let conflict = || refuse(409, "Request_MultipleObjectsWithSameKeyValue");
    let put = async |answers: Vec<_>| {
        Script::of(answers)
            .client()
            .put("/x", &json!({}))
            .await
            .unwrap_err()
    };
    assert!(!put(vec![conflict()]).await.follows_lost_answer());
    let error = put(vec![refuse(503, "x"), conflict()]).await;
    assert!(error.is_conflict() && error.follows_lost_answer());
    let error = put(vec![refuse(429, "x"), conflict()]).await;
    assert!(
        !error.follows_lost_answer(),
        "a throttled request was not carried out"
    );
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_lost_response_is_looked_for() {
    for answer in [
        lost(),
        refuse(504, "x"),
        raw(201, "application/json", "{\"i"),
        empty(201),
    ] {
        let script = Script::of([answer]);
        let looks = Cell::new(0);
        let look = || async {
            looks.set(looks.get() + 1);
            Ok((looks.get() == 3).then(|| json!({"id": "made"})))
        };
        let made = script
            .client()
            .post_once(PATH, &json!({}), Resend::Never, look)
            .await
            .unwrap();
        assert_eq!((made, looks.get()), (json!({"id": "made"}), 3));
        assert_eq!(script.calls(), [format!("POST /v1.0{PATH}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_response_is_not_looked_for() {
    let script = Script::of([reply(201, &json!({"id": "made"}))]);
    let look = || async { panic!("nobody asked") };
    let made = script
        .client()
        .post_once(PATH, &json!({}), Resend::Never, look)
        .await
        .unwrap();
    assert_eq!(made, json!({"id": "made"}));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_result_is_retried_only_if_idempotent() {
    let script = Script::of([lost()]);
    let error = script
        .client()
        .post_once(PATH, &json!({}), Resend::Never, || async { Ok(None) })
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::AnswerLost(lost) if lost.look.is_none()),
        "{error}"
    );
    assert!(error.to_string().contains("connection reset"), "{error}");

    let script = Script::of([lost(), reply(201, &json!({"id": "made"}))]);
    let made = script
        .client()
        .post_once(PATH, &json!({}), Resend::Safe, || async { Ok(None) })
        .await
        .unwrap();
    assert_eq!(made, json!({"id": "made"}));

    let script = Script::new(|_| lost());
    let error = script
        .client()
        .post_once(PATH, &json!({}), Resend::Safe, || async { Ok(None) })
        .await
        .unwrap_err();
    assert!(matches!(error, Error::AnswerLost(_)), "{error}");
    assert_eq!(script.sent().len(), 4, "bounded by the retries");
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_of_an_earlier_attempt_is_the_result() {
    for status in [400, 409] {
        let script = Script::of([lost(), refuse(status, "Request_BadRequest")]);
        // Visible only after the second attempt failed.
        let look = || async { Ok((script.sent().len() > 1).then(|| json!({"id": "made"}))) };
        let client = script.client();
        let made = client
            .post_once(PATH, &json!({}), Resend::Safe, look)
            .await
            .unwrap();
        assert_eq!(made, json!({"id": "made"}));
        let written = client.written();
        assert_eq!(written.len(), 1, "another replica may not know of it yet");
    }
    // A duplicate by another client is not a success.
    let script = Script::of([refuse(409, "Conflict")]);
    let error = script
        .client()
        .post_once("/tenants", &json!({}), Resend::Safe, || async { panic!() })
        .await;
    assert!(error.unwrap_err().is_conflict());
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_search_is_reported_with_the_lost_response() {
    let script = Script::of([lost(), refuse(403, "Authorization_RequestDenied")]);
    let client = script.client();
    let look = || client.get("/users/1");
    let error = client
        .post_once(PATH, &json!({}), Resend::Safe, look)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::AnswerLost(lost) if lost.look.is_some()),
        "{error}"
    );
    assert!(
        error.to_string().contains("Authorization_RequestDenied"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_can_be_made_from_any_thread() {
    fn sendable<F: Future + Send>(future: F) -> F {
        future
    }
    let script = Script::of([
        lost(),
        reply(200, &json!({"value": [{"id": "1"}]})),
        empty(204),
    ]);
    let client = script.client();
    let path = PATH.to_owned();
    let made = sendable(async {
        let look = || async { Ok(client.list(&path).await?.pop()) };
        let made = client
            .post_once(&path, &json!({}), Resend::Safe, look)
            .await;
        client.delete(&path).await.unwrap();
        client.batch_get(&[]).await.unwrap();
        made
    });
    assert_eq!(made.await.unwrap(), json!({"id": "1"}));
}

#[tokio::test(start_paused = true)]
async fn beta_is_another_root_and_null_is_not_a_body() {
    let script = Script::new(|_| empty(204));
    let client = script.client();
    client
        .get("beta:/policies/externalIdentitiesPolicy")
        .await
        .unwrap();
    client
        .post("/x/start", &Json::Null, Resend::Safe)
        .await
        .unwrap();
    client
        .patch("/y", &json!({"b": 1, "a": null}))
        .await
        .unwrap();
    assert_eq!(
        script.calls(),
        [
            "GET /beta/policies/externalIdentitiesPolicy",
            "POST /v1.0/x/start",
            "PATCH /v1.0/y"
        ]
    );
    assert_eq!(script.sent()[1].body, Json::Null);
    assert_eq!(script.sent()[2].body.to_string(), r#"{"b":1,"a":null}"#);
}
