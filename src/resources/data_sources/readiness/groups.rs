//! The rows about groups: the settings that are required together to copy assigned groups.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::super::assigned;
use super::super::prelude::*;
use super::ReadinessCheck;
use super::checks::{self, Verdict, hidden, is_denied, met, row, unmet, unseen};
use crate::group_kinds::{self, LeftOut};
use crate::synchronization_schema::{groups_enabled, schema_of_first_job};
use sdk::enumeration::listed;

/// The service plan that group synchronization requires: Microsoft Entra ID Governance, also as part of the Suite.
const GOVERNANCE: &str = "e866a266-3cff-43a3-acca-0c90a7e00c8b";

/// Whether the target tenant accepts groups from this partner.
pub(super) fn allowed(found: Option<&Json>, id: &str) -> Verdict {
    let policy = found.unwrap_or(&Json::Null);
    let allows = |kind: &str| policy[kind]["isSyncAllowed"] == true;
    match (allows("groupSyncInbound"), allows("userSyncInbound")) {
        (true, true) => met(format!(
            "Tenant {id} may synchronize groups into this tenant."
        )),
        (true, false) => unmet(
            format!(
                "Tenant {id} may synchronize groups into this tenant, but not the users who are their members."
            ),
            format!(
                "Set `user_sync_inbound = {{ is_sync_allowed = true }}` in `crosstenant_sync_policy` for the partner \
                {id} in this tenant."
            ),
        ),
        (false, _) => unmet(
            format!("Tenant {id} may not synchronize groups into this tenant."),
            format!(
                "Set `group_sync_inbound = {{ is_sync_allowed = true }}` in `crosstenant_sync_policy` for the partner \
                {id} in this tenant."
            ),
        ),
    }
}

/// The texts of a row about a feature that requires more than Microsoft Entra ID P1.
pub(super) struct Licensed {
    pub(super) what: &'static str,
    /// The users who need a license in addition to the users in scope.
    pub(super) more: &'static str,
    /// The alternative without a license.
    pub(super) instead: &'static str,
}

pub(super) const LICENSED: Licensed = Licensed {
    what: "the synchronization of groups",
    more: ", members of copied groups included",
    instead: "or synchronize users only",
};

/// Whether the source tenant has the license that groups, or other clouds, require.
pub(super) fn license(found: Option<&Json>, licensed: &Licensed) -> Verdict {
    let organization = found.unwrap_or(&Json::Null);
    if !organization["value"][0]["assignedPlans"].is_array() {
        return unseen("Microsoft Graph does not return the licenses of this tenant.");
    }
    let Licensed {
        what,
        more,
        instead,
    } = licensed;
    if checks::has_plan(organization, GOVERNANCE) {
        return met(format!(
            "This tenant has Microsoft Entra ID Governance. Each user in scope requires such a license{more}; the \
            number of licenses cannot be determined. The target tenant requires none."
        ));
    }
    unmet(
        format!("This tenant does not have Microsoft Entra ID Governance, which {what} requires."),
        format!(
            "Get Microsoft Entra ID Governance or the Microsoft Entra Suite for each user in scope, {instead}."
        ),
    )
}

/// Returns all rows about the groups of a configuration.
pub(super) async fn rows(
    context: &Context,
    id: &str,
    everyone: bool,
) -> Result<Vec<ReadinessCheck>> {
    let mut rows = vec![row(
        "group_mapping_enabled",
        schema_of_first_job(context, id).await,
        mapping,
    )?];
    rows.push(scope(everyone).named("group_scope"));
    rows.extend(assigned_rows(context, id).await?);
    Ok(rows)
}

fn mapping(schema: &Json) -> Verdict {
    if schema.is_null() {
        return unseen("There is no job yet, so there is no mapping of groups.");
    }
    match groups_enabled(schema) {
        Some(true) => met("The job's mapping of groups is enabled."),
        Some(false) => unmet(
            "The mapping of groups is disabled, as in every new job. The provisioning log shows `EntityTypeNotSupported`.",
            "Set `groups_enabled = true` in `crosstenant_synchronization_schema`.",
        ),
        None => unmet(
            "The job's schema has no mapping of groups.",
            "Jobs that were created before Microsoft introduced it may lack the mapping: reset the schema, or create the \
             configuration again.",
        ),
    }
}

