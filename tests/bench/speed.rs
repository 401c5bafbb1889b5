//! The benchmarks of `make bench`: start-up, size, memory, and many assignments with the real CLI at a simulated latency.
//!
//! Prints Markdown and writes it to `docs/internals/performance.md`, so that each number in the documentation comes from a run.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod aims;
mod edit;
mod export;
#[path = "../command/export/graph.rs"]
#[allow(dead_code)] // Only configurations and their jobs are created.
mod graph;
mod growth;
#[path = "../protocol/host.rs"]
#[allow(dead_code, clippy::pedantic)]
mod host;
mod preview;
mod size;
#[path = "../support/mod.rs"]
#[allow(clippy::pedantic)]
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crosstenant::proto::tfplugin6::get_provider_schema;
use serde_json::{Value as Json, json};
use support::{CONTOSO, Emulator, FABRIKAM, Workspace, cli, clis, demo_seed, project};

const NAME: &str = env!("CARGO_PKG_NAME");
const LATENCY: &str = "50ms";
const COUNTS: [usize; 3] = [10, 100, 500];
const ROUNDS: usize = 3;
const STARTS: usize = 100;

/// A section of the report: its name and its measurement.
type Section = (&'static str, fn() -> String);

fn main() {
    // `cargo test --benches` and editors start this with other arguments; only `cargo bench` measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let sections: [Section; 11] = [
        ("machine", machine),
        ("start", start_up),
        ("assignments", assignments),
        ("partners", partners),
        ("maps", maps),
        ("single", single_operations),
        ("growth", growth::section),
        ("export", export::section),
        ("preview", preview::section),
        ("edit", edit::section),
        // Must be last, because it leaves a binary that is not the release binary.
        ("size", size::section),
    ];
    let page = project("docs/internals/performance.md");
    let before = std::fs::read_to_string(&page).unwrap_or_default();
    // Sections that are not measured again are kept.
    let mut parts: Vec<(&str, String)> = sections
        .iter()
        .map(|(name, _)| (*name, kept(&before, name).unwrap_or_default().to_owned()))
        .collect();
    for (place, (name, section)) in sections.into_iter().enumerate() {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            let text = section();
            eprintln!("{text}");
            text.trim().clone_into(&mut parts[place].1);
            // Written after each section, so that an interrupted run keeps its results.
            std::fs::write(&page, written(&parts)).unwrap();
        }
    }
    eprintln!("{}", written(&parts));
}

/// The whole page.
fn written(parts: &[(&str, String)]) -> String {
    let mut tables = String::new();
    for (name, text) in parts {
        let _ = write!(tables, "\n<!-- {name} -->\n{text}\n<!-- /{name} -->\n");
    }
    format!("{INTRODUCTION}\n{}{tables}", aims::section(&tables))
}

const INTRODUCTION: &str = "\
# Performance

`make bench` measures and writes this page. `cargo bench --bench speed -- growth` measures only one part between two markers. Times are \
medians with minimum and maximum, in milliseconds, on an otherwise idle machine.
";

/// A section as it is on the page.
fn kept<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n"))?;
    let (text, _) = rest.split_once(&format!("\n<!-- /{name} -->"))?;
    Some(text)
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let version = std::process::Command::new(&clis()[0])
        .arg("version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8_lossy(&version)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    format!(
        "Measured with {version} and the {} binary on a machine with {cores} cores.\n",
        if target().is_some_and(|name| name.ends_with("-musl")) {
            "static"
        } else {
            "dynamic"
        }
    )
}

/// The Rust target of a binary from `make binary`, which builds releases.
fn target() -> Option<String> {
    let folder = binary().parent()?.parent()?.file_name()?.to_owned();
    let name = folder.into_string().ok()?;
    (name != "target").then_some(name)
}

/// Several measurements of the same quantity.
struct Sample(Vec<f64>);

