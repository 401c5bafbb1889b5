//! Recognizable secrets in every place that can hold one, with everything at level TRACE, successes, failures and a crash: afterwards, they
//! are in no log, message, state, plan, command line, and not in the emulator's journal.

mod issuer;
mod search;
mod ways;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};
use issuer::issuer;
use search::{files, leaks, unpacked};
use ways::{SECRET, Way, ways};

/// One provider, one object to read, and one to create.
fn main_tf(arguments: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{ crosstenant = {{ source = "crosstenant/crosstenant" }} }}
}}
provider "crosstenant" {{
  environment_prefix = "SOURCE"
  max_retries        = 1
  {arguments}
}}
data "crosstenant_user" "ada" {{
  user_principal_name = "ada@contoso.example"
}}
resource "crosstenant_synchronization_configuration" "it" {{
  display_name = "By ${{data.crosstenant_user.ada.display_name}}"
}}
"#
    )
}

/// The emulator and the workspace for one way to configure secrets.
fn prepare(way: &Way, folder: &Path) -> (Emulator, Workspace) {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    let app = &mut seed["tenants"][0]["apps"][0];
    app["secrets"] = json!([]);
    for (member, value) in &way.app {
        app[*member] = value.clone();
    }
    let file = folder.join(format!("{}.json", way.name.replace(' ', "-")));
    std::fs::write(&file, seed.to_string()).unwrap();
    let emulator = Emulator::with(&file, &[]);
    let mut environment = std::collections::BTreeMap::new();
    for (name, value) in [
        ("SOURCE_TENANT_ID", CONTOSO.to_owned()),
        (
            "SOURCE_CLIENT_ID",
            seed["tenants"][0]["apps"][0]["clientId"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
        // Commands have no HCL that sets this.
        ("SOURCE_MAX_RETRIES", "1".to_owned()),
        ("SOURCE_GRAPH_ENDPOINT", emulator.graph.clone()),
        ("SOURCE_LOGIN_ENDPOINT", emulator.login.clone()),
    ] {
        environment.insert(name.to_owned(), value);
    }
    let mut workspace = Workspace::of(
        &crate::support::clis()[0],
        environment,
        &main_tf(&way.arguments),
    );
    for (name, value) in &way.environment {
        workspace.set(name, value);
    }
    (emulator, workspace)
}

/// The command lines of all processes.
fn command_lines() -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if let Ok(line) = std::fs::read(entry.path().join("cmdline")) {
            all.push_str(&String::from_utf8_lossy(&line));
            all.push('\n');
        }
    }
    all
}

/// The output and files of the commands, including the exported configuration and the snapshot.
fn by_hand(way: &Way, workspace: &Workspace) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for arguments in [
        &["export", "--out", "exported", "--save", "snapshot.json"][..],
        &["map", "--environment-prefix", "SOURCE"],
        &["status"],
        &["check", "--only", "source", "--target-tenant-id", FABRIKAM],
    ] {
        let command = workspace.command(&[]);
        let mut program = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"));
        program.args(arguments).current_dir(workspace.folder.path());
        program.stdin(Stdio::null());
        // Commands do not read values from HCL.
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => program.env(name, value),
                None => program.env_remove(name),
            };
        }
        let output = program.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        if way.works {
            assert_ne!(output.status.code(), Some(2), "{}: {said}", way.name);
        }
        found.push((format!("{}: {}", way.name, arguments[0]), said));
    }
    let exported = workspace.folder.path().join("exported");
    if way.works {
        let all = files(&exported);
        assert!(
            all.iter().any(|(_, text)| text.contains("import {")),
            "{}",
            way.name
        );
        found.extend(all);
        let snapshot = std::fs::read_to_string(workspace.folder.path().join("snapshot.json"));
        found.push((format!("{}: snapshot", way.name), snapshot.unwrap()));
    }
    found
}

/// Graph refuses, returns an invalid response, or does not respond at all.
fn failures(emulator: &Emulator) -> [Json; 3] {
    let everything = |kind: &str| json!({ "path": "/v1.0/*", "kind": kind, "count": 50 });
    let mut refusal = everything("status");
    refusal["status"] = json!(403);
    refusal["message"] = json!(format!("Not for you, {}", emulator.graph));
    [refusal, everything("not_json"), everything("reset_after")]
}

