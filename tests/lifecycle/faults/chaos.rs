//! Random configurations, edits, faults, kills, lagging replicas, and changes by others; each run is determined by its seed.
//!
//! At the end, without faults, the last configuration is reached, the tenants have the same content as after a run without faults, and
//! everything can be destroyed completely. `CROSSTENANT_SEED=N` repeats one run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crosstenant::emulator::{Lag, Options};
use futures::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::engine::scenarios::{ADA, COLLABORATORS, GRACE};
use crate::engine::{
    CONTOSO, FABRIKAM, Patience, Side, Stage, Stored, USUAL, advised, apply, apply_unseen, import,
    refresh, seed,
};
use crate::faults::lives::Damage;
use crate::faults::matrix::{faults, first_difference, is_warned};
use crate::faults::{LAG, thorough};

/// Number of runs in `make test` and in `make chaos`.
const RUNS: [u64; 2] = [150, 1_000];

/// Maximum lags, in seconds; each run has one of them.
const LAGS: [u64; 4] = [1, 5, 20, 60];

/// Speed of the emulator's clock, as a multiple of real time.
const SPEED: u32 = 60;

/// Concurrent runs; most of the time, they wait.
const AT_ONCE: usize = 100;

/// Longer than the maximum lag of any object in real time, and short enough to accept changes by others.
const PATIENT: Patience = Patience {
    replication_timeout: Some("10s"),
    ..USUAL
};

const SHORT: Patience = Patience {
    max_retries: 2,
    request_timeout: "3s",
    replication_timeout: PATIENT.replication_timeout,
};

/// No run takes this long, even on a busy machine on which a hundred runs share a processor.
const LIMIT: Duration = Duration::from_secs(900);

/// No further run starts after this time, so that the total time is limited on any machine, unless fewer than the minimum have started.
const BUDGET: Duration = Duration::from_secs(2_400);
const FEWEST: usize = 500;

/// A block that a configuration may have.
struct Block {
    name: &'static str,
    side: Side,
    type_name: &'static str,
    needs: &'static [&'static str],
    /// The possible contents.
    forms: Vec<Json>,
}

fn block(
    name: &'static str,
    side: Side,
    type_name: &'static str,
    needs: &'static [&'static str],
    forms: Vec<Json>,
) -> Block {
    Block {
        name,
        side,
        type_name,
        needs,
        forms,
    }
}

/// All blocks, each after the blocks that it needs.
fn blocks() -> Vec<Block> {
    let mut blocks = policies();
    blocks.extend(synchronization());
    blocks
}

fn policies() -> Vec<Block> {
    use Side::{Source, Target};
    let sync = |name: &str| json!({ "partner_tenant_id": CONTOSO, "display_name": name, "user_sync_inbound": { "is_sync_allowed": true } });
    let trust = |mfa: bool| json!({ "partner_tenant_id": CONTOSO, "inbound_trust": { "is_mfa_accepted": mfa }, "automatic_user_consent_settings": { "inbound_allowed": true } });
    let everybody = json!({ "access_type": "allowed", "targets": [{ "target": "AllUsers", "target_type": "user" }] });
    vec![
        block(
            "partner",
            Target,
            "crosstenant_partner_policy",
            &[],
            vec![
                // If it were omitted, its value would depend on changes by others.
                json!({ "partner_tenant_id": CONTOSO, "is_service_provider": false }),
                json!({ "partner_tenant_id": CONTOSO, "is_service_provider": true }),
                json!({ "partner_tenant_id": CONTOSO, "is_service_provider": false, "b2b_direct_connect_outbound": { "users_and_groups": everybody } }),
            ],
        ),
        block(
            "trust",
            Target,
            "crosstenant_trust_settings",
            &["partner"],
            vec![trust(true), trust(false)],
        ),
        block(
            "sync",
            Target,
            "crosstenant_sync_policy",
            &["partner"],
            vec![sync("Contoso"), sync("Their users")],
        ),
        block(
            "other",
            Source,
            "crosstenant_partner_policy",
            &[],
            vec![json!({ "partner_tenant_id": FABRIKAM })],
        ),
        block(
            "consent",
            Source,
            "crosstenant_trust_settings",
            &["other"],
            vec![
                json!({ "partner_tenant_id": FABRIKAM, "automatic_user_consent_settings": { "outbound_allowed": true } }),
            ],
        ),
        block(
            "defaults",
            Target,
            "crosstenant_default_policy",
            &[],
            vec![
                json!({ "inbound_trust": { "is_mfa_accepted": true } }),
                json!({ "inbound_trust": { "is_compliant_device_accepted": true } }),
            ],
        ),
    ]
}