impl Sample {
    fn row(mut self) -> String {
        self.0.sort_by(f64::total_cmp);
        let digits = usize::from(self.0[self.0.len() / 2] < 10.0);
        let [low, middle, high] = [
            self.0[0],
            self.0[self.0.len() / 2],
            self.0[self.0.len() - 1],
        ];
        format!("{middle:.digits$} ({low:.digits$}–{high:.digits$})")
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn binary() -> PathBuf {
    support::provider()
}

fn start_up() -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut nothing, mut handshake, mut schema, mut cpu) = (vec![], vec![], vec![], vec![]);
    let mut memory = 0;
    for _ in 0..STARTS {
        nothing.push(process_that_does_nothing());
        runtime.block_on(async {
            let launch = host::Launch::provider();
            let started = Instant::now();
            let mut plugin = launch.start().await;
            handshake.push(milliseconds(started.elapsed()));
            cpu.push(processor_time(plugin.child.id().unwrap()));
            let mut client = plugin.client().await;
            let asked = Instant::now();
            client
                .get_provider_schema(get_provider_schema::Request {})
                .await
                .unwrap();
            schema.push(milliseconds(asked.elapsed()));
            memory = memory.max(peak(plugin.child.id().unwrap()));
            plugin.shut_down().await;
        });
    }
    let size = std::fs::metadata(binary()).unwrap().len();
    let mut text = String::from(
        "\n## Start-up\n\nThe CLI starts a provider three to five times per command.\n\n| | |\n|---|---|\n",
    );
    let rows = [
        (
            "start and end of `true`, which does nothing: the machine".to_owned(),
            format!("{} ms", Sample(nothing).row()),
        ),
        (
            "process start to handshake, mutual TLS".to_owned(),
            format!("{} ms", Sample(handshake).row()),
        ),
        (
            "processor time until then".to_owned(),
            format!("{} ms", Sample(cpu).row()),
        ),
        (
            "schema call".to_owned(),
            format!("{} ms", Sample(schema).row()),
        ),
        (
            "peak memory after the schema call".to_owned(),
            format!("{:.1} MB", megabytes(memory)),
        ),
        (
            "size of the binary".to_owned(),
            format!("{:.1} MB", megabytes(size)),
        ),
    ];
    for (what, number) in rows {
        let _ = writeln!(text, "| {what} | {number} |");
    }
    text
}

/// Start and end of any process, in milliseconds. It differs between machines, and over hours on one machine.
fn process_that_does_nothing() -> f64 {
    let started = Instant::now();
    let status = std::process::Command::new("true").status().unwrap();
    assert!(status.success());
    milliseconds(started.elapsed())
}

#[allow(clippy::cast_precision_loss, reason = "megabytes with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

/// Processor time of all threads of a process, in milliseconds.
#[allow(clippy::cast_precision_loss, reason = "milliseconds with one decimal")]
fn processor_time(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<u64>() as f64 / 1_000_000.0
}

/// Processor time of all children of this process that have ended, including their own children, in milliseconds.
fn children() -> f64 {
    // The unit of these fields is a hundredth of a second on every Linux.
    const UNIT: f64 = 10.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the name of the program, which may contain spaces.
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let waited_for = fields.skip(13).take(2);
    waited_for
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        * UNIT
}

/// Peak memory of a process, in bytes.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .next()
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// Monitors the providers that a CLI starts, for the peak memory of one of them.
struct Watch {
    most: Arc<AtomicU64>,
    processor: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
}

impl Watch {
    fn start() -> Self {
        let watch = Self {
            processor: Arc::default(),
            most: Arc::default(),
            done: Arc::default(),
        };
        let (most, done) = (Arc::clone(&watch.most), Arc::clone(&watch.done));
        let processor = Arc::clone(&watch.processor);
        std::thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                for process in providers() {
                    most.fetch_max(peak(process), Ordering::Relaxed);
                    // The longest-lived provider does the work; the others only return their schema.
                    processor.fetch_max(microseconds(processor_time(process)), Ordering::Relaxed);
                }
                // Both values only increase, and polling more often takes processor time from the CLI.
                std::thread::sleep(Duration::from_millis(25));
            }
        });
        watch
    }

    fn stop(self) -> (u64, u64) {
        self.done.store(true, Ordering::Relaxed);
        (
            self.most.load(Ordering::Relaxed),
            self.processor.load(Ordering::Relaxed),
        )
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few seconds at most"
)]
fn microseconds(milliseconds: f64) -> u64 {
    (milliseconds * 1000.0) as u64
}

fn providers() -> Vec<u32> {
    let is_ours = |process: &u32| {
        let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        command.starts_with(binary().to_string_lossy().as_bytes())
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .filter(is_ours)
        .collect()
}

/// The tenants of the demo, with `count` additional users in the source.
fn seed_with(count: usize, folder: &Path) -> PathBuf {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    let users = seed["tenants"][0]["users"].as_array_mut().unwrap();
    for number in 0..count {
        users.push(json!({ "id": id(number), "userPrincipalName": format!("user{number}@contoso.example"), "displayName": format!("User {number}") }));
    }
    let path = folder.join("seed.json");
    std::fs::write(&path, seed.to_string()).unwrap();
    path
}

fn id(number: usize) -> String {
    format!("c2000000-0000-4000-8000-{number:012}")
}

const HEAD: &str = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  environment_prefix = "SOURCE"
}
resource "crosstenant_synchronization_configuration" "it" { display_name = "Contoso to Fabrikam" }
"#;

