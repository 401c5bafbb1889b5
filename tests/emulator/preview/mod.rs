//! What the preview says before a cycle is what the cycle does after: user by user, group by group, attribute by attribute, in random
//! pairs of tenants with earlier cycles, restarts, restores and edits on both sides.
//!
//! The engine and the emulator's cycle share nothing but Microsoft's text. A disagreement is decided by that text and becomes a
//! named test. `CROSSTENANT_SEED=N` repeats one pair.

mod compare;
mod copies;
mod decided;
mod people;
mod schemas;
mod world;

use std::collections::{HashMap, HashSet};

use crosstenant::preview::{
    Assignment, Configuration, Copy, Cycle, Engine, Group, Known, Origin, Outcome, Preview,
    Principal, Scope, Skip, Source, Target, Value, When,
};
use serde_json::{Value as Json, json};

use crate::client::{CONTOSO, FABRIKAM, seed};
use crate::dice::Dice;
use crate::synchronization::Scene;
use compare::Before;
use world::Side;

/// Pairs of `make test` and of `make chaos`.
const PAIRS: [u64; 2] = [200, 2_000];

/// A pair of tenants, and what is known of its job without asking the emulator how it works.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the pair"
)]
struct Pair {
    scene: Scene,
    source: Side,
    target: Side,
    template: Json,
    /// `SyncAll` as saved, and as it was at the last start.
    saved: bool,
    scope: bool,
    threshold: Option<u64>,
    force: bool,
    full: bool,
    /// What was written of each source user last.
    sent: HashMap<String, Vec<Value>>,
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
        }
    }

    /// Other people, another configuration; the job forgets everything.
    async fn renew(&mut self, dice: &mut Dice) {
        let (principal, role) = (&self.scene.made.principal, &self.scene.made.role);
        people::populate(dice, &mut self.source, &mut self.target, principal, role);
        self.source.now["jobs"][0]["links"] = json!({});
        self.write().await;
        self.sent.clear();
        self.configure(dice).await;
        self.save(dice).await;
        self.restart(dice, "Full").await;
    }

    async fn write(&mut self) {
        self.source.write(&self.scene.desk).await;
        self.target.write(&self.scene.desk).await;
    }

    /// Saves another schema, which begins a full cycle.
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

    /// Saves scope and threshold. The scope counts from the next restart on.
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
            self.sent.clear();
        }
    }

    /// What may happen between two cycles.
    async fn live(&mut self, dice: &mut Dice) {
        let (principal, role) = (&self.scene.made.principal, &self.scene.made.role);
        for _ in 0..dice.below(7) {
            people::in_source(dice, &mut self.source, principal, role);
        }
        for _ in 0..dice.below(3) {
            people::in_target(dice, &mut self.target, &self.source);
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

    async fn configuration(&self) -> Configuration {
        let (status, schema) = self
            .scene
            .source
            .get(&format!("{}/schema", self.scene.job))
            .await;
        assert_eq!(status, 200, "{schema}");
        let mut configuration = Configuration::read(&schema).unwrap();
        configuration.scope = if self.scope {
            Scope::All
        } else {
            Scope::Assigned
        };
        configuration.assignments = self.assignments();
        "fabrikam.example".clone_into(&mut configuration.target_domain);
        let from = &self.target.now["authorizationPolicy"]["allowInvitesFrom"];
        configuration.invitations = Some(from != "none");
        let policy = &self.target.now["syncPolicies"][CONTOSO];
        configuration.group_sync = Some(policy["groupSyncInbound"]["isSyncAllowed"] == true);
        configuration.delete_threshold = self.threshold.filter(|_| !self.force);
        configuration
    }

    fn assignments(&self) -> Vec<Assignment> {
        let all = self.source.all("assignments").into_iter();
        let mine = all.filter(|one| one["resourceId"] == *self.scene.made.principal);
        mine.map(|one| Assignment {
            principal: one["principalId"].as_str().unwrap().to_owned(),
            role: one["appRoleId"].as_str().unwrap().to_owned(),
            kind: if one["principalType"] == "User" {
                Principal::User
            } else {
                Principal::Group
            },
        })
        .collect()
    }

    fn groups(&self, configuration: &Configuration) -> Vec<Group> {
        let users: HashSet<String> = self.source.ids("users").into_iter().collect();
        let read = |group: Json| {
            let id = group["id"].as_str().unwrap().to_owned();
            let members = self.source.now["members"][&id]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let members: Vec<String> = members
                .iter()
                .map(|member| member.as_str().unwrap().to_owned())
                .collect();
            let (users, others): (Vec<String>, Vec<String>) = members
                .into_iter()
                .partition(|member| users.contains(member));
            let roles = configuration.assignments.iter();
            Group {
                entitled: roles
                    .filter(|one| one.principal == id)
                    .any(|one| one.role == self.scene.made.role),
                display_name: group["displayName"].as_str().unwrap_or_default().to_owned(),
                record: configuration.group_columns().record(&group),
                security_enabled: group["securityEnabled"] == true,
                mail_enabled: group["mailEnabled"] == true,
                unified: group["groupTypes"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind == "Unified")),
                role_assignable: group["isAssignableToRole"] == true,
                id,
                users,
                others: others.len(),
            }
        };
        let assigned: HashSet<&str> = configuration
            .assignments
            .iter()
            .map(|one| one.principal.as_str())
            .collect();
        let all = self.source.all("groups").into_iter();
        all.filter(|group| assigned.contains(group["id"].as_str().unwrap()))
            .map(read)
            .collect()
    }

    /// The copies of groups, as far as the job knows of them or they are recognized.
    fn copies(&self, configuration: &Configuration) -> Vec<Copy> {
        let links = &self.source.now["jobs"][0]["links"];
        let columns = configuration.group_copy_columns();
        let copies = self.target.group_copies().into_iter();
        copies
            .map(|(source, group)| {
                let target = group["id"].as_str().unwrap();
                Copy {
                    managed: links[&source]["target"] == *target,
                    target: target.to_owned(),
                    members: self.target.members(target),
                    record: Some(columns.record(&group)),
                    source,
                }
            })
            .collect()
    }

    fn sources(&self, configuration: &Configuration) -> Vec<Source> {
        let users = self.source.all("users").into_iter();
        users
            .map(|user| {
                let methods = &self.source.now["phoneMethods"][user["id"].as_str().unwrap()];
                Source {
                    sms_sign_in: Some(methods[0]["smsSignInState"] == "ready"),
                    record: configuration.source_columns().record(&with_manager(&user)),
                    managed: None,
                }
            })
            .collect()
    }

    fn targets(&self, configuration: &Configuration) -> Vec<Target> {
        let links = self.source.now["jobs"][0]["links"].clone();
        let read = |user: Json, deleted: bool| {
            let source = user["_source"]["userId"].as_str().map(str::to_owned);
            Target {
                record: configuration.target_columns().record(&with_manager(&user)),
                deleted,
                origin: source.map(|source| Origin {
                    managed: Some(links[&source]["target"] == user["id"]),
                    known: Known::Service,
                    deleted_by_job: deleted.then(|| user["_deletedBySync"] == true),
                    source,
                }),
            }
        };
        let there = self.target.all("users").into_iter();
        let deleted = self.target.all("deletedItems").into_iter();
        there
            .map(|user| read(user, false))
            .chain(deleted.map(|user| read(user, true)))
            .collect()
    }

    fn cycle(&self, configuration: &Configuration, sources: &[Source]) -> Cycle {
        if self.full {
            return Cycle::Full;
        }
        let changed = sources.iter().filter(|user| {
            let sent = self.sent.get(&*user.record.id);
            configuration.mapped(user).ok().as_ref() != sent
        });
        Cycle::Incremental(Some(
            changed.map(|user| user.record.id.to_string()).collect(),
        ))
    }

    /// Previews a cycle, runs it, and compares.
    async fn step(&mut self) {
        let configuration = self.configuration().await;
        let sources = self.sources(&configuration);
        let cycle = self.cycle(&configuration, &sources);
        let mut engine = Engine::new(&configuration, self.groups(&configuration), cycle, false);
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
        self.remember(&preview, &configuration, &sources);
    }

    /// What the service has written now.
    fn remember(&mut self, preview: &Preview, configuration: &Configuration, sources: &[Source]) {
        if preview.quarantined {
            return;
        }
        (self.full, self.force) = (false, false);
        for (verdict, user) in preview.users.iter().zip(sources) {
            let written = match &verdict.outcome {
                Outcome::Create(_) | Outcome::Restore(_) | Outcome::Nothing { .. } => true,
                Outcome::Update { when, .. } if *when == When::NextCycle => true,
                // What was written before still counts.
                Outcome::Update { .. }
                | Outcome::Collide(_)
                | Outcome::Skip(Skip::DeletedByHand | Skip::MappingFails { .. }) => continue,
                _ => false,
            };
            let id = user.record.id.to_string();
            match configuration.mapped(user) {
                Ok(values) if written => drop(self.sent.insert(id, values)),
                _ if written => {}
                _ => drop(self.sent.remove(&id)),
            }
        }
    }
}

/// A user as Graph answers it with its manager expanded.
fn with_manager(user: &Json) -> Json {
    let mut user = user.clone();
    if user["_manager"].is_string() {
        user["manager"] = json!({ "id": user["_manager"] });
    }
    user
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preview_says_what_the_cycle_does() {
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
}
