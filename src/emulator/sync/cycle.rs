//! One cycle of one job, and the same work for a single user on demand.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::Job;
use super::agreement::{self, secret};
use super::log::{self, Entry};
use super::scope::{self, Verdict};
use super::status::{self, Counts, Failure};
use crate::emulator::reply::Refusal;
use crate::emulator::store::{Tenant, World};

/// Everything one cycle needs, while it lasts.
pub(super) struct Round<'w> {
    pub(super) world: &'w mut World,
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) job: Job,
    /// The mapping of users in the job's schema.
    pub(super) mapping: Value,
    pub(super) cycle_id: String,
    /// Whether users are evaluated even if nothing about them has changed.
    pub(super) full: bool,
    pub(super) on_demand: bool,
    /// Target users by the source user they were made of.
    pub(super) alive: HashMap<String, String>,
    pub(super) buried: HashMap<String, String>,
    pub(super) counts: Counts,
}

/// The mapping of `User` or `Group`, if the schema has one.
pub(super) fn object_mapping(job: &Job, kind: &str) -> Value {
    let schema = job.schema();
    let rules = schema["synchronizationRules"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut mappings = rules.into_iter().flat_map(|rule| {
        rule["objectMappings"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    });
    mappings
        .find(|mapping| mapping["sourceObjectName"] == *kind)
        .unwrap_or_default()
}

fn by_source<'t>(
    users: impl Iterator<Item = (&'t String, &'t Value)>,
    tenant: &str,
) -> HashMap<String, String> {
    users
        .filter(|(_, user)| user["_source"]["tenantId"] == *tenant)
        .filter_map(|(id, user)| Some((user["_source"]["userId"].as_str()?.to_owned(), id.clone())))
        .collect()
}

impl<'w> Round<'w> {
    /// Checks that both tenants agree, and gathers what the cycle needs.
    pub(super) fn begin(
        world: &'w mut World,
        source: usize,
        job: &Job,
        on_demand: bool,
    ) -> Result<Self, Refusal> {
        let target = agreement::of_job(world, &world.tenants[source], job)?;
        let (home, away) = (&world.tenants[source].tenant_id, &world.tenants[target]);
        let alive = by_source(away.users.iter(), home);
        let buried = by_source(away.deleted_items.iter(), home);
        let cycle_id = Uuid::new_v4().to_string();
        let (mapping, full) = (object_mapping(job, "User"), job.full || on_demand);
        Ok(Self {
            world,
            source,
            target,
            job: job.clone(),
            mapping,
            cycle_id,
            full,
            on_demand,
            alive,
            buried,
            counts: Counts::default(),
        })
    }

    pub(super) fn source(&self) -> &Tenant {
        &self.world.tenants[self.source]
    }

    pub(super) fn target(&self) -> &Tenant {
        &self.world.tenants[self.target]
    }

    /// Whether the schema lets this happen to target objects: `Add`, `Update` or `Delete`.
    pub(super) fn flows(&self, action: &str) -> bool {
        self.mapping["flowTypes"]
            .as_str()
            .is_some_and(|types| types.split(',').any(|word| word.trim() == action))
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.mapping["enabled"] == true
    }

    /// The target user this job keeps for a source user, if it is still there.
    fn linked(&self, user: &str) -> Option<String> {
        let link = self
            .job
            .links
            .get(user)
            .filter(|link| !link.target.is_empty())?;
        self.target()
            .users
            .contains_key(&link.target)
            .then(|| link.target.clone())
    }

    fn judge(&self, user: &Value, entitled: bool) -> Verdict {
        scope::judge(self.source(), user, entitled, &self.mapping["scope"])
    }

    fn entitled(&self) -> HashSet<String> {
        scope::entitled(
            self.source(),
            &self.job.service_principal,
            self.job.all_users.unwrap_or(false),
        )
    }

    /// Remembers how it went; true if that is news worth a line in the log.
    pub(super) fn outcome(&mut self, user: &str, outcome: &str) -> bool {
        let link = self.job.links.entry(user.to_owned()).or_default();
        let news = link.outcome != outcome;
        outcome.clone_into(&mut link.outcome);
        news || self.full
    }

    fn everyone(&mut self) -> Result<(), Failure<'static>> {
        let entitled = self.entitled();
        let ids: Vec<String> = self.source().users.keys().cloned().collect();
        let (mut inside, mut leaving) = (Vec::new(), Vec::new());
        for id in ids {
            let user = self.source().users[&id].clone();
            let verdict = self.judge(&user, entitled.contains(&id));
            match (verdict.skip, self.linked(&id)) {
                (None, _) => inside.push((user, verdict)),
                (Some(_), Some(target)) if self.is_stuck(&user, &target, &entitled) => {}
                (Some(_), Some(target)) => leaving.push((user, target, verdict.details)),
                (Some(_), None) => drop(self.skip(&user, &verdict)),
            }
        }
        let gone = self
            .job
            .links
            .keys()
            .filter(|id| !self.source().users.contains_key(*id));
        for id in gone.cloned().collect::<Vec<_>>() {
            if let Some(target) = self.linked(&id) {
                let details =
                    json!({ "Active in the source system": "False", "IsActive": "False" });
                leaving.push((json!({ "id": id }), target, details));
            }
        }
        self.counts.evaluated = self.source().users.len();
        self.counts.entitled = inside.len();
        if !self.flows("Delete") {
            leaving.clear();
        }
        if self.too_many(leaving.len()) && !self.job.force_deletes {
            for (user, target, details) in leaving {
                let target = self.target().users[&target].clone();
                log::write(
                    self,
                    &Entry::new("stagedDelete", &user)
                        .target(&target)
                        .scoping(details),
                );
            }
            return Err(Failure {
                reason: "TooManyDeletes",
                code: "TooManyDeletes",
                message: "The number of deletions in this cycle is above the threshold. Nothing was deleted.",
            });
        }
        for (user, target, details) in leaving {
            self.remove(&user, &target, details);
        }
        for (user, verdict) in inside {
            self.export(&user, verdict);
        }
        Ok(())
    }

    /// A user who was disabled, whose copy is disabled, and who is then taken out of the assigned ones stays as it is:
    /// documented for members of assigned groups, UNVERIFIED for users assigned themselves.
    fn is_stuck(&self, user: &Value, target: &str, entitled: &HashSet<String>) -> bool {
        let is_disabled = |user: &Value| user["accountEnabled"] == false;
        let assigned = user["id"].as_str().is_some_and(|id| entitled.contains(id));
        !assigned && is_disabled(user) && is_disabled(&self.target().users[target])
    }

    /// Whether the accidental deletion threshold forbids this many; that it is a "more than" is UNVERIFIED.
    fn too_many(&self, deletions: usize) -> bool {
        let secrets = self
            .source()
            .secrets
            .get(&self.job.service_principal)
            .map_or(&[][..], Vec::as_slice);
        let settings: Value = secret(secrets, "SyncNotificationSettings")
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let threshold = settings["DeleteThresholdValue"].as_u64().unwrap_or(500);
        settings["DeleteThresholdEnabled"] == true && deletions as u64 > threshold
    }

    /// One user on demand: the entry that was logged.
    pub(super) fn one(&mut self, id: &str) -> Value {
        let user = self.source().users[id].clone();
        let verdict = self.judge(&user, self.entitled().contains(id));
        match (verdict.skip, self.linked(id)) {
            (None, _) => self.export(&user, verdict),
            (Some(_), Some(target)) if self.flows("Delete") => {
                self.remove(&user, &target, verdict.details)
            }
            (Some(_), _) => self.skip(&user, &verdict),
        }
    }

    fn skip(&mut self, user: &Value, verdict: &Verdict) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        let reason = verdict.skip.unwrap_or_default();
        if !self.outcome(
            &id,
            &format!("{reason} {}", verdict.clause.as_deref().unwrap_or_default()),
        ) {
            return Value::Null;
        }
        let why = match &verdict.clause {
            Some(clause) => format!("The user is not in scope: {clause}."),
            None => "The user is not assigned to the application.".to_owned(),
        };
        log::write(
            self,
            &Entry::new("other", user)
                .skipped(reason, &why)
                .scoping(verdict.details.clone()),
        )
    }

    fn synchronized(&self) -> usize {
        self.job
            .links
            .values()
            .filter(|link| {
                !link.target.is_empty() && self.target().users.contains_key(&link.target)
            })
            .count()
    }
}