fn assigned(count: usize) -> String {
    format!(
        "{HEAD}\nresource \"crosstenant_app_role_assignment\" \"it\" {{\n  count = {count}\n  principal_object_id = \
         format(\"c2000000-0000-4000-8000-%012d\", count.index)\n  resource_object_id = \
         crosstenant_synchronization_configuration.it.service_principal_id\n}}\n"
    )
}

/// One kind of command, run several times.
#[derive(Default)]
struct Measured {
    times: Vec<f64>,
    requests: usize,
    sign_ins: usize,
    connections: usize,
    memory: u64,
    /// Processor time of the provider in the last run, in milliseconds.
    processor: f64,
    /// The same for all processes of the command, most of it the CLI.
    altogether: f64,
}

impl Measured {
    fn run(&mut self, emulator: &Emulator, workspace: &Workspace, arguments: &[&str]) {
        emulator.control("DELETE", "requests", None);
        let watch = Watch::start();
        let (started, before) = (Instant::now(), children());
        workspace.run(arguments).succeeded();
        self.times.push(milliseconds(started.elapsed()));
        self.altogether = children() - before;
        let (memory, processor) = watch.stop();
        self.processor = Duration::from_micros(processor).as_secs_f64() * 1000.0;
        self.count(emulator, memory);
    }

    /// Counts the requests since the journal was emptied.
    fn count(&mut self, emulator: &Emulator, memory: u64) {
        self.memory = self.memory.max(memory);
        let journal = emulator.journal();
        let is_sign_in = |entry: &&Json| {
            entry["path"]
                .as_str()
                .unwrap_or_default()
                .ends_with("/token")
        };
        let connections: std::collections::BTreeSet<String> = journal
            .iter()
            .map(|entry| entry["connection"].to_string())
            .collect();
        self.sign_ins = journal.iter().filter(is_sign_in).count();
        self.connections = connections.len();
        self.requests = emulator.graph_requests().len();
    }

    fn row(self, what: &str) -> String {
        let memory = megabytes(self.memory);
        format!(
            "| {what} | {} | {} | {} | {} | {memory:.1} | {:.0} | {:.0} |\n",
            Sample(self.times).row(),
            self.requests,
            self.sign_ins,
            self.connections,
            self.processor,
            self.altogether - self.processor
        )
    }
}

const TABLE: &str = "| | ms | requests | sign-ins | connections | MB | processor time of the provider, ms | of the CLI, ms |\n\
                     |---|---|---|---|---|---|---|---|\n";

/// Refreshes many partners, each with its policy, its trust settings and its synchronization policy.
fn partners() -> String {
    let emulator = Emulator::with(&demo_seed(), &["--latency", LATENCY]);
    let main = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  environment_prefix = "TARGET"
}
resource "crosstenant_partner_policy" "it" {
  count             = 200
  partner_tenant_id = format("d4000000-0000-4000-8000-%012d", count.index)
}
resource "crosstenant_trust_settings" "it" {
  count             = 200
  partner_tenant_id = crosstenant_partner_policy.it[count.index].partner_tenant_id
  inbound_trust     = { is_mfa_accepted = true }
}
resource "crosstenant_sync_policy" "it" {
  count             = 200
  partner_tenant_id = crosstenant_trust_settings.it[count.index].partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}
"#;
    let workspace = Workspace::new(&emulator, main);
    workspace.apply().succeeded();
    let mut plan = Measured::default();
    for _ in 0..ROUNDS {
        plan.run(
            &emulator,
            &workspace,
            &["plan", "-input=false", "-detailed-exitcode"],
        );
    }
    let title = "## 200 partners with trust settings and synchronization policies";
    format!(
        "\n{title}\n\nThe real CLI, {LATENCY} simulated latency.\n\n{TABLE}{}",
        plan.row("plan 200 partners")
    )
}

