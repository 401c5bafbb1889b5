//! Assigned groups: the users that they bring into scope, and the outcome of their copies.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::configuration::{Action, Configuration};
use super::directory::Record;
use super::doubt::Doubt;
use super::mapping::Destination;
use super::scope::Scope;
use super::value::Value;

/// An assigned group of the source tenant.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent properties of a group of Microsoft Graph"
)]
pub struct Group {
    /// The object ID.
    pub id: String,
    /// The display name.
    pub display_name: String,
    /// The attributes, by the group columns of the configuration.
    pub record: Record,
    /// Whether it is security-enabled.
    pub security_enabled: bool,
    /// Whether it is mail-enabled.
    pub mail_enabled: bool,
    /// Whether it is a Microsoft 365 group.
    pub unified: bool,
    /// Whether it is role-assignable.
    pub role_assignable: bool,
    /// Whether it is assigned with a role that counts.
    pub entitled: bool,
    /// Object IDs of the direct members that are users.
    pub users: Vec<String>,
    /// The number of direct members that are not users: groups, devices, contacts, service principals.
    pub others: usize,
}

/// The copy of a group in the target, if known.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The object ID of the source group.
    pub source: String,
    /// The object ID of the copy.
    pub target: String,
    /// Object IDs of its members in the target.
    pub members: BTreeSet<String>,
    /// The attributes, by the group copy columns of the configuration; `None` if they were not read.
    pub record: Option<Record>,
    /// Whether the job manages it; an unmanaged copy is not deleted.
    pub managed: bool,
    /// The display name of the copy.
    pub display_name: String,
    /// Whether it is assumed to be the copy because of its name only.
    pub guessed: bool,
}

/// The outcome of a group that is assigned or has a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupVerdict {
    /// The object ID of the source group.
    pub source: String,
    /// The display name; that of the copy if the group is no longer assigned.
    pub name: String,
    /// The object ID of the copy, if known.
    pub target: Option<String>,
    /// The reason why it is not copied, if it is not.
    pub skipped: Option<String>,
    /// Whether the cycle creates the copy, as far as is known.
    pub created: bool,
    /// Whether the cycle deletes the copy. It counts like a user who leaves.
    pub leaves: bool,
    /// The changes of the copy, or the values of a new one.
    pub changes: Vec<GroupChange>,
    /// The outcome of its members.
    pub members: MemberOutcome,
    /// The assumptions of the verdict.
    pub doubts: Vec<Doubt>,
}

/// A change of an attribute of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// The attribute.
    pub attribute: String,
    /// The present value.
    pub before: Value,
    /// The new value.
    pub after: Value,
}

/// The outcome of the members of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberOutcome {
    /// Source users that are members of the copy after the cycle.
    pub members: Vec<String>,
    /// Those of them whose copies are not members yet.
    pub added: Vec<String>,
    /// Source users that have left the group and whose copies are removed.
    pub removed: Vec<String>,
    /// Source users that are not in the target, so that their membership is not written.
    pub unresolved: Vec<String>,
    /// The number of members that are never copied: nested groups, devices, contacts, service principals.
    pub left_out: usize,
}

impl Group {
    /// Whether it brings its direct members into scope. Microsoft requires security-enabled groups.
    pub(super) fn brings_members(&self) -> bool {
        self.security_enabled
    }

