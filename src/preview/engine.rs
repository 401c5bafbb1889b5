//! Computes one verdict for each source user. Users are passed in one by one, in any number, and none is read twice.

use std::collections::{HashMap, HashSet};

use super::configuration::Configuration;
use super::directory::{Arrival, Source, Target};
use super::doubt::Doubt;
use super::filter::ClauseResult;
use super::groups::{Copy, Group, GroupVerdict};
use super::matching::{Index, Known};
use super::scope::{Entitled, Route};
use super::value::Value;
use super::verdict::{Collision, Counts, Kept, Leaving, Outcome, Skip, Verdict, When};

/// The users that a cycle processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// All users: the initial cycle, and every cycle after a restart or a change of the schema.
    Full,
    /// The users that have changed since the last cycle, or `None` if they are unknown.
    Incremental(Option<HashSet<String>>),
}

/// Computes verdicts.
#[derive(Debug)]
pub struct Engine<'c> {
    pub(super) configuration: &'c Configuration,
    pub(super) entitled: Entitled,
    groups: Vec<Group>,
    pub(super) index: Index,
    pub(super) cycle: Cycle,
    guesses: bool,
    pub(super) at: KeyColumns,
    /// Users in scope that are in the target after the cycle.
    arrivals: HashMap<Box<str>, Option<Box<str>>>,
    verdicts: Vec<Verdict>,
    /// The verdicts with an unresolved reference.
    referring: Vec<usize>,
    /// The managers of copies, if they were read separately.
    managers: HashMap<String, String>,
    /// Users blocked by another user of the target who may leave in the same cycle; they are judged again at the end.
    blocked: Vec<(usize, Source)>,
}

/// The result of all verdicts.
#[derive(Debug)]
pub struct Preview {
    /// A verdict for each source user, in the order of their arrival, followed by those that no longer exist in the source.
    pub users: Vec<Verdict>,
    /// A verdict for each assigned group.
    pub groups: Vec<GroupVerdict>,
    /// Whether the deletions exceed the threshold: the job goes into quarantine, and nothing is written.
    pub quarantined: bool,
    /// The number of users of each outcome.
    pub counts: Counts,
    entitled: Entitled,
}

impl Preview {
    /// Returns how a source user is entitled.
    #[must_use]
    pub fn routes(&self, source: &str) -> Vec<Route> {
        self.entitled.routes(source)
    }
}

/// The columns of attributes that verdicts need.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumns {
    pub(super) name: usize,
    pub(super) mail: usize,
    pub(super) kind: usize,
    pub(super) enabled: usize,
    pub(super) creation: usize,
    pub(super) state: usize,
    pub(super) there_name: usize,
    pub(super) there_enabled: usize,
    pub(super) there_state: usize,
}

impl<'c> Engine<'c> {
    /// Creates an engine for this configuration and its assigned groups. With `guesses`, target users of unknown origin are
    /// matched by name and address.
    #[must_use]
    pub fn new(
        configuration: &'c Configuration,
        groups: Vec<Group>,
        cycle: Cycle,
        guesses: bool,
    ) -> Self {
        let source = |name: &str| configuration.source.find(name).unwrap_or(usize::MAX);
        let target = |name: &str| configuration.target.find(name).unwrap_or(usize::MAX);
        Self {
            entitled: Entitled::new(configuration.scope, &configuration.assignments, &groups),
            groups,
            index: Index::new(&configuration.target),
            cycle,
            guesses,
            at: KeyColumns {
                name: source("userPrincipalName"),
                mail: source("mail"),
                kind: source("userType"),
                enabled: source("accountEnabled"),
                creation: source("creationType"),
                state: source("externalUserState"),
                there_name: target("userPrincipalName"),
                there_enabled: target("accountEnabled"),
                there_state: target("externalUserState"),
            },
            arrivals: HashMap::new(),
            verdicts: Vec::new(),
            referring: Vec::new(),
            managers: HashMap::new(),
            blocked: Vec::new(),
            configuration,
        }
    }

    /// Adds a user of the target. All of them must be added before the first source user.
    pub fn target(&mut self, user: Target) {
        self.index.add(user.record, user.deleted, user.origin);
    }

    /// Returns the names of external users of the target that have neither a source user so far nor a known origin.
    pub fn strangers(&self) -> impl Iterator<Item = &str> {
        let users = self.index.users().iter();
        let strangers = users.filter(|held| !held.met && !held.deleted && held.origin.is_none());
        strangers
            .filter_map(|held| held.record.text(self.at.there_name))
            .filter(|name| name.contains("#EXT#"))
    }

