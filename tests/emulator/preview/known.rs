//! The data of a pair of tenants before a cycle, as input of the preview.

use std::collections::HashSet;

use crosstenant::preview::{
    Assignment, Configuration, Copy, Cycle, Group, Known, Origin, Principal, Scope, Source, Target,
};
use serde_json::Value as Json;

use super::{Pair, with_manager};
use crate::client::CONTOSO;

impl Pair {
    pub(super) async fn configuration(&self) -> Configuration {
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

    pub(super) fn groups(&self, configuration: &Configuration) -> Vec<Group> {
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

    /// The copies of groups that the job is linked to or that are recognized.
    pub(super) fn copies(&self, configuration: &Configuration) -> Vec<Copy> {
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
                    display_name: String::new(),
                    guessed: false,
                    record: Some(columns.record(&group)),
                    source,
                }
            })
            .collect()
    }

    pub(super) fn sources(&self, configuration: &Configuration) -> Vec<Source> {
        let users = self.source.all("users").into_iter();
        users
            .map(|user| {
                let methods = &self.source.now["phoneMethods"][user["id"].as_str().unwrap()];
                Source {
                    sms_sign_in: Some(methods[0]["smsSignInState"] == "ready"),
                    licensed: None,
                    record: configuration.source_columns().record(&with_manager(&user)),
                    managed: None,
                }
            })
            .collect()
    }

    pub(super) fn targets(&self, configuration: &Configuration) -> Vec<Target> {
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

    pub(super) fn cycle(&self, configuration: &Configuration, sources: &[Source]) -> Cycle {
        if self.full {
            return Cycle::Full;
        }
        let changed = sources.iter().filter(|user| {
            let sent = self.sent.get(&*user.record.id);
            self.unresolved.contains(&*user.record.id)
                || configuration.mapped(user).ok().as_ref() != sent
        });
        Cycle::Incremental(Some(
            changed.map(|user| user.record.id.to_string()).collect(),
        ))
    }
}
