use super::*;
use crate::testing::{Listener, SECRET, TENANT, TOKEN, http, options};
use crate::{Client, Cloud, Endpoints, Error, Options, Resend};
use serde_json::json;
use std::cell::RefCell;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

const JSON: &str = "content-type: application/json\r\n";

/// Returns tokens, and passes everything else on.
async fn listener(mut graph: impl FnMut(&str) -> Vec<u8> + Send + 'static) -> Listener {
    Listener::start(move |request| {
        if !request.contains("/oauth2/v2.0/token ") {
            return graph(request);
        }
        let token = format!("{TOKEN}1");
        http(
            "200 OK",
            JSON,
            &json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer"}).to_string(),
        )
    })
    .await
}

fn client(url: &str) -> Client {
    let login = format!("{url}/login");
    Client::new(Options {
        endpoints: Endpoints::new(Cloud::Global, Some(url), Some(&login)).unwrap(),
        max_retries: 1,
        ..options()
    })
    .unwrap()
}

#[tokio::test]
async fn plain_http_on_this_machine_works_for_signing_in_too() {
    let listener = listener(|_| http("200 OK", JSON, r#"{"id": 1}"#)).await;
    let found = client(&listener.url)
        .get("/users/a%2Fb?$select=id")
        .await
        .unwrap();
    assert_eq!(found, Some(json!({"id": 1})));
    let seen = listener.seen();
    let (sign_in, call) = (&seen[0], &seen[1]);
    assert!(
        sign_in.starts_with(&format!(
            "POST /login/{TENANT}/oauth2/v2.0/token HTTP/1.1\r\n"
        )),
        "{sign_in}"
    );
    for part in [
        "content-type: application/x-www-form-urlencoded",
        "user-agent: tests",
        "grant_type=client_credentials",
        "client_id=22222222-2222-4222-8222-222222222222",
        "client_secret=planted%7Eclient%7Esecret",
        "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
    ] {
        assert!(sign_in.contains(part), "{part}: {sign_in}");
    }
    assert!(
        call.starts_with("GET /v1.0/users/a%2Fb?$select=id HTTP/1.1\r\n"),
        "{call}"
    );
    for part in [
        "authorization: Bearer planted-token-1",
        "user-agent: tests",
        "client-request-id: ",
        "accept: application/json",
    ] {
        assert!(call.contains(part), "{part}: {call}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = listener(|_| http("200 OK", JSON, "{}")).await;
    let header = format!("location: {}/v1.0/users\r\n", elsewhere.url);
    let here = listener(move |_| http("302 Found", &header, "")).await;
    let error = client(&here.url).get("/users").await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_broken_connection_is_distinguished_from_a_failed_one() {
    let half = || {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"a\":"
            .to_vec()
    };
    let mut answers = [half(), http("200 OK", JSON, "{}")].into_iter();
    let listener = listener(move |_| answers.next().unwrap()).await;
    assert!(
        client(&listener.url).get("/users").await.unwrap().is_some(),
        "asked again"
    );

    for answer in [half(), Vec::new(), b"HTTP/1.1 200".to_vec()] {
        let listener = self::listener(move |_| answer.clone()).await;
        let error = client(&listener.url)
            .post("/x", &json!({}), Resend::Never)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::AnswerLost(_)), "{error}");
    }

    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let request = Request {
        method: Method::POST,
        url: Url::parse(&format!("http://{port}/")).unwrap(),
        headers: HeaderMap::new(),
        body: None,
    };
    let fault = Network::default().send(request).await.unwrap_err();
    assert!(
        matches!(&fault, Fault::NotSent(what) if what.contains("refused")),
        "{fault:?}"
    );
}

#[tokio::test]
async fn the_size_of_responses_is_limited() {
    let body = " ".repeat(MAX_BODY + 1);
    let listener = listener(move |_| http("200 OK", JSON, &body)).await;
    let error = client(&listener.url).get("/users").await.unwrap_err();
    assert!(error.to_string().contains("larger than 64 MiB"), "{error}");
}

thread_local! {
    /// The log of the test on this thread, while it captures one.
    static LOG: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Records every event and span of every library on threads that capture a log.
struct Everything;

impl Everything {
    /// One subscriber for the whole process: the interest in an event is cached at its call site, so another test that emits it
    /// first, on a thread without a subscriber, would disable it for this test as well.
    fn start() {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            let all = tracing_subscriber::registry().with(Self);
            tracing::subscriber::set_global_default(all).unwrap();
            // For events that were emitted just before this became the default.
            tracing::callsite::rebuild_interest_cache();
        });
        LOG.set(Some(String::new()));
    }

    /// Returns everything since [`Self::start`].
    fn take() -> String {
        LOG.take().unwrap()
    }

    fn write(text: fmt::Arguments<'_>) {
        use fmt::Write as _;
        LOG.with_borrow_mut(|log| {
            if let Some(log) = log {
                log.write_fmt(text).unwrap();
            }
        });
    }
}

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        Self::write(format_args!("{field}={value:?} "));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Everything {
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::Id,
        _: Context<'_, S>,
    ) {
        attributes.record(&mut Self);
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        Self::write(format_args!("\n{} ", event.metadata().target()));
        event.record(&mut Self);
    }
}

#[tokio::test]
async fn no_log_at_any_level_contains_a_secret_or_personal_data() {
    Everything::start();
    let mut answers = [
        http("200 OK", JSON, r#"{"value": "planted body"}"#),
        http(
            "403 Forbidden",
            JSON,
            r#"{"error": {"code": "x", "message": "planted body"}}"#,
        ),
    ]
    .into_iter();
    let listener = listener(move |_| answers.next().unwrap()).await;
    let client = client(&listener.url);
    client
        .get("/users?$filter=mail eq 'planted%40mail'")
        .await
        .unwrap();
    client
        .post(
            "/users",
            &json!({"password": "planted body"}),
            Resend::Never,
        )
        .await
        .unwrap_err();
    let log = Everything::take();
    assert!(log.contains("path=\"/users?$filter\""), "{log}");
    assert!(log.contains("status=403") && log.contains(TENANT), "{log}");
    let ours = log.lines().filter(|line| line.starts_with("graph "));
    assert_eq!(ours.clone().count(), 3, "one line per exchange");
    assert!(ours.clone().all(|line| !line.contains("planted")), "{log}");
    for secret in [SECRET, "planted%7Eclient", TOKEN, "planted body"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