fn synchronization() -> Vec<Block> {
    use Side::Source;
    let principal = "@configuration.service_principal_id";
    let assigned =
        |who: &str| json!({ "principal_object_id": who, "resource_object_id": principal });
    let job = |more: Json| {
        let mut job = json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "enabled": true, "validate_connection_timeout": "20s" });
        for (name, value) in more.as_object().unwrap() {
            job[name] = value.clone();
        }
        job
    };
    vec![
        block(
            "configuration",
            Source,
            "crosstenant_synchronization_configuration",
            &[],
            vec![
                json!({ "display_name": "Contoso to Fabrikam" }),
                json!({ "display_name": "Renamed" }),
            ],
        ),
        block(
            "one",
            Source,
            "crosstenant_app_role_assignment",
            &["configuration"],
            vec![assigned(ADA), assigned(GRACE)],
        ),
        block(
            "group",
            Source,
            "crosstenant_app_role_assignment",
            &["configuration"],
            vec![assigned(COLLABORATORS)],
        ),
        block(
            "job",
            Source,
            "crosstenant_provisioning_job",
            &["trust", "sync", "consent", "configuration"],
            vec![
                job(json!({})),
                job(json!({ "scope": "all" })),
                job(json!({ "enabled": false, "accidental_deletion_threshold": 7 })),
            ],
        ),
    ]
}

/// The content of a configuration, by block.
type Wanted = BTreeMap<&'static str, Json>;

fn random_configuration(dice: &mut Dice, blocks: &[Block]) -> Wanted {
    let mut wanted = Wanted::new();
    for block in blocks {
        let possible = block.needs.iter().all(|need| wanted.contains_key(need));
        if possible && !dice.once_in(5) {
            wanted.insert(block.name, dice.pick(&block.forms).clone());
        }
    }
    wanted
}

fn random_fault(dice: &mut Dice) -> Json {
    let (name, mut fault) = dice.pick(&faults()).clone();
    fault["after"] = json!(dice.below(30));
    if name != "stale" {
        fault["parts"] = json!(dice.once_in(2));
    }
    if dice.once_in(4) {
        fault["count"] = json!(1 + dice.below(3));
    }
    fault
}

/// One pair of tenants with its state, as a run of the CLI sees them.
struct Run<'a> {
    stage: Arc<Stage>,
    blocks: &'a [Block],
    state: BTreeMap<&'static str, Stored>,
}

