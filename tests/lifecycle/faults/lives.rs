//! Complete lifecycles of configurations: everything is created in one run, immediately planned again, changed, planned again, and
//! destroyed.
//!
//! Each run has its own providers, as each run of the CLI has. The content of both tenants after a lifecycle is compared with that after
//! the same lifecycle without lag.

#[path = "lives/life.rs"]
mod life;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crosstenant::emulator::{Lag, Options};
use crosstenant::terraform::Value;
use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::engine::{
    Outcome, Patience, Side, Stage, Stored, USUAL, WITH_LAG, advised, apply, import, seed,
};
use crate::faults::matrix::{first_difference, is_warned};
use life::Step;
pub use life::{Life, lives};

/// The conditions of a lifecycle.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub longest: Duration,
    pub seed: u64,
    /// Speed of the emulator's clock, as a multiple of the test's own.
    pub speed: u32,
}

/// Deviations from the lifecycle without lag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Changes that were not made, without an error.
    pub lost: usize,
    /// Objects that exist once more than they should.
    pub doubled: usize,
    /// Objects that exist but are in no state, or that should exist but do not.
    pub forgotten: usize,
}

impl Damage {
    /// Counts additional, missing and different objects, compared with tenants without faults.
    pub fn of(expected: &Json, found: &Json, destroyed: bool) -> Self {
        let mut damage = Self::default();
        for (side, collection) in COUNTED {
            let count = |world: &Json| size(&world[side][collection]);
            let (wanted, there) = (count(expected), count(found));
            // Objects that remain after everything is destroyed are in no state.
            if destroyed {
                damage.forgotten += there.saturating_sub(wanted);
            } else {
                damage.doubled += there.saturating_sub(wanted);
            }
            damage.forgotten += wanted.saturating_sub(there);
        }
        if damage == Self::default() {
            damage.lost += usize::from(first_difference(expected, found, "").is_some());
        }
        damage
    }
}

impl std::ops::AddAssign for Damage {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.forgotten += other.forgotten;
    }
}

/// The result of a lifecycle.
#[derive(Debug, Default)]
pub struct Lived {
    pub damage: Damage,
    /// Descriptions of the deviations; empty for a clean lifecycle.
    pub complaints: Vec<String>,
    pub kills: usize,
}

/// Without lag, no phase reads anything more often: that would be a wait for a write that is visible.
const MOST_READS: usize = 4;

/// The path that was read most often, and how often.
fn most_read(journal: &[Json]) -> (String, usize) {
    let mut reads = BTreeMap::new();
    for one in journal.iter().filter(|one| one["method"] == "GET") {
        let path = format!("{}?{}", one["path"], one["query"]);
        *reads.entry(path).or_insert(0) += 1;
    }
    let most = reads.into_iter().max_by_key(|(_, times)| *times);
    most.unwrap_or_default()
}

const STAGES: [Phase; 3] = [Phase::Create, Phase::Change, Phase::Destroy];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Create,
    Change,
    Destroy,
}

impl Life {
    /// The content of the tenants after each phase without lag.
    pub async fn expected(&self) -> Vec<Json> {
        let world = World::open(self, None).await;
        let mut found = Vec::new();
        for phase in STAGES {
            world.stage.forget().await;
            let errors = world.go(phase).await;
            assert!(errors.is_empty(), "{} without lag: {errors:#?}", self.name);
            let (path, times) = most_read(&world.stage.journal().await);
            assert!(
                times <= MOST_READS || self.leaves(),
                "{phase:?} of {} reads {path} {times} times although nothing lags",
                self.name
            );
            found.push(world.stage.essence().await);
        }
        found
    }

    /// Whether one resource removes an object that another one has created. An object that is missing soon after its creation is waited for.
    fn leaves(&self) -> bool {
        self.name == "crosstenant_multi_tenant_organization_join_request"
    }

    /// Runs the lifecycle with lag; `expected` is the content of the tenants after each phase.
    pub async fn lived(&self, weather: Weather, expected: &[Json]) -> Lived {
        let mut world = World::open(self, Some(weather)).await;
        let mut lived = Lived::default();
        if self.killed {
            lived.kills += usize::from(world.killed(weather.seed).await);
        }
        for (phase, expected) in STAGES.into_iter().zip(expected) {
            world.phase(phase, expected, &mut lived).await;
            if !lived.complaints.is_empty() {
                break;
            }
        }
        lived
    }
}

