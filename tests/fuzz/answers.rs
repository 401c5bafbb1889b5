//! What Graph answers, read by every resource and every data source.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Response;
use crosstenant::protocol::codec::{encode, object_type};
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;
use futures::{FutureExt as _, StreamExt as _};
use serde_json::{Value as Json, json};

use crate::engine::scenarios::{Made, Scenario, all, lookups};
use crate::engine::{CONTOSO, Stage, Stored, USUAL, apply, configured, object, refresh, seed};
use crate::harness::Target;
use crate::impostor::Impostor;
use crate::mutation::split;

/// Who reads, and what.
struct Reader {
    /// What stands in the first line of an input.
    name: String,
    type_name: &'static str,
    /// Null for a data source.
    stored: Stored,
    config: Json,
    /// What it was answered by the emulator.
    answered: Vec<Json>,
}

/// What is to be answered: a status, and a body for each request, the last one again and again.
#[derive(Default)]
struct Script {
    status: u16,
    bodies: Vec<Vec<u8>>,
    next: usize,
}

impl Script {
    fn answer(&mut self) -> Response<Body> {
        let at = self.next.min(self.bodies.len() - 1);
        self.next += 1;
        let answer = Response::builder()
            .status(self.status)
            .header("content-type", "application/json");
        answer.body(Body::from(self.bodies[at].clone())).unwrap()
    }
}

/// The first line of an input is a reader and a status, each other line the body of an answer.
pub struct Answers {
    runtime: tokio::runtime::Runtime,
    readers: Vec<Reader>,
    script: Arc<Mutex<Script>>,
    provider: CrossTenant,
    /// Serves the answers.
    _impostor: Impostor,
}

async fn reader(scenario: Scenario, is_resource: bool) -> Reader {
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, &scenario).await;
    let config = made.fill(&scenario.config);
    let mut stored = Stored::default();
    let provider = stage.provider(scenario.side, USUAL).await;
    if is_resource {
        stored = apply(&provider, scenario.type_name, &stored, &config)
            .await
            .succeeded();
    }
    stage.forget().await;
    look(&provider, scenario.type_name, &stored, &config).await;
    let journal = stage.journal().await;
    let answered = journal
        .iter()
        .filter(|entry| entry["batch"].is_null() && !entry["response_body"].is_null());
    let kind = if is_resource { "resource" } else { "data" };
    Reader {
        name: format!("{kind}.{}", scenario.type_name),
        type_name: scenario.type_name,
        stored,
        config,
        answered: answered
            .map(|entry| entry["response_body"].clone())
            .collect(),
    }
}

/// Reads; what was said. What was found must fit the schema.
async fn look(provider: &CrossTenant, type_name: &str, stored: &Stored, config: &Json) -> String {
    if stored.value.is_null() {
        let source = provider.data_source(type_name).unwrap();
        let config = object(&source.schema().attributes, config);
        let read = source.read(config).await;
        encode(&object_type(source.schema()), &read.state).expect("what was read fits the schema");
        let said = read.diagnostics.iter();
        return said
            .flat_map(|said| [said.summary.as_str(), " ", said.detail.as_str()])
            .collect();
    }
    let seen = refresh(provider, type_name, stored).await;
    let schema = provider.resource(type_name).unwrap().schema();
    encode(&object_type(schema), &seen.stored.value).expect("what was read fits the schema");
    format!("{} {}", seen.text(), seen.stored.value.noun())
}

impl Answers {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let (readers, provider, impostor) = runtime.block_on(async {
            let scenarios = all()
                .into_iter()
                .map(|one| (one, true))
                .chain(lookups().into_iter().map(|one| (one, false)));
            let readers = futures::stream::iter(scenarios)
                .map(|(one, is_resource)| reader(one, is_resource))
                .buffered(8)
                .collect()
                .await;
            let impostor = Impostor::start(move |_| {
                std::future::ready(shared.lock().unwrap().answer()).boxed()
            })
            .await;
            let provider = configured(&json!({
                "tenant_id": CONTOSO,
                "client_id": "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01",
                "client_secret": "planted-secret",
                "graph_endpoint": impostor.url,
                "login_endpoint": impostor.url,
                "max_retries": 0,
                "request_timeout": "5s",
            }))
            .await;
            (readers, provider, impostor)
        });
        Self {
            runtime,
            readers,
            script,
            provider,
            _impostor: impostor,
        }
    }
}

impl Target for Answers {
    const NAME: &'static str = "answers";
    const HEADED: bool = true;

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let sample = |reader: &Reader| {
            let mut lines = vec![format!("{} 200", reader.name)];
            lines.extend(reader.answered.iter().map(Json::to_string));
            lines.join("\n").into_bytes()
        };
        self.readers.iter().map(sample).collect()
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self
            .readers
            .iter()
            .map(|reader| format!("{} 404", reader.name))
            .collect();
        words.extend(
            [
                "value",
                "@odata.nextLink",
                "id",
                "error",
                "code",
                "responses",
                "status",
                "body",
                "400",
                "403",
                "404",
                "204",
                "Request_ResourceNotFound",
            ]
            .map(str::to_owned),
        );
        words
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let (head, body) = split(input, true);
        let head = String::from_utf8_lossy(head).into_owned();
        let (name, status) = head.split_once(' ').unwrap_or((&head, "200"));
        let Some(reader) = self.readers.iter().find(|reader| reader.name == name) else {
            return String::new();
        };
        *self.script.lock().unwrap() = Script {
            status: status
                .parse()
                .ok()
                .filter(|status| (200..600).contains(status))
                .unwrap_or(200),
            bodies: body
                .split(|byte| *byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect(),
            next: 0,
        };
        let said = self.runtime.block_on(look(
            &self.provider,
            reader.type_name,
            &reader.stored,
            &reader.config,
        ));
        assert!(!said.contains("crashed"), "{said}");
        assert!(!said.contains("planted"), "{said}");
        assert!(
            said.len() < 20_000,
            "{} bytes were said: {said:.3000}",
            said.len()
        );
        format!("{name} {said}")
    }
}