    /// Returns the source users that are certainly in the target, in scope or not.
    pub fn linked(&self) -> impl Iterator<Item = &str> {
        let users = self.index.users().iter().filter(|held| !held.deleted);
        users.filter_map(|held| Some(held.origin.as_ref()?.source.as_str()))
    }

    /// The assigned groups.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether a source user is entitled, before any filter.
    #[must_use]
    pub fn is_entitled(&self, source: &str) -> bool {
        self.entitled.holds(source)
    }

    /// Returns how a source user is entitled.
    #[must_use]
    pub fn routes(&self, source: &str) -> Vec<Route> {
        self.entitled.routes(source)
    }

    /// Returns every clause of the filter with the user's value.
    #[must_use]
    pub fn clauses(&self, user: &Source) -> Vec<ClauseResult> {
        self.configuration.users.filter.explained(&user.record)
    }

    /// Computes the verdict for a source user.
    pub fn source(&mut self, user: &Source) {
        let (verdict, is_deleted) = self.verdict(user);
        if let Outcome::Collide(Collision {
            arriving: false, ..
        }) = verdict.outcome
        {
            self.blocked.push((self.verdicts.len(), user.clone()));
        }
        self.verdicts.push(Verdict::default());
        self.keep(self.verdicts.len() - 1, verdict, is_deleted);
    }

    /// Returns the verdict, and whether the copy is in the recycle bin.
    fn verdict(&mut self, user: &Source) -> (Verdict, bool) {
        let name = user.record.text(self.at.name);
        let mail = user.record.text(self.at.mail);
        let found = self
            .index
            .counterpart(&user.record.id, name, mail, self.guesses);
        let mut verdict = Verdict {
            source: user.record.id.clone(),
            name: name.unwrap_or_default().into(),
            target: found.map(|(number, _)| self.index.user(number).record.id.clone()),
            outcome: Outcome::Skip(Skip::NotAssigned),
            unresolved: Vec::new(),
            doubts: Vec::new(),
        };
        if let Some((_, Known::Name)) = found {
            verdict.doubts.push(Doubt::MatchedByName);
        }
        let counterpart = found.map(|(number, _)| number);
        verdict.outcome = match self.outside(user) {
            Some(why) => self.out_of_scope(user, counterpart, why, &mut verdict.doubts),
            None => self.in_scope(user, counterpart, &mut verdict.doubts),
        };
        let is_deleted = self.is_deleted(counterpart);
        if matches!(verdict.outcome, Outcome::Skip(_)) {
            verdict.target = verdict.target.filter(|_| !is_deleted);
        }
        (verdict, is_deleted)
    }

    fn is_deleted(&self, counterpart: Option<u32>) -> bool {
        counterpart.is_some_and(|number| self.index.user(number).deleted)
    }

    fn keep(&mut self, at: usize, mut verdict: Verdict, is_deleted: bool) {
        verdict.doubts.sort_unstable();
        verdict.doubts.dedup();
        let stays = match &verdict.outcome {
            Outcome::Create(_) => Some(None),
            Outcome::Update { .. } | Outcome::Restore(_) | Outcome::Nothing { .. } => {
                Some(verdict.target.clone())
            }
            // It is in scope and exists, although it cannot be changed.
            Outcome::Collide(Collision { updating: true, .. })
            | Outcome::Skip(Skip::MappingFails { .. } | Skip::MappingOff) => {
                let is_there = verdict.target.clone().filter(|_| !is_deleted);
                is_there.map(Some)
            }
            _ => None,
        };
        if let Some(target) = stays {
            self.arrivals.insert(verdict.source.clone(), target);
        }
        let refers = verdict.changes().iter().any(|it| self.is_reference(it));
        if refers {
            self.referring.push(at);
        }
        self.verdicts[at] = verdict;
    }

    /// Returns whether and how a source user is in the target after the cycle, as far as users have been judged.
    #[must_use]
    pub fn arrival(&self, source: &str) -> Option<Arrival> {
        self.arrivals.get(source).map(|target| match target {
            Some(_) => Arrival::There,
            None => Arrival::Arrives,
        })
    }

    /// Returns the copies whose references are compared at the end, as far as users have been judged.
    pub fn referring(&self) -> impl Iterator<Item = &str> {
        let verdicts = self.referring.iter().map(|at| &self.verdicts[*at]);
        verdicts.filter_map(|verdict| verdict.target.as_deref())
    }

    /// Sets the managers of copies, by the object ID of the copy, if the copies were read without them.
    pub fn managers(&mut self, managers: HashMap<String, String>) {
        self.managers = managers;
    }

