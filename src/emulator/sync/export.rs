//! Creates, updates or restores a user in the target tenant, and removes copies.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::cycle::{Cycle, Removal};
use super::log::{self, Entry};
use super::mapping::{self, Destination, Flow};
use super::scope::Verdict;
use crate::job::Link;
use crate::rules::{soft_deletion, users};

impl Cycle<'_> {
    /// Removes a copy. Users are soft-deleted. That groups are deleted permanently follows from the documentation of security groups; what
    /// the engine does with them is UNVERIFIED.
    pub(super) fn remove(&mut self, removal: &Removal) -> Value {
        let id = removal.object["id"].as_str().unwrap_or_default().to_owned();
        let target = removal.target.as_str();
        let now = self.world.clock.text();
        let existing = self.copy(target);
        let away = &mut self.world.tenants[self.target];
        if away.groups.shift_remove(target).is_some() {
            away.members.remove(target);
            away.assignments
                .retain(|_, assignment| assignment["principalId"] != target);
            self.copies.remove(&id);
        } else {
            soft_deletion::soft_delete(away, target, &now);
            away.deleted_items[target]["_deletedBySync"] = json!(true);
        }
        let forgotten = Link {
            outcome: "Deleted".to_owned(),
            ..Link::default()
        };
        self.job.links.insert(id, forgotten);
        self.counts.exported += 1;
        let entry = Entry::new("delete", &removal.object).target(&existing);
        log::write(self, &entry.scoping(removal.details.clone()))
    }

    /// Creates, updates or restores the target user.
    pub(super) fn export(&mut self, user: &Value, verdict: Verdict) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        let existing = self.alive.get(&id).cloned();
        let buried = self.buried.get(&id).cloned();
        match (existing, buried) {
            (Some(target), _) => self.update(user, &target, verdict, false),
            (None, Some(target))
                if self.target().deleted_items[&target]["_deletedBySync"] == true =>
            {
                self.bring_back(user, &target, verdict)
            }
            // Deleted manually: only an administrator can restore it; provisioning on demand creates a second one.
            (None, Some(_)) if !self.on_demand => {
                self.outcome(&id, "DeletedByHand");
                Value::Null
            }
            _ => self.create(user, verdict),
        }
    }

    pub(super) fn failed(
        &mut self,
        user: &Value,
        verdict: Verdict,
        code: &str,
        reason: &str,
    ) -> Value {
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

    fn inactive(&mut self, user: &Value, verdict: Verdict) -> Value {
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        if !self.outcome(&id, "NotActive") {
            return Value::Null;
        }
        let mut details = verdict.details;
        details["Active in the source system"] = json!("False");
        details["IsActive"] = json!("False");
        details["SkipReason"] = json!("NotActive");
        let why = "The user is not active in the source system.";
        let entry = Entry::new("other", user).skipped("NotActive", why);
        log::write(self, &entry.scoping(details))
    }

    /// The error if a unique value is taken in the target tenant: a user principal name, or a mail address, which becomes a proxy address.
    fn conflict(&self, flows: &[Flow], own: Option<&str>) -> Option<String> {
        let others = || {
            let users = self.target().users.iter();
            users
                .filter(|(id, _)| Some(id.as_str()) != own)
                .map(|(_, user)| user)
        };
        flows.iter().find_map(|flow| {
            let wanted = flow.value.as_str()?;
            let is = |value: &Value| {
                value
                    .as_str()
                    .is_some_and(|it| it.eq_ignore_ascii_case(wanted))
            };
            let (taken, property) = match flow.property.as_str() {
                "userPrincipalName" => (
                    others().any(|user| is(&user["userPrincipalName"])),
                    "userPrincipalName",
                ),
                "mail" => (
                    others().any(|user| is(&user["mail"]) || has_address(user, wanted)),
                    "proxyAddresses",
                ),
                _ => return None,
            };
            taken.then(|| {
                format!(
                    "Another object with the same value for property {property} already exists."
                )
            })
        })
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
        // "Provisioning a user that is disabled in Microsoft Entra ID isn't supported." The name of the reason is UNVERIFIED.
        if user["accountEnabled"] == false {
            return self.inactive(user, verdict);
        }
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
        if upn.is_null() {
            let why = "The user has no userPrincipalName.";
            return self.failed(user, verdict, "AttributeMappingFailed", why);
        }
        if let Some(why) = self.conflict(&flows, None) {
            return self.failed(user, verdict, "ObjectConflict", &why);
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
        let lasting = self.wanted(user, false).unwrap_or_default();
        let sent = self.sent(user, &lasting);
        self.exported(user, &id, sent);
        let source = user["id"].as_str().unwrap_or_default().to_owned();
        self.looked_at.insert(source.clone());
        self.alive.insert(source, id);
        log::write(
            self,
            &Entry::new("create", user)
                .target(&created)
                .scoping(verdict.details)
                .modified(&Value::Null, &flows),
        )
    }

    /// Records that a user or group was written, and the values sent.
    pub(super) fn exported(&mut self, object: &Value, target: &str, sent: Value) {
        self.counts.exported += 1;
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        let link = self.job.links.entry(id).or_default();
        target.clone_into(&mut link.target);
        "Exported".clone_into(&mut link.outcome);
        link.sent = sent;
    }

    fn bring_back(&mut self, user: &Value, target: &str, verdict: Verdict) -> Value {
        // Names are not reserved for objects in the recycle bin: another object may have taken them since.
        let buried = &self.target().deleted_items[target];
        let mut holds: Vec<Flow> = ["userPrincipalName", "mail"]
            .map(|property| Flow {
                property: property.to_owned(),
                value: buried[property].clone(),
            })
            .into();
        if self.flows("Update") {
            match self.wanted(user, false) {
                Ok(wanted) => {
                    holds.retain(|had| !wanted.iter().any(|flow| flow.property == had.property));
                    holds.extend(wanted);
                }
                Err(why) => return self.failed(user, verdict, "AttributeMappingFailed", &why),
            }
        }
        if let Some(why) = self.conflict(&holds, Some(target)) {
            return self.failed(user, verdict, "ObjectConflict", &why);
        }
        soft_deletion::restore(&mut self.world.tenants[self.target], target);
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        self.alive.insert(id.clone(), target.to_owned());
        let restored = Link {
            target: target.to_owned(),
            outcome: "Restored".to_owned(),
            ..Link::default()
        };
        self.job.links.insert(id, restored);
        let entry = self.update(user, target, verdict.clone(), true);
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

    /// Whether the source has changed since the last write. A copy that was edited in the target tenant stays so until then, because the
    /// engine does not detect drift there.
    pub(super) fn has_changed(&mut self, object: &Value, sent: &Value) -> bool {
        let id = object["id"].as_str().unwrap_or_default();
        let known = self.job.links.get(id).map(|link| &link.sent);
        self.full || known != Some(sent)
    }

    /// The remembered values of a user: those of its attributes, and its manager. A different manager is a change of the user like any
    /// other.
    fn sent(&self, user: &Value, flows: &[Flow]) -> Value {
        let mut sent = mapping::remembered(flows);
        if let (Some(members), Some(manager)) = (sent.as_object_mut(), self.manager_of(user)) {
            members.insert("manager".to_owned(), json!(manager));
        }
        sent
    }

    /// Whether the manager could not be written the last time. The user is retried until the manager can be written.
    fn is_unresolved(&self, user: &str) -> bool {
        let link = self.job.links.get(user);
        link.is_some_and(|link| !link.unresolved.is_empty())
    }

    /// Records the current values of the copy.
    pub(super) fn note_sent(&mut self, object: &Value, sent: Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        self.job.links.entry(id).or_default().sent = sent;
    }

    /// Writes the differences. A pending invitation is redeemed by full cycles, on demand, and if the copy is written `anew` because it was
    /// restored from the recycle bin; the last is UNVERIFIED.
    fn update(&mut self, user: &Value, target: &str, verdict: Verdict, anew: bool) -> Value {
        let existing = self.target().users[target].clone();
        let pending = existing["externalUserState"] == "PendingAcceptance";
        let id = user["id"].as_str().unwrap_or_default().to_owned();
        target.clone_into(&mut self.job.links.entry(id.clone()).or_default().target);
        if !self.flows("Update") || (pending && !self.full && !anew) {
            return Value::Null;
        }
        let wanted = match self.wanted(user, false) {
            Ok(flows) => flows,
            Err(why) => return self.failed(user, verdict, "AttributeMappingFailed", &why),
        };
        let sent = self.sent(user, &wanted);
        if !self.has_changed(user, &sent) && !self.is_unresolved(&id) {
            return Value::Null;
        }
        let mut flows = mapping::changes(&existing, wanted);
        if let Some(why) = self.conflict(&flows, Some(target)) {
            return self.failed(user, verdict, "ObjectConflict", &why);
        }
        self.note_sent(user, sent.clone());
        self.looked_at.insert(id);
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
            let why = "The state of the entry in both source and target systems already match.";
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
        self.exported(user, target, sent);
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
}

/// Whether the address is one of a user's proxy addresses.
fn has_address(user: &Value, address: &str) -> bool {
    let mut addresses = user["proxyAddresses"].as_array().into_iter().flatten();
    addresses.any(|one| {
        let one = one.as_str().unwrap_or_default().to_lowercase();
        one.strip_prefix("smtp:") == Some(&*address.to_lowercase())
    })
}