fn scope(everyone: bool) -> Verdict {
    if everyone {
        return unmet(
            "The scope of the job is `all`, which does not synchronize groups.",
            "Set `scope = \"assigned\"` in `crosstenant_provisioning_job`, and assign users and groups.",
        );
    }
    met("The job's scope is `assigned`.")
}

async fn assigned_rows(context: &Context, id: &str) -> Result<[ReadinessCheck; 3]> {
    const NAMES: [&str; 3] = [
        "groups_assigned",
        "groups_not_empty",
        "group_members_in_scope",
    ];
    let found = async {
        let assignments = assigned::assignments(context, id).await?;
        Scope::read(context, &assignments).await
    };
    match found.await {
        Ok(scope) => Ok([
            scope.assigned().named(NAMES[0]),
            scope.filled().named(NAMES[1]),
            scope.members().named(NAMES[2]),
        ]),
        Err(error) if is_denied(&error) => Ok(NAMES.map(|name| hidden(&error).named(name))),
        Err(error) => Err(error.into()),
    }
}

/// The assigned groups and their members.
struct Scope {
    /// Names of copied groups, each with the number of its members that count.
    copied: Vec<(String, usize)>,
    /// Names of groups that are not copied, each with its kind.
    left_out: Vec<String>,
    /// Names of groups that are assigned with the all-zero role.
    without_role: Vec<String>,
    /// Members of copied groups who are guests, without duplicates.
    guests: Vec<String>,
}

