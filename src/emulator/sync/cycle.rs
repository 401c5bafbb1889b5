//! One cycle of one job, and the same work for a single user on demand.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::agreement::{self, secret};
use super::log::{self, Entry};
use super::mapping::{self, Destination, Flow};
use super::scope::{self, Verdict};
use super::status::{self, Counts, Failure};
use super::{Job, Link};
use crate::emulator::reply::Refusal;
use crate::emulator::rules::{deleted_items, users};
use crate::emulator::store::{Tenant, World};

/// Everything one cycle needs, while it lasts.
pub(super) struct Round<'w> {
    pub(super) world: &'w mut World,
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) job: Job,
    /// The mapping of users in the job's schema.
    mapping: Value,
    pub(super) cycle_id: String,
    /// Whether users are evaluated even if nothing about them has changed.
    full: bool,
    pub(super) on_demand: bool,
    /// Target users by the source user they were made of.
    alive: HashMap<String, String>,
    buried: HashMap<String, String>,
    counts: Counts,
}

/// The mapping of users, if the schema has one.
fn user_mapping(job: &Job) -> Value {
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
        .find(|mapping| mapping["sourceObjectName"] == "User")
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
        let (mapping, full) = (user_mapping(job), job.full || on_demand);
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
    fn flows(&self, action: &str) -> bool {
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

    fn entitled(&self) -> std::collections::HashSet<String> {
        scope::entitled(
            self.source(),
            &self.job.service_principal,
            self.job.all_users.unwrap_or(false),
        )
    }

    /// Remembers how it went; true if that is news worth a line in the log.
    fn outcome(&mut self, user: &str, outcome: &str) -> bool {
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

    fn remove(&mut self, user: &Value, target: &str, details: Value) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        let now = self.world.clock.text();
        let existing = self.target().users[target].clone();
        let away = &mut self.world.tenants[self.target];
        deleted_items::bury(away, target, &now);
        away.deleted_items[target]["_deletedBySync"] = json!(true);
        self.job.links.insert(
            id,
            Link {
                target: String::new(),
                outcome: "Deleted".to_owned(),
            },
        );
        self.counts.exported += 1;
        log::write(
            self,
            &Entry::new("delete", user)
                .target(&existing)
                .scoping(details),
        )
    }

    /// Creates, updates or brings back the target user.
    fn export(&mut self, user: &Value, verdict: Verdict) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        let existing = self.alive.get(&id).cloned();
        let buried = self.buried.get(&id).cloned();
        match (existing, buried) {
            (Some(target), _) => self.update(user, &target, verdict),
            (None, Some(target))
                if self.target().deleted_items[&target]["_deletedBySync"] == true =>
            {
                self.bring_back(user, &target, verdict)
            }
            // Deleted by hand: only an administrator restores it; on demand makes a second one.
            (None, Some(_)) if !self.on_demand => {
                self.outcome(&id, "DeletedByHand");
                Value::Null
            }
            _ => self.create(user, verdict),
        }
    }

    fn failed(&mut self, user: &Value, verdict: Verdict, code: &str, reason: &str) -> Value {
        self.counts.failed += 1;
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        self.outcome(&id, code);
        log::write(
            self,
            &Entry::new("other", user)
                .failed(code, reason)
                .scoping(verdict.details),
        )
    }

    fn wanted(&self, user: &Value, creating: bool) -> Result<Vec<Flow>, String> {
        mapping::flows(
            user,
            &self.mapping["attributeMappings"],
            &Destination {
                tenant: self.target(),
                creating,
            },
        )
    }

    fn create(&mut self, user: &Value, verdict: Verdict) -> Value {
        if !self.flows("Add") {
            return Value::Null;
        }
        if self
            .target()
            .authorization_policy
            .get("allowInvitesFrom")
            .is_some_and(|from| from == "none")
        {
            return self.failed(user, verdict, "AzureActiveDirectoryForbidden", "Guest invitations not allowed for your company. Contact your company administrator for more details.");
        }
        let flows = match self.wanted(user, true) {
            Ok(flows) => flows,
            Err(why) => return self.failed(user, verdict, "AttributeMappingFailed", &why),
        };
        let id = Uuid::new_v4().to_string();
        let now = self.world.clock.text();
        let mut properties = Map::new();
        mapping::write(&mut properties, &flows);
        let upn = properties
            .get("userPrincipalName")
            .cloned()
            .unwrap_or_default();
        if upn
            .as_str()
            .is_none_or(|upn| self.target().user(upn).is_some())
        {
            return self.failed(
                user,
                verdict,
                "ObjectConflict",
                "Another object with the same value for property userPrincipalName already exists.",
            );
        }
        let extra = json!({
            "id": id, "createdDateTime": now, "creationType": "Invitation",
            "externalUserState": "Accepted", "externalUserStateChangeDateTime": now,
            "identities": [
                { "signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": null },
                { "signInType": "userPrincipalName", "issuer": self.target().default_domain(), "issuerAssignedId": upn },
            ],
            "_source": { "tenantId": self.source().tenant_id, "userId": user["id"] },
        });
        properties.extend(extra.as_object().cloned().unwrap_or_default());
        let created = users::complete(properties);
        self.world.tenants[self.target]
            .users
            .insert(id.clone(), created.clone());
        self.exported(user, &id);
        self.alive
            .insert(user["id"].as_str().unwrap_or_default().to_owned(), id);
        log::write(
            self,
            &Entry::new("create", user)
                .target(&created)
                .scoping(verdict.details)
                .modified(&Value::Null, &flows),
        )
    }

    fn exported(&mut self, user: &Value, target: &str) {
        self.counts.exported += 1;
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        self.job.links.insert(
            id,
            Link {
                target: target.to_owned(),
                outcome: "Exported".to_owned(),
            },
        );
    }

    fn bring_back(&mut self, user: &Value, target: &str, verdict: Verdict) -> Value {
        deleted_items::unbury(&mut self.world.tenants[self.target], target);
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        self.alive.insert(id.clone(), target.to_owned());
        self.job.links.insert(
            id,
            Link {
                target: target.to_owned(),
                outcome: "Restored".to_owned(),
            },
        );
        let entry = self.update(user, target, verdict.clone());
        if !entry.is_null() && entry["provisioningStatusInfo"]["status"] != "skipped" {
            return entry;
        }
        self.counts.exported += 1;
        let restored = self.target().users[target].clone();
        let undone = [Flow {
            property: "IsSoftDeleted".to_owned(),
            value: json!(false),
        }];
        log::write(
            self,
            &Entry::new("update", user)
                .target(&restored)
                .scoping(verdict.details)
                .modified(&json!({ "IsSoftDeleted": true }), &undone),
        )
    }

    fn update(&mut self, user: &Value, target: &str, verdict: Verdict) -> Value {
        let existing = self.target().users[target].clone();
        let pending = existing["externalUserState"] == "PendingAcceptance";
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        target.clone_into(&mut self.job.links.entry(id).or_default().target);
        if !self.flows("Update") || (pending && !self.full) {
            return Value::Null;
        }
        let mut flows = match self.wanted(user, false) {
            Ok(flows) => mapping::changes(&existing, flows),
            Err(why) => return self.failed(user, verdict, "AttributeMappingFailed", &why),
        };
        if pending {
            flows.push(Flow {
                property: "externalUserState".to_owned(),
                value: json!("Accepted"),
            });
            flows.push(Flow {
                property: "externalUserStateChangeDateTime".to_owned(),
                value: json!(self.world.clock.text()),
            });
        }
        if flows.is_empty() {
            if !self.on_demand {
                return Value::Null;
            }
            let why = "The state of the user in source and target already match.";
            return log::write(
                self,
                &Entry::new("other", user)
                    .target(&existing)
                    .skipped("RedundantExport", why)
                    .scoping(verdict.details),
            );
        }
        if let Some(members) = self.world.tenants[self.target].users[target].as_object_mut() {
            mapping::write(members, &flows);
        }
        self.exported(user, target);
        let disabling = flows
            .iter()
            .any(|flow| flow.property == "accountEnabled" && flow.value == false);
        let action = if disabling { "disable" } else { "update" };
        log::write(
            self,
            &Entry::new(action, user)
                .target(&existing)
                .scoping(verdict.details)
                .modified(&existing, &flows),
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

/// Runs one cycle now.
pub(super) fn run(world: &mut World, source: usize, at: usize) {
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
