//! The cycle does what the preview predicts: user by user, group by group, attribute by attribute, in random pairs of tenants with earlier
//! cycles, restarts, restores and edits on both sides.
//!
//! The engine and the emulator's cycle share nothing but Microsoft's documentation. A disagreement is decided by that documentation and
//! becomes a named test. `CROSSTENANT_SEED=N` repeats one pair.

mod back;
mod compare;
mod copies;
mod decided;
mod known;
mod people;
mod schemas;
mod world;

use std::collections::{BTreeMap, HashMap, HashSet};

use crosstenant::preview::{
    Configuration, Cycle, Engine, Outcome, Preview, Skip, Source, Value, When,
};
use serde_json::{Value as Json, json};

use crate::client::{FABRIKAM, seed};
use crate::dice::Dice;
use crate::synchronization::Scene;
use back::back_and_forth;
use compare::Before;
use world::Side;

/// Kinds of verdicts about users and groups, and the quarantine.
const KINDS: usize = 17;

/// Pairs of `make test` and of `make chaos`.
const PAIRS: [u64; 2] = [200, 2_000];

/// A pair of tenants, with the state of its job as tracked by the test, independently of the emulator.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the pair"
)]
struct Pair {
    scene: Scene,
    source: Side,
    target: Side,
    template: Json,
    /// Whether the saved scope is all users; the value at the last start is kept as well.
    saved: bool,
    scope: bool,
    threshold: Option<u64>,
    force: bool,
    full: bool,
    /// The values that were last written for each source user.
    sent: HashMap<String, Vec<Value>>,
    /// Source users whose manager could not be written.
    unresolved: HashSet<String>,
    /// Number of comparisons for each verdict.
    seen: BTreeMap<&'static str, usize>,
}

