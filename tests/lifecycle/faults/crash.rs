//! The provider or the CLI is killed at a request, before or after Graph has performed it. The next apply completes the work, if necessary
//! with the import blocks from the messages, and creates nothing twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::faults::{LAG, thorough};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, clis, demo_seed};

/// Every kind of resource that cross-tenant synchronization needs, in both tenants.
const MAIN: &str = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
  inbound_trust                   = { is_mfa_accepted = BEFORE }
}
resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  display_name      = "NAME"
  user_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_partner_policy" "fabrikam" {
  provider            = crosstenant.source
  partner_tenant_id   = crosstenant_sync_policy.contoso.tenant_id
  is_service_provider = AFTER
}
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}
resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "NAME"
}
resource "crosstenant_app_role_assignment" "ada" {
  provider            = crosstenant.source
  principal_object_id = "a1000000-0000-4000-8000-000000000001"
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}
resource "crosstenant_provisioning_job" "fabrikam" {
  provider                      = crosstenant.source
  service_principal_id          = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id              = crosstenant_trust_settings.fabrikam.partner_tenant_id
  enabled                       = true
  accidental_deletion_threshold = THRESHOLD
}
"#;

/// Time limit for each step, after which it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    Create,
    Update,
    Destroy,
}

#[derive(Clone, Copy, Debug)]
enum Victim {
    Provider,
    Cli,
}

/// The process to kill and the time: at the n-th request, before it is performed or, with `done`, after that.
#[derive(Clone, Copy, Debug)]
struct Crash {
    phase: Phase,
    request: usize,
    victim: Victim,
    done: bool,
    /// Whether replicas lag as Graph's do.
    lags: bool,
}

/// The lag of a minute passes in a second.
const MINUTE: [&str; 4] = ["--lag", "60s", "--speed", "60"];

/// `make chaos` repeats one of this many crashes with lag.
const LAGGING: usize = 8;

fn main_tf(phase: Phase) -> String {
    let (name, before, after, threshold) = match phase {
        Phase::Create => ("Contoso to Fabrikam", "false", "false", "500"),
        Phase::Update | Phase::Destroy => ("Renamed", "true", "true", "100"),
    };
    MAIN.replace("CONTOSO", CONTOSO)
        .replace("NAME", name)
        .replace("BEFORE", before)
        .replace("AFTER", after)
        .replace("THRESHOLD", threshold)
}

/// The tenants and the state of the CLI before each phase, and the number of requests of the phase.
pub struct Beginnings {
    folder: TempDir,
}

impl Beginnings {
    fn of(&self, phase: Phase) -> PathBuf {
        self.folder.path().join(format!("{phase:?}"))
    }

    /// Runs all phases without a crash, and keeps the initial situation of each.
    pub fn make() -> (Self, Vec<(Phase, usize)>) {
        let folder = tempfile::tempdir().unwrap();
        let made = Self { folder };
        let mut counts = Vec::new();
        for phase in [Phase::Create, Phase::Update, Phase::Destroy] {
            std::fs::create_dir(made.of(phase)).unwrap();
        }
        for (phase, next) in [
            (Phase::Create, Some(Phase::Update)),
            (Phase::Update, Some(Phase::Destroy)),
            (Phase::Destroy, None),
        ] {
            let stage = Stage::begin(&made, phase);
            let outcome = stage.workspace.run(&arguments(phase));
            outcome.succeeded();
            let requests = stage
                .emulator
                .journal()
                .iter()
                .filter(|entry| entry["batch"].is_null())
                .count();
            counts.push((phase, requests));
            if let Some(next) = next {
                for name in ["terraform.tfstate", "world.json"] {
                    let kept = stage.workspace.folder.path().join(name);
                    std::fs::copy(kept, made.of(next).join(name)).unwrap();
                }
            }
        }
        (made, counts)
    }
}

pub fn arguments(phase: Phase) -> [&'static str; 5] {
    let verb = if phase == Phase::Destroy {
        "destroy"
    } else {
        "apply"
    };
    [
        verb,
        "-no-color",
        "-input=false",
        "-auto-approve",
        "-parallelism=1",
    ]
}

