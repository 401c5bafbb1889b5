//! Assigned groups: which of them are synchronized, and the security groups that are created for them in the target tenant.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::agreement;
use super::cycle::{Cycle, Removal, flows};
use super::log::{self, Entry};
use super::mapping::{self, Destination, Flow};
use super::scope::{self, Assigned, Verdict};

/// The reason why a group of this type is never synchronized. The log's text for it is UNVERIFIED.
fn excluded(group: &Value) -> Option<&'static str> {
    let unified = group["groupTypes"]
        .as_array()
        .is_some_and(|types| types.iter().any(|kind| kind == "Unified"));
    let holds = |name: &str| group[name] == true;
    match () {
        () if holds("isAssignableToRole") => Some("the group is role-assignable"),
        () if holds("mailEnabled") && !unified && holds("securityEnabled") => {
            Some("the group is a mail-enabled security group")
        }
        () if holds("mailEnabled") && !unified => Some("the group is a distribution group"),
        // Members of such a group are not read. Whether a Microsoft 365 group is synchronized nevertheless is UNVERIFIED.
        () if !holds("securityEnabled") => Some("the group is not enabled for security"),
        () => None,
    }
}

impl Cycle<'_> {
    /// The groups to keep in the target tenant; logs the others as skipped.
    pub(super) fn groups_in_scope(&mut self, removals: &mut Vec<Removal>) -> Vec<(Value, Verdict)> {
        let assigned = scope::principals(self.source(), &self.job.service_principal);
        let links = self.job.links.keys().filter(|id| self.kept(id).is_some());
        let mut ids: Vec<String> = assigned.keys().chain(links).cloned().collect();
        ids.sort();
        ids.dedup();
        let deletes = flows(&self.group_mapping, "Delete");
        let mut inside = Vec::new();
        for id in ids {
            let how = assigned.get(&id).copied().unwrap_or(Assigned::No);
            let Some(object) = self.source().groups.get(&id).cloned() else {
                // Copies remain while groups are not allowed.
                if deletes && self.refusal().is_none() {
                    removals.extend(self.kept(&id).map(|target| Removal::gone(&id, target)));
                }
                continue;
            };
            self.counts.evaluated += 1;
            if self.refused(&object, how) {
                continue;
            }
            let verdict = self.judge_group(&object, how);
            match (verdict.skip, self.kept(&id)) {
                (None, _) => inside.push((object, verdict)),
                (Some(_), Some(target)) if deletes => {
                    let details = verdict.details;
                    removals.push(Removal {
                        object,
                        target,
                        details,
                    });
                }
                (Some(_), Some(_)) => {}
                (Some(_), None) => drop(self.skip(&object, &verdict)),
            }
        }
        inside
    }

    /// The copy of a group that this job has linked, if it still exists.
    fn kept(&self, group: &str) -> Option<String> {
        let target = &self.job.links.get(group)?.target;
        let there = self.target().groups.contains_key(target);
        there.then(|| target.clone())
    }

    fn judge_group(&self, group: &Value, assigned: Assigned) -> Verdict {
        let everyone = self.job.all_users == Some(true);
        let why = excluded(group);
        let why = why.or(everyone.then_some("groups need the scope of assigned users and groups"));
        scope::judge_group(group, assigned, why, &self.group_mapping["scope"])
    }

    /// The reason why no group is synchronized, with the status of the log entry. The engine's report across clouds, and for a target
    /// tenant that does not allow groups, is UNVERIFIED.
    fn refusal(&self) -> Option<(&'static str, &'static str, bool)> {
        let policy = self.target().sync_policies.get(&self.source().tenant_id);
        let allowed = policy.is_some_and(|it| it["groupSyncInbound"]["isSyncAllowed"] == true);
        match () {
            () if self.group_mapping["enabled"] != true => Some((
                "EntityTypeNotSupported",
                "The entity type is not supported: the mapping of groups is disabled.",
                false,
            )),
            () if self.crosses_clouds() => Some((
                "EntityTypeNotSupported",
                "The entity type is not supported: groups are not synchronized across clouds.",
                false,
            )),
            () if !allowed => Some((
                "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
                "The target tenant has not enabled inbound synchronization of groups with the source tenant.",
                true,
            )),
            () => None,
        }
    }

    /// Logs that groups are not synchronized, once per assigned group.
    fn refused(&mut self, group: &Value, assigned: Assigned) -> bool {
        let Some((code, why, fails)) = self.refusal() else {
            return false;
        };
        let id = group["id"].as_str().unwrap_or_default();
        if assigned != Assigned::No && self.outcome(id, code) {
            let entry = Entry::new("other", group);
            let entry = if fails {
                entry.failed(code, why)
            } else {
                entry.skipped(code, why)
            };
            log::write(self, &entry);
        }
        true
    }

    /// Creates or updates the copy of a group, without its members.
    pub(super) fn export_group(&mut self, group: &Value, verdict: &Verdict) -> Value {
        let id = group["id"].as_str().unwrap_or_default();
        let copy = self.kept(id).or_else(|| self.copies.get(id).cloned());
        let wanted = mapping::flows(
            group,
            &self.group_mapping["attributeMappings"],
            &Destination {
                tenant: self.target(),
                creating: copy.is_none(),
            },
        );
        match (wanted, copy) {
            (Err(why), _) => self.failed(group, verdict.clone(), "AttributeMappingFailed", &why),
            (Ok(wanted), Some(copy)) => self.update_group(group, &copy, wanted, verdict),
            (Ok(wanted), None) => self.create_group(group, &wanted, verdict),
        }
    }

    /// Creates a new static security group; existing ones are not adopted. Only a full cycle creates a deleted copy again, which is
    /// UNVERIFIED.
    fn create_group(&mut self, group: &Value, wanted: &[Flow], verdict: &Verdict) -> Value {
        let source = group["id"].as_str().unwrap_or_default();
        let deleted = self.job.links.get(source);
        let deleted = deleted.is_some_and(|link| !link.target.is_empty());
        if !flows(&self.group_mapping, "Add") || (deleted && !self.full) {
            return Value::Null;
        }
        if !wanted.iter().any(|flow| flow.property == "displayName") {
            let why = "The required attribute displayName has no value.";
            return self.failed(group, verdict.clone(), "AttributeMappingFailed", why);
        }
        let id = Uuid::new_v4().to_string();
        let now = self.world.clock.text();
        let mut properties = Map::new();
        properties.insert("id".to_owned(), json!(id));
        properties.insert("mailNickname".to_owned(), json!(id));
        mapping::write(&mut properties, wanted);
        let mut created = crate::rules::groups::blank(&properties, &now);
        created["_source"] = json!({ "tenantId": self.source().tenant_id, "groupId": source });
        let away = &mut self.world.tenants[self.target];
        away.groups.insert(id.clone(), created.clone());
        away.members.insert(id.clone(), Vec::new());
        self.copies.insert(source.to_owned(), id.clone());
        self.looked_at.insert(source.to_owned());
        self.job.links.remove(source);
        let sent = mapping::lasting(&self.group_mapping["attributeMappings"], wanted);
        self.exported(group, &id, sent);
        let entry = Entry::new("create", group).target(&created);
        let entry = entry.scoping(verdict.details.clone());
        log::write(self, &entry.modified(&Value::Null, wanted))
    }

    fn update_group(
        &mut self,
        group: &Value,
        copy: &str,
        wanted: Vec<Flow>,
        verdict: &Verdict,
    ) -> Value {
        let source = group["id"].as_str().unwrap_or_default().to_owned();
        copy.clone_into(&mut self.job.links.entry(source).or_default().target);
        let sent = mapping::remembered(&wanted);
        if !flows(&self.group_mapping, "Update") || !self.has_changed(group, &sent) {
            return Value::Null;
        }
        self.note_sent(group, sent.clone());
        let existing = self.target().groups[copy].clone();
        let changes = mapping::changes(&existing, wanted);
        let entry = Entry::new("update", group).target(&existing);
        let entry = entry.scoping(verdict.details.clone());
        if changes.is_empty() {
            if !self.on_demand {
                return Value::Null;
            }
            let why = "The state of the entry in both source and target systems already match.";
            return log::write(self, &entry.skipped("RedundantExport", why));
        }
        let away = &mut self.world.tenants[self.target].groups[copy];
        if let Some(members) = away.as_object_mut() {
            mapping::write(members, &changes);
        }
        self.exported(group, copy, sent);
        log::write(self, &entry.modified(&existing, &changes))
    }

    /// Provisions one group on demand, with the membership of `members`, and returns the entry that was logged.
    pub(super) fn one_group(&mut self, id: &str, members: &[String]) -> Value {
        let object = self.source().groups[id].clone();
        if let Some((code, why, fails)) = self.refusal() {
            let entry = Entry::new("other", &object);
            let entry = if fails {
                entry.failed(code, why)
            } else {
                entry.skipped(code, why)
            };
            return log::write(self, &entry);
        }
        let assigned = scope::principals(self.source(), &self.job.service_principal);
        let assigned = assigned.get(id).copied().unwrap_or(Assigned::No);
        let verdict = self.judge_group(&object, assigned);
        match (verdict.skip, self.kept(id)) {
            (None, _) => {
                let entry = self.export_group(&object, &verdict);
                log::merged(entry, &self.memberships(&object, Some(members)))
            }
            (Some(_), Some(target)) if flows(&self.group_mapping, "Delete") => {
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

    /// Sets the scope of a job that has not started from `SyncAll` in its secrets.
    pub(super) fn set_scope(&mut self) {
        if self.job.all_users.is_none() {
            let secrets = self.source().secrets.get(&self.job.service_principal);
            self.job.all_users = secrets
                .and_then(|secrets| agreement::secret(secrets, "SyncAll"))
                .map(|text| text.eq_ignore_ascii_case("true"));
        }
    }
}