/// Every text that could contain a secret after all operations with one authentication method, with a title.
fn leave_traces(way: &Way, folder: &Path) -> Vec<(String, String)> {
    let (emulator, mut workspace) = prepare(way, folder);
    let log = workspace.folder.path().join("trace.log");
    workspace
        .set("TF_LOG", "TRACE")
        .set("TF_LOG_PATH", log.to_str().unwrap());
    let mut found = Vec::new();
    let step = |traces: &mut Vec<(String, String)>, arguments: &[&str], succeeds: bool| {
        let outcome = workspace.run(arguments);
        let (title, text) = (
            format!("{}: output of {}", way.name, arguments[0]),
            outcome.text,
        );
        assert_eq!(outcome.code == Some(0), succeeds, "{title}: {text}");
        traces.push((title, text));
    };
    let traces = &mut found;
    if way.works {
        for failure in failures(&emulator) {
            emulator.fault(&failure);
            step(traces, &["plan", "-input=false"], false);
            emulator.control("DELETE", "faults", None);
        }
    }
    step(traces, &["plan", "-input=false", "-out=plan"], way.works);
    if way.works {
        step(traces, &["show", "-json", "plan"], true);
        step(traces, &["apply", "-input=false", "plan"], true);
        step(traces, &["show", "-json"], true);
    } else {
        step(traces, &["apply", "-input=false", "-auto-approve"], false);
    }
    traces.extend(by_hand(way, &workspace));
    if way.works {
        step(traces, &["destroy", "-input=false", "-auto-approve"], true);
    }
    for name in [
        "plan",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "trace.log",
    ] {
        if let Ok(bytes) = std::fs::read(workspace.folder.path().join(name)) {
            let text = match name {
                "plan" => unpacked(&bytes),
                _ => String::from_utf8_lossy(&bytes).into_owned(),
            };
            traces.push((format!("{}: {name}", way.name), text));
        }
    }
    let exchanged = Json::Array(emulator.journal()).to_string();
    traces.push((format!("{}: journal", way.name), exchanged));
    let world = emulator.tenant(CONTOSO).to_string();
    traces.push((format!("{}: what the emulator shows", way.name), world));
    let log = &traces
        .iter()
        .find(|(title, _)| title.ends_with("trace.log"))
        .unwrap()
        .1;
    assert!(log.contains("[TRACE]"), "{}: nothing was logged", way.name);
    found
}

#[test]
fn no_secret_is_found_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (issuer, asked) = issuer();
    let ways = ways(folder.path(), &issuer);
    let (done, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (found, lines) = (Mutex::new(Vec::new()), Mutex::new(0));
    let planted: Vec<&String> = ways.iter().flat_map(|way| &way.planted).collect();
    let searched = Mutex::new((0, 0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let all = command_lines();
                *lines.lock().unwrap() +=
                    usize::from(all.contains("terraform-provider-crosstenant"));
                let seen = planted
                    .iter()
                    .filter(|secret| all.contains(secret.as_str()));
                found
                    .lock()
                    .unwrap()
                    .extend(seen.map(|secret| format!("command line: {secret}")));
                std::thread::sleep(Duration::from_millis(25));
            }
        });
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(way) = ways.get(next.fetch_add(1, Ordering::SeqCst)) {
                        for (title, text) in leave_traces(way, folder.path()) {
                            let mut searched = searched.lock().unwrap();
                            *searched = (searched.0 + 1, searched.1 + text.len());
                            found.lock().unwrap().extend(leaks(way, &title, &text));
                        }
                    }
                })
            })
            .collect();
        let ended: Vec<_> = workers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::SeqCst);
        for outcome in ended {
            outcome.unwrap();
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{found:#?}");
    assert!(asked.load(Ordering::SeqCst), "the request token was used");
    assert!(*lines.lock().unwrap() > 0, "a provider was seen running");
    let (texts, bytes) = searched.into_inner().unwrap();
    eprintln!(
        "secrets: {} planted in {} ways to sign in, {texts} texts of {} kB searched, none found",
        planted.len(),
        ways.len(),
        bytes / 1024
    );
}

#[test]
fn a_crash_reveals_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let way = Way {
        name: "crash",
        environment: vec![("SOURCE_CLIENT_SECRET", SECRET.to_owned())],
        app: vec![("secrets", json!([SECRET]))],
        planted: vec![SECRET.to_owned()],
        ..Way::default()
    };
    let (emulator, mut workspace) = prepare(&way, folder.path());
    workspace
        .set("TF_LOG", "TRACE")
        .set("RUST_BACKTRACE", "full");
    emulator.fault(&json!({ "path": "/v1.0/*", "kind": "delay", "delay_ms": 60_000 }));
    let child = workspace
        .command(&["plan", "-input=false"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while emulator.control("GET", "faults", None)["left"] != 0 {
        assert!(since.elapsed() < Duration::from_secs(60), "never asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    let providers = Command::new("pgrep")
        .args(["-P", &child.id().to_string()])
        .output()
        .unwrap();
    let providers = String::from_utf8(providers.stdout).unwrap();
    assert!(!providers.trim().is_empty());
    for process in providers.split_whitespace() {
        Command::new("kill")
            .args(["-ABRT", process])
            .status()
            .unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.status.success());
    // Terraform notices either the closed connection or the end of the process first, with different messages.
    let noticed = ["lugin did not respond", "request was cancelled"];
    assert!(
        noticed.iter().any(|words| text.contains(words)),
        "{}",
        text.lines().rev().take(40).collect::<Vec<_>>().join("\n")
    );
    assert_eq!(leaks(&way, "crash", &text), Vec::<String>::new());
}