impl Scope {
    async fn read(context: &Context, assignments: &[Json]) -> Result<Self, graph::Error> {
        let groups = assignments
            .iter()
            .filter(|it| it["principalType"] == "Group");
        let groups: Vec<&Json> = groups.collect();
        let ids: Vec<String> = groups
            .iter()
            .filter_map(|it| text(it, "principalId"))
            .collect();
        let paths: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    "/groups/{}?$select={}",
                    graph::segment(id),
                    group_kinds::SELECT
                )
            })
            .collect();
        let read = context.graph.batch_get(&paths).await?;
        let members: Vec<String> = ids
            .iter()
            .map(|id| {
                let id = graph::segment(id);
                format!("/groups/{id}/members/microsoft.graph.user?$select=id,displayName,userType&$top=999")
            })
            .collect();
        let members = context.graph.list_many(&members).await?;
        let mut scope = Self {
            copied: Vec::new(),
            left_out: Vec::new(),
            without_role: Vec::new(),
            guests: Vec::new(),
        };
        let mut seen = HashSet::new();
        for ((assignment, group), members) in groups.iter().zip(read).zip(members) {
            let Some(group) = group? else { continue };
            let name = text(&group, "displayName").unwrap_or_default();
            if assignment["appRoleId"] == group_kinds::NO_ROLE {
                scope.without_role.push(name);
                continue;
            }
            if let Some(kind) = LeftOut::of(&group) {
                scope.left_out.push(format!("{name} is {}", kind.words()));
                continue;
            }
            let members = members?.unwrap_or_default();
            let is_guest = |user: &&Json| user["userType"] == "Guest";
            for guest in members.iter().filter(is_guest) {
                if seen.insert(text(guest, "id")) {
                    scope.guests.extend(text(guest, "displayName"));
                }
            }
            let count = members.iter().filter(|user| !is_guest(user)).count();
            scope.copied.push((name, count));
        }
        Ok(scope)
    }

    fn assigned(&self) -> Verdict {
        if !self.without_role.is_empty() {
            return unmet(
                format!(
                    "Assigned with the all-zero role, which is not synchronized (`NotEffectivelyEntitled`): {}.",
                    listed(&self.without_role)
                ),
                "Remove these assignments and assign the groups again with the role `msiam_access`, which is the \
                default of `crosstenant_app_role_assignment`.",
            );
        }
        if self.copied.is_empty() {
            let kinds = if self.left_out.is_empty() {
                "No group is assigned.".to_owned()
            } else {
                format!(
                    "None of the assigned groups can be copied: {}.",
                    listed(&self.left_out)
                )
            };
            return unmet(kinds, "Assign a security group or a Microsoft 365 group.");
        }
        let count = match self.copied.len() {
            1 => "1 assigned group is copied".to_owned(),
            many => format!("{many} assigned groups are copied"),
        };
        let out = match self.left_out.as_slice() {
            [] => String::new(),
            some => format!(" Not copied: {}.", listed(some)),
        };
        met(format!("{count} to the target tenant.{out}"))
    }

    fn filled(&self) -> Verdict {
        let empty = self.copied.iter().filter(|(_, members)| *members == 0);
        let empty: Vec<String> = empty.map(|(name, _)| name.clone()).collect();
        if empty.is_empty() {
            return met(
                "Every assigned group that is copied has a user of this tenant as a direct member.",
            );
        }
        unmet(
            format!(
                "No user of this tenant is a direct member of {}.",
                listed(&empty)
            ),
            "Add members, or remove the assignment. Members of nested groups are not synchronized. Users who were \
            synchronized through a group that became empty are deleted in the target tenant.",
        )
    }

    fn members(&self) -> Verdict {
        if self.guests.is_empty() {
            return met("All direct members of the assigned groups are users of this tenant.");
        }
        unmet(
            format!(
                "These members are guests, who are not synchronized and will be missing from the copied groups \
                 (`UnableToResolveReferenceAttributeValue`): {}.",
                listed(&self.guests)
            ),
            "Synchronize them from their home tenant, or accept that the copied groups lack them.",
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(verdict: Verdict) -> (Option<bool>, String) {
        let row = verdict.named("x");
        let words = [row.detail, row.fix].into_iter().flatten();
        (row.passed, words.collect::<Vec<String>>().join(" "))
    }

    #[test]
    fn the_target_must_allow_groups_and_users() {
        let policy = |users: bool, groups: bool| {
            let policy = json!({ "userSyncInbound": { "isSyncAllowed": users }, "groupSyncInbound": { "isSyncAllowed": groups } });
            judged(allowed(Some(&policy), "t"))
        };
        assert_eq!(policy(true, true).0, Some(true));
        assert!(policy(true, false).1.contains("group_sync_inbound"));
        assert!(policy(false, true).1.contains("user_sync_inbound"));
        assert_eq!(judged(allowed(None, "t")).0, Some(false));
    }

    #[test]
    fn the_license_is_governance() {
        let with = |id: &str| {
            let plans = json!([{ "servicePlanId": id, "capabilityStatus": "Enabled" }]);
            let organization = json!({ "value": [{ "assignedPlans": plans }] });
            judged(license(Some(&organization), &LICENSED)).0
        };
        assert_eq!(with(GOVERNANCE), Some(true));
        assert_eq!(with("41781fb2-bc02-4b7c-bd55-b576c07bb09d"), Some(false));
        assert_eq!(judged(license(None, &LICENSED)).0, None);
    }

    #[test]
    fn what_is_assigned_is_counted_and_named() {
        let scope = |copied: &[(&str, usize)], left_out: &[&str], without_role: &[&str]| Scope {
            copied: copied
                .iter()
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect(),
            left_out: left_out.iter().map(|it| (*it).to_owned()).collect(),
            without_role: without_role.iter().map(|it| (*it).to_owned()).collect(),
            guests: Vec::new(),
        };
        let two = scope(&[("A", 1), ("B", 0)], &["C is a distribution group"], &[]);
        let (passed, words) = judged(two.assigned());
        assert_eq!(passed, Some(true));
        assert!(words.contains("2 assigned groups") && words.contains("C is a distribution group"));
        let (passed, words) = judged(two.filled());
        assert_eq!(passed, Some(false));
        assert!(words.contains("direct member of B"), "{words}");
        assert_eq!(judged(scope(&[], &[], &[]).assigned()).0, Some(false));
        assert!(
            judged(scope(&[], &[], &["Z"]).assigned())
                .1
                .contains("msiam_access")
        );
        assert_eq!(judged(two.members()).0, Some(true));
        let guests = Scope {
            guests: vec!["Linus".to_owned()],
            ..two
        };
        assert!(judged(guests.members()).1.contains("Linus"));
        assert_eq!(judged(super::scope(true)).0, Some(false));
    }

    #[test]
    fn the_mapping_must_be_there_and_enabled() {
        let with = |enabled: bool| {
            let mapping = json!({ "name": "Provision Microsoft Entra ID Groups", "sourceObjectName": "Group", "enabled": enabled });
            judged(mapping_of(
                &json!({ "synchronizationRules": [{ "objectMappings": [mapping] }] }),
            ))
            .0
        };
        assert_eq!((with(true), with(false)), (Some(true), Some(false)));
        assert_eq!(judged(mapping_of(&json!({}))).0, Some(false));
        assert_eq!(judged(mapping_of(&Json::Null)).0, None);
    }

    fn mapping_of(schema: &Json) -> Verdict {
        super::mapping(schema)
    }
}
