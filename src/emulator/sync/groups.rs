//! Assigned groups: skipped while their mapping is disabled, otherwise kept as security groups in the target tenant.
//!
//! Only as much as the documented symptom needs: a group is created and renamed and follows its members who are
//! synchronized themselves. It is never deleted, and neither scoping filters nor custom mappings of groups are evaluated.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Link;
use super::cycle::{Round, object_mapping};
use super::log::{self, Entry};
use super::mapping::Flow;

impl Round<'_> {
    /// Every group that is assigned to the configuration.
    pub(super) fn groups(&mut self) {
        let mapping = object_mapping(&self.job, "Group");
        let enabled = mapping["enabled"] == true;
        for id in self.assigned_groups() {
            let group = self.source().groups[&id].clone();
            if !enabled {
                self.refused(
                    &group,
                    "EntityTypeNotSupported",
                    "The entity type is not supported: the mapping of groups is disabled.",
                );
            } else if self.may_send_groups() {
                self.keep_group(&group);
            } else if self.outcome(&id, "GroupSyncNotAllowed") {
                // With which words this is refused is UNVERIFIED.
                let why = "The target tenant has not enabled inbound synchronization of groups with the source tenant.";
                let code = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";
                log::write(self, &Entry::new("other", &group).failed(code, why));
            }
        }
    }

    fn assigned_groups(&self) -> Vec<String> {
        let tenant = self.source();
        let assigned = tenant.assignments.values();
        assigned
            .filter(|assignment| assignment["resourceId"] == self.job.service_principal)
            .filter_map(|assignment| assignment["principalId"].as_str())
            .filter(|principal| tenant.groups.contains_key(*principal))
            .map(str::to_owned)
            .collect()
    }

    fn may_send_groups(&self) -> bool {
        let policy = self.target().sync_policies.get(&self.source().tenant_id);
        policy.is_some_and(|policy| policy["groupSyncInbound"]["isSyncAllowed"] == true)
    }

    fn refused(&mut self, group: &Value, code: &str, why: &str) {
        let id = group["id"].as_str().unwrap_or_default();
        if self.outcome(id, code) {
            log::write(self, &Entry::new("other", group).skipped(code, why));
        }
    }

    fn keep_group(&mut self, group: &Value) {
        let id = group["id"].as_str().unwrap_or_default().to_owned();
        let known = self.job.links.get(&id).map(|link| link.target.clone());
        let known = known.filter(|target| self.target().groups.contains_key(target));
        let creating = known.is_none();
        let target = known.unwrap_or_else(|| Uuid::new_v4().to_string());
        let members = self.members_there(&id);
        let tenant = &mut self.world.tenants[self.target];
        let before = tenant.groups.get(&target).cloned().unwrap_or_default();
        let mut after = if creating {
            group.clone()
        } else {
            before.clone()
        };
        after["id"] = json!(target);
        after["displayName"] = group["displayName"].clone();
        let same_members = tenant
            .members
            .insert(target.clone(), members.clone())
            .as_ref()
            == Some(&members);
        if before == after && same_members {
            return;
        }
        tenant.groups.insert(target.clone(), after.clone());
        self.job.links.insert(
            id,
            Link {
                target,
                outcome: "Exported".to_owned(),
            },
        );
        let flows = [Flow {
            property: "displayName".to_owned(),
            value: group["displayName"].clone(),
        }];
        let action = if creating { "create" } else { "update" };
        log::write(
            self,
            &Entry::new(action, group)
                .target(&after)
                .modified(&before, &flows),
        );
    }

    /// What the members of a group of the source tenant have become in the target tenant.
    fn members_there(&self, group: &str) -> Vec<String> {
        let members = self.source().members.get(group).into_iter().flatten();
        members
            .filter_map(|member| self.alive.get(member).cloned())
            .collect()
    }
}
