use super::*;
use crate::testing::{Script, Sent, refuse, reply};

/// Responds to each item of a batch by `rule`, the last item first.
fn each(sent: &Sent, mut rule: impl FnMut(&str) -> Json) -> crate::testing::Answer {
    let requests = sent.body["requests"].as_array().unwrap();
    let answer = |request: &Json| {
        let mut item = rule(request["url"].as_str().unwrap());
        item["id"] = request["id"].clone();
        item
    };
    let responses: Vec<_> = requests.iter().rev().map(answer).collect();
    reply(200, &json!({"responses": responses}))
}

fn refused(status: u16, code: &str) -> Json {
    json!({"status": status, "body": {"error": {"code": code, "message": "No."}}})
}

#[tokio::test(start_paused = true)]
async fn twenty_requests_fit_into_a_batch_and_responses_keep_their_order() {
    let script = Script::new(|sent| each(sent, |url| json!({"status": 200, "body": {"url": url}})));
    let paths: Vec<_> = (0..45).map(|number| format!("/users/{number}")).collect();
    let answers = script.client().batch_get(&paths).await.unwrap();
    for (path, answer) in paths.iter().zip(answers) {
        assert_eq!(answer.unwrap(), Some(json!({"url": path})));
    }
    assert_eq!(script.calls(), ["POST /v1.0/$batch"; 3]);
    let sizes: Vec<_> = script
        .sent()
        .iter()
        .map(|sent| sent.body["requests"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [20, 20, 5]);
    assert_eq!(
        script.sent()[0].body["requests"][1],
        json!({"id": "1", "method": "GET", "url": "/users/1"})
    );
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_once() {
    for heals in [true, false] {
        let script = Script::new(move |sent| {
            let is_taken = heals && sent.bearer.ends_with("-2");
            each(sent, |url| match url {
                "/users/late" if !is_taken => refused(401, "InvalidAuthenticationToken"),
                _ => json!({"status": 200, "body": {"id": 1}}),
            })
        });
        let paths = ["/users/early", "/users/late"].map(str::to_owned);
        let answers = script.client().batch_get(&paths).await.unwrap();
        assert!(answers[0].is_ok());
        assert_eq!(answers[1].is_ok(), heals);
        let sizes = script
            .sent()
            .into_iter()
            .map(|sent| sent.body["requests"].as_array().unwrap().len());
        assert_eq!(sizes.collect::<Vec<_>>(), [2, 1]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_item_has_its_own_response() {
    let script = Script::new(|sent| {
        each(sent, |url| match url {
            "/users/gone" => refused(404, "Request_ResourceNotFound"),
            "/users/secret" => refused(403, "Authorization_RequestDenied"),
            "/users/strange" => json!({"status": 200, "body": "text"}),
            _ => json!({"status": 200, "body": {"id": 1}}),
        })
    });
    let paths = [
        "/users/gone",
        "/users/secret",
        "/users/strange",
        "/users/there",
        "beta:/users/there",
    ];
    let answers = script
        .client()
        .batch_get(&paths.map(str::to_owned))
        .await
        .unwrap();
    assert_eq!(*answers[0].as_ref().unwrap(), None);
    let Error::Refused(refusal) = answers[1].as_ref().unwrap_err() else {
        panic!();
    };
    assert_eq!(refusal.access.unwrap().permission, "User.Read.All");
    assert!(matches!(answers[2], Err(Error::Unexpected { .. })));
    assert_eq!(*answers[3].as_ref().unwrap(), Some(json!({"id": 1})));
    assert_eq!(*answers[4].as_ref().unwrap(), Some(json!({"id": 1})));
    assert_eq!(script.calls(), ["POST /v1.0/$batch", "POST /beta/$batch"]);
}

#[tokio::test(start_paused = true)]
async fn only_throttled_items_are_retried_after_the_longest_wait() {
    let mut round = 0;
    let script = Script::new(move |sent| {
        round += 1;
        each(sent, |url| match (url, round) {
            ("/users/1", 1) => json!({"status": 429, "headers": {"Retry-After": "4"}}),
            ("/users/2", 1) => json!({"status": 503, "headers": {"retry-after": 9}}),
            _ => json!({"status": 200, "body": {"url": url}}),
        })
    });
    let paths: Vec<_> = (0..4).map(|number| format!("/users/{number}")).collect();
    let started = Instant::now();
    let answers = script.client().batch_get(&paths).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(started.elapsed(), Duration::from_secs(9));
    let again = &script.sent()[1].body["requests"];
    assert_eq!(again.as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_stays_throttled_fails_alone() {
    let script = Script::new(|sent| {
        each(sent, |url| match url {
            "/users/1" => {
                json!({"status": 429, "headers": {"Retry-After": "1", "Request-Id": "r-9"}})
            }
            _ => json!({"status": 200, "body": {}}),
        })
    });
    let paths = ["/users/1".to_owned(), "/users/2".to_owned()];
    let answers = script.client().batch_get(&paths).await.unwrap();
    let Err(Error::Throttled(throttled)) = &answers[0] else {
        panic!("{:?}", answers[0]);
    };
    assert_eq!(throttled.request_id.as_deref(), Some("r-9"));
    assert!(answers[1].is_ok());
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_as_a_whole_is_retried_or_reported() {
    let mut answers = [refuse(503, "x"), reply(200, &json!({"responses": []}))].into_iter();
    let script = Script::new(move |_| answers.next().unwrap());
    let answers = script
        .client()
        .batch_get(&["/users/1".to_owned()])
        .await
        .unwrap();
    assert!(
        matches!(answers[0], Err(Error::Unexpected { .. })),
        "an item nobody answers"
    );

    let script = Script::new(|_| reply(200, &json!({})));
    assert!(
        script
            .client()
            .batch_get(&["/users/1".to_owned()])
            .await
            .is_err()
    );
    let script = Script::new(|_| panic!("nothing to ask"));
    assert!(script.client().batch_get(&[]).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn throttling_of_an_item_delays_other_requests_to_its_service() {
    let mut first = true;
    let script = Script::new(move |sent| {
        if sent.method == "GET" {
            return reply(200, &json!({ "id": 1 }));
        }
        let headers = if std::mem::take(&mut first) {
            json!({ "X-MS-Throttle-Limit-Percentage": "1.8" })
        } else {
            json!({})
        };
        each(
            sent,
            |_| json!({ "status": 200, "headers": headers, "body": {} }),
        )
    });
    let client = script.client();
    let users = ["/users/1".to_owned(), "/users/2".to_owned()];
    client.batch_get(&users).await.unwrap();
    let started = Instant::now();
    client.get("/groups/1").await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO, "another service");
    client.batch_get(&users).await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_millis(1050));
}

#[tokio::test(start_paused = true)]
async fn a_path_with_dots_is_not_sent() {
    let script = Script::new(|sent| each(sent, |url| json!({"status": 200, "body": {"url": url}})));
    let paths = ["/users/../applications", "/users/1", "/users/%2e%2E/x"].map(str::to_owned);
    let answers = script.client().batch_get(&paths).await.unwrap();
    let is_refused = |at: usize| matches!(answers[at], Err(Error::BadPath { .. }));
    assert!(
        is_refused(0) && answers[1].is_ok() && is_refused(2),
        "{answers:?}"
    );
    let sent = &script.sent()[0].body["requests"];
    assert_eq!(sent.as_array().unwrap().len(), 1);
    let none = script.client().batch_get(&paths[..1]).await.unwrap();
    assert!(none[0].is_err());
    assert_eq!(script.sent().len(), 1, "nothing is left to send");
}