/// One resource with a whole map of assignments, with every CLI on PATH.
fn maps() -> String {
    let mut text = format!(
        "\n## Assignments as one map\n\n`crosstenant_app_role_assignments` with the real CLI, {LATENCY} simulated \
         latency. Microsoft Graph takes 3,000 writes in 150 seconds, and so does the emulator: whatever creates 5,000 assignments waits \
         for the second 2,000.\n\n{TABLE}"
    );
    for name in clis() {
        for count in [500, 2_500, 5_000] {
            let folder = tempfile::tempdir().unwrap();
            let emulator =
                Emulator::with(&seed_with(count, folder.path()), &["--latency", LATENCY]);
            let mut workspace = Workspace::new(&emulator, HEAD);
            workspace.cli.clone_from(name);
            workspace.apply().succeeded();
            let mut create = Measured::default();
            workspace.write("main.tf", &map(count));
            create.run(
                &emulator,
                &workspace,
                &["apply", "-auto-approve", "-input=false"],
            );
            text.push_str(&create.row(&format!("create a map of {count}{}", with(name))));
            text.push_str(&planned_map(&emulator, &workspace, count));
        }
    }
    text.push_str(&adopted());
    text
}

/// The CLI of a row, if it is not the one of all other rows.
fn with(name: &str) -> String {
    if name == clis()[0] {
        return String::new();
    }
    let cli = cli(name);
    let (major, minor, patch) = cli.version;
    format!(" with {:?} {major}.{minor}.{patch}", cli.flavor)
}

fn planned_map(emulator: &Emulator, workspace: &Workspace, count: usize) -> String {
    let mut plan = Measured::default();
    for _ in 0..ROUNDS {
        plan.run(
            emulator,
            workspace,
            &["plan", "-input=false", "-detailed-exitcode"],
        );
    }
    plan.row(&format!("plan a map of {count}{}", with(&workspace.cli)))
}

/// A map of principals. `range` returns a thousand numbers at most.
fn map(count: usize) -> String {
    format!(
        "{HEAD}\nresource \"crosstenant_app_role_assignments\" \"it\" {{\n  resource_object_id = \
         crosstenant_synchronization_configuration.it.service_principal_id\n  principals = {{ for id in flatten([for part in \
         range({}) : [for number in range({}) : format(\"c2000000-0000-4000-8000-%012d\", part * 500 + number)]]) : id => {{}} }}\n}}\n",
        count / 500,
        500
    )
}

/// A configuration in an emulator in which this many users are already assigned: creating the assignments would only measure the quota of
/// writes.
fn with_assigned(count: usize, folder: &Path) -> (Emulator, Workspace, String) {
    let emulator = Emulator::with(&seed_with(count, folder), &[]);
    let workspace = Workspace::new(&emulator, HEAD);
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_synchronization_configuration");
    let principal = values["service_principal_id"].as_str().unwrap().to_owned();
    let numbers: Vec<usize> = (0..count).collect();
    for part in numbers.chunks(20) {
        let one = |number: &usize| {
            json!({
                "id": number.to_string(), "method": "POST", "url": format!("/servicePrincipals/{principal}/appRoleAssignedTo"),
                "headers": { "Content-Type": "application/json" },
                "body": { "principalId": id(*number), "resourceId": principal, "appRoleId": values["app_role_id"] },
            })
        };
        let body = json!({ "requests": part.iter().map(one).collect::<Vec<_>>() });
        let (status, answer) = emulator.as_admin(CONTOSO, "POST", "/v1.0/$batch", Some(&body));
        assert_eq!(
            (status, &answer["responses"][0]["status"]),
            (200, &json!(201)),
            "{answer}"
        );
    }
    (emulator, workspace, principal)
}

/// Measures existing maps: creating them would only measure the quota of writes.
fn adopted() -> String {
    let mut text = String::from(
        "\nMaps that exist already and were imported, `plan`, without latency:\n\n\
         | | ms | requests | processor time of the provider, ms | MB |\n|---|---|---|---|---|\n",
    );
    let each = clis()
        .iter()
        .flat_map(|name| [5_000, 10_000, 50_000].map(|count| (name, count)));
    for (name, count) in each {
        let folder = tempfile::tempdir().unwrap();
        let (emulator, mut workspace, principal) = with_assigned(count, folder.path());
        workspace.cli.clone_from(name);
        workspace.write("main.tf", &map(count));
        workspace
            .run(&["import", "crosstenant_app_role_assignments.it", &principal])
            .succeeded();
        let mut plan = Measured::default();
        plan.run(
            &emulator,
            &workspace,
            &["plan", "-input=false", "-detailed-exitcode"],
        );
        let _ = writeln!(
            text,
            "| plan a map of {count}, imported{} | {:.0} | {} | {:.0} | {:.1} |",
            with(name),
            plan.times[0],
            plan.requests,
            plan.processor,
            megabytes(plan.memory)
        );
    }
    text
}

