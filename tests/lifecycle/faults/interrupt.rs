//! Ctrl-C at random moments of apply and destroy: the state stays accurate, the next apply completes the work, and no process and no file
//! is left behind.
//!
//! The moments are determined by seeds; `CROSSTENANT_SEED=N` repeats one of them.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::dice::Dice;
use crate::faults::crash::{Beginnings, Phase, Stage, arguments, check, recover, wait};
use crate::faults::thorough;
use crate::support::{CONTOSO, Emulator, Workspace};

/// Number of interruptions in `make test` and in `make chaos`.
const RUNS: [u64; 2] = [30, 300];

/// Makes the moments between requests long enough to be interrupted.
const LATENCY: &str = "30ms";

/// Time limit for the CLI to end after Ctrl-C. It asks the provider to stop and waits for it.
const PATIENCE: Duration = Duration::from_secs(45);

const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

const PHASES: [Phase; 3] = [Phase::Create, Phase::Update, Phase::Destroy];

/// One interruption.
#[derive(Debug)]
struct Interruption {
    phase: Phase,
    /// Time after the start of the command.
    at: Duration,
    /// Time after the first one; impatient users press Ctrl-C twice.
    again: Option<Duration>,
    /// Whether the provider gets the signal as well, as with a terminal, or only the CLI, as from a supervisor.
    everybody: bool,
}

impl Interruption {
    fn of(seed: u64, lengths: &BTreeMap<usize, Duration>) -> Self {
        let dice = &mut Dice(seed);
        // In turns, so that few runs cover all of them.
        let phase = usize::try_from(seed % 3).unwrap();
        let length = usize::try_from(lengths[&phase].as_millis()).unwrap();
        let millis = |dice: &mut Dice, most| Duration::from_millis(dice.below(most) as u64);
        Self {
            phase: PHASES[phase],
            at: millis(dice, length + 50),
            again: dice.once_in(3).then(|| millis(dice, 400)),
            everybody: !dice.once_in(3),
        }
    }
}

/// The duration of each phase without an interruption.
fn lengths(beginnings: &Beginnings) -> BTreeMap<usize, Duration> {
    let measure = |(at, phase): (usize, Phase)| {
        let stage = Stage::slowed(beginnings, phase, LATENCY);
        let began = Instant::now();
        stage.workspace.run(&arguments(phase)).succeeded();
        (at, began.elapsed())
    };
    PHASES.into_iter().enumerate().map(measure).collect()
}

/// Sends the signal as a terminal does, to a group of processes, or to one process.
fn interrupt(cli: &Child, everybody: bool) {
    let target = if everybody {
        format!("-{}", cli.id())
    } else {
        cli.id().to_string()
    };
    // It may have ended already.
    let status = Command::new("kill")
        .args(["-INT", "--", &target])
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok());
}