    /// Returns all verdicts, after all source users were judged. Users that no longer exist in the source leave.
    #[must_use]
    pub fn finish(mut self, copies: &[Copy]) -> Preview {
        self.gone();
        let mut groups = super::groups::judge(self.configuration, &self.groups, copies);
        let leaving = |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Leave(_));
        let count = self.verdicts.iter().filter(leaving).count();
        // Groups count as well.
        let count = count + groups.iter().filter(|group| group.leaves).count();
        let threshold = self.configuration.delete_threshold;
        let quarantined = threshold.is_some_and(|threshold| count as u64 > threshold);
        if quarantined {
            for verdict in &mut self.verdicts {
                if let Outcome::Leave(why) = &verdict.outcome {
                    verdict.outcome = Outcome::Keep(why.clone(), Kept::Threshold);
                }
            }
            for group in &mut groups {
                group.leaves = false;
            }
        } else if !self.blocked.is_empty() && count > 0 {
            self.unblock();
        }
        for at in std::mem::take(&mut self.referring) {
            self.resolve(at);
        }
        let after = super::members::MembershipContext {
            configuration: self.configuration,
            users: &self.verdicts,
            arrivals: &self.arrivals,
            is_full: self.cycle == Cycle::Full,
        };
        after.resolve(&self.groups, copies, &mut groups);
        let mut counts = Counts::default();
        for verdict in &self.verdicts {
            counts.add(verdict);
        }
        Preview {
            users: self.verdicts,
            groups,
            quarantined,
            counts,
            entitled: self.entitled,
        }
    }

    /// Judges users again that were blocked by a user who leaves: the service is assumed to delete first.
    fn unblock(&mut self) {
        let numbers = self.index.numbers();
        for verdict in &self.verdicts {
            if let (Outcome::Leave(_), Some(target)) = (&verdict.outcome, &verdict.target)
                && let Some(number) = numbers.get(target)
            {
                self.index.set_deleted(*number, true);
            }
        }
        for (at, user) in std::mem::take(&mut self.blocked) {
            let (mut verdict, is_deleted) = self.verdict(&user);
            if verdict.outcome != self.verdicts[at].outcome {
                verdict.doubts.push(Doubt::OrderInCycle);
                self.keep(at, verdict, is_deleted);
            }
        }
    }

    /// Adds verdicts for copies whose source user no longer exists.
    fn gone(&mut self) {
        let mut gone = Vec::new();
        for held in self.index.users() {
            let Some(origin) = held.origin.as_ref().filter(|_| !held.deleted && !held.met) else {
                continue;
            };
            if origin.managed == Some(false) || !self.configuration.users.enabled {
                continue;
            }
            let doubts = origin.managed.is_none().then_some(Doubt::PerhapsNotManaged);
            gone.push(Verdict {
                source: origin.source.as_str().into(),
                name: "".into(),
                target: Some(held.record.id.clone()),
                outcome: self.leaves(Leaving::Deleted),
                unresolved: Vec::new(),
                doubts: doubts.into_iter().collect(),
            });
        }
        self.verdicts.extend(gone);
    }

    /// Resolves references to copies, which must exist after the cycle.
    fn resolve(&mut self, at: usize) {
        let arrivals = &self.arrivals;
        let mappings = &self.configuration.users.attributes;
        let verdict = &mut self.verdicts[at];
        let copy = verdict.target.as_deref();
        let manager = copy.and_then(|copy| self.managers.get(copy)).cloned();
        let mut unresolved = Vec::new();
        let mut is_late = false;
        if let Some(changes) = verdict.changes_mut() {
            changes.retain_mut(|change| {
                if !mappings[usize::from(change.mapping)].is_reference() {
                    return true;
                }
                let Value::Reference(source) = &change.after else {
                    return false;
                };
                if let Some(manager) = &manager {
                    change.before = Value::Reference(manager.as_str().into());
                }
                match arrivals.get(source) {
                    None => {
                        unresolved.push(source.clone());
                        false
                    }
                    // The copy gets its ID in the cycle; until then the reference contains the source user.
                    Some(None) => true,
                    Some(Some(target)) => {
                        let after = Value::Reference(target.clone());
                        let differs = after != change.before;
                        change.after = after;
                        differs
                    }
                }
            });
        }
        verdict.unresolved = unresolved;
        if let Outcome::Update {
            changes,
            adopted,
            when,
        } = &verdict.outcome
        {
            is_late = *when == When::NotKnown && !changes.is_empty();
            if changes.is_empty() {
                verdict.outcome = Outcome::Nothing { adopted: *adopted };
            }
        }
        if is_late && !verdict.doubts.contains(&Doubt::PerhapsUnchanged) {
            verdict.doubts.push(Doubt::PerhapsUnchanged);
        }
    }
}