fn assignments() -> String {
    let mut text = format!(
        "\n## App role assignments as single resources\n\nThe real CLI with its default parallelism of 10, {LATENCY} simulated latency \
         per request. Requests, sign-ins and connections are those of one run; memory is the most that one provider process used, in \
         MB; processor time is that of the last run. Connections are plain HTTP/1.1 here; over TLS, as with Microsoft Graph, HTTP/2 shares \
         one.\n\n{TABLE}"
    );
    for count in COUNTS {
        let folder = tempfile::tempdir().unwrap();
        let emulator = Emulator::with(&seed_with(count, folder.path()), &["--latency", LATENCY]);
        let workspace = Workspace::new(&emulator, HEAD);
        workspace.apply().succeeded();
        let [mut create, mut plan, mut destroy] = [
            Measured::default(),
            Measured::default(),
            Measured::default(),
        ];
        for _ in 0..ROUNDS {
            workspace.write("main.tf", &assigned(count));
            create.run(
                &emulator,
                &workspace,
                &["apply", "-auto-approve", "-input=false"],
            );
            plan.run(
                &emulator,
                &workspace,
                &["plan", "-input=false", "-detailed-exitcode"],
            );
            workspace.write("main.tf", HEAD);
            destroy.run(
                &emulator,
                &workspace,
                &["apply", "-auto-approve", "-input=false"],
            );
        }
        text.push_str(&create.row(&format!("create {count}")));
        text.push_str(&plan.row(&format!("plan {count}")));
        text.push_str(&destroy.row(&format!("destroy {count}")));
    }
    text.push_str(&slower_network(500));
    text.push_str(&looked_up(500));
    text.push_str(&nothing(500));
    text.push_str(
        "\nCreating 500 is 50 rounds of 10 requests, which take 2,500 ms whatever the client does. The CLI writes the whole state after \
         every one of them, so its own time grows with the square of their number; `terraform_data` shows how much of it depends on the \
         machine.\n",
    );
    text
}

/// The cost of the CLI itself on this machine, for built-in resources without requests.
fn nothing(count: usize) -> String {
    let emulator = Emulator::with(&demo_seed(), &[]);
    let workspace = Workspace::new(&emulator, "");
    let main = format!(
        "resource \"terraform_data\" \"it\" {{\n  count = {count}\n  input = format(\"c2000000-0000-4000-8000-%012d\", count.index)\n}}\n"
    );
    let apply = ["apply", "-auto-approve", "-input=false"];
    let [mut create, mut plan, mut destroy] = [
        Measured::default(),
        Measured::default(),
        Measured::default(),
    ];
    for _ in 0..ROUNDS {
        workspace.write("main.tf", &main);
        create.run(&emulator, &workspace, &apply);
        let look = ["plan", "-input=false", "-detailed-exitcode"];
        plan.run(&emulator, &workspace, &look);
        workspace.write("main.tf", "");
        destroy.run(&emulator, &workspace, &apply);
    }
    let mut text = String::new();
    for (what, measured) in [("create", create), ("plan", plan), ("destroy", destroy)] {
        let times = Sample(measured.times).row();
        let _ = writeln!(
            text,
            "| {what} {count} `terraform_data`, which ask nobody | {times} | | | | | | {:.0} |",
            measured.altogether
        );
    }
    text
}

/// The same plan with three times the latency.
fn slower_network(count: usize) -> String {
    const SLOW: &str = "150ms";
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::with(&seed_with(count, folder.path()), &["--latency", SLOW]);
    let workspace = Workspace::new(&emulator, &assigned(count));
    workspace.apply().succeeded();
    let mut plan = Measured::default();
    for _ in 0..ROUNDS {
        plan.run(
            &emulator,
            &workspace,
            &["plan", "-input=false", "-detailed-exitcode"],
        );
    }
    plan.row(&format!("plan {count} at {SLOW}"))
}

