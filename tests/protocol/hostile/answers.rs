//! Responses that Graph would never return.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response};
use crosstenant::terraform::{Provider, has_errors};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Value as Json, json};

use crate::engine::Stored;
use crate::engine::{object, refresh};
use crate::hostile::impostor::{Impostor, json_answer, text_answer};
use crate::hostile::{is_alone, peak_memory};

/// Maximum duration of an operation with any response.
const LIMIT: Duration = Duration::from_secs(60);

/// Maximum memory in MiB, in a process without other tests.
const MEMORY: u64 = 700;

/// The reads, all of whose requests get the same hostile response.
fn reads() -> [(&'static str, Json); 4] {
    let id = "b1000000-0000-4000-8000-000000000001";
    [
        ("crosstenant_group", json!({ "display_name": "Anybody" })),
        ("crosstenant_group", json!({ "id": id })),
        (
            "crosstenant_user",
            json!({ "user_principal_name": "a@b.example" }),
        ),
        ("crosstenant_partner_policies", json!({})),
    ]
}

/// Reads a group by its name from `impostor`, which lists groups; returns the messages, and whether they are errors.
pub async fn list_groups(impostor: &Impostor) -> (bool, String) {
    read(
        impostor,
        "crosstenant_group",
        &json!({ "display_name": "Anybody" }),
    )
    .await
}

async fn read(impostor: &Impostor, type_name: &str, config: &Json) -> (bool, String) {
    let provider = impostor.provider().await;
    let source = provider.data_source(type_name).unwrap();
    let config = object(&source.schema().attributes, config);
    let began = Instant::now();
    let read = tokio::time::timeout(LIMIT, source.read(config)).await;
    let read = read.unwrap_or_else(|_| panic!("{type_name}: hangs"));
    assert!(began.elapsed() < LIMIT);
    let said = read
        .diagnostics
        .iter()
        .map(|said| format!("{}\n{}\n", said.summary, said.detail));
    (has_errors(&read.diagnostics), said.collect())
}

fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

/// A few bytes on the wire that decompress to millions of values.
fn packed() -> Response<Body> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"{\"value\":[").unwrap();
    for _ in 0..1_000 {
        packed.write_all("[],".repeat(20_000).as_bytes()).unwrap();
    }
    packed.write_all(b"[]]}").unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 128 * 1024, "{}", packed.len());
    let mut answer = text_answer("application/json", packed);
    let gzip = HeaderValue::from_static("gzip");
    answer.headers_mut().insert("content-encoding", gzip);
    answer
}

