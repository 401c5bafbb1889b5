//! Generates corpus inputs from the provider itself: one for each type, with real states and real responses of the emulator. `make corpus`
//! writes missing inputs; inputs from earlier failures are kept.

use std::path::Path;

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Provider, Value};
use serde_json::{Map, Value as Json, json};

use crate::engine::scenarios::{Made, Scenario, all, lookups};
use crate::engine::{Side, Stage, Stored, USUAL, apply, object, refresh, seed};
use crate::fuzz::harness::corpus;

/// A value as JSON, as in a state file.
fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::String(text) => json!(text),
        Value::List(items) | Value::Set(items) => items.iter().map(plain).collect(),
        Value::Map(members) | Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        Value::Dynamic(_, value) => plain(value),
    }
}

/// Adds an input to the corpus, unless the name exists.
fn keep(target: &str, name: &str, input: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    if !path.exists() {
        std::fs::write(path, input).unwrap();
    }
}

fn keep_json(target: &str, name: &str, json: &Json) {
    keep(target, name, json.to_string().as_bytes());
}

/// The responses of the emulator since the journal was emptied, by method and path.
async fn answers(stage: &Stage) -> Json {
    let mut answers = Map::new();
    for entry in stage.journal().await {
        let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let path = part("path");
        let is_answer = entry["batch"].is_null() && entry["status"] == 200;
        if !is_answer || path.ends_with("/token") {
            continue;
        }
        let query = Some(part("query")).filter(|query| !query.is_empty());
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        answers.insert(
            format!("{} {path}{query}", part("method")),
            entry["response_body"].clone(),
        );
    }
    Json::Object(answers)
}

async fn record_resource(scenario: &Scenario) {
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, scenario).await;
    let provider = stage.provider(scenario.side, USUAL).await;
    let type_name = scenario.type_name;
    let config = made.fill(&scenario.config);
    let outcome = apply(&provider, type_name, &Stored::default(), &config).await;
    let stored = outcome.succeeded();
    let shown = plain(&stored.value);
    let private = String::from_utf8(stored.private.clone()).unwrap();
    let ask = json!({ "rpc": "read", "type": type_name, "state": shown, "private": private });

    let provider = stage.provider(scenario.side, USUAL).await;
    stage.forget().await;
    let seen = refresh(&provider, type_name, &stored).await;
    assert!(!seen.failed(), "{}", seen.text());
    let heard = answers(&stage).await;
    keep_json(
        "answers",
        type_name,
        &json!({ "ask": ask, "answers": heard }),
    );
    requests_of(scenario, &made, &provider, &stored, &shown, &ask);
}

/// The requests of the CLI about a resource.
fn requests_of(
    scenario: &Scenario,
    made: &Made,
    provider: &CrossTenant,
    stored: &Stored,
    state: &Json,
    ask: &Json,
) {
    let type_name = scenario.type_name;
    let resource = provider.resource(type_name).unwrap();
    let whole = |config: &Json| plain(&object(&resource.schema().attributes, config));
    let config = whole(&made.fill(&scenario.config));
    let changed = match &scenario.changed {
        Json::Null => Json::Null,
        changed => whole(&made.fill(changed)),
    };
    let named = resource.identity().map(|identity| {
        let of = |attribute: &crosstenant::terraform::IdentityAttribute| {
            (attribute.name.to_owned(), state[attribute.name].clone())
        };
        identity.attributes.iter().map(of).collect::<Map<_, _>>()
    });
    let identity = named.map_or(Json::Null, Json::Object);
    for (rpc, more) in [
        (
            "plan",
            json!({ "state": state, "proposed": changed, "config": changed, "private": ask["private"], "identity": identity }),
        ),
        (
            "apply",
            json!({ "state": null, "proposed": config, "config": config, "identity": identity }),
        ),
        (
            "upgrade",
            json!({ "version": resource.schema().version, "state": state }),
        ),
        (
            "import",
            json!({ "id": scenario.import_id(&stored.value), "identity": null }),
        ),
        ("generate", json!({ "state": state })),
    ] {
        let mut request = more;
        request["rpc"] = json!(rpc);
        request["type"] = json!(type_name);
        keep_json("requests", &format!("{rpc}-{type_name}"), &request);
    }
    keep(
        "imports",
        type_name,
        scenario.import_id(&stored.value).as_bytes(),
    );
    let value = crate::fuzz::values::packed_object(&config);
    keep("msgpack", type_name, &value);
    keep_json("json", type_name, state);
    if !identity.is_null() {
        let request = json!({ "rpc": "import", "type": type_name, "id": "", "identity": identity });
        keep_json("requests", &format!("identity-{type_name}"), &request);
    }
}

