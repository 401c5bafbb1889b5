//! The command `live`: against the emulator, against an emulator behind a relay that turns each fact into its opposite, and against
//! recordings.

mod recordings;
mod server;
mod sweeping;
mod twists;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM};

/// The output and the exit code of the command.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn ended(&self, code: i32, words: &[&str]) -> &Self {
        let all = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        for words in words {
            assert!(all.contains(words), "{words:?} is missing in\n{all}");
        }
        self
    }

    /// Outcome and detail by fact.
    #[track_caller]
    pub fn outcomes(&self) -> BTreeMap<String, (String, String)> {
        let all: Json = serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("{why}: {} {}", self.out, self.err));
        let text = |row: &Json, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = all["facts"].as_array().unwrap().iter();
        rows.map(|row| {
            (
                text(row, "fact"),
                (text(row, "outcome"), text(row, "detail")),
            )
        })
        .collect()
    }
}

/// A pair of tenants, and a folder for the command to work in.
pub struct Desk {
    pub environment: BTreeMap<String, String>,
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub fn new(environment: BTreeMap<String, String>) -> Self {
        Self {
            environment,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"));
        command
            .args(["live", "--patience", "1s"])
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The facts that can be tested, and those that cannot.
pub fn facts() -> (BTreeSet<String>, BTreeSet<String>) {
    let listed = Desk::new(BTreeMap::new()).run(&["--list"]);
    listed.ended(0, &[]);
    let lines: Vec<&str> = listed.out.lines().collect();
    let all = lines
        .chunks(3)
        .map(|fact| (fact[0].to_owned(), fact[2].trim()));
    let (tried, other): (Vec<_>, Vec<_>) = all.partition(|(_, how)| how.starts_with("by "));
    let names = |all: Vec<(String, &str)>| all.into_iter().map(|(name, _)| name).collect();
    (names(tried), names(other))
}

/// The demo's tenants without synchronization.
pub fn emulator() -> Emulator {
    Emulator::with(&crate::support::demo_seed(), &["--first-cycle", "1h"])
}

/// The data of both tenants that a run must leave unchanged.
pub fn traces(emulator: &Emulator) -> [Json; 2] {
    [CONTOSO, FABRIKAM]
        .map(|tenant| {
            let tenant = emulator.tenant(tenant);
            let names = [
                "partners",
                "syncPolicies",
                "jobs",
                "assignments",
                "applications",
                "servicePrincipals",
            ];
            names
                .iter()
                .map(|name| (*name, tenant[*name].clone()))
                .collect::<BTreeMap<_, _>>()
        })
        .map(|kept| json!(kept))
}

#[test]
fn the_emulator_confirms_every_fact_and_nothing_is_left_behind() {
    let emulator = emulator();
    let before = traces(&emulator);
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&["--json"]);
    let outcomes = said.outcomes();
    let otherwise: Vec<_> = outcomes
        .iter()
        .filter(|(_, (outcome, _))| outcome == "seen_otherwise")
        .collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
    said.ended(0, &["\"left_behind\": []"]);
    let (tried, impossible) = facts();
    let seen = outcomes
        .iter()
        .filter(|(_, (outcome, _))| outcome == "seen_so");
    assert_eq!(
        seen.map(|(fact, _)| fact.clone()).collect::<BTreeSet<_>>(),
        tried
    );
    let open = outcomes
        .iter()
        .filter(|(_, (outcome, _))| outcome == "not_tried");
    assert_eq!(
        open.map(|(fact, _)| fact.clone()).collect::<BTreeSet<_>>(),
        impossible
    );
    assert_eq!(traces(&emulator), before);
    assert!(
        files(desk.folder.path()).is_empty(),
        "the record is removed"
    );
}

#[test]
fn the_table_names_facts_outcomes_and_reasons() {
    let emulator = emulator();
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&[
        "--fact",
        "unknown-tenant",
        "--fact",
        "page-sizes",
        "--fact",
        "second-job",
    ]);
    said.ended(
        0,
        &[
            "✓ seen so",
            "unknown-tenant",
            "– not tried",
            "nothing depends on it",
            "3 facts: 2 seen so, 0 seen otherwise, 1 not tried.",
        ],
    );
    desk.run(&["--fact", "unknown"])
        .ended(2, &["There is no fact \"unknown\"", "unknown-tenant"]);
}

#[test]
fn with_read_only_nothing_is_changed() {
    let emulator = emulator();
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&["--read-only", "--json"]);
    said.ended(2, &["--read-only is set"]);
    let outcomes = said.outcomes();
    assert!(
        outcomes
            .values()
            .filter(|(outcome, _)| outcome == "seen_so")
            .count()
            > 8
    );
    for call in emulator.graph_requests() {
        assert!(call.starts_with("GET "), "{call}");
    }
}

#[test]
fn a_missing_permission_is_named_and_is_not_a_finding() {
    let emulator = emulator();
    let path = format!("tenants/{CONTOSO}/apps/0");
    let permissions =
        json!({ "permissions": ["User.Read.All", "Policy.Read.All", "Application.Read.All"] });
    emulator.control("PATCH", &path, Some(&permissions));
    let desk = Desk::new(emulator.environment());
    let said = desk.run(&[
        "--json",
        "--fact",
        "filters-of-provisioning-log",
        "--fact",
        "filter-by-template",
    ]);
    said.ended(
        2,
        &["the application in the source tenant needs ProvisioningLog.Read.All"],
    );
    assert_eq!(said.outcomes()["filter-by-template"].0, "seen_so");
}

pub fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