/// A name, and the response to every request.
type Strange = (&'static str, fn() -> Response<Body>);

fn answers() -> Vec<Strange> {
    vec![
        ("10 MB in one text", || {
            json_answer(
                &json!({ "value": [{ "id": "x".repeat(10_000_000), "displayName": "y".repeat(10_000_000) }] }),
            )
        }),
        ("lists 10,000 deep", || {
            text_answer("application/json", nested(10_000, "[", "]"))
        }),
        ("objects 10,000 deep", || {
            text_answer("application/json", nested(10_000, "{\"value\":", "}"))
        }),
        ("a collection 10,000 deep", || {
            text_answer(
                "application/json",
                format!("{{\"value\":[{}]}}", nested(10_000, "[", "]")),
            )
        }),
        ("endless", || {
            text_answer(
                "application/json",
                Body::from_stream(stream::repeat_with(|| {
                    Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 16_000]))
                })),
            )
        }),
        ("HTML", || {
            text_answer("text/html", "<html>Please sign in</html>")
        }),
        ("HTML that says it is JSON", || {
            text_answer("application/json", "<html>Please sign in</html>")
        }),
        ("64 kB of gzip that are 64 MB of small values", packed),
        ("nothing", || text_answer("application/json", "")),
        ("null", || text_answer("application/json", "null")),
        ("a number", || text_answer("application/json", "7")),
        ("a text", || text_answer("application/json", "\"value\"")),
        ("a list", || text_answer("application/json", "[]")),
        ("a collection that is none", || {
            json_answer(&json!({ "value": {} }))
        }),
        ("two values of one name", || {
            text_answer("application/json", "{\"value\":[],\"value\":7}")
        }),
        ("bytes that are no text", || {
            text_answer(
                "application/json",
                Bytes::from_static(b"{\"value\":[\"\xff\xfe\"]}"),
            )
        }),
        ("a number of a million digits", || {
            text_answer(
                "application/json",
                format!("{{\"value\":{}}}", "9".repeat(1_000_000)),
            )
        }),
        ("a million members", || {
            text_answer(
                "application/json",
                format!("{{\"value\":[{}7]}}", "7,".repeat(1_000_000)),
            )
        }),
        ("an empty error", || {
            Response::builder().status(400).body(Body::empty()).unwrap()
        }),
        ("an error 10,000 deep", || {
            Response::builder()
                .status(400)
                .header("content-type", "application/json")
                .body(Body::from(nested(10_000, "{\"error\":", "}")))
                .unwrap()
        }),
        ("an error of 10 MB", || {
            Response::builder().status(403).header("content-type", "application/json").body(Body::from(json!({ "error": { "code": "x".repeat(5_000_000), "message": "y".repeat(5_000_000) } }).to_string())).unwrap()
        }),
        ("a wait of a century", || {
            Response::builder()
                .status(429)
                .header("retry-after", "3153600000")
                .body(Body::empty())
                .unwrap()
        }),
        ("a wait that is no number", || {
            Response::builder()
                .status(503)
                .header("retry-after", "1e999")
                .body(Body::empty())
                .unwrap()
        }),
        ("a strange status", || {
            Response::builder()
                .status(299)
                .header("content-type", "application/json")
                .body(Body::from("{}"))
                .unwrap()
        }),
        ("a status beyond all", || {
            Response::builder().status(799).body(Body::empty()).unwrap()
        }),
    ]
}

