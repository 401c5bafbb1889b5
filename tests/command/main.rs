//! The binary as users and pipelines start it: its commands against two emulated tenants.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod arguments;
mod check;
mod demo;
#[path = "../support/dice.rs"]
mod dice;
#[path = "../engine/mod.rs"]
mod engine;
mod export;
mod getting_started;
mod leftovers;
mod live;
mod map;
mod pictures;
mod preview;
mod previewed_groups;
mod previewed_managers;
mod secure_defaults;
mod status;
#[path = "../support/mod.rs"]
mod support;
mod watch;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed, project};

/// The only configuration of the example.
const CONFIGURATION: &str = "Contoso to Fabrikam";

/// The binary with only these environment variables.
fn command(environment: &BTreeMap<String, String>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment)
        .stdin(Stdio::null());
    command
}

/// The output and the exit code of the binary.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(environment: &BTreeMap<String, String>, arguments: &[&str]) -> Said {
    let output = command(environment, arguments).output().unwrap();
    let said = Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    // No output may ever contain these texts.
    for secret in ["emulator-only-", "Bearer "] {
        let seen = said.out.contains(secret) || said.err.contains(secret);
        assert!(!seen, "{secret} in {} {}", said.out, said.err);
    }
    said
}

impl Said {
    /// Checks the exit code, and that the output contains all of these texts, across line breaks.
    #[track_caller]
    fn ended(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        let flowing = |text: &str| {
            let words = text.split(|c: char| c.is_whitespace() || "│┆".contains(c));
            words
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let all = flowing(&format!("{} {}", self.out, self.err));
        for words in words {
            assert!(all.contains(words), "{words:?} is missing in\n{all}");
        }
        self
    }

    #[track_caller]
    fn json(&self) -> Json {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("{why}: {} {}", self.out, self.err))
    }
}

/// The demo's seed with one change. The first cycle runs only when a test runs it.
fn seeded(change: impl FnOnce(&mut Json)) -> Emulator {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    seed["settings"]["limits"] = json!(false);
    change(&mut seed);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    Emulator::with(file.path(), &["--first-cycle", "1h"])
}

/// Removes users whom synchronization would skip, so that a pair can be completely ready.
fn without_sms(seed: &mut Json) {
    for user in seed["tenants"][0]["users"].as_array_mut().unwrap() {
        user.as_object_mut().unwrap().remove("smsSignIn");
    }
}

/// Both tenants configured as in the example, by Terraform itself.
fn set_up(emulator: &Emulator) -> Workspace {
    let text = std::fs::read_to_string(project("examples/two-tenants/main.tf")).unwrap();
    let workspace = Workspace::new(emulator, &text);
    workspace.apply().succeeded();
    workspace
}

fn admin(emulator: &Emulator, tenant: &str, method: &str, path: &str, body: Option<&Json>) {
    let (status, answer) = emulator.as_admin(tenant, method, path, body);
    assert!(status < 300, "{path}: {status} {answer}");
}

/// The target tenant disables automatic redemption, and the next cycle leads to quarantine.
fn quarantine(emulator: &Emulator) {
    let path = format!("/v1.0/policies/crossTenantAccessPolicy/partners/{CONTOSO}");
    let body = json!({ "automaticUserConsentSettings": { "inboundAllowed": false } });
    admin(emulator, FABRIKAM, "PATCH", &path, Some(&body));
    emulator.cycle();
}
