//! A relay between Graph and the provider replaces each member of every response with a value of another type.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;
use futures::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::engine::scenarios::{Made, Scenario, all, lookups};
use crate::engine::{Stage, Stored, USUAL, apply, configured, object, refresh, seed};
use crate::hostile::impostor::{Asked, Impostor, text_answer};

/// The replacements of a member.
fn replacements() -> [Json; 6] {
    [
        Json::Null,
        json!(7),
        json!("x"),
        json!(true),
        json!([[]]),
        json!({ "value": {} }),
    ]
}

/// The responses to change: all whose path contains `path`, at `pointer`.
#[derive(Clone, Default)]
struct Lie {
    path: String,
    pointer: String,
    value: Json,
}

/// The responses so far, and the change.
#[derive(Default)]
struct Between {
    seen: Vec<(String, Json)>,
    lie: Option<Lie>,
}

/// The path without IDs, so that it is the same in another run.
fn kind_of(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').filter(|segment| segment.len() < 30);
    segments.collect::<Vec<_>>().join("/")
}

/// All pointers in a document to values.
fn pointers(json: &Json, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{name}"), found);
            }
        }
        // The other elements are like the first.
        Json::Array(items) => {
            if let Some(first) = items.first() {
                pointers(first, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

/// A client for this machine only: reading the certificate authorities is what makes a client slow to create.
fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder.tls_certs_only([]).build().unwrap()
}

async fn relay(graph: String, asked: Asked, between: Arc<Mutex<Between>>) -> Response<Body> {
    let mut request = http()
        .request(asked.method.clone(), format!("{graph}{}", asked.path))
        .body(asked.body.clone());
    for name in ["authorization", "content-type"] {
        if let Some(value) = asked.headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    let Ok(mut body) = serde_json::from_str::<Json>(&text) else {
        return Response::builder()
            .status(status)
            .body(Body::from(text))
            .unwrap();
    };
    let kind = kind_of(&asked.path);
    let mut between = between.lock().unwrap();
    between.seen.push((kind.clone(), body.clone()));
    if let Some(lie) = between.lie.as_ref().filter(|lie| lie.path == kind)
        && let Some(member) = body.pointer_mut(&lie.pointer)
    {
        *member = lie.value.clone();
    }
    let mut answer = text_answer("application/json", body.to_string());
    *answer.status_mut() = status;
    answer
}

/// A stage, and a relay in front of it. The provider signs in to the emulator directly.
struct Deceived {
    _relay: Impostor,
    between: Arc<Mutex<Between>>,
    provider: CrossTenant,
}

async fn deceive(stage: &Stage, scenario: &Scenario) -> Deceived {
    let between = Arc::new(Mutex::new(Between::default()));
    let (graph, shared) = (stage.graph_url(), Arc::clone(&between));
    let relay =
        Impostor::start(move |asked| relay(graph.clone(), asked, Arc::clone(&shared)).boxed())
            .await;
    let seed = seed();
    let app = &seed["tenants"][scenario.side as usize]["apps"][0];
    let provider = configured(&json!({
        "tenant_id": scenario.side.tenant_id(),
        "client_id": app["clientId"],
        "client_secret": app["secrets"][0],
        "graph_endpoint": relay.url,
        "login_endpoint": stage.graph_url(),
        "max_retries": 0,
        "request_timeout": "10s",
        "replication_timeout": "4s",
    }))
    .await;
    Deceived {
        _relay: relay,
        between,
        provider,
    }
}

/// Reads once; returns the messages, and whether the object was considered deleted.
async fn look(
    deceived: &Deceived,
    scenario: &Scenario,
    stored: &Stored,
    config: &Json,
) -> (String, bool) {
    if stored.value.is_null() {
        let source = deceived.provider.data_source(scenario.type_name).unwrap();
        let config = object(&source.schema().attributes, config);
        let read = source.read(config).await;
        return (format!("{:?}", read.diagnostics), false);
    }
    let seen = refresh(&deceived.provider, scenario.type_name, stored).await;
    (seen.text(), seen.stored.value.is_null())
}

/// Tests every change of one scenario; returns the number of changes, of errors, and of objects that were considered deleted.
async fn try_all(scenario: Scenario, is_resource: bool) -> [usize; 3] {
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, &scenario).await;
    let config = made.fill(&scenario.config);
    let mut stored = Stored::default();
    if is_resource {
        let provider = stage.provider(scenario.side, USUAL).await;
        let done = apply(&provider, scenario.type_name, &stored, &config).await;
        stored = done.succeeded();
    }
    let honest = deceive(&stage, &scenario).await;
    look(&honest, &scenario, &stored, &config).await;
    let mut lies: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, body) in &honest.between.lock().unwrap().seen {
        let mut found = Vec::new();
        pointers(body, "", &mut found);
        lies.extend(found.into_iter().map(|pointer| (path.clone(), pointer)));
    }
    let mut counts = [0; 3];
    for (number, (path, pointer)) in lies.into_iter().enumerate() {
        // Two of the replacements for each member; all of them for members of one kind.
        for step in [0, 3] {
            let value = replacements()[(number + step) % 6].clone();
            let deceived = deceive(&stage, &scenario).await;
            deceived.between.lock().unwrap().lie = Some(Lie {
                path: path.clone(),
                pointer: pointer.clone(),
                value: value.clone(),
            });
            let title = format!("{}: {path} {pointer} = {value}", scenario.type_name);
            let attempt = look(&deceived, &scenario, &stored, &config);
            let attempt = AssertUnwindSafe(attempt).catch_unwind();
            let (said, gone) = tokio::time::timeout(Duration::from_secs(90), attempt)
                .await
                .unwrap_or_else(|_| panic!("{title}: hangs"))
                .unwrap_or_else(|_| panic!("{title}: panics"));
            assert!(!said.contains("crashed"), "{title}: {said}");
            if gone && !may_mean_gone(&pointer, &value) {
                eprintln!("taken for gone: {title}");
                counts[2] += 1;
            }
            counts[0] += 1;
            counts[1] += usize::from(!said.is_empty() && said != "[]");
        }
    }
    counts
}

/// Whether this value of the member means that the object does not exist (any more).
fn may_mean_gone(pointer: &str, value: &Json) -> bool {
    // A null member is not set, and an object without set members does not exist.
    value.is_null() && !pointer.is_empty()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_the_wrong_type_are_survived() {
    let scenarios = all().into_iter().map(|scenario| (scenario, true));
    let scenarios = scenarios.chain(lookups().into_iter().map(|scenario| (scenario, false)));
    let results: Vec<[usize; 3]> = futures::stream::iter(scenarios)
        .map(|(scenario, is_resource)| async move {
            tokio::spawn(try_all(scenario, is_resource)).await.unwrap()
        })
        .buffer_unordered(6)
        .collect()
        .await;
    let [tried, told, gone] = results.into_iter().fold([0; 3], |sum, one| {
        [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]
    });
    eprintln!(
        "hostile members: {tried} answers with one wrong member read, {told} led to a message, {gone} to a loss"
    );
    assert_eq!(gone, 0);
    assert!(tried > 500, "{tried}");
    let text = format!("{tried} reads of answers in which one member is of the wrong type.");
    crate::reliability::says("members", &text);
}
