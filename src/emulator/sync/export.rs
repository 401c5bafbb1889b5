//! What happens to one user in the target tenant: created, updated, removed, brought back.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Link;
use super::cycle::Round;
use super::log::{self, Entry};
use super::mapping::{self, Destination, Flow};
use super::scope::Verdict;
use crate::emulator::rules::{deleted_items, users};

impl Round<'_> {
    pub(super) fn remove(&mut self, user: &Value, target: &str, details: Value) -> Value {
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
    pub(super) fn export(&mut self, user: &Value, verdict: Verdict) -> Value {
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
}