impl Run<'_> {
    /// Destroys blocks that are no longer configured, then creates and updates; a block that needs a failed one is skipped. Returns the
    /// messages.
    async fn go(
        &mut self,
        wanted: &Wanted,
        patience: Patience,
        blind: bool,
    ) -> Vec<(usize, String)> {
        let providers = [
            self.stage.provider(Side::Source, patience).await,
            self.stage.provider(Side::Target, patience).await,
        ];
        let mut errors = Vec::new();
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for (index, block) in self.blocks.iter().enumerate().rev() {
            let Some(stored) = self.state.get(block.name) else {
                continue;
            };
            if wanted.contains_key(block.name) {
                kept.extend(block.needs);
                continue;
            }
            if kept.contains(block.name) {
                kept.extend(block.needs);
                continue; // A block that depends on it could not be destroyed.
            }
            let provider = &providers[block.side as usize];
            let gone = apply(provider, block.type_name, stored, &Json::Null).await;
            if gone.failed() {
                errors.push((index, gone.text()));
                kept.extend(block.needs);
            }
            self.keep(block.name, gone.stored);
        }
        let mut failed: BTreeSet<&str> = BTreeSet::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let Some(config) = wanted.get(block.name) else {
                continue;
            };
            if block.needs.iter().any(|need| failed.contains(need)) {
                failed.insert(block.name);
                continue;
            }
            let config = self.fill(config);
            let stored = self.state.get(block.name).cloned().unwrap_or_default();
            let provider = &providers[block.side as usize];
            let done = if blind {
                apply_unseen(provider, block.type_name, &stored, &config).await
            } else {
                apply(provider, block.type_name, &stored, &config).await
            };
            if done.failed() {
                errors.push((index, done.text()));
                failed.insert(block.name);
            }
            self.keep(block.name, done.stored);
        }
        errors
    }

    fn keep(&mut self, name: &'static str, stored: Stored) {
        if stored.value.is_null() {
            self.state.remove(name);
        } else {
            self.state.insert(name, stored);
        }
    }

    fn fill(&self, config: &Json) -> Json {
        let mut filled = config.clone();
        for value in filled.as_object_mut().unwrap().values_mut() {
            let reference = value.as_str().and_then(|text| text.strip_prefix('@'));
            if let Some((name, attribute)) = reference.and_then(|path| path.split_once('.')) {
                let found = &self.state[name].value;
                *value = json!(found.member(attribute).as_str());
            }
        }
        filled
    }

    /// Changes or removes an object as another administrator.
    async fn meddle(&self, dice: &mut Dice) {
        let (source, target) = (format!("tenants/{CONTOSO}"), format!("tenants/{FABRIKAM}"));
        let (method, path, body) = match dice.below(6) {
            0 => ("DELETE", format!("{source}/assignments/0"), Json::Null),
            1 => ("DELETE", format!("{source}/jobs/0"), Json::Null),
            2 => (
                "PATCH",
                format!("{source}/jobs/0"),
                json!({ "state": "Paused" }),
            ),
            3 => (
                "PATCH",
                format!("{source}/jobs/0"),
                json!({ "status": { "code": "Quarantine", "quarantine": { "reason": "EncounteredBaseEscrowThreshold" } } }),
            ),
            4 => (
                "DELETE",
                format!("{target}/syncPolicies/{CONTOSO}"),
                Json::Null,
            ),
            _ => (
                "PATCH",
                format!("{target}/partners/{CONTOSO}"),
                json!({ "isServiceProvider": true, "inboundTrust": null }),
            ),
        };
        let tenants = [
            self.stage.tenant(Side::Source).await,
            self.stage.tenant(Side::Target).await,
        ];
        let there = match dice_target(&path) {
            "jobs" => tenants[0]["jobs"]
                .as_array()
                .is_some_and(|jobs| !jobs.is_empty()),
            "assignments" => {
                let assignments = tenants[0]["assignments"].as_object().unwrap();
                let Some(id) = assignments.keys().next() else {
                    return;
                };
                let path = format!("{source}/assignments/{id}");
                self.stage.control("DELETE", &path, &Json::Null).await;
                return;
            }
            collection => tenants[1][collection][CONTOSO].is_object(),
        };
        if there {
            self.stage.control(method, &path, &body).await;
        }
    }

    /// Applies, and is killed at a request; false if there were fewer requests.
    async fn killed(&mut self, dice: &mut Dice, wanted: &Wanted) -> bool {
        let order =
            json!({ "kind": "late", "after": dice.below(40), "delay_ms": 600_000, "parts": false });
        self.stage.fault(&order).await;
        let stage = Arc::clone(&self.stage);
        let killed = tokio::select! {
            _ = self.go(wanted, PATIENT, false) => false,
            () = struck(&stage) => true,
        };
        self.stage.heal().await;
        killed
    }

    /// Applies without faults until it succeeds, importing the objects that the messages name.
    async fn settle(&mut self, wanted: &Wanted) {
        let mut last = Vec::new();
        for _ in 0..6 {
            last = self.go(wanted, PATIENT, false).await;
            if last.is_empty() {
                return;
            }
            self.obey(&last).await;
        }
        panic!("never works: {last:#?}");
    }

    /// Imports the objects that the messages name.
    async fn obey(&mut self, errors: &[(usize, String)]) {
        for (index, text) in errors {
            let block = &self.blocks[*index];
            if let Some(id) = advised(text) {
                let provider = self.stage.provider(block.side, PATIENT).await;
                let mut found = import(&provider, block.type_name, &id).await;
                // An object that is not visible yet is imported a moment later.
                for _ in 0..20 {
                    if found.failed() {
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        found = import(&provider, block.type_name, &id).await;
                    }
                }
                self.keep(block.name, found.succeeded());
            }
        }
    }
}