/// An emulator and a workspace, both as they are before a phase.
pub struct Stage {
    pub emulator: Emulator,
    pub workspace: Workspace,
}

impl Stage {
    pub fn begin(beginnings: &Beginnings, phase: Phase) -> Self {
        Self::with(beginnings, phase, &[])
    }

    /// The same with additional latency in the emulator.
    pub fn slowed(beginnings: &Beginnings, phase: Phase, latency: &str) -> Self {
        Self::with(beginnings, phase, &["--latency", latency])
    }

    fn with(beginnings: &Beginnings, phase: Phase, more: &[&str]) -> Self {
        let from = beginnings.of(phase);
        let workspace = Workspace::of(&clis()[0], BTreeMap::new(), &main_tf(phase));
        let world = workspace.folder.path().join("world.json");
        for name in ["terraform.tfstate", "world.json"] {
            copy(&from.join(name), &workspace.folder.path().join(name));
        }
        let mut options = vec!["--first-cycle", "30d", "--state", world.to_str().unwrap()];
        options.extend(more);
        let emulator = Emulator::with(&demo_seed(), &options);
        let mut workspace = workspace;
        for (name, value) in emulator.environment() {
            workspace.set(&name, &value);
        }
        Self {
            emulator,
            workspace,
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.exists() {
        std::fs::copy(from, to).unwrap();
    }
}

/// The crashes at a request: each process is killed, before and after the request is performed. `make test` alternates between two of the
/// four.
fn at(phase: Phase, request: usize) -> impl Iterator<Item = Crash> {
    let both = [Victim::Provider, Victim::Cli].into_iter().enumerate();
    let each = both.flat_map(|(number, victim)| [false, true].map(|done| (number, victim, done)));
    let is_its_turn = move |number: usize, done| (request + number).is_multiple_of(2) == done;
    each.filter(move |(number, _, done)| thorough() || is_its_turn(*number, *done))
        .map(move |(_, victim, done)| Crash {
            phase,
            request,
            victim,
            done,
            lags: false,
        })
}

#[test]
fn apply_recovers_after_a_kill_at_any_request() {
    let (beginnings, counts) = Beginnings::make();
    let mut crashes = Vec::new();
    for (phase, requests) in counts {
        for request in 0..requests {
            crashes.extend(at(phase, request));
        }
    }
    let lagging: Vec<Crash> = crashes
        .iter()
        .filter(|_| LAG && thorough())
        .step_by(LAGGING)
        .map(|crash| Crash {
            lags: true,
            ..*crash
        })
        .collect();
    crashes.extend(lagging);
    let (next, survived, imports) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(crash) = crashes.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match std::panic::catch_unwind(|| survive(&beginnings, *crash)) {
                        Ok(count) => {
                            survived.fetch_add(1, Ordering::SeqCst);
                            imports.fetch_add(count, Ordering::SeqCst);
                        }
                        Err(_) => failures.lock().unwrap().push(*crash),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
    eprintln!(
        "crashes: {} tried, {} objects imported as advised, nothing lost and nothing twice",
        crashes.len(),
        imports.into_inner()
    );
    let survived = survived.into_inner();
    assert_eq!(survived, crashes.len());
    let moments = crashes.iter().filter(|crash| !crash.lags).count();
    let text = format!(
        "The provider, and separately the CLI, is killed at every request of creating, changing and destroying eight resources, \
         before and after Graph has done what the request asks. `make test` tries {moments} moments, half of all; `make chaos` tries each."
    );
    if !thorough() {
        crate::reliability::says("crash", &text);
    }
}

/// Crashes once and recovers; returns the number of objects that had to be imported.
fn survive(beginnings: &Beginnings, crash: Crash) -> usize {
    let more: &[&str] = if crash.lags { &MINUTE } else { &[] };
    let stage = Stage::with(beginnings, crash.phase, more);
    let Stage {
        emulator,
        workspace,
    } = &stage;
    let kind = if crash.done { "late" } else { "delay" };
    emulator.fault(
        &json!({ "after": crash.request, "kind": kind, "delay_ms": 600_000, "parts": false }),
    );
    let mut cli = workspace
        .command(&arguments(crash.phase))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait(&format!("{crash:?} is reached"), || {
        emulator.control("GET", "faults", None)["left"] == 0
    });
    if crash.done {
        // The fault is counted before the request is performed, which takes a moment.
        std::thread::sleep(Duration::from_millis(50));
    }
    let providers = children(cli.id());
    assert!(!providers.is_empty(), "{crash:?}");
    match crash.victim {
        Victim::Provider => providers.iter().for_each(|process| kill(*process)),
        Victim::Cli => kill(cli.id()),
    }
    ended(&mut cli, crash);
    wait(&format!("{crash:?}: the provider ends as well"), || {
        providers.iter().all(|process| !is_alive(*process))
    });
    let title = format!("{crash:?}");
    let imported = recover(&stage, crash.phase, &title);
    check(&stage, crash.phase, &title);
    imported
}

/// Applies until it succeeds, adding the import blocks that the messages contain.
pub fn recover(stage: &Stage, phase: Phase, title: &str) -> usize {
    let mut imports: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..10 {
        let outcome = stage.workspace.run(&arguments(phase));
        if outcome.code == Some(0) {
            return imports.len();
        }
        let before = imports.len();
        imports.extend(advised(&outcome.text));
        assert!(
            imports.len() > before,
            "{title}: neither success nor advice\n{}",
            outcome.text
        );
        let blocks = imports
            .iter()
            .map(|(to, id)| format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n"));
        stage
            .workspace
            .write("imports.tf", &blocks.collect::<String>());
    }
    panic!("{title}: never settled");
}

/// The address and the ID of every import in the messages.
fn advised(text: &str) -> Vec<(String, String)> {
    let between = |text: &str, before: &str, after: &str| {
        let (_, rest) = text.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    };
    text.split("Error: ")
        .filter_map(|message| {
            let (_, block) = message.split_once("import {")?;
            Some((
                between(message, " with ", ",")?,
                between(block, "id = \"", "\"")?,
            ))
        })
        .collect()
}

/// Checks that each object exists once, or after a destroy not at all.
pub fn check(stage: &Stage, phase: Phase, title: &str) {
    let (source, target) = (
        stage.emulator.tenant(CONTOSO),
        stage.emulator.tenant(FABRIKAM),
    );
    let count = |tenant: &Json, name: &str| match &tenant[name] {
        Json::Object(members) => members.len(),
        Json::Array(members) => members.len(),
        _ => 0,
    };
    // The application that signs in exists as well.
    let ours = usize::from(phase != Phase::Destroy);
    for (tenant, name, expected) in [
        (&source, "partners", ours),
        (&target, "partners", ours),
        (&target, "syncPolicies", ours),
        (&source, "applications", 1 + ours),
        (&source, "assignments", ours),
        (&source, "jobs", ours),
    ] {
        assert_eq!(
            count(tenant, name),
            expected,
            "{title}: {name} {}",
            tenant[name]
        );
    }
    if ours == 1 {
        stage.workspace.is_settled();
        assert_eq!(stage.workspace.resources().len(), 8, "{title}");
        assert_eq!(source["jobs"][0]["state"], "Active", "{title}");
    } else {
        assert!(stage.workspace.resources().is_empty(), "{title}");
    }
}

pub fn wait(what: &str, done: impl Fn() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ended(child: &mut Child, crash: Crash) {
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if since.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{crash:?}: the CLI hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(process: u32) {
    let status = Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok());
}

/// State and parent of a process, from the line whose second field may contain any text.
fn stat(process: u32) -> Option<(char, u32)> {
    let line = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = line.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

pub fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|(state, _)| state != 'Z')
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let ids = processes.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.filter(|process| stat(*process).is_some_and(|(state, of)| of == parent && state != 'Z'))
        .collect()
}