/// The stored objects, by name.
type State = Arc<Mutex<BTreeMap<&'static str, Stored>>>;

/// Two tenants for a lifecycle.
struct World {
    stage: Arc<Stage>,
    steps: Vec<Step>,
    state: State,
    patience: Patience,
}

impl World {
    async fn open(life: &Life, weather: Option<Weather>) -> Self {
        let seed = seed();
        let mut options = Options::new(seed.to_string());
        // No cycle runs automatically, regardless of the speed of the clock.
        options.first_cycle = Duration::from_secs(3_600 * 24 * 365);
        if let Some(weather) = weather {
            options.speed = weather.speed;
            options.lag = Lag {
                longest: weather.longest,
                seed: weather.seed,
                // The objects of a killed run are found if replicas receive writes in order, as `decisions.md` assumes.
                in_order: life.killed,
                ..Lag::default()
            };
        }
        let stage = Stage::with(seed, options).await;
        for (side, path) in &life.deleted {
            stage.delete(*side, path).await;
        }
        // Changes by others moments ago cannot be known; changes an hour ago are visible everywhere.
        stage.control("POST", "settle", &Json::Null).await;
        Self {
            stage: Arc::new(stage),
            steps: life.steps.clone(),
            state: State::default(),
            // Without lag, a shorter wait is enough where there is one.
            patience: if weather.is_none() && life.leaves() {
                USUAL
            } else {
                WITH_LAG
            },
        }
    }

    /// Runs a phase, compares the tenants, and plans again.
    async fn phase(&mut self, phase: Phase, expected: &Json, lived: &mut Lived) {
        let mut errors = self.go(phase).await;
        // A run after a kill may need imports of existing objects.
        for _ in 0..3 {
            if lived.kills == 0 || !errors.iter().any(|(_, text)| is_warned(text)) {
                break;
            }
            self.obey(&errors).await;
            errors = self.go(phase).await;
        }
        for (step, text) in errors {
            lived
                .complaints
                .push(format!("{phase:?} of {step} failed: {text}"));
        }
        let found = self.stage.essence().await;
        self.compare(phase, expected, &found, lived);
        if phase != Phase::Destroy && lived.complaints.is_empty() {
            self.look(phase, lived).await;
            let found = self.stage.essence().await;
            self.compare(phase, expected, &found, lived);
        }
    }

    /// Counts additional, missing and different objects.
    fn compare(&self, phase: Phase, expected: &Json, found: &Json, lived: &mut Lived) {
        let mut damage = Damage::of(expected, found, phase == Phase::Destroy);
        if phase != Phase::Destroy {
            let state = self.state.lock().unwrap();
            damage.forgotten += self
                .steps
                .iter()
                .filter(|step| !state.contains_key(step.name))
                .count();
        }
        let difference = first_difference(expected, found, "");
        if !lived.complaints.is_empty() {
            damage.lost = 0; // A change that failed with an error is not lost silently.
        }
        if let Some(difference) = difference {
            lived
                .complaints
                .push(format!("after {phase:?}: {difference}"));
        } else if damage != Damage::default() {
            lived
                .complaints
                .push(format!("after {phase:?}: {damage:?}"));
        }
        lived.damage += damage;
    }

    /// Plans and applies once more, right after the phase: no changes are planned.
    async fn look(&mut self, phase: Phase, lived: &mut Lived) {
        let providers = self.providers().await;
        for step in self.steps.clone() {
            let stored = self.stored(step.name);
            let config = self.fill(step.wanted(phase));
            let provider = &providers[step.side as usize];
            let again = apply(provider, step.type_name, &stored, &config).await;
            if again.failed() || again.changed {
                lived.complaints.push(format!(
                    "the plan of {} right after {phase:?} is not empty: {}{}",
                    step.name,
                    again.text(),
                    differences(&stored.value, &again.stored.value)
                ));
            }
            self.keep(step.name, again.stored);
        }
    }

    async fn providers(&self) -> [crosstenant::resources::CrossTenant; 2] {
        [
            self.stage.provider(Side::Source, self.patience).await,
            self.stage.provider(Side::Target, self.patience).await,
        ]
    }