impl Pair {
    async fn open() -> Self {
        let mut seed = seed();
        for tenant in seed["tenants"].as_array_mut().unwrap() {
            tenant["users"] = json!([]);
            tenant["groups"] = json!([]);
        }
        let scene = Scene::seeded(&seed).await;
        scene.start().await;
        let path = format!("{}/schema", scene.job);
        let (status, template) = scene.source.get(&path).await;
        assert_eq!(status, 200, "{template}");
        Self {
            source: Side::source(&scene.desk).await,
            target: Side::target(&scene.desk).await,
            template,
            scene,
            saved: false,
            scope: false,
            threshold: None,
            force: false,
            full: true,
            sent: HashMap::new(),
            unresolved: HashSet::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Replaces users and configuration; the job loses its links.
    async fn renew(&mut self, dice: &mut Dice) {
        let (principal, role) = (&self.scene.made.principal, &self.scene.made.role);
        people::populate(dice, &mut self.source, &mut self.target, principal, role);
        self.source.now["jobs"][0]["links"] = json!({});
        self.write().await;
        self.forget();
        self.configure(dice).await;
        self.save(dice).await;
        self.restart(dice, "Full").await;
    }

    async fn write(&mut self) {
        self.source.write(&self.scene.desk).await;
        self.target.write(&self.scene.desk).await;
    }

    /// Saves another schema, which starts a full cycle.
    async fn configure(&mut self, dice: &mut Dice) {
        let schema = schemas::random(dice, &self.template);
        self.put_schema(schema).await;
    }

    async fn put_schema(&mut self, schema: Json) {
        let path = format!("{}/schema", self.scene.job);
        let (status, body) = self.scene.source.put(&path, schema.clone()).await;
        assert_eq!(status, 204, "{body} {schema:#}");
        self.full = true;
    }

    /// Saves scope and threshold. The scope takes effect at the next restart.
    async fn save(&mut self, dice: &mut Dice) {
        let everybody = dice.once_in(4);
        let threshold = dice.once_in(3).then(|| dice.below(3) as u64);
        self.settings(everybody, threshold).await;
    }

    async fn settings(&mut self, everybody: bool, threshold: Option<u64>) {
        self.saved = everybody;
        self.threshold = threshold;
        let settings = json!({ "DeleteThresholdEnabled": self.threshold.is_some(), "Enabled": false,
            "DeleteThresholdValue": self.threshold.unwrap_or(500) });
        let secrets = json!({ "value": [
            { "key": "AuthenticationType", "value": "SyncPolicy" },
            { "key": "CompanyId", "value": FABRIKAM },
            { "key": "SyncNotificationSettings", "value": settings.to_string() },
            { "key": "SyncAll", "value": self.saved.to_string() },
        ]});
        let path = format!("{}/secrets", self.scene.root());
        assert_eq!(self.scene.source.put(&path, secrets).await.0, 204);
    }

    async fn restart(&mut self, dice: &mut Dice, reset: &str) {
        let force = dice.once_in(4);
        self.restarted(reset, force).await;
    }

    async fn restarted(&mut self, reset: &str, force: bool) {
        let path = format!("{}/restart", self.scene.job);
        let text = if force {
            format!("{reset}, ForceDeletes")
        } else {
            reset.to_owned()
        };
        let body = json!({ "criteria": { "resetScope": text } });
        assert_eq!(self.scene.source.post(&path, body).await.0, 204);
        self.scope = self.saved;
        self.force |= force;
        self.full |= reset != "QuarantineState";
        if reset == "Full" {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.sent.clear();
        self.unresolved.clear();
    }

    /// Random changes between two cycles.
    async fn live(&mut self, dice: &mut Dice) {
        let (principal, role) = (&self.scene.made.principal, &self.scene.made.role);
        for _ in 0..dice.below(7) {
            people::in_source(dice, &mut self.source, principal, role);
        }
        for _ in 0..dice.below(3) {
            people::in_target(dice, &mut self.target, &self.source);
        }
        for _ in 0..dice.below(4) {
            back_and_forth(dice, (&mut self.source, &mut self.target), principal, role);
        }
        self.write().await;
        match dice.below(8) {
            0 => self.configure(dice).await,
            1 => self.save(dice).await,
            2 => {
                let reset = *dice.pick(&[
                    "Full",
                    "Escrows, Watermark, QuarantineState",
                    "QuarantineState",
                ]);
                self.restart(dice, reset).await;
            }
            _ => {}
        }
        self.source.refresh(&self.scene.desk).await;
        self.target.refresh(&self.scene.desk).await;
    }

    /// Previews a cycle, runs it, and compares.
    async fn step(&mut self) {
        let configuration = self.configuration().await;
        let sources = self.sources(&configuration);
        let cycle = self.cycle(&configuration, &sources);
        let groups = self.groups(&configuration);
        let mut engine = Engine::new(&configuration, groups, cycle.clone(), false);
        for user in self.targets(&configuration) {
            engine.target(user);
        }
        for user in &sources {
            engine.source(user);
        }
        let preview = engine.finish(&self.copies(&configuration));
        let before = Before::of(&self.target);
        let groups = copies::Before::of(&self.target, self.full);
        self.scene.desk.cycle().await;
        self.source.refresh(&self.scene.desk).await;
        self.target.refresh(&self.scene.desk).await;
        before.compare(&preview, &configuration, &self.source, &self.target);
        groups.compare(&preview, &configuration, &self.target);
        self.count(&preview);
        self.remember(&preview, &configuration, &sources, &cycle);
    }

    fn count(&mut self, preview: &Preview) {
        let users = preview.users.iter().map(|verdict| match &verdict.outcome {
            Outcome::Create(_) => "create",
            Outcome::Update {
                when: When::NextCycle,
                ..
            } => "update",
            Outcome::Update { .. } => "drift",
            Outcome::Restore(_) => "restore",
            Outcome::Nothing { .. } => "nothing",
            Outcome::Leave(_) => "leave",
            Outcome::Keep(..) => "keep",
            Outcome::Skip(_) => "skip",
            Outcome::Collide(_) => "collide",
        });
        let groups = preview.groups.iter().map(|group| match &group.skipped {
            _ if group.leaves => "group leaves",
            Some(_) if group.target.is_some() => "group stays",
            Some(_) => "group skipped",
            None if group.created && group.members.members.is_empty() => "group created",
            None if group.created => "group created with members",
            None if group.changes.is_empty() => "group unchanged",
            None => "group changed",
        });
        let quarantined = preview.quarantined.then_some("quarantine");
        for kind in users.chain(groups).chain(quarantined) {
            *self.seen.entry(kind).or_default() += 1;
        }
    }

    /// Records the values that the service has written.
    fn remember(
        &mut self,
        preview: &Preview,
        configuration: &Configuration,
        sources: &[Source],
        cycle: &Cycle,
    ) {
        if preview.quarantined {
            return;
        }
        (self.full, self.force) = (false, false);
        for (verdict, user) in preview.users.iter().zip(sources) {
            let written = match &verdict.outcome {
                Outcome::Create(_) | Outcome::Restore(_) | Outcome::Nothing { .. } => true,
                Outcome::Update { when, .. } if *when == When::NextCycle => true,
                // Values that were written before still count.
                Outcome::Update { .. }
                | Outcome::Collide(_)
                | Outcome::Skip(Skip::DeletedByHand | Skip::MappingFails { .. }) => continue,
                _ => false,
            };
            let id = user.record.id.to_string();
            let looked_at = match cycle {
                Cycle::Incremental(Some(changed)) => changed.contains(&id),
                _ => true,
            };
            if looked_at && verdict.unresolved.is_empty() {
                self.unresolved.remove(&id);
            } else if looked_at {
                self.unresolved.insert(id.clone());
            }
            match configuration.mapped(user) {
                Ok(values) if written => drop(self.sent.insert(id, values)),
                _ if written => {}
                _ => drop(self.sent.remove(&id)),
            }
        }
    }
}

/// A user as Graph returns it with its manager expanded.
fn with_manager(user: &Json) -> Json {
    let mut user = user.clone();
    if user["_manager"].is_string() {
        user["manager"] = json!({ "id": user["_manager"] });
    }
    user
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preview_matches_the_cycle() {
    let thorough = std::env::var_os("CROSSTENANT_CHAOS").is_some();
    let one = std::env::var("CROSSTENANT_SEED")
        .ok()
        .and_then(|text| text.parse::<u64>().ok());
    let pairs = one.map_or(0..PAIRS[usize::from(thorough)], |one| one..one + 1);
    let mut pair = Pair::open().await;
    for number in pairs {
        compare::now(number);
        let mut dice = Dice(number);
        pair.renew(&mut dice).await;
        pair.step().await;
        for _ in 0..=dice.below(4) {
            pair.live(&mut dice).await;
            pair.step().await;
        }
        pair.scene
            .desk
            .control("DELETE", "requests", Json::Null)
            .await;
    }
    // Every kind of verdict must have been compared.
    assert!(one.is_some() || pair.seen.len() >= KINDS, "{:?}", pair.seen);
}
