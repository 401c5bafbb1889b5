//! Random configurations, random edits, random faults, and somebody who changes things outside; each run follows from its seed.
//!
//! In the end, without faults, the last configuration is reached, is what a run without any disaster reaches, and can be
//! destroyed without a trace. `CROSSTENANT_SEED=N` repeats one run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::engine::scenarios::{ADA, COLLABORATORS, GRACE};
use crate::engine::{
    CONTOSO, FABRIKAM, Patience, Side, Stage, Stored, USUAL, advised, apply, apply_unseen, import,
    refresh, seed,
};
use crate::matrix::{faults, first_difference, is_warned};
use crate::thorough;

/// Runs of `make test` and of `make chaos`.
const RUNS: [u64; 2] = [400, 3_000];

/// Runs at once; they wait most of the time.
const AT_ONCE: usize = 100;

const SHORT: Patience = Patience {
    max_retries: 2,
    request_timeout: "3s",
    replication_timeout: Some("4s"),
};

/// Nothing takes so long, also on a busy machine on which a hundred runs share a processor.
const LIMIT: Duration = Duration::from_secs(900);

/// A block that a configuration may have.
struct Block {
    name: &'static str,
    side: Side,
    type_name: &'static str,
    needs: &'static [&'static str],
    /// What it may say.
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

/// All blocks, each after those it needs.
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
                json!({ "partner_tenant_id": CONTOSO }),
                json!({ "partner_tenant_id": CONTOSO, "is_service_provider": true }),
                json!({ "partner_tenant_id": CONTOSO, "b2b_direct_connect_outbound": { "users_and_groups": everybody } }),
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
        let mut job = json!({ "service_principal_id": principal, "target_tenant_id": FABRIKAM, "enabled": true, "validate_connection_timeout": "1s" });
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

/// What a configuration says, by block.
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

/// One world with its state, as a run of the CLI sees it.
struct Run<'a> {
    stage: Stage,
    blocks: &'a [Block],
    state: BTreeMap<&'static str, Stored>,
}

impl Run<'_> {
    /// Destroys what is not wanted any more, then creates and updates; what needs something that failed waits. The messages.
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
                continue; // Something that stands on it could not be destroyed.
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

    /// Somebody changes or removes something outside.
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

    /// Applies without faults until it works, importing what the messages say.
    async fn settle(&mut self, wanted: &Wanted) {
        let mut last = Vec::new();
        for _ in 0..6 {
            last = self.go(wanted, USUAL, false).await;
            if last.is_empty() {
                return;
            }
            self.obey(&last).await;
        }
        panic!("never works: {last:#?}");
    }

    /// Imports what the messages say.
    async fn obey(&mut self, errors: &[(usize, String)]) {
        for (index, text) in errors {
            let block = &self.blocks[*index];
            if let Some(id) = advised(text) {
                let provider = self.stage.provider(block.side, USUAL).await;
                let found = import(&provider, block.type_name, &id).await.succeeded();
                self.keep(block.name, found);
            }
        }
    }
}

/// The collection in a control path.
fn dice_target(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

async fn run(seed_number: u64) -> [usize; 3] {
    let dice = &mut Dice(seed_number);
    let blocks = blocks();
    let mut run = Run {
        stage: Stage::open(seed()).await,
        blocks: &blocks,
        state: BTreeMap::new(),
    };
    let [mut edits, mut struck, mut meddled] = [0; 3];
    let mut wanted = random_configuration(dice, &blocks);
    for _ in 0..2 + dice.below(4) {
        for _ in 0..dice.below(4) {
            run.stage.fault(&random_fault(dice)).await;
            struck += 1;
        }
        let mut blind = false;
        if dice.once_in(2) {
            run.meddle(dice).await;
            meddled += 1;
            // As if it happened between plan and apply.
            blind = dice.once_in(3);
        }
        let mut errors = run.go(&wanted, SHORT, blind).await;
        struck -= usize::try_from(left(&run.stage).await).unwrap().min(struck);
        run.stage.heal().await;
        // Whoever ignores that something may exist is left with it.
        for _ in 0..3 {
            if errors.iter().any(|(_, text)| is_warned(text)) {
                run.obey(&errors).await;
                errors = run.go(&wanted, SHORT, false).await;
            }
        }
        wanted = random_configuration(dice, &blocks);
        edits += 1;
    }
    // What a tenant has once keeps its last setting when it is given up, which depends on history.
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
        stage: Stage::open(seed()).await,
        blocks: &blocks,
        state: BTreeMap::new(),
    };
    calm.settle(&wanted).await;
    same_world(&calm, &run).await;
    run.settle(&Wanted::new()).await;
    calm.settle(&Wanted::new()).await;
    same_world(&calm, &run).await;
    [edits, struck, meddled]
}

/// Both worlds are the same, but for the settings of jobs, which outlive them (what they are was compared as stored), and for
/// what a job has been through.
async fn same_world(calm: &Run<'_>, run: &Run<'_>) {
    let mut worlds = [calm.stage.essence().await, run.stage.essence().await];
    for world in &mut worlds {
        world[0]["secrets"] = Json::Null;
        for job in world[0]["jobs"].as_array_mut().unwrap() {
            job["state"] = json!(job["state"] == "Active");
            job["status"] = Json::Null;
        }
    }
    assert_eq!(first_difference(&worlds[0], &worlds[1], ""), None);
}

/// Faults that struck nothing.
async fn left(stage: &Stage) -> u64 {
    let left = stage.control("GET", "faults", &Json::Null).await;
    left["left"].as_u64().unwrap()
}

async fn is_settled(run: &Run<'_>, wanted: &Wanted) {
    for block in run.blocks {
        let Some(config) = wanted.get(block.name) else {
            continue;
        };
        let provider = run.stage.provider(block.side, USUAL).await;
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
async fn whatever_happens_it_settles() {
    let chosen = std::env::var("CROSSTENANT_SEED")
        .ok()
        .map(|text| text.parse().unwrap());
    let seeds: Vec<u64> = match chosen {
        Some(seed) => vec![seed],
        None => (1..=RUNS[usize::from(thorough())]).collect(),
    };
    let count = seeds.len();
    let results: Vec<(u64, Result<[usize; 3], String>)> = futures::stream::iter(seeds)
        .map(|seed| async move {
            let task = tokio::spawn(async move {
                let done = std::panic::AssertUnwindSafe(run(seed)).catch_unwind();
                tokio::time::timeout(LIMIT, done).await
            });
            let result = match task.await.unwrap() {
                Err(_) => Err("hangs".to_owned()),
                Ok(Ok(numbers)) => Ok(numbers),
                Ok(Err(panic)) => Err(crate::words(panic.as_ref())),
            };
            (seed, result)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut totals = [0; 3];
    let mut failures = BTreeMap::new();
    for (seed, result) in results {
        match result {
            Ok(numbers) => (0..3).for_each(|index| totals[index] += numbers[index]),
            Err(why) => drop(failures.insert(seed, why)),
        }
    }
    let [edits, struck, meddled] = totals;
    eprintln!(
        "chaos: {count} runs, {edits} edits, {struck} faults, {meddled} changes from outside, {} went wrong",
        failures.len()
    );
    for (seed, why) in &failures {
        eprintln!("--- CROSSTENANT_SEED={seed}\n{why}");
    }
    assert!(failures.is_empty());
    if !thorough() && chosen.is_none() {
        let text = format!(
            "{} runs in `make test`, {} in `make chaos`, each with its own seed.",
            RUNS[0], RUNS[1]
        );
        crate::reliability::says("chaos", &text);
    }
}
