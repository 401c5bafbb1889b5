//! Stand-in for the providers whose objects are moved, because they are not available on this machine.
//!
//! The CLI requires the schema of every provider in its state, even if it only moves objects away from the provider or removes them. This
//! executable, started once more, acts as all of those providers: it has the few types that are removed from the state, and stores the
//! values that it receives.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;

use crosstenant::protocol::{About, serve};
use crosstenant::terraform::{
    self, Applied, Apply, Attribute, BoxFuture, Capabilities, DataSource, Diagnostic, Diagnostics,
    Imported, Kind, MoveSource, Moved, Plan, PlanRequest, Provider, ReadRequest, Refreshed,
    Resource, Rules, Schema, Value, settle,
};
use serde_json::{Value as Json, json};

use crate::support::cli;
use crate::support::peers::Peer;

const STAND_IN: &str = "CROSSTENANT_TEST_STAND_IN";

pub const PROVIDERS: [&str; 4] = [
    "hashicorp/azuread",
    "deploymenttheory/microsoft365",
    "terraprovider/microsoft365wp",
    "microsoft/msgraph",
];

/// A type that stores the values that it receives.
struct Keeping {
    type_name: String,
    schema: Schema,
}

fn nowhere() -> Diagnostics {
    vec![Diagnostic::error("There is nothing else", "It stands in.")]
}

impl Resource for Keeping {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics {
        terraform::validate(&self.schema.attributes, config, capabilities)
    }

    fn upgrade(&self, _: i64, state: Value) -> Result<Value, Diagnostics> {
        Ok(state)
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan> {
        let planned = terraform::plan(&self.schema.attributes, &request.prior, &request.config);
        let plan = Plan {
            planned: planned.value,
            ..Plan::default()
        };
        Box::pin(std::future::ready(plan))
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, Refreshed> {
        let same = Refreshed {
            state: request.current,
            private: request.private,
            diagnostics: Vec::new(),
        };
        Box::pin(std::future::ready(same))
    }

    fn apply(&self, request: Apply) -> BoxFuture<'_, Applied> {
        let applied = Applied {
            state: settle(&request.planned, &Value::Null),
            ..Applied::default()
        };
        Box::pin(std::future::ready(applied))
    }

    fn import(&self, _: String) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        Box::pin(std::future::ready(Err(nowhere())))
    }

    fn import_by_identity(&self, _: Value) -> BoxFuture<'_, Result<Imported, Diagnostics>> {
        Box::pin(std::future::ready(Err(nowhere())))
    }

    fn move_from(&self, _: MoveSource) -> Result<Moved, Diagnostics> {
        Err(nowhere())
    }
}

struct Others {
    schema: Schema,
    forgotten: Vec<Keeping>,
}

fn schema(version: i64, attributes: Vec<Attribute>) -> Schema {
    Schema {
        version,
        description: "Stands in.".into(),
        attributes,
    }
}

fn text(name: &'static str) -> Attribute {
    Attribute::new(name, "Text.", Kind::String, Rules::optional())
}

/// An attribute that can hold `value`. Names are leaked, and exist as long as the process.
fn like((name, value): (&String, &Json)) -> Attribute {
    let kind = match value {
        Json::Bool(_) => Kind::Bool,
        Json::Number(_) => Kind::Number,
        Json::Object(members) if members.contains_key("type") && members.contains_key("value") => {
            Kind::Dynamic
        }
        Json::Object(members) => Kind::Object(members.iter().map(like).collect()),
        Json::Array(elements) => Kind::List(Box::new(match elements.first() {
            Some(Json::Object(members)) => Kind::Object(members.iter().map(like).collect()),
            _ => Kind::String,
        })),
        _ => Kind::String,
    };
    Attribute::new(name.clone().leak(), "Something.", kind, Rules::optional())
}

