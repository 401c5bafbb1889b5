//! The outcome of the members of copied groups, computed after all users.

use std::collections::{HashMap, HashSet};

use super::configuration::{Action, Configuration, ObjectMapping};
use super::doubt::Doubt;
use super::groups::{Copy, Group, GroupVerdict, MemberOutcome};
use super::verdict::{Outcome, Verdict};

/// The data from which the memberships after a cycle are computed.
pub(super) struct MembershipContext<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) users: &'a [Verdict],
    /// Users in scope that are in the target after the cycle, with their copies if these exist already.
    pub(super) arrivals: &'a HashMap<Box<str>, Option<Box<str>>>,
    pub(super) is_full: bool,
}

impl MembershipContext<'_> {
    /// Fills in the members, and those that are added and removed.
    pub(super) fn resolve(&self, groups: &[Group], copies: &[Copy], verdicts: &mut [GroupVerdict]) {
        let mapping = self.configuration.groups.as_ref();
        let has_members = mapping.is_some_and(maps_members);
        let updates = mapping.is_some_and(|it| it.allows(Action::Update));
        let sources = self.sources(copies);
        let by_source: HashMap<&str, &Copy> = copies
            .iter()
            .map(|copy| (copy.source.as_str(), copy))
            .collect();
        for (group, verdict) in groups.iter().zip(verdicts) {
            if verdict.skipped.is_some() {
                continue;
            }
            let copy = by_source.get(group.id.as_str());
            if has_members {
                verdict.members = self.members(group);
                match copy {
                    None => verdict.members.added = verdict.members.members.clone(),
                    Some(copy) if updates => self.compare(group, copy, &sources, verdict),
                    Some(_) => {}
                }
            }
            let members = &verdict.members;
            let differs = !verdict.changes.is_empty()
                || !members.added.is_empty()
                || !members.removed.is_empty();
            if copy.is_some() && differs && !self.is_full {
                verdict.doubts.push(Doubt::PerhapsUnchanged);
            }
        }
    }

    /// Returns the source users by their copies, except for those who leave; empty if no copy of a group has members.
    fn sources(&self, copies: &[Copy]) -> HashMap<&str, &str> {
        if copies.iter().all(|copy| copy.members.is_empty()) {
            return HashMap::new();
        }
        let stay = self.users.iter().filter(|verdict| {
            let leaves = matches!(verdict.outcome, Outcome::Leave(_));
            !leaves && !verdict.source.is_empty()
        });
        stay.filter_map(|verdict| Some((verdict.target.as_deref()?, &*verdict.source)))
            .collect()
    }

    fn members(&self, group: &Group) -> MemberOutcome {
        let (members, unresolved) = group
            .users
            .iter()
            .cloned()
            .partition(|user| self.arrivals.contains_key(user.as_str()));
        MemberOutcome {
            members,
            unresolved,
            left_out: group.others,
            ..MemberOutcome::default()
        }
    }

    /// Computes the members that are added to an existing copy and removed from it: members that others added in the target stay.
    fn compare(
        &self,
        group: &Group,
        copy: &Copy,
        sources: &HashMap<&str, &str>,
        verdict: &mut GroupVerdict,
    ) {
        let is_there = |user: &&String| {
            let target = self.arrivals.get(user.as_str()).and_then(Option::as_deref);
            target.is_some_and(|target| copy.members.contains(target))
        };
        let members = verdict.members.members.iter();
        verdict.members.added = members.filter(|user| !is_there(user)).cloned().collect();
        let own: HashSet<&str> = group.users.iter().map(String::as_str).collect();
        let gone = copy
            .members
            .iter()
            .filter_map(|member| sources.get(member.as_str()));
        verdict.members.removed = gone
            .filter(|user| !own.contains(*user))
            .map(|user| (*user).to_owned())
            .collect();
    }
}

/// Whether members are written at all.
fn maps_members(mapping: &ObjectMapping) -> bool {
    mapping
        .attributes
        .iter()
        .any(|line| line.target() == "members")
}