async fn record_lookup(scenario: &Scenario) {
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, scenario).await;
    let provider = stage.provider(scenario.side, USUAL).await;
    let source = provider.data_source(scenario.type_name).unwrap();
    let config = object(&source.schema().attributes, &made.fill(&scenario.config));
    stage.forget().await;
    let ask = json!({ "rpc": "read_data", "type": scenario.type_name, "config": plain(&config) });
    let _ = source.read(config).await;
    let heard = answers(&stage).await;
    let name = format!("data-{}", scenario.type_name);
    keep_json("answers", &name, &json!({ "ask": ask, "answers": heard }));
    let mut request = ask;
    request["rpc"] = json!("validate_data");
    keep_json("requests", &name, &request);
}

/// Both tenants completely, as `export --save` writes them.
async fn record_snapshot() {
    let stage = Stage::open(seed()).await;
    let all = all();
    let job = all
        .iter()
        .find(|one| one.type_name == "crosstenant_synchronization_schema");
    Made::on(&stage, job.unwrap()).await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("snapshot.json");
    let mut command =
        tokio::process::Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"));
    for (prefix, side) in [("SOURCE", Side::Source), ("TARGET", Side::Target)] {
        for (name, value) in stage.settings(side) {
            command.env(format!("{prefix}_{}", name.to_uppercase()), value);
        }
    }
    let arguments = ["export", "--out"].map(std::ffi::OsStr::new);
    command
        .args(arguments)
        .arg(home.path().join("out"))
        .arg("--save")
        .arg(&file);
    let output = command.output().await.unwrap();
    assert!(file.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    keep("snapshots", "two-tenants", &std::fs::read(&file).unwrap());
}

/// The state file of the emulator with both tenants.
async fn record_emulator() {
    let home = tempfile::tempdir().unwrap();
    let mut options = crosstenant::emulator::Options::new(seed().to_string());
    options.state = Some(home.path().join("state.json"));
    let running = crosstenant::emulator::start(options).await.unwrap();
    running.shutdown().await;
    let state = std::fs::read(home.path().join("state.json")).unwrap();
    keep("emulator-states", "two-tenants", &state);
}

#[test]
#[ignore = "writes kept inputs; see `make corpus`"]
fn kept_inputs_are_written() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for scenario in all() {
            record_resource(&scenario).await;
        }
        for scenario in lookups() {
            record_lookup(&scenario).await;
        }
        record_snapshot().await;
        record_emulator().await;
    });
    every_type_has_kept_inputs();
}

#[test]
fn every_type_has_kept_inputs() {
    let names = |target: &str| {
        corpus(target)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    let (answers, imports) = (names("answers"), names("imports"));
    let provider = CrossTenant::default();
    let mut missing = Vec::new();
    for resource in provider.resources() {
        let name = resource.type_name().to_owned();
        if !answers.contains(&name) || !imports.contains(&name) {
            missing.push(name);
        }
    }
    for source in provider.data_sources() {
        let name = format!("data-{}", source.type_name());
        if !answers.contains(&name) {
            missing.push(name);
        }
    }
    assert!(
        missing.is_empty(),
        "no inputs are kept for {missing:?}: run `make corpus`"
    );
}