/// The processes that were started with this folder as their directory for temporary files.
fn processes_of(folder: &Path) -> Vec<u32> {
    let needle = format!("TMPDIR={}", folder.display());
    let entries = std::fs::read_dir("/proc").unwrap();
    let ids = entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == needle.as_bytes())
    })
    .collect()
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Waits for the end of the CLI; returns whether it was interrupted during its work.
fn ended(cli: &mut Child, title: &str) -> bool {
    let since = Instant::now();
    loop {
        if let Some(status) = cli.try_wait().unwrap() {
            return !status.success();
        }
        if since.elapsed() > PATIENCE {
            let _ = cli.kill();
            panic!("{title}: the CLI hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Interrupts once and recovers; returns whether the signal interrupted the work, and the number of objects that had to be imported.
fn survive(beginnings: &Beginnings, interruption: &Interruption, title: &str) -> (bool, usize) {
    let phase = interruption.phase;
    let stage = Stage::slowed(beginnings, phase, LATENCY);
    let temporary = tempfile::tempdir().unwrap();
    let mut cli = stage
        .workspace
        .command(&arguments(phase))
        .env("TMPDIR", temporary.path())
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(interruption.at);
    interrupt(&cli, interruption.everybody);
    if let Some(pause) = interruption.again {
        std::thread::sleep(pause);
        interrupt(&cli, interruption.everybody);
    }
    let struck = ended(&mut cli, title);
    wait(&format!("{title}: no orphan process"), || {
        processes_of(temporary.path()).is_empty()
    });
    let left = files_in(temporary.path());
    assert!(left.is_empty(), "{title} left {left:?}");
    let lock = stage
        .workspace
        .folder
        .path()
        .join(".terraform.tfstate.lock.info");
    assert!(!lock.exists(), "{title}: the state is locked");
    let imported = recover(&stage, phase, title);
    check(&stage, phase, title);
    (struck, imported)
}

#[test]
fn ctrl_c_at_any_moment_keeps_the_state_true_and_leaves_no_files() {
    let [few, many] = RUNS;
    let counts = format!(
        "{few} moments of creating, changing and destroying eight resources in `make test`, {many} in `make chaos`."
    );
    crate::reliability::says("interruptions", &counts);
    let (beginnings, _) = Beginnings::make();
    let lengths = lengths(&beginnings);
    let chosen = std::env::var("CROSSTENANT_SEED")
        .ok()
        .map(|text| text.parse().unwrap());
    let (first, last) = match chosen {
        Some(seed) => (seed, seed),
        None => (1, RUNS[usize::from(thorough())]),
    };
    let (next, imports) = (AtomicU64::new(first), AtomicUsize::new(0));
    // By phase: the number of interruptions, and the number that interrupted the work of the CLI.
    let counts = Mutex::new(BTreeMap::<usize, [usize; 2]>::new());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed > last {
                        return;
                    }
                    let interruption = Interruption::of(seed, &lengths);
                    let title = format!("CROSSTENANT_SEED={seed} {interruption:?}");
                    match std::panic::catch_unwind(|| survive(&beginnings, &interruption, &title)) {
                        Ok((hit, count)) => {
                            let mut counts = counts.lock().unwrap();
                            let [tried, struck] =
                                counts.entry(interruption.phase as usize).or_default();
                            *tried += 1;
                            *struck += usize::from(hit);
                            imports.fetch_add(count, Ordering::SeqCst);
                        }
                        Err(_) => failures.lock().unwrap().push(title),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{failures:#?}");
    let counts = counts.into_inner().unwrap();
    let tried: usize = counts.values().map(|[tried, _]| tried).sum();
    let struck: usize = counts.values().map(|[_, struck]| struck).sum();
    assert_eq!(tried as u64, last - first + 1);
    if chosen.is_none() {
        // The moments are spread over the duration of each phase, so most of them interrupt the work of the CLI, and some of each phase
        // must: otherwise nothing was tested.
        assert_eq!(counts.len(), PHASES.len(), "{counts:?}");
        assert!(counts.values().all(|[_, struck]| *struck > 0), "{counts:?}");
        assert!(
            struck * 4 >= tried,
            "only {struck} of {tried} interrupted anything: {counts:?}"
        );
    }
    eprintln!(
        "interruptions: {tried} tried, {struck} in the middle of work, {} objects imported as advised, nothing lost, nothing twice, nothing left",
        imports.into_inner()
    );
}

/// Graph requests a delay of four minutes: only a provider that handles StopProvider ends sooner.
#[test]
fn a_wait_for_graph_ends_when_the_cli_stops_the_provider() {
    let emulator = Emulator::start();
    emulator.fault(
        &json!({ "method": "POST", "path": PARTNERS, "kind": "throttle", "retry_after": 240 }),
    );
    let main = format!(
        "terraform {{\n  required_providers {{ crosstenant = {{ source = \"crosstenant/crosstenant\" }} }}\n}}\nprovider \"crosstenant\" \
         {{ environment_prefix = \"TARGET\" }}\nresource \"crosstenant_partner_policy\" \"it\" {{ partner_tenant_id = \"{CONTOSO}\" }}\n"
    );
    let workspace = Workspace::new(&emulator, &main);
    let mut cli = workspace
        .command(&["apply", "-auto-approve", "-input=false", "-no-color"])
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait("the throttled request", || {
        let calls = emulator.graph_requests();
        calls.iter().any(|call| call.starts_with("POST"))
    });
    // Only the CLI gets the signal, so that the provider only gets the request to stop.
    interrupt(&cli, false);
    let interrupted = ended(&mut cli, "a wait of four minutes");
    assert!(interrupted);
    let mut said = String::new();
    cli.stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.contains("cancelled"), "{said}");
    assert!(workspace.resources().is_empty(), "nothing was created");
    emulator.control("DELETE", "faults", None);
    workspace.apply().succeeded();
}
