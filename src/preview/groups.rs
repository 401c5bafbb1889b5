//! Assigned groups: whom they bring into scope, and what becomes of their copies.

use std::collections::{BTreeSet, HashMap};

use super::configuration::{Action, Configuration};
use super::directory::Record;
use super::doubt::Doubt;
use super::scope::Scope;

/// A group of the source tenant that is assigned.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent properties of a group of Microsoft Graph"
)]
pub struct Group {
    /// Its object id.
    pub id: String,
    /// What people call it.
    pub display_name: String,
    /// Its attributes, by the configuration's columns of groups.
    pub record: Record,
    /// Whether it is enabled for security.
    pub security_enabled: bool,
    /// Whether it is enabled for mail.
    pub mail_enabled: bool,
    /// Whether it is a Microsoft 365 group.
    pub unified: bool,
    /// Whether directory roles can be assigned to it.
    pub role_assignable: bool,
    /// Whether it is assigned with a role that counts.
    pub entitled: bool,
    /// Object ids of the users who are direct members.
    pub users: Vec<String>,
    /// How many direct members are no users: groups, devices, contacts, service principals.
    pub others: usize,
}

/// The copy of a group in the target, where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Object id of the source group.
    pub source: String,
    /// Object id of the copy.
    pub target: String,
    /// Object ids of its members in the target.
    pub members: BTreeSet<String>,
}

/// What becomes of an assigned group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupVerdict {
    /// Object id of the source group.
    pub source: String,
    /// Its display name.
    pub name: String,
    /// Object id of its copy, where that is known.
    pub target: Option<String>,
    /// Why it is not copied; none where it is.
    pub skipped: Option<String>,
    /// Whether the copy is created by the cycle, as far as is known.
    pub created: bool,
    /// What becomes of its members.
    pub members: MemberOutcome,
    /// What the verdict rests on without Microsoft saying so.
    pub doubts: Vec<Doubt>,
}

/// What becomes of the members of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberOutcome {
    /// Source users who are members of the copy after the cycle.
    pub members: Vec<String>,
    /// Source users who are not in the target, so that their membership is not written.
    pub unresolved: Vec<String>,
    /// Members that are never copied: nested groups, devices, contacts, service principals.
    pub left_out: usize,
}

impl Group {
    /// Whether its direct members are in scope with it. Microsoft asks for groups that are enabled for security.
    pub(super) fn brings_members(&self) -> bool {
        self.security_enabled
    }

    /// Why it is never copied.
    fn unsupported(&self) -> Option<&'static str> {
        if self.role_assignable {
            Some(
                "directory roles can be assigned to it, and such groups are not created in the target",
            )
        } else if self.unified {
            None
        } else if self.mail_enabled && self.security_enabled {
            Some("mail-enabled security groups are not supported")
        } else if self.mail_enabled || !self.security_enabled {
            Some("distribution groups are not supported")
        } else {
            None
        }
    }
}

/// Judges every assigned group.
pub(super) fn judge(
    configuration: &Configuration,
    groups: &[Group],
    copies: &[Copy],
    arrivals: &HashMap<Box<str>, Option<Box<str>>>,
) -> Vec<GroupVerdict> {
    if configuration.scope == Scope::All && !configuration.copies_groups() {
        return Vec::new();
    }
    let by_source: HashMap<&str, &Copy> = copies
        .iter()
        .map(|copy| (copy.source.as_str(), copy))
        .collect();
    groups
        .iter()
        .map(|group| {
            let copy = by_source.get(group.id.as_str());
            let skipped = why_not(configuration, group, copy.is_some());
            let is_copied = skipped.is_none();
            let doubts = [
                (
                    group.unified && !group.security_enabled,
                    Doubt::GroupWithoutSecurity,
                ),
                (copy.is_some() && !is_copied, Doubt::GroupLeaves),
            ];
            GroupVerdict {
                source: group.id.clone(),
                name: group.display_name.clone(),
                target: copy.map(|copy| copy.target.clone()),
                created: is_copied && copy.is_none(),
                members: if is_copied {
                    members(group, arrivals)
                } else {
                    MemberOutcome::default()
                },
                skipped,
                doubts: doubts
                    .into_iter()
                    .filter(|(is, _)| *is)
                    .map(|(_, doubt)| doubt)
                    .collect(),
            }
        })
        .collect()
}

fn why_not(configuration: &Configuration, group: &Group, exists: bool) -> Option<String> {
    let Some(mapping) = configuration
        .groups
        .as_ref()
        .filter(|groups| groups.enabled)
    else {
        return Some("the mapping of groups is disabled (EntityTypeNotSupported)".to_owned());
    };
    if configuration.scope == Scope::All {
        return Some(
            "groups are synchronized in the scope of assigned users and groups only".to_owned(),
        );
    }
    if !group.entitled {
        return Some(
            "assigned with the default access role only (NotEffectivelyEntitled)".to_owned(),
        );
    }
    if configuration.group_sync == Some(false) {
        return Some(
            "the target tenant does not allow inbound synchronization of groups".to_owned(),
        );
    }
    if let Some(why) = group.unsupported() {
        return Some(why.to_owned());
    }
    if let Some(clause) = mapping.filter.unmet(&group.record)
        && !mapping.filter.passes(&group.record)
    {
        return Some(format!(
            "does not match the scoping filter: {}",
            clause.text()
        ));
    }
    if !exists && !mapping.allows(Action::Add) {
        return Some("the target object actions leave out Create".to_owned());
    }
    None
}

fn members(group: &Group, arrivals: &HashMap<Box<str>, Option<Box<str>>>) -> MemberOutcome {
    let (members, unresolved) = group
        .users
        .iter()
        .cloned()
        .partition(|user| arrivals.contains_key(user.as_str()));
    MemberOutcome {
        members,
        unresolved,
        left_out: group.others,
    }
}
