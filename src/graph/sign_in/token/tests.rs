use super::*;
use crate::testing::{
    Answer, SECRET, Script, TENANT, TOKEN, empty, fault, lost, options, refuse, reply, token,
};
use futures::future::join_all;
use serde_json::json;
use tokio_util::sync::CancellationToken;

const PATH: &str = "/policies/crossTenantAccessPolicy";
const SECOND: Duration = Duration::from_secs(1);

fn wrong_secret() -> Answer {
    reply(
        401,
        &json!({"error": "invalid_client", "error_codes": [7_000_215],
                "error_description": format!("AADSTS7000215: Invalid client secret {SECRET}.\r\nTrace ID: 1")}),
    )
}

#[tokio::test(start_paused = true)]
async fn many_requests_share_one_token() {
    let script = Script::new(|_| empty(204).after(SECOND));
    script.sign_in(|_| token(1, 3600).after(SECOND));
    let client = script.client();
    let calls = (0..50).map(|_| client.get(PATH));
    let started = Instant::now();
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(started.elapsed(), 2 * SECOND);
    assert_eq!((script.sign_ins(), script.sent().len()), (1, 50));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_five_minutes_early_and_by_one_request() {
    let script = Script::new(|_| empty(204));
    let client = script.client();
    client.get(PATH).await.unwrap();
    tokio::time::advance(3290 * SECOND).await;
    client.get(PATH).await.unwrap();
    assert_eq!(script.sign_ins(), 1);
    tokio::time::advance(15 * SECOND).await;
    join_all((0..9).map(|_| client.get(PATH))).await;
    assert_eq!(script.sign_ins(), 2);
    assert_eq!(
        script.sent().last().unwrap().bearer,
        format!("Bearer {TOKEN}2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_token_is_used_for_most_of_its_life() {
    let script = Script::new(|_| empty(204));
    script.sign_in(|_| token(1, 60));
    let client = script.client();
    for _ in 0..40 {
        client.get(PATH).await.unwrap();
        tokio::time::advance(SECOND).await;
    }
    assert_eq!(script.sign_ins(), 1);
    tokio::time::advance(10 * SECOND).await;
    client.get(PATH).await.unwrap();
    assert_eq!(script.sign_ins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_ignored_while_the_token_is_valid() {
    let script = Script::new(|_| empty(204));
    let mut answers = [token(1, 3600), wrong_secret()].into_iter();
    script.sign_in(move |_| answers.next().unwrap());
    let client = script.client();
    client.get(PATH).await.unwrap();
    tokio::time::advance(3400 * SECOND).await;
    client.get(PATH).await.unwrap();
    assert_eq!(script.sign_ins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_is_reported_once_and_without_its_value() {
    let script = Script::new(|_| empty(204));
    script.sign_in(|_| wrong_secret().after(SECOND));
    let client = script.client();
    let started = Instant::now();
    let mut in_full = 0;
    for outcome in join_all((0..20).map(|_| client.get(PATH))).await {
        let error = client.deduplicate_sign_in_error(outcome.unwrap_err());
        in_full += usize::from(!error.to_string().contains("another of these errors"));
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("AADSTS7000215") && text.contains("the client secret is wrong"),
            "{text}"
        );
        assert!(text.contains(TENANT) && !text.contains(SECRET), "{text}");
    }
    assert_eq!(in_full, 1, "the service's words are not repeated for all");
    assert!(client.get(PATH).await.is_err());
    assert_eq!((started.elapsed(), script.sign_ins()), (SECOND, 1));
    tokio::time::advance(REFUSAL_LIFETIME).await;
    assert!(client.get(PATH).await.is_err());
    assert_eq!(script.sign_ins(), 2, "but not forever");
}

#[tokio::test(start_paused = true)]
async fn sign_in_is_retried_if_the_service_is_busy() {
    let script = Script::new(|_| empty(204));
    let busy = refuse(429, "x").with("retry-after", "5");
    let mut answers = [busy, refuse(503, "x"), lost(), token(1, 60)].into_iter();
    script.sign_in(move |_| answers.next().unwrap());
    let started = Instant::now();
    script.client().get(PATH).await.unwrap();
    assert!(started.elapsed() >= 5 * SECOND);
    assert_eq!(script.sign_ins(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_sign_in_service_is_reported_once_for_all_waiting_requests() {
    let script = Script::new(|_| empty(204));
    script.sign_in(|_| lost());
    let client = script.client();
    let outcomes = join_all((0..20).map(|_| client.get(PATH))).await;
    let error = outcomes.into_iter().next().unwrap().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("login.microsoftonline.com after 4 attempt(s)"),
        "{error}"
    );
    assert_eq!(script.sign_ins(), 4);
    script.sign_in(|_| token(1, 60));
    client.get(PATH).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_canceled_read_does_not_affect_others() {
    let script = Script::new(|_| empty(204));
    script.sign_in(|_| token(1, 3600).after(10 * SECOND));
    let client = script.client();
    let hasty = client.scoped(Instant::now() + 2 * SECOND, CancellationToken::new());
    let (hasty, patient) = tokio::join!(hasty.get(PATH), client.get(PATH));
    assert!(matches!(hasty, Err(Error::DeadlineExceeded { .. })));
    patient.unwrap();
    assert_eq!(
        script.sign_ins(),
        2,
        "the first one's request was dropped with it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_a_token_is_reported() {
    let script = Script::new(|_| empty(204));
    script.sign_in(|_| reply(200, &json!({"access_token": 7})));
    let error = script.client().get(PATH).await.unwrap_err();
    assert!(matches!(error, Error::SignIn(_)), "{error}");
}

/// Attempts are counted, because durations on a busy machine prove nothing. Up to the default number of retries is allowed.
#[tokio::test(start_paused = true)]
async fn a_wrong_sign_in_address_fails_within_seconds() {
    use std::ops::RangeInclusive;

    use crate::{Client, Cloud, Endpoints, Fault, Options, Transport};

    type Case = (
        &'static str,
        Endpoints,
        fn(String) -> Fault,
        RangeInclusive<usize>,
    );

    let custom = Endpoints::new(Cloud::Global, None, Some("https://login.example")).unwrap();
    let cases: [Case; 3] = [
        (
            "an unknown host",
            options().endpoints,
            Fault::Unresolved,
            2..=6,
        ),
        ("a closed port", custom.clone(), Fault::NotSent, 2..=6),
        ("no certificates", custom, Fault::Untrusted, 1..=1),
    ];
    for (title, endpoints, kind, expected) in cases {
        let script = Script::new(|_| panic!("nobody signed in"));
        script.sign_in(move |_| fault(kind("planted".to_owned())));
        let options = Options {
            endpoints,
            max_retries: 8,
            ..options()
        };
        let transport = std::sync::Arc::clone(&script) as std::sync::Arc<dyn Transport>;
        let started = Instant::now();
        assert!(
            Client::over(options, transport)
                .unwrap()
                .get(PATH)
                .await
                .is_err()
        );
        assert!(
            expected.contains(&script.sign_ins()),
            "{title}: {}",
            script.sign_ins()
        );
        assert!(
            started.elapsed() <= 5 * SECOND,
            "{title}: waited for too long between the tries"
        );
    }
}