    /// Returns the reason why it is never copied.
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

impl Configuration {
    /// Returns the name of the copy of a group.
    #[must_use]
    pub fn name_of_copy(&self, group: &Group) -> Option<String> {
        let mut lines = self.groups.as_ref()?.attributes.iter();
        let line = lines.find(|line| line.target() == "displayName")?;
        let to = Destination {
            domain: &self.target_domain,
            creating: true,
        };
        let name = line.value(&group.record, to).ok()?;
        (!name.is_empty()).then(|| name.bare())
    }
}

/// Computes the verdicts for every assigned group, and for every copy whose group is no longer assigned. Memberships are computed
/// later.
pub(super) fn judge(
    configuration: &Configuration,
    groups: &[Group],
    copies: &[Copy],
) -> Vec<GroupVerdict> {
    if configuration.scope == Scope::All && !configuration.copies_groups() {
        return Vec::new();
    }
    let by_source: HashMap<&str, &Copy> = copies
        .iter()
        .map(|copy| (copy.source.as_str(), copy))
        .collect();
    let assigned = groups.iter().map(|group| {
        one(
            configuration,
            group,
            by_source.get(group.id.as_str()).copied(),
        )
    });
    let known: HashSet<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let left = copies
        .iter()
        .filter(|copy| !known.contains(copy.source.as_str()));
    assigned
        .chain(left.map(|copy| gone(configuration, copy)))
        .collect()
}

fn one(configuration: &Configuration, group: &Group, copy: Option<&Copy>) -> GroupVerdict {
    let mut skipped = why_not(configuration, group, copy.is_some());
    let is_managed = copy.is_some_and(|copy| copy.managed);
    let leaves = is_managed && skipped.is_some() && deletes(configuration);
    let mut changes = Vec::new();
    if skipped.is_none() {
        match mapped(configuration, group, copy) {
            Ok(found) => changes = found,
            Err(why) => skipped = Some(why),
        }
    }
    let is_copied = skipped.is_none();
    let doubts = [
        (
            group.unified && !group.security_enabled,
            Doubt::GroupWithoutSecurity,
        ),
        (leaves, Doubt::GroupLeaves),
        (copy.is_some_and(|copy| copy.guessed), Doubt::CopyByName),
    ];
    GroupVerdict {
        source: group.id.clone(),
        name: group.display_name.clone(),
        target: copy.map(|copy| copy.target.clone()),
        created: is_copied && copy.is_none(),
        leaves,
        changes,
        members: MemberOutcome::default(),
        skipped,
        doubts: doubts
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, doubt)| doubt)
            .collect(),
    }
}

/// The verdict for a copy whose group is not assigned or no longer exists.
fn gone(configuration: &Configuration, copy: &Copy) -> GroupVerdict {
    let refused = refused(configuration);
    let leaves = copy.managed && deletes(configuration);
    GroupVerdict {
        source: copy.source.clone(),
        name: copy.display_name.clone(),
        target: Some(copy.target.clone()),
        skipped: Some(
            refused.unwrap_or_else(|| "not assigned (NotEffectivelyEntitled)".to_owned()),
        ),
        leaves,
        doubts: if leaves {
            vec![Doubt::GroupLeaves]
        } else {
            Vec::new()
        },
        ..GroupVerdict::default()
    }
}

/// Whether copies of groups that leave the scope are deleted.
fn deletes(configuration: &Configuration) -> bool {
    let mapping = configuration.groups.as_ref();
    refused(configuration).is_none() && mapping.is_some_and(|it| it.allows(Action::Delete))
}

/// Returns the changes of a copy. If its attributes were not read, nothing is compared.
fn mapped(
    configuration: &Configuration,
    group: &Group,
    copy: Option<&Copy>,
) -> Result<Vec<GroupChange>, String> {
    let (Some(mapping), known) = (&configuration.groups, copy.map(|copy| &copy.record)) else {
        return Ok(Vec::new());
    };
    let action = if copy.is_none() {
        Action::Add
    } else {
        Action::Update
    };
    if !mapping.allows(action) || known.is_some_and(Option::is_none) {
        return Ok(Vec::new());
    }
    let to = Destination {
        domain: &configuration.target_domain,
        creating: copy.is_none(),
    };
    let known = known.and_then(Option::as_ref);
    let mut changes = Vec::new();
    for line in mapping
        .attributes
        .iter()
        .filter(|line| !line.is_reference())
    {
        let after = line
            .value(&group.record, to)
            .map_err(|why| format!("the mapping of {} fails: {}", why.attribute, why.why))?;
        let before = known.map_or(&Value::Null, |copy| copy.value(line.column));
        if !after.is_empty() && after != *before {
            changes.push(GroupChange {
                attribute: line.target().to_owned(),
                before: before.clone(),
                after,
            });
        }
    }
    if copy.is_none()
        && !changes
            .iter()
            .any(|change| change.attribute == "displayName")
    {
        return Err("the required attribute displayName has no value".to_owned());
    }
    Ok(changes)
}

/// Returns the reason why no group is copied at all.
fn refused(configuration: &Configuration) -> Option<String> {
    let mapping = configuration.groups.as_ref();
    if !mapping.is_some_and(|groups| groups.enabled) {
        return Some("the mapping of groups is disabled (EntityTypeNotSupported)".to_owned());
    }
    (configuration.group_sync == Some(false))
        .then(|| "the target tenant does not allow inbound synchronization of groups".to_owned())
}

fn why_not(configuration: &Configuration, group: &Group, exists: bool) -> Option<String> {
    if let Some(why) = refused(configuration) {
        return Some(why);
    }
    let mapping = configuration.groups.as_ref()?;
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
        return Some("the target object actions do not include Create".to_owned());
    }
    None
}
