//! One cycle of one job, and the same work for a single user on demand.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::agreement::{self, secret};
use super::log::{self, Entry};
use super::scope::{self, Assigned, Verdict};
use super::status::{self, Counts, Failure};
use crate::job::Job;
use crate::reply::Refusal;
use crate::store::{Tenant, World};

/// The data of one cycle while it runs.
pub(super) struct Cycle<'w> {
    pub(super) world: &'w mut World,
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) job: Job,
    /// The mappings of users and of groups in the job's schema.
    pub(super) mapping: Value,
    pub(super) group_mapping: Value,
    pub(super) id: String,
    /// Whether objects are evaluated even if they have not changed.
    pub(super) full: bool,
    pub(super) on_demand: bool,
    /// Target users by their source user.
    pub(super) alive: HashMap<String, String>,
    pub(super) buried: HashMap<String, String>,
    /// Target groups by their source group.
    pub(super) copies: HashMap<String, String>,
    /// Source users whose copies were created or compared in this cycle, and source groups whose copies were created. Their references are
    /// written next.
    pub(super) looked_at: HashSet<String>,
    /// Assignments of the users of the source tenant.
    entitled: HashMap<String, Assigned>,
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

/// An object whose copy is to be removed.
pub(super) struct Removal {
    pub(super) object: Value,
    pub(super) target: String,
    pub(super) details: Value,
}

impl Removal {
    /// An object that was removed from the source tenant.
    pub(super) fn gone(id: &str, target: String) -> Self {
        let details = json!({ "Active in the source system": "False", "IsActive": "False" });
        Self {
            object: json!({ "id": id }),
            target,
            details,
        }
    }
}

/// Whether a mapping allows this action on target objects: `Add`, `Update` or `Delete`.
pub(super) fn flows(mapping: &Value, action: &str) -> bool {
    mapping["flowTypes"]
        .as_str()
        .is_some_and(|types| types.split(',').any(|word| word.trim() == action))
}

fn by_source<'t>(
    objects: impl Iterator<Item = (&'t String, &'t Value)>,
    tenant: &str,
    member: &str,
) -> HashMap<String, String> {
    let origin = |object: &Value| Some(object["_source"][member].as_str()?.to_owned());
    objects
        .filter(|(_, object)| object["_source"]["tenantId"] == *tenant)
        .filter_map(|(id, object)| Some((origin(object)?, id.clone())))
        .collect()
}

impl<'w> Cycle<'w> {
    /// Checks that both tenants allow the synchronization, and collects the data of the cycle.
    pub(super) fn begin(
        world: &'w mut World,
        source: usize,
        job: &Job,
        on_demand: bool,
    ) -> Result<Self, Refusal> {
        let target = agreement::of_job(world, &world.tenants[source], job)?;
        let (home, away) = (&world.tenants[source].tenant_id, &world.tenants[target]);
        let alive = by_source(away.users.iter(), home, "userId");
        let buried = by_source(away.deleted_items.iter(), home, "userId");
        let copies = by_source(away.groups.iter(), home, "groupId");
        let id = Uuid::new_v4().to_string();
        let full = job.full || on_demand;
        let everyone = job.all_users.unwrap_or(false);
        let entitled = scope::entitled(&world.tenants[source], &job.service_principal, everyone);
        Ok(Self {
            world,
            source,
            target,
            job: job.clone(),
            mapping: object_mapping(job, "User"),
            group_mapping: object_mapping(job, "Group"),
            id,
            full,
            on_demand,
            alive,
            buried,
            copies,
            looked_at: HashSet::new(),
            entitled,
            counts: Counts::default(),
        })
    }

    pub(super) fn source(&self) -> &Tenant {
        &self.world.tenants[self.source]
    }

    pub(super) fn target(&self) -> &Tenant {
        &self.world.tenants[self.target]
    }

    /// Whether the schema allows this action on target users.
    pub(super) fn flows(&self, action: &str) -> bool {
        flows(&self.mapping, action)
    }