/// Runs one cycle now, by what the engine knows of policies and assignments.
pub(super) fn run(world: &mut World, source: usize, at: usize) {
    let views = world.engine_view(source);
    perform(world, source, at);
    world.reveal_all(views);
}

fn perform(world: &mut World, source: usize, at: usize) {
    let now = world.clock.now();
    let text = world.clock.text();
    let mut job = world.tenants[source].jobs[at].clone();
    job.underway = false;
    if !world.tenants[source]
        .service_principals
        .contains_key(&job.service_principal)
    {
        return; // deleted, perhaps to be restored: the job rests
    }
    let next = now + world.cycle;
    let activity = Uuid::new_v4().to_string();
    let (mut job, wait) = match Round::begin(world, source, &job, false) {
        Err(refusal) => {
            let failure = Failure {
                reason: "EncounteredQuarantineException",
                code: &refusal.code,
                message: &refusal.message,
            };
            let wait = status::quarantined(&mut job.status, &failure, &activity, now);
            (job, Some(wait))
        }
        Ok(mut round) => {
            let result = if round.is_enabled() {
                round.everyone()
            } else {
                Ok(())
            };
            if result.is_ok() {
                round.groups();
            }
            let (counts, synchronized) = (round.counts.clone(), round.synchronized());
            let mut job = round.job;
            let wait = match result {
                Ok(()) => {
                    status::ran(&mut job.status, &counts, synchronized, &activity, &text);
                    job.full = false;
                    job.force_deletes = false;
                    None
                }
                Err(failure) => Some(status::quarantined(
                    &mut job.status,
                    &failure,
                    &activity,
                    now,
                )),
            };
            (job, wait)
        }
    };
    job.next_run = Some(wait.map_or(next, |wait| now + wait));
    world.tenants[source].jobs[at] = job;
}
