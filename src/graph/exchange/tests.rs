use super::*;
use crate::testing::{Answer, Script, TOKEN, empty, fault, lost, raw, refuse, reply, token};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const PATH: &str = "/policies/crossTenantAccessPolicy/partners/1";
const SECOND: Duration = Duration::from_secs(1);

fn throttle(wait: &str) -> Answer {
    refuse(429, "TooManyRequests").with("retry-after", wait)
}

fn fine() -> Answer {
    reply(200, &json!({"tenantId": "1"}))
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honored() {
    let script = Script::of([throttle("7"), throttle("2"), fine()]);
    let started = Instant::now();
    assert!(script.client().get(PATH).await.unwrap().is_some());
    assert_eq!(started.elapsed(), 9 * SECOND);
    assert_eq!(script.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn retry_after_may_be_a_date() {
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + 20 * SECOND);
    let script = Script::of([throttle(&soon), fine()]);
    let started = Instant::now();
    script.client().get(PATH).await.unwrap();
    let waited = started.elapsed();
    assert!(waited > 17 * SECOND && waited <= 20 * SECOND, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn permanent_throttling_is_reported_with_attempts_and_time() {
    let script = Script::new(|_| throttle("3"));
    let error = script.client().get(PATH).await.unwrap_err();
    let Error::Throttled(throttled) = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (throttled.attempts, throttled.retry_after),
        (4, Some(3 * SECOND))
    );
    assert_eq!(throttled.elapsed, 9 * SECOND);
    assert_eq!(error.status(), Some(429));
    assert!(
        error.to_string().contains("requested a delay of 3 s"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_started() {
    let script = Script::new(|_| throttle("120"));
    let client = script
        .client()
        .scoped(Instant::now() + 60 * SECOND, CancellationToken::new());
    let started = Instant::now();
    let error = client.get(PATH).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(
        error.to_string().contains("requested a delay of 120 s"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn idempotent_requests_are_retried() {
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let script = Script::of([refuse(503, "x"), lost(), refuse(502, "x"), fine()]);
        let body = json!({});
        let call = script
            .client()
            .call(method.clone(), PATH, Some(&body), Resend::Safe)
            .await;
        assert!(call.is_ok(), "{method}");
        assert_eq!(script.sent().len(), 4, "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_that_may_have_been_carried_out_is_not_retried() {
    let cut = || raw(201, "application/json", "{\"id\": ");
    let html = || raw(201, "text/html", "<html>");
    for answer in [
        refuse(503, "x"),
        refuse(500, "x"),
        lost(),
        cut(),
        html(),
        fault(Fault::TooLarge),
    ] {
        let script = Script::of([answer]);
        let error = script
            .client()
            .post(PATH, &json!({}), Resend::Never)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::AnswerLost(_)), "{error}");
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_that_was_certainly_not_carried_out_is_retried() {
    let refused = fault(Fault::NotSent("connection refused".to_owned()));
    let script = Script::of([throttle("1"), refused, reply(201, &json!({"id": "1"}))]);
    let made = script
        .client()
        .post(PATH, &json!({}), Resend::Never)
        .await
        .unwrap();
    assert_eq!(made, json!({"id": "1"}));
}

#[tokio::test(start_paused = true)]
async fn client_errors_are_not_retried() {
    for (status, code) in [
        (400, "Request_BadRequest"),
        (403, "Authorization_RequestDenied"),
        (500, "x"),
    ] {
        let script = Script::of([refuse(status, code)]);
        let error = script.client().get(PATH).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.has_code(code), "{error}");
        let Error::Refused(refusal) = error else {
            panic!()
        };
        assert_eq!(refusal.request_id.as_deref(), Some("r-1"));
        assert_eq!(refusal.access.is_some(), status == 403);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_graph_is_reported_with_attempts_and_time() {
    let script = Script::new(|_| lost().after(SECOND));
    let error = script.client().get(PATH).await.unwrap_err();
    let Error::Unreachable(unreachable) = &error else {
        panic!("{error}");
    };
    assert_eq!(unreachable.attempts, 4);
    assert!(unreachable.elapsed >= 4 * SECOND);
    assert!(
        error
            .to_string()
            .contains("graph.microsoft.com after 4 attempt(s)"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_response_must_be_an_object() {
    for body in ["null", "true", "7", "\"x\"", "[]"] {
        let script = Script::of([raw(200, "application/json", body)]);
        let error = script.client().get(PATH).await.unwrap_err();
        assert!(
            error.to_string().contains("not an object"),
            "{body}: {error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_write_says_if_it_may_have_been_carried_out() {
    let words = "may have been carried out";
    let change = async |answers: Vec<Answer>| {
        let error = Script::of(answers).client().patch(PATH, &json!({})).await;
        error.unwrap_err().to_string()
    };
    let told = change(vec![lost(), lost(), lost(), lost()]).await;
    assert!(told.contains(words), "{told}");
    let told = change(vec![refuse(503, "x"), refuse(403, "x")]).await;
    assert!(told.contains(words), "{told}");
    let told = change(vec![refuse(429, "x"), refuse(403, "x")]).await;
    assert!(!told.contains(words), "{told}");
    let error = Script::new(|_| lost()).client().get(PATH).await;
    assert!(!error.unwrap_err().to_string().contains(words));
}

#[tokio::test(start_paused = true)]
async fn an_exchange_times_out() {
    let script = Script::of([fine().after(3600 * SECOND), fine()]);
    let started = Instant::now();
    script.client().get(PATH).await.unwrap();
    assert!(started.elapsed() >= 60 * SECOND && started.elapsed() < 62 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_truncated_response_is_retried_and_an_invalid_one_is_not() {
    let script = Script::of([raw(200, "application/json", "{\"a\":"), empty(200), fine()]);
    assert!(script.client().get(PATH).await.unwrap().is_some());

    let script = Script::of([raw(200, "text/html", "<html>please log in</html>")]);
    let error = script.client().get(PATH).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
    assert!(
        !error.to_string().contains("log in"),
        "bodies are not quoted: {error}"
    );
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_a_read_at_once_and_leaves_a_write_two_seconds() {
    let slow = |seconds: u32| move |_: &_| fine().after(seconds * SECOND);
    for (method, seconds, takes) in [
        (Method::GET, 30, Duration::ZERO),
        (Method::POST, 30, 2 * SECOND),
        (Method::PATCH, 30, 2 * SECOND),
        (Method::POST, 2, SECOND),
    ] {
        let cancel = CancellationToken::new();
        let client = Script::new(slow(seconds)).client();
        let client = client.scoped(Instant::now() + 600 * SECOND, cancel.clone());
        let call = client.call(method.clone(), PATH, None, Resend::Safe);
        let stop = async {
            tokio::time::sleep(SECOND).await;
            cancel.cancel();
            Instant::now()
        };
        let (outcome, cancelled) = tokio::join!(call, stop);
        assert_eq!(cancelled.elapsed(), takes, "{method} {seconds}");
        match outcome {
            Ok(_) => assert_eq!(seconds, 2),
            Err(Error::Cancelled { unanswered }) => {
                assert_eq!(unanswered.is_some(), method != Method::GET);
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_over_sends_no_request() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let script = Script::new(|_| fine());
    let client = script.client().scoped(Instant::now() + SECOND, cancel);
    assert!(matches!(
        client.get(PATH).await,
        Err(Error::Cancelled { .. })
    ));
    assert_eq!((script.sent().len(), script.sign_ins()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_call() {
    let script = Script::new(|_| fine().after(30 * SECOND));
    let client = script
        .client()
        .scoped(Instant::now() + 5 * SECOND, CancellationToken::new());
    let started = Instant::now();
    let error = client.patch(PATH, &json!({})).await.unwrap_err();
    assert_eq!(started.elapsed(), 5 * SECOND);
    assert!(
        error
            .to_string()
            .contains(&format!("PATCH {PATH} was sent without a response")),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_once_and_a_rejected_new_one_is_not() {
    let script = Script::of([fine(), refuse(401, "InvalidAuthenticationToken"), fine()]);
    let client = script.client();
    client.get(PATH).await.unwrap();
    client.get(PATH).await.unwrap();
    let bearers: Vec<_> = script.sent().into_iter().map(|sent| sent.bearer).collect();
    let bearer = |number| format!("Bearer {TOKEN}{number}");
    assert_eq!(bearers, [bearer(1), bearer(1), bearer(2)]);

    let script = Script::new(|_| refuse(401, "InvalidAuthenticationToken"));
    let client = script.client();
    for _ in 0..2 {
        assert_eq!(client.get(PATH).await.unwrap_err().status(), Some(401));
    }
    assert_eq!((script.sent().len(), script.sign_ins()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_quotes_a_secret_is_redacted() {
    let script = Script::new(|sent| {
        let message = format!("You sent {} and {}", sent.bearer, crate::testing::SECRET);
        reply(
            400,
            &json!({"error": {"code": "x", "message": message, "details": [{"code": "y", "message": message}]}}),
        )
    });
    script.sign_in(|_| token(1, 60));
    let error = script.client().get(PATH).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("(hidden)") && !text.contains("planted"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_is_reported_even_if_its_retry_times_out_in_the_rate_limiter() {
    let script = Script::new(|sent| {
        if sent.method == "GET" {
            return throttle("30");
        }
        lost().after(SECOND / 2)
    });
    let client = script.client();
    let brief = client.scoped(Instant::now() + 10 * SECOND, CancellationToken::new());
    let body = json!({});
    let write = brief.patch(PATH, &body);
    let closes = async {
        tokio::time::sleep(SECOND / 4).await;
        let soon = client.scoped(Instant::now() + SECOND, CancellationToken::new());
        soon.get(PATH).await.unwrap_err()
    };
    let (outcome, _) = tokio::join!(write, closes);
    let Err(Error::DeadlineExceeded {
        unanswered,
        held_back: true,
    }) = &outcome
    else {
        panic!("{outcome:?}");
    };
    let text = outcome.as_ref().unwrap_err().to_string();
    assert!(text.contains("throttles this application"), "{text}");
    assert_eq!(*unanswered, Some(format!("PATCH {PATH}")));
    assert_eq!(
        script
            .sent()
            .iter()
            .filter(|sent| sent.method == "PATCH")
            .count(),
        1
    );
}