impl Others {
    /// All types that are removed with every CLI, and the types of the objects in `known`.
    fn new(known: &[Json]) -> Self {
        // The value is sensitive, as in azuread.
        let value = Attribute::new(
            "value",
            "Text.",
            Kind::String,
            Rules::optional().sensitive(),
        );
        let credential = Kind::List(Box::new(Kind::Object(vec![text("key"), value])));
        let secret = vec![
            text("id"),
            text("service_principal_id"),
            Attribute::new("credential", "Pairs.", credential, Rules::optional()),
        ];
        let body = Attribute::new("body", "Anything.", Kind::Dynamic, Rules::optional());
        let action = ["id", "resource_url", "action", "method"].map(text);
        let action = action.into_iter().chain([body]).collect();
        let keeping = |type_name: &str, version, attributes| Keeping {
            type_name: type_name.to_owned(),
            schema: schema(version, attributes),
        };
        let mut forgotten = vec![
            keeping("azuread_synchronization_secret", 1, secret),
            keeping("msgraph_resource_action", 1, action),
        ];
        for object in known {
            let name = object["type"].as_str().unwrap();
            if !forgotten.iter().any(|other| other.type_name == name) {
                let attributes = object["state"].as_object().unwrap();
                let attributes = attributes.iter().map(like).collect();
                forgotten.push(keeping(
                    name,
                    object["version"].as_i64().unwrap(),
                    attributes,
                ));
            }
        }
        Self {
            schema: schema(1, Vec::new()),
            forgotten,
        }
    }
}

impl Provider for Others {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> Vec<&dyn Resource> {
        let all = self.forgotten.iter();
        all.map(|one| one as &dyn Resource).collect()
    }

    fn data_sources(&self) -> Vec<&dyn DataSource> {
        Vec::new()
    }

    fn resource(&self, type_name: &str) -> Option<&dyn Resource> {
        let mut all = self.resources().into_iter();
        all.find(|one| one.type_name() == type_name)
    }

    fn data_source(&self, _: &str) -> Option<&dyn DataSource> {
        None
    }

    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn configure(&self, _: Value, _: String) -> BoxFuture<'_, Diagnostics> {
        Box::pin(std::future::ready(Diagnostics::new()))
    }

    fn stop(&self) {}
}

/// Not a test: the process that acts as the other providers.
#[test]
fn stand_in() {
    let Ok(known) = std::env::var(STAND_IN) else {
        return;
    };
    let known: Vec<Json> = serde_json::from_str(&known).unwrap();
    let about = About {
        name: "stand-in",
        version: "0.0.0",
        address: "example/stand-in",
    };
    let code = serve(move || Arc::new(Others::new(&known)), about, true);
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// The process, which ends when this value is dropped, and its address for the CLI.
pub struct StandIn {
    process: Child,
    /// Open as long as the process runs: its test harness prints a warning after a minute, and the process would end if the pipe were
    /// closed.
    _remarks: Lines<BufReader<ChildStdout>>,
    /// For `TF_REATTACH_PROVIDERS`.
    pub reattach: String,
}

impl StandIn {
    pub fn start() -> Self {
        Self::knowing([])
    }

    /// Also has the types of these objects.
    pub fn knowing<'a>(objects: impl IntoIterator<Item = &'a Peer>) -> Self {
        let known: Vec<Json> = objects
            .into_iter()
            .map(|peer| json!({ "type": peer.type_name, "version": peer.version, "state": peer.state }))
            .collect();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["stand_in::stand_in", "--exact", "--nocapture"])
            .env(STAND_IN, Json::Array(known).to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines
            .by_ref()
            .find_map(|line| {
                Some(
                    line.ok()?
                        .split_once("TF_REATTACH_PROVIDERS=")?
                        .1
                        .to_owned(),
                )
            })
            .unwrap();
        let one: Json = serde_json::from_str(line.trim().trim_matches('\'')).unwrap();
        let one = one.as_object().unwrap().values().next().unwrap();
        let registries = ["registry.terraform.io", "registry.opentofu.org"];
        let all = registries
            .iter()
            .flat_map(|registry| PROVIDERS.map(|provider| format!("{registry}/{provider}")));
        let all = all.map(|address| (address, one.clone()));
        Self {
            process,
            _remarks: lines,
            reattach: Json::Object(all.collect()).to_string(),
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address of a provider in the registry of the CLI at `path`.
pub fn registered(path: &str, provider: &str) -> String {
    format!("{}/{provider}", cli(path).registry())
}