    /// One run of the CLI. Returns the resources that failed, with the messages.
    async fn go(&self, phase: Phase) -> Vec<(&'static str, String)> {
        let providers = self.providers().await;
        let mut errors = Vec::new();
        let mut steps = self.steps.clone();
        if phase == Phase::Destroy {
            steps.reverse();
        }
        for step in steps {
            let stored = self.stored(step.name);
            let config = match phase {
                Phase::Destroy => Json::Null,
                phase => self.fill(step.wanted(phase)),
            };
            let provider = &providers[step.side as usize];
            let done = apply(provider, step.type_name, &stored, &config).await;
            let failed = done.failed().then(|| done.text());
            self.keep(step.name, done.stored);
            if let Some(text) = failed {
                errors.push((step.name, text));
                break; // A step that depends on it cannot be created either.
            }
        }
        errors
    }

    /// Creates, and is killed at a request that the seed determines; false if there were fewer requests.
    async fn killed(&mut self, seed: u64) -> bool {
        let after = Dice(seed).below(25);
        let order = json!({ "kind": "late", "after": after, "delay_ms": 600_000, "parts": false });
        self.stage.fault(&order).await;
        let world = Self {
            stage: Arc::clone(&self.stage),
            steps: self.steps.clone(),
            state: Arc::clone(&self.state),
            patience: self.patience,
        };
        let run = tokio::spawn(async move { world.go(Phase::Create).await });
        let mut struck = false;
        while !struck && !run.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let left = self.stage.control("GET", "faults", &Json::Null).await;
            struck = left["left"] == 0;
        }
        run.abort();
        let ended = run.await;
        self.stage.heal().await;
        struck && ended.is_err()
    }

    /// Imports the objects that the messages name.
    async fn obey(&self, errors: &[(&'static str, String)]) {
        let providers = self.providers().await;
        for (name, text) in errors {
            let step = self.steps.iter().find(|step| step.name == *name).unwrap();
            if let Some(id) = advised(text) {
                let provider = &providers[step.side as usize];
                let mut found: Outcome = import(provider, step.type_name, &id).await;
                // An object that is not visible yet is imported a moment later.
                for _ in 0..60 {
                    if found.failed() {
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        found = import(provider, step.type_name, &id).await;
                    }
                }
                self.keep(step.name, found.stored);
            }
        }
    }

    fn stored(&self, name: &str) -> Stored {
        self.state
            .lock()
            .unwrap()
            .get(name)
            .cloned()
            .unwrap_or_default()
    }

    fn keep(&self, name: &'static str, stored: Stored) {
        let mut state = self.state.lock().unwrap();
        if stored.value.is_null() {
            state.remove(name);
        } else {
            state.insert(name, stored);
        }
    }

    /// A configuration with its references resolved.
    fn fill(&self, config: &Json) -> Json {
        match config {
            Json::String(text) => {
                match text.strip_prefix('@').and_then(|path| path.split_once('.')) {
                    Some((name, attribute)) => {
                        json!(self.stored(name).value.member(attribute).as_str())
                    }
                    None => config.clone(),
                }
            }
            Json::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Json::Object(members) => {
                let filled = members
                    .iter()
                    .map(|(name, json)| (name.clone(), self.fill(json)));
                Json::Object(filled.collect())
            }
            other => other.clone(),
        }
    }
}

/// The attributes in which two states differ.
fn differences(before: &Value, after: &Value) -> String {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .filter(|(name, value)| after.get(name) != Some(value))
            .map(|(name, value)| format!("{name}: {value:?} became {:?}", after.get(name)))
            .collect::<Vec<_>>()
            .join("; "),
        _ => String::new(),
    }
}

/// The collections whose objects are counted, with the index of their tenant.
const COUNTED: [(usize, &str); 10] = [
    (0, "partners"),
    (0, "applications"),
    (0, "servicePrincipals"),
    (0, "assignments"),
    (0, "jobs"),
    (0, "organizationMembers"),
    (1, "partners"),
    (1, "syncPolicies"),
    (1, "organizationMembers"),
    (1, "users"),
];

fn size(collection: &Json) -> usize {
    match collection {
        Json::Object(members) => members.len(),
        Json::Array(members) => members.len(),
        _ => 0,
    }
}