/// Objects with other members than usual: an object that is read by its ID has no required member.
fn is_harmless(name: &str, config: &Json) -> bool {
    let is_single = config["display_name"].is_null() && *config != json!({});
    let is_object = [
        "a collection",
        "two values",
        "a million",
        "a number of",
        "a strange",
    ];
    is_single && is_object.iter().any(|start| name.starts_with(start))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_responses_are_refused_with_a_short_message() {
    let name = "hostile_responses_are_refused_with_a_short_message";
    if !is_alone(&format!("{}::{name}", module_path!())) {
        let tried = answers().len() * reads().len();
        let text = format!("{tried} reads of answers that no Graph would give as a whole.");
        return crate::reliability::says("answers", &text);
    }
    for (name, answer) in answers() {
        let impostor = Impostor::start(move |_| std::future::ready(answer()).boxed()).await;
        for (type_name, config) in reads() {
            let (failed, text) = read(&impostor, type_name, &config).await;
            assert!(
                failed || is_harmless(name, &config),
                "{name}: {type_name} was content"
            );
            assert!(
                text.len() < 20_000,
                "{name}: {} bytes were said",
                text.len()
            );
            assert!(
                !text.contains("crashed") && !text.contains("planted"),
                "{name}: {text}"
            );
        }
    }
    assert!(peak_memory() < MEMORY, "{} MiB", peak_memory());
    eprintln!("hostile answers: peak memory {} MiB", peak_memory());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_pages_end() {
    let count = AtomicUsize::new(0);
    let (own, other) = tokio::sync::watch::channel(String::new());
    let impostor = Impostor::start(move |_| {
        let page = count.fetch_add(1, Ordering::SeqCst);
        let next = format!("{}/v1.0/groups?$skiptoken={page}", other.borrow().as_str());
        let body = json!({ "value": [], "@odata.nextLink": next });
        std::future::ready(json_answer(&body)).boxed()
    })
    .await;
    own.send(impostor.url.clone()).unwrap();
    let (failed, text) = list_groups(&impostor).await;
    assert!(failed && text.contains("10,000 pages"), "{text}");

    let (own, other) = tokio::sync::watch::channel(String::new());
    let circle = Impostor::start(move |_| {
        let next = format!("{}/v1.0/groups?$skiptoken=1", other.borrow().as_str());
        let body = json!({ "value": [], "@odata.nextLink": next });
        std::future::ready(json_answer(&body)).boxed()
    })
    .await;
    own.send(circle.url.clone()).unwrap();
    let (failed, text) = list_groups(&circle).await;
    assert!(failed && text.contains("cycle"), "{text}");

    let (own, other) = tokio::sync::watch::channel(String::new());
    let itself = Impostor::start(move |asked| {
        let next = format!("{}{}", other.borrow().as_str(), asked.path);
        let body = json!({ "value": [], "@odata.nextLink": next });
        std::future::ready(json_answer(&body)).boxed()
    })
    .await;
    own.send(itself.url.clone()).unwrap();
    let (failed, text) = read(&itself, "crosstenant_partner_policies", &json!({})).await;
    assert!(failed && text.contains("cycle"), "{text}");
    let asked = itself.asked();
    let reads = asked.iter().filter(|asked| asked.path.starts_with("/v1.0"));
    assert_eq!(reads.count(), 1, "a page that links to itself: {asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_reaches_another_host() {
    let thief = Impostor::start(|_| {
        std::future::ready(json_answer(&json!({ "value": [], "id": "1" }))).boxed()
    })
    .await;
    let away = thief.url.clone();
    let host = away.trim_start_matches("http://").to_owned();
    let links = [
        format!("{away}/v1.0/groups?$skiptoken=1"),
        format!("http://graph.microsoft.com@{host}/v1.0/groups"),
        format!("//{host}/v1.0/groups"),
        "HERE/elsewhere".to_owned(),
        "HERE/v1.0/../elsewhere".to_owned(),
        "https://example.org/v1.0/groups".to_owned(),
        "file:///etc/passwd".to_owned(),
        "javascript:1".to_owned(),
        "no link at all".to_owned(),
        String::new(),
    ];
    for link in links {
        let (own, here) = tokio::sync::watch::channel(String::new());
        let written = link.clone();
        let impostor = Impostor::start(move |_| {
            let next = written.replace("HERE", &here.borrow());
            let body = json!({ "value": [], "@odata.nextLink": next });
            std::future::ready(json_answer(&body)).boxed()
        })
        .await;
        own.send(impostor.url.clone()).unwrap();
        let (failed, text) = list_groups(&impostor).await;
        assert!(failed, "{link}: {text}");
        let asked = impostor.asked();
        let is_elsewhere = |path: &str| path.contains("elsewhere");
        assert!(
            !asked.iter().any(|asked| is_elsewhere(&asked.path)),
            "{link}"
        );
    }
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{away}/v1.0/groups");
        let impostor = Impostor::start(move |_| {
            let answer = Response::builder()
                .status(status)
                .header("location", &location);
            std::future::ready(answer.body(Body::empty()).unwrap()).boxed()
        })
        .await;
        let (failed, text) = list_groups(&impostor).await;
        assert!(failed, "{status}: {text}");
    }
    assert!(thief.asked().is_empty(), "{:?}", thief.asked());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_response_removes_no_managed_object() {
    let provider = crosstenant::resources::CrossTenant::default();
    let resource = provider.resource("crosstenant_partner_policy").unwrap();
    let stored = Stored {
        value: object(
            &resource.schema().attributes,
            &json!({ "partner_tenant_id": "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264", "is_service_provider": false }),
        ),
        ..Stored::default()
    };
    let names = answers();
    let checks = stream::iter(names).map(|(name, answer)| {
        let stored = stored.clone();
        async move {
            let impostor = Impostor::start(move |_| std::future::ready(answer()).boxed()).await;
            let provider = impostor.provider().await;
            let seen = refresh(&provider, "crosstenant_partner_policy", &stored).await;
            assert!(!seen.stored.value.is_null(), "{name}: forgotten");
        }
    });
    checks.buffer_unordered(4).collect::<Vec<()>>().await;
}