    /// Whether the two tenants are in different clouds, between which groups and managers are not synchronized.
    pub(super) fn crosses_clouds(&self) -> bool {
        self.source().cloud != self.target().cloud
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.mapping["enabled"] == true
    }

    /// The target user that this job has linked to a source user, if it still exists.
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

    fn judge(&self, user: &Value, assigned: Option<&Assigned>) -> Verdict {
        let assigned = assigned.copied().unwrap_or(Assigned::No);
        scope::judge(self.source(), user, assigned, &self.mapping["scope"])
    }

    /// Whether a source user is in scope of this job.
    pub(super) fn is_in_scope(&self, user: &str) -> bool {
        let found = self.source().users.get(user);
        found.is_some_and(|object| self.judge(object, self.entitled.get(user)).skip.is_none())
    }

    /// Forgets what was sent, so that a user who is in scope again is written completely.
    pub(super) fn forget_sent(&mut self, user: &str) {
        if let Some(link) = self.job.links.get_mut(user) {
            link.sent = Value::Null;
            link.references.clear();
        }
    }

    /// Stores the outcome for a user; true if it differs from the last one and must be logged.
    pub(super) fn outcome(&mut self, user: &str, outcome: &str) -> bool {
        let link = self.job.links.entry(user.to_owned()).or_default();
        let news = link.outcome != outcome;
        outcome.clone_into(&mut link.outcome);
        news || self.full
    }