/// The collection in a control path.
fn dice_target(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

/// The results of a run.
#[derive(Clone, Copy, Default)]
struct Numbers {
    /// Maximum lag, in seconds.
    lag: u64,
    edits: usize,
    struck: usize,
    meddled: usize,
    kills: usize,
    damage: Damage,
}

/// A stage whose replicas lag.
async fn lagging(seed_number: u64, longest: u64) -> Stage {
    let seed = seed();
    let mut options = Options::new(seed.to_string());
    // No cycle runs automatically, regardless of the speed of the clock.
    options.first_cycle = Duration::from_secs(3_600 * 24 * 365);
    options.speed = SPEED;
    options.lag = Lag {
        longest: Duration::from_secs(longest),
        seed: seed_number,
        in_order: true, // as `decisions.md` assumes for the objects of a killed run
        ..Lag::default()
    };
    Stage::with(seed, options).await
}

/// Ends the run when its fault takes effect: the process is killed at that request.
async fn struck(stage: &Stage) {
    while left(stage).await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn run(seed_number: u64) -> Numbers {
    let dice = &mut Dice(seed_number);
    let blocks = blocks();
    let mut numbers = Numbers {
        lag: if LAG { *dice.pick(&LAGS) } else { 0 },
        ..Numbers::default()
    };
    let mut run = Run {
        stage: Arc::new(lagging(seed_number, numbers.lag).await),
        blocks: &blocks,
        state: BTreeMap::new(),
    };
    let mut wanted = random_configuration(dice, &blocks);
    for _ in 0..2 + dice.below(4) {
        if dice.once_in(5) {
            numbers.kills += usize::from(run.killed(dice, &wanted).await);
        }
        for _ in 0..dice.below(4) {
            run.stage.fault(&random_fault(dice)).await;
            numbers.struck += 1;
        }
        let mut blind = false;
        if dice.once_in(2) {
            run.meddle(dice).await;
            numbers.meddled += 1;
            // As if it happened between plan and apply.
            blind = dice.once_in(3);
        }
        let mut errors = run.go(&wanted, SHORT, blind).await;
        numbers.struck -= usize::try_from(left(&run.stage).await)
            .unwrap()
            .min(numbers.struck);
        run.stage.heal().await;
        // A provider that ignores possible objects leaves them behind.
        for _ in 0..3 {
            if errors.iter().any(|(_, text)| is_warned(text)) {
                run.obey(&errors).await;
                errors = run.go(&wanted, SHORT, false).await;
            }
        }
        wanted = random_configuration(dice, &blocks);
        numbers.edits += 1;
    }
    // Changes by others moments ago cannot be known; from here on, there are only our own writes.
    run.stage.control("POST", "settle", &Json::Null).await;
    // Settings that exist once in each tenant keep their last value when they are removed from the configuration, so it depends on the
    // history.
    wanted.insert(
        "defaults",
        blocks
            .iter()
            .find(|block| block.name == "defaults")
            .unwrap()
            .forms[0]
            .clone(),
    );
    run.settle(&wanted).await;
    is_settled(&run, &wanted).await;
    let mut calm = Run {
        stage: Arc::new(Stage::open(seed()).await),
        blocks: &blocks,
        state: BTreeMap::new(),
    };
    calm.settle(&wanted).await;
    numbers.damage += damage(&calm, &run, false).await;
    run.settle(&Wanted::new()).await;
    calm.settle(&Wanted::new()).await;
    numbers.damage += damage(&calm, &run, true).await;
    numbers
}

/// The differences between the tenants, except the settings of jobs, which outlive them (their values were compared as stored), and the
/// history of jobs.
async fn damage(calm: &Run<'_>, run: &Run<'_>, destroyed: bool) -> Damage {
    let mut worlds = [calm.stage.essence().await, run.stage.essence().await];
    for world in &mut worlds {
        world[0]["secrets"] = Json::Null;
        for job in world[0]["jobs"].as_array_mut().unwrap() {
            job["state"] = json!(job["state"] == "Active");
            job["status"] = Json::Null;
        }
    }
    let damage = Damage::of(&worlds[0], &worlds[1], destroyed);
    if damage != Damage::default() {
        let difference = first_difference(&worlds[0], &worlds[1], "");
        eprintln!("{damage:?}: {}", difference.unwrap_or_default());
    }
    damage
}

/// The results of all runs with one lag.
#[derive(Clone, Copy, Default)]
struct Column {
    runs: usize,
    total: Numbers,
}

impl Column {
    fn add(&mut self, numbers: Numbers) {
        self.runs += 1;
        self.total.edits += numbers.edits;
        self.total.struck += numbers.struck;
        self.total.meddled += numbers.meddled;
        self.total.kills += numbers.kills;
        self.total.damage += numbers.damage;
    }
}

fn table(columns: &BTreeMap<u64, Column>) -> String {
    let mut lines = vec![
        "| Lag up to | Runs | Rounds | Faults | Changes from outside | Kills | Changes lost | Doubled | Forgotten |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for (lag, Column { runs, total }) in columns {
        let Damage {
            lost,
            doubled,
            forgotten,
        } = total.damage;
        lines.push(format!(
            "| {lag} s | {runs} | {} | {} | {} | {} | {lost} | {doubled} | {forgotten} |",
            total.edits, total.struck, total.meddled, total.kills
        ));
    }
    lines.join("\n")
}

/// The number of faults that did not affect a request.
async fn left(stage: &Stage) -> u64 {
    let left = stage.control("GET", "faults", &Json::Null).await;
    left["left"].as_u64().unwrap()
}

async fn is_settled(run: &Run<'_>, wanted: &Wanted) {
    for block in run.blocks {
        let Some(config) = wanted.get(block.name) else {
            continue;
        };
        let provider = run.stage.provider(block.side, PATIENT).await;
        let stored = &run.state[block.name];
        let seen = refresh(&provider, block.type_name, stored).await;
        let again = apply(&provider, block.type_name, stored, &run.fill(config)).await;
        assert!(
            !again.failed() && !again.changed && !seen.stored.value.is_null(),
            "{} does not settle: {}",
            block.name,
            again.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apply_converges_after_random_faults_and_kills() {
    let chosen = std::env::var("CROSSTENANT_SEED")
        .ok()
        .map(|text| text.parse().unwrap());
    let seeds: Vec<u64> = match chosen {
        Some(seed) => vec![seed],
        None => (1..=RUNS[usize::from(thorough())]).collect(),
    };
    let (planned, began) = (seeds.len(), Instant::now());
    let results: Vec<(u64, Result<Numbers, String>)> =
        futures::stream::iter(seeds.into_iter().enumerate())
            .take_while(|(begun, _)| {
                std::future::ready(*begun < FEWEST || began.elapsed() < BUDGET)
            })
            .map(|(_, seed)| async move {
                let task = tokio::spawn(async move {
                    let done = std::panic::AssertUnwindSafe(run(seed)).catch_unwind();
                    tokio::time::timeout(LIMIT, done).await
                });
                let result = match task.await.unwrap() {
                    Err(_) => Err("hangs".to_owned()),
                    Ok(Ok(numbers)) => Ok(numbers),
                    Ok(Err(panic)) => Err(crate::faults::words(panic.as_ref())),
                };
                (seed, result)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
    let count = results.len();
    let mut columns: BTreeMap<u64, Column> = BTreeMap::new();
    let mut failures = BTreeMap::new();
    for (seed, result) in results {
        match result {
            Ok(numbers) => {
                columns.entry(numbers.lag).or_default().add(numbers);
                if numbers.damage != Damage::default() {
                    failures.insert(seed, format!("{:?}", numbers.damage));
                }
            }
            Err(why) => drop(failures.insert(seed, why)),
        }
    }
    let table = table(&columns);
    eprintln!(
        "{table}\nchaos: {} of {planned} runs in {} s, {} went wrong",
        summary(count, &columns),
        began.elapsed().as_secs(),
        failures.len()
    );
    for (seed, why) in &failures {
        eprintln!("--- CROSSTENANT_SEED={seed}\n{why}");
    }
    assert!(failures.is_empty());
    if !thorough() && chosen.is_none() {
        let lags: Vec<String> = columns.keys().map(u64::to_string).collect();
        let text = format!(
            "{count} runs in `make test`, {} in `make chaos`, each with its own seed, with lags of up to {} seconds: {}.",
            RUNS[1],
            lags.join(", "),
            harm(&columns)
        );
        crate::reliability::says("chaos", &text);
    }
}

fn harm(columns: &BTreeMap<u64, Column>) -> String {
    let mut damage = Damage::default();
    for column in columns.values() {
        damage += column.total.damage;
    }
    let Damage {
        lost,
        doubled,
        forgotten,
    } = damage;
    format!("{lost} changes lost, {doubled} objects doubled, {forgotten} forgotten")
}

/// The results in one line.
fn summary(runs: usize, columns: &BTreeMap<u64, Column>) -> String {
    let sum = |of: fn(&Numbers) -> usize| -> usize {
        columns.values().map(|column| of(&column.total)).sum()
    };
    let lags: Vec<String> = columns.keys().map(u64::to_string).collect();
    format!(
        "{}; {} rounds with lags of up to {} s, {} faults, {} kills, {} changes from outside; {runs}",
        harm(columns),
        sum(|numbers| numbers.edits),
        lags.join(", "),
        sum(|numbers| numbers.struck),
        sum(|numbers| numbers.kills),
        sum(|numbers| numbers.meddled),
    )
}
