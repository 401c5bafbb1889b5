//! Shared by tests with the real CLI: an emulator in a separate process, and a workspace with a configuration.
#![allow(dead_code, unused_imports)] // Every test binary uses another part of it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value as Json;
use tempfile::TempDir;

pub mod clis;
pub mod features;
pub mod mocks;
#[path = "../openapi/mod.rs"]
pub mod openapi;
pub mod peers;
pub mod scenarios;
#[cfg(unix)]
pub mod terminal;

pub use clis::{Cli, Flavor, all_clis, cli, clis, forget_settings, lacks, skipped, works};
pub use features::Feature;

pub const CONTOSO: &str = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10";
pub const FABRIKAM: &str = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264";

/// The file at `path` below the project's folder.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The seed of the demo.
pub fn demo_seed() -> PathBuf {
    project("examples/two-tenants/seed.json")
}

/// A client for this machine only: reading the certificate authorities is what makes a client slow to create.
pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder.tls_certs_only([]).build().unwrap()
}

/// A Graph emulator in a separate process, which ends when this value is dropped.
pub struct Emulator {
    process: Child,
    pub graph: String,
    pub login: String,
}

impl Emulator {
    pub fn start() -> Self {
        Self::with(&demo_seed(), &[])
    }

    pub fn with(seed: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_graph-emulator"))
            .args(["--listen", "127.0.0.1:0", "--seed"])
            .arg(seed)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Json =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("the emulator said {line:?}"));
        let url = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self {
            graph: url("graph"),
            login: url("login"),
            process,
        }
    }

    /// The environment of a CLI that manages both tenants.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        let mut seed: Json =
            serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
        for (prefix, tenant_id) in [("SOURCE", CONTOSO), ("TARGET", FABRIKAM)] {
            let tenants = seed["tenants"].as_array_mut().unwrap();
            let tenant = tenants
                .iter()
                .find(|tenant| tenant["tenantId"] == tenant_id)
                .unwrap();
            let client = &tenant["apps"][0];
            for (name, value) in [
                ("TENANT_ID", tenant_id),
                ("CLIENT_ID", client["clientId"].as_str().unwrap()),
                ("CLIENT_SECRET", client["secrets"][0].as_str().unwrap()),
                ("GRAPH_ENDPOINT", &self.graph),
                ("LOGIN_ENDPOINT", &self.login),
                // Changes behind the provider's back are accepted after seconds, not minutes.
                ("REPLICATION_TIMEOUT", "4s"),
            ] {
                variables.insert(format!("{prefix}_{name}"), value.to_owned());
            }
        }
        variables
    }

    /// Calls a control path of the emulator.
    pub fn control(&self, method: &str, path: &str, body: Option<&Json>) -> Json {
        let url = format!("{}/_emulator/{path}", self.graph);
        let method: reqwest::Method = method.parse().unwrap();
        runtime().block_on(async {
            let mut request = http().request(method, url);
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{path}: {status} {text}");
            serde_json::from_str(&text).unwrap_or(Json::Null)
        })
    }

    /// Every exchange since the last [`Emulator::forget`].
    pub fn journal(&self) -> Vec<Json> {
        self.control("GET", "requests", None)
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The requests to Graph itself, without sign-ins; batches are counted once.
    pub fn graph_requests(&self) -> Vec<String> {
        let is_graph = |entry: &&Json| {
            let path = entry["path"].as_str().unwrap_or_default();
            (path.starts_with("/v1.0") || path.starts_with("/beta")) && entry["batch"].is_null()
        };
        let text = |entry: &Json| {
            format!(
                "{} {}",
                entry["method"].as_str().unwrap(),
                entry["path"].as_str().unwrap()
            )
        };
        self.journal().iter().filter(is_graph).map(text).collect()
    }

    pub fn forget(&self) {
        self.check();
        self.control("DELETE", "requests", None);
    }

    /// Validates every exchange so far against Microsoft's description: our requests, and the emulator's responses.
    fn check(&self) {
        let violations = self.violations();
        assert!(
            violations.is_empty(),
            "{}",
            openapi::report(violations.into_iter())
        );
    }

    /// The violations in these exchanges.
    pub fn violations(&self) -> Vec<String> {
        static DESCRIPTION: OnceLock<openapi::Description> = OnceLock::new();
        let description = DESCRIPTION.get_or_init(openapi::Description::load);
        let journal = self.journal();
        let each = journal.iter();
        each.flat_map(|entry| description.violations(entry))
            .collect()
    }

    pub fn fault(&self, fault: &Json) {
        self.control("POST", "faults", Some(fault));
    }

    pub fn cycle(&self) {
        self.control("POST", "cycle", None);
    }

    pub fn tenant(&self, id: &str) -> Json {
        self.control("GET", &format!("tenants/{id}"), None)
    }

    /// Sends one request to Graph as the seeded application of a tenant, as another administrator would.
    pub fn as_admin(
        &self,
        tenant_id: &str,
        method: &str,
        path: &str,
        body: Option<&Json>,
    ) -> (u16, Json) {
        let environment = self.environment();
        let prefix = if tenant_id == CONTOSO {
            "SOURCE"
        } else {
            "TARGET"
        };
        let variable = |name: &str| environment[&format!("{prefix}_{name}")].clone();
        runtime().block_on(async {
            let http = http();
            let form = [
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", variable("CLIENT_ID")),
                ("client_secret", variable("CLIENT_SECRET")),
                ("scope", "https://graph.microsoft.com/.default".to_owned()),
            ];
            let login = format!("{}/{tenant_id}/oauth2/v2.0/token", self.login);
            let token: Json = http
                .post(login)
                .form(&form)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let mut request = http
                .request(method.parse().unwrap(), format!("{}{path}", self.graph))
                .bearer_auth(token["access_token"].as_str().unwrap());
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.json().await.unwrap_or(Json::Null))
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // After a failure, the journal may contain anything, and a second panic would hide the first.
        let checked = if std::thread::panicking() {
            Ok(())
        } else {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.check()))
        };
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Err(violations) = checked {
            std::panic::resume_unwind(violations);
        }
    }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap())
}