    /// Processes users and groups: first removals, then objects, then their references.
    fn everything(&mut self) -> Result<(), Failure<'static>> {
        let mut removals = Vec::new();
        let users = if self.is_enabled() {
            self.users_in_scope(&mut removals)
        } else {
            Vec::new()
        };
        let groups = self.groups_in_scope(&mut removals);
        self.counts.entitled = users.len() + groups.len();
        if self.too_many(removals.len()) && !self.job.force_deletes {
            self.stage(&removals);
            return Err(Failure {
                reason: "TooManyDeletes",
                code: "TooManyDeletes",
                message: "The number of deletions in this cycle is above the threshold. Nothing was deleted.",
            });
        }
        for removal in removals {
            self.remove(&removal);
        }
        for (user, verdict) in &users {
            self.export(user, verdict.clone());
        }
        for (group, verdict) in &groups {
            self.export_group(group, verdict);
        }
        for (user, _) in &users {
            self.manager(user);
        }
        for (group, _) in &groups {
            self.memberships(group, None);
        }
        Ok(())
    }

    fn stage(&mut self, removals: &[Removal]) {
        for removal in removals {
            let copy = self.copy(&removal.target);
            let entry = Entry::new("stagedDelete", &removal.object).target(&copy);
            log::write(self, &entry.scoping(removal.details.clone()));
        }
    }

    /// The user or group in the target tenant.
    pub(super) fn copy(&self, id: &str) -> Value {
        let (users, groups) = (&self.target().users, &self.target().groups);
        users
            .get(id)
            .or(groups.get(id))
            .cloned()
            .unwrap_or_default()
    }

    /// The users to keep in the target tenant; logs the others as skipped.
    fn users_in_scope(&mut self, removals: &mut Vec<Removal>) -> Vec<(Value, Verdict)> {
        let entitled = self.entitled.clone();
        let ids: Vec<String> = self.source().users.keys().cloned().collect();
        self.counts.evaluated += ids.len();
        let deletes = self.flows("Delete");
        let mut inside = Vec::new();
        for id in ids {
            let object = self.source().users[&id].clone();
            let verdict = self.judge(&object, entitled.get(&id));
            if verdict.skip.is_some() {
                self.forget_sent(&id);
            }
            match (verdict.skip, self.linked(&id)) {
                (None, _) => inside.push((object, verdict)),
                (Some(_), Some(target)) => {
                    if deletes && !self.is_stuck(&object, &target, &entitled) {
                        let details = verdict.details;
                        removals.push(Removal {
                            object,
                            target,
                            details,
                        });
                    }
                }
                (Some(_), None) => drop(self.skip(&object, &verdict)),
            }
        }
        let links = self.job.links.keys();
        let gone = links.filter(|id| deletes && !self.source().users.contains_key(*id));
        let gone = gone.filter_map(|id| Some(Removal::gone(id, self.linked(id)?)));
        removals.extend(gone);
        inside
    }

    /// Whether a copy remains unchanged: the user was disabled, the copy is disabled, and then the assignment was removed. Documented for
    /// members of assigned groups, UNVERIFIED for users who are assigned directly.
    fn is_stuck(&self, user: &Value, target: &str, entitled: &HashMap<String, Assigned>) -> bool {
        let is_disabled = |user: &Value| user["accountEnabled"] == false;
        let assigned = user["id"].as_str().and_then(|id| entitled.get(id));
        let assigned = assigned.is_some_and(|how| how.counts());
        !assigned && is_disabled(user) && is_disabled(&self.target().users[target])
    }

    /// Whether the number of deletions exceeds the accidental deletion threshold; that it must be greater than the threshold is UNVERIFIED.
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

    /// Provisions one user on demand and returns the entry that was logged.
    pub(super) fn one(&mut self, id: &str) -> Value {
        let object = self.source().users[id].clone();
        let verdict = self.judge(&object, self.entitled.get(id));
        match (verdict.skip, self.linked(id)) {
            (None, _) => {
                let entry = self.export(&object, verdict);
                log::merged(entry, &self.manager(&object))
            }
            (Some(_), Some(target)) if self.flows("Delete") => {
                let details = verdict.details;
                self.remove(&Removal {
                    object,
                    target,
                    details,
                })
            }
            (Some(_), _) => self.skip(&object, &verdict),
        }
    }

    pub(super) fn skip(&mut self, user: &Value, verdict: &Verdict) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        let reason = verdict.skip.unwrap_or_default();
        if !self.outcome(
            &id,
            &format!("{reason} {}", verdict.clause.as_deref().unwrap_or_default()),
        ) {
            return Value::Null;
        }
        let kind = log::kind(user).to_lowercase();
        let why = match &verdict.clause {
            Some(clause) => format!("The {kind} is not in scope: {clause}."),
            None => format!("The {kind} is not assigned to the application."),
        };
        log::write(
            self,
            &Entry::new("other", user)
                .skipped(reason, &why)
                .scoping(verdict.details.clone()),
        )
    }

    /// The numbers of users and groups of this job in the target tenant.
    fn synchronized(&self) -> (usize, usize) {
        let (users, groups) = (&self.target().users, &self.target().groups);
        let links = || self.job.links.values();
        let in_users = links().filter(|link| users.contains_key(&link.target));
        let in_groups = links().filter(|link| groups.contains_key(&link.target));
        (in_users.count(), in_groups.count())
    }
}

/// Runs one cycle now, with the policies and assignments in the view of the provisioning engine.
pub(super) fn run(world: &mut World, source: usize, at: usize) {
    let views = world.engine_view(source);
    perform(world, source, at);
    world.leave_views(views);
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
        return; // The service principal is deleted and may be restored, so the job does nothing.
    }
    let next = now + world.cycle;
    let activity = Uuid::new_v4().to_string();
    let (mut job, wait) = match Cycle::begin(world, source, &job, false) {
        Err(refusal) => {
            let failure = Failure {
                reason: "EncounteredQuarantineException",
                code: &refusal.code,
                message: &refusal.message,
            };
            let wait = status::quarantined(&mut job.status, &failure, &activity, now);
            (job, Some(wait))
        }
        Ok(mut cycle) => {
            let result = cycle.everything();
            let (counts, synchronized) = (cycle.counts.clone(), cycle.synchronized());
            let mut job = cycle.job;
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