/// Users that a configuration looks up one by one.
fn looked_up(count: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::with(&seed_with(count, folder.path()), &["--latency", LATENCY]);
    let main = format!(
        "terraform {{\n  required_providers {{ crosstenant = {{ source = \"crosstenant/crosstenant\" }} }}\n}}\nprovider \
         \"crosstenant\" {{\n  environment_prefix = \"SOURCE\"\n}}\ndata \"crosstenant_user\" \"it\" {{\n  count = {count}\n  \
         user_principal_name = \"user${{count.index}}@contoso.example\"\n}}\n"
    );
    let workspace = Workspace::new(&emulator, &main);
    let mut plan = Measured::default();
    for _ in 0..ROUNDS {
        plan.run(
            &emulator,
            &workspace,
            &["plan", "-input=false", "-detailed-exitcode"],
        );
    }
    plan.row(&format!("look up {count} users"))
}

/// The policies that a job needs in both tenants.
fn prepared() -> String {
    format!(
        r#"
terraform {{
  required_providers {{ crosstenant = {{ source = "crosstenant/crosstenant" }} }}
}}
provider "crosstenant" {{
  environment_prefix = "SOURCE"
}}
provider "crosstenant" {{
  alias              = "target"
  environment_prefix = "TARGET"
}}
resource "crosstenant_partner_policy" "target" {{
  provider          = crosstenant.target
  partner_tenant_id = "{CONTOSO}"
}}
resource "crosstenant_trust_settings" "target" {{
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.target.partner_tenant_id
  automatic_user_consent_settings = {{ inbound_allowed = true }}
}}
resource "crosstenant_sync_policy" "target" {{
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.target.partner_tenant_id
  user_sync_inbound = {{ is_sync_allowed = true }}
}}
resource "crosstenant_partner_policy" "source" {{
  partner_tenant_id = crosstenant_sync_policy.target.tenant_id
}}
resource "crosstenant_trust_settings" "source" {{
  partner_tenant_id               = crosstenant_partner_policy.source.partner_tenant_id
  automatic_user_consent_settings = {{ outbound_allowed = true }}
}}
resource "crosstenant_synchronization_configuration" "it" {{ display_name = "Contoso to Fabrikam" }}
"#
    )
}

fn single_operations() -> String {
    let emulator = Emulator::with(&demo_seed(), &["--latency", LATENCY]);
    let workspace = Workspace::new(&emulator, &prepared());
    workspace.apply().succeeded();
    let (mut create, mut destroy) = (Measured::default(), Measured::default());
    let job = format!(
        "{}\nresource \"crosstenant_provisioning_job\" \"it\" {{\n  service_principal_id = \
         crosstenant_synchronization_configuration.it.service_principal_id\n  target_tenant_id = \"{FABRIKAM}\"\n  enabled = true\n}}\n",
        prepared()
    );
    for _ in 0..ROUNDS {
        workspace.write("main.tf", &job);
        create.run(
            &emulator,
            &workspace,
            &["apply", "-refresh=false", "-auto-approve", "-input=false"],
        );
        workspace.write("main.tf", &prepared());
        destroy.run(
            &emulator,
            &workspace,
            &["apply", "-refresh=false", "-auto-approve", "-input=false"],
        );
    }
    let mut text = format!(
        "\n## One provisioning job, and a missing permission\n\nThe whole command, without refresh, {LATENCY} simulated \
         latency.\n\n| | ms | requests | sign-ins | connections | MB |\n|---|---|---|---|---|---|\n"
    );
    text.push_str(&create.row("create a job, tested and started"));
    text.push_str(&destroy.row("delete it"));
    text.push_str(&missing_permission());
    text
}

fn missing_permission() -> String {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string(demo_seed())
        .unwrap()
        .replace("\"Policy.ReadWrite.CrossTenantAccess\",", "");
    let file = folder.path().join("seed.json");
    std::fs::write(&file, seed).unwrap();
    let emulator = Emulator::with(&file, &["--latency", LATENCY]);
    let main = format!(
        "{HEAD}\nresource \"crosstenant_partner_policy\" \"it\" {{ partner_tenant_id = \"{FABRIKAM}\" }}\n"
    );
    let workspace = Workspace::new(&emulator, &main);
    workspace
        .run(&[
            "apply",
            "-target=crosstenant_synchronization_configuration.it",
            "-auto-approve",
        ])
        .succeeded();
    let mut times = Vec::new();
    let mut requests = 0;
    for _ in 0..ROUNDS {
        emulator.control("DELETE", "requests", None);
        let started = Instant::now();
        workspace
            .run(&["apply", "-refresh=false", "-auto-approve", "-input=false"])
            .failed();
        times.push(milliseconds(started.elapsed()));
        requests = emulator.graph_requests().len();
    }
    format!(
        "| a missing permission is reported | {} | {requests} | | | |\n",
        Sample(times).row()
    )
}