/// The output and the result of a command.
pub struct Outcome {
    pub code: Option<i32>,
    /// Both streams, without the frames around messages and the line breaks inside them.
    pub text: String,
    pub stdout: String,
}

impl Outcome {
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{}", self.text);
        self
    }

    #[track_caller]
    pub fn failed(&self) -> &Self {
        assert_eq!(self.code, Some(1), "{}", self.text);
        self
    }

    /// Checks that the output contains all of `words`, across line breaks.
    #[track_caller]
    pub fn says(&self, words: &[&str]) -> &Self {
        for words in words {
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                self.text.contains(&words),
                "{words:?} is missing in:\n{}",
                self.text
            );
        }
        self
    }
}

/// The provider that CLIs start: the one that was built with the tests, or the one in `CROSSTENANT_BINARY`, such as that of a release.
pub fn provider() -> PathBuf {
    let built = || env!("CARGO_BIN_EXE_terraform-provider-crosstenant").into();
    std::env::var_os("CROSSTENANT_BINARY").map_or_else(built, PathBuf::from)
}

/// A folder with a configuration, and the CLI that works on it.
pub struct Workspace {
    pub folder: TempDir,
    pub cli: String,
    environment: BTreeMap<String, String>,
}

impl Workspace {
    /// A folder with `main.tf`, for the CLI under test (the first if there are several) and the tenants of `emulator`.
    pub fn new(emulator: &Emulator, main: &str) -> Self {
        Self::of(&clis()[0], emulator.environment(), main)
    }

    pub fn of(cli: &str, environment: BTreeMap<String, String>, main: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("crosstenant")
            .tempdir()
            .unwrap();
        let binary = provider();
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{ \"crosstenant/crosstenant\" = \"{}\" }}\n  direct {{}}\n}}\n",
            binary.parent().unwrap().display()
        );
        std::fs::write(folder.path().join("cli.tfrc"), settings).unwrap();
        let workspace = Self {
            folder,
            cli: cli.to_owned(),
            environment,
        };
        workspace.write("main.tf", main);
        workspace
    }

    pub fn write(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    pub fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.environment
            .insert(variable.to_owned(), value.to_owned());
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command_of(&self.cli);
        command.args(arguments);
        command
    }

    /// Another program in the folder and environment of the CLI.
    pub fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        forget_settings(&mut command);
        command
            .current_dir(self.folder.path())
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("cli.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(&self.environment)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let all = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
        Outcome {
            code: output.status.code(),
            text: flowing(&all),
            stdout,
        }
    }

    pub fn apply(&self) -> Outcome {
        self.run(&["apply", "-no-color", "-input=false", "-auto-approve"])
    }

    pub fn plan(&self) -> Outcome {
        self.run(&["plan", "-no-color", "-input=false"])
    }

    pub fn destroy(&self) -> Outcome {
        self.run(&["destroy", "-no-color", "-input=false", "-auto-approve"])
    }

    /// Fails unless the plan is empty.
    #[track_caller]
    pub fn is_settled(&self) {
        let plan = self.run(&["plan", "-no-color", "-input=false", "-detailed-exitcode"]);
        assert_eq!(plan.code, Some(0), "{}", plan.text);
    }

    /// Fails if a refresh-only plan finds changes.
    #[track_caller]
    pub fn has_no_drift(&self) {
        let plan = self.run(&[
            "plan",
            "-no-color",
            "-input=false",
            "-refresh-only",
            "-detailed-exitcode",
        ]);
        assert_eq!(plan.code, Some(0), "{}", plan.text);
    }

    /// The managed resources in the state: address, type and values.
    pub fn resources(&self) -> Vec<(String, String, Json)> {
        let shown = self.run(&["show", "-json"]);
        shown.succeeded();
        let state: Json = serde_json::from_str(&shown.stdout).unwrap();
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let managed = resources
            .into_iter()
            .filter(|resource| resource["mode"] == "managed");
        managed
            .map(|resource| {
                let text = |name: &str| resource[name].as_str().unwrap().to_owned();
                (text("address"), text("type"), resource["values"].clone())
            })
            .collect()
    }

    /// The values of the only resource of `type_name`.
    #[track_caller]
    pub fn values(&self, type_name: &str) -> Json {
        let mut found: Vec<Json> = self
            .resources()
            .into_iter()
            .filter(|(_, kind, _)| kind == type_name)
            .map(|(_, _, values)| values)
            .collect();
        assert_eq!(found.len(), 1, "{type_name}");
        found.remove(0)
    }
}

/// Text without the CLI's frames and line breaks, so that sentences can be found in it.
fn flowing(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches(['│', '╷', '╵', ' ']));
    lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}
