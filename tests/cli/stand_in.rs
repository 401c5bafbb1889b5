//! Stands in for the providers whose objects are moved here, which this machine does not have.
//!
//! The CLI wants to know the schema of every provider in its state, also where it only moves objects away from it or forgets
//! them. This executable, started once more, is all of those providers: it knows the few types that are forgotten, and keeps
//! what it is told.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;

use crosstenant::protocol::{About, serve};
use crosstenant::terraform::{
    self, Applied, Apply, Attribute, BoxFuture, Capabilities, DataSource, Diagnostic, Diagnostics,
    Imported, Kind, MoveSource, Moved, Plan, PlanRequest, Provider, ReadRequest, Refreshed,
    Resource, Schema, Value, optional, settle,
};
use serde_json::Value as Json;

use crate::support::cli;

const STAND_IN: &str = "CROSSTENANT_TEST_STAND_IN";

pub const PROVIDERS: [&str; 4] = [
    "hashicorp/azuread",
    "deploymenttheory/microsoft365",
    "terraprovider/microsoft365wp",
    "microsoft/msgraph",
];

/// A type that keeps what it is told.
struct Keeping {
    type_name: &'static str,
    schema: Schema,
}

fn nowhere() -> Diagnostics {
    vec![Diagnostic::error("There is nothing else", "It stands in.")]
}

impl Resource for Keeping {
    fn type_name(&self) -> &str {
        self.type_name
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

fn schema(attributes: Vec<Attribute>) -> Schema {
    Schema {
        version: 1,
        description: "Stands in.".into(),
        attributes,
    }
}

fn text(name: &'static str) -> Attribute {
    Attribute::new(name, "Text.", Kind::String, optional())
}

impl Others {
    fn new() -> Self {
        let credential = Kind::Object(vec![text("key"), text("value")]);
        let of_any = |name| Attribute::new(name, "Anything.", Kind::Dynamic, optional());
        let secret = vec![
            text("id"),
            text("service_principal_id"),
            Attribute::new(
                "credential",
                "Pairs.",
                Kind::List(Box::new(credential)),
                optional(),
            ),
        ];
        let action = vec![
            text("id"),
            text("resource_url"),
            text("action"),
            text("method"),
            of_any("body"),
        ];
        let keeping = |(type_name, attributes)| Keeping {
            type_name,
            schema: schema(attributes),
        };
        Self {
            schema: schema(Vec::new()),
            forgotten: [
                ("azuread_synchronization_secret", secret),
                ("msgraph_resource_action", action),
            ]
            .map(keeping)
            .into(),
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

/// No test of its own: the process that stands in for the others.
#[test]
fn stand_in() {
    if std::env::var_os(STAND_IN).is_none() {
        return;
    }
    let about = About {
        name: "stand-in",
        version: "0.0.0",
        address: "example/stand-in",
    };
    let code = serve(|| Arc::new(Others::new()), about, true);
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// The process, until this value is dropped, and how the CLI finds it.
pub struct StandIn {
    process: Child,
    /// Open as long as the process lives: the harness in it remarks after a minute that its test takes long, and ends
    /// where nobody listens.
    _remarks: Lines<BufReader<ChildStdout>>,
    /// For `TF_REATTACH_PROVIDERS`.
    pub reattach: String,
}

impl StandIn {
    pub fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["stand_in::stand_in", "--exact", "--nocapture"])
            .env(STAND_IN, "1")
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
