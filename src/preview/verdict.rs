//! What the engine says about one user.

use super::doubt::Doubt;
use super::value::Value;

/// What becomes of one source user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Object ID of the source user.
    pub source: Box<str>,
    /// Its user principal name; empty where the user is gone.
    pub name: Box<str>,
    /// Object ID of its copy in the target, where there is one.
    pub target: Option<Box<str>>,
    /// What happens.
    pub outcome: Outcome,
    /// Source users whom an attribute refers to and who have no copy, so that it is not written.
    pub unresolved: Vec<Box<str>>,
    /// What the verdict rests on without Microsoft saying so.
    pub doubts: Vec<Doubt>,
}

/// What happens to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A copy is created with these attributes.
    Create(Vec<Change>),
    /// The copy changes.
    Update {
        /// What changes.
        changes: Vec<Change>,
        /// Whether the copy was there before this job knew of it.
        adopted: bool,
        /// When it is written.
        when: When,
    },
    /// The copy comes back from the recycle bin, with these changes.
    Restore(Vec<Change>),
    /// The copy stays as it is.
    Nothing {
        /// Whether the copy was there before this job knew of it.
        adopted: bool,
    },
    /// The copy is soft-deleted.
    Leave(Leaving),
    /// The user is out of scope, and the copy stays nevertheless.
    Keep(Leaving, Kept),
    /// The user is left out, and has no copy.
    Skip(Skip),
    /// Somebody else holds what the copy needs: creating or changing it fails.
    Collide(Collision),
}

impl Default for Outcome {
    fn default() -> Self {
        Self::Skip(Skip::NotAssigned)
    }
}

/// When a difference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In the next cycle.
    NextCycle,
    /// Once the source user changes, or in a full cycle: the service does not look for changes in the target.
    SourceChanges,
    /// In the next cycle, if the source user has changed since the last; that is not known.
    NotKnown,
}

/// An attribute before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The number of the mapping.
    pub(super) mapping: u16,
    /// What the copy has.
    pub before: Value,
    /// What it gets.
    pub after: Value,
}

/// Why somebody leaves the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// No longer assigned, by no assignment and no group.
    Unassigned,
    /// Assigned with the default access role alone.
    DefaultAccess,
    /// The filter is not met; the clause as the log writes it.
    Filtered(String),
    /// The source user is in the recycle bin or gone.
    Deleted,
    /// The source user is a guest or an external user now.
    NotInternal,
    /// The source user has SMS sign-in now.
    SmsSignIn,
}

/// Why somebody who leaves the scope stays in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// `Delete` is not among the target object actions.
    NoDelete,
    /// The user was disabled, its copy was disabled with it, and then it was unassigned.
    DisabledBefore,
    /// The number of deletions is above the threshold: the job goes into quarantine instead.
    Threshold,
}

/// Why a user without a copy gets none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Not assigned.
    NotAssigned,
    /// Assigned with the default access role alone.
    DefaultAccess,
    /// The filter is not met; the clause as the log writes it.
    Filtered(String),
    /// A guest or an external user.
    External,
    /// An internal guest.
    InternalGuest,
    /// SMS sign-in is on.
    SmsSignIn,
    /// Disabled users are not provisioned.
    Disabled,
    /// `Add` is not among the target object actions.
    NoAdd,
    /// An administrator deleted the copy; synchronization does not restore it.
    DeletedByHand,
    /// The target lets nobody be invited.
    InvitationsOff,
    /// The mapping of users is switched off.
    MappingOff,
    /// A mapping fails, so that nothing of the user is written.
    MappingFails {
        /// The attribute.
        attribute: String,
        /// Why.
        why: String,
    },
}

/// Who is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// What must be unique: `userPrincipalName` or `mail`.
    pub attribute: &'static str,
    /// The value that is taken.
    pub value: Box<str>,
    /// Object ID of the holder: a target user, or a source user who arrives in the same cycle.
    pub holder: Box<str>,
    /// What the holder is called.
    pub holder_name: Box<str>,
    /// Whether the holder is a source user who arrives in the same cycle.
    pub arriving: bool,
    /// Whether the copy exists and was to be changed, rather than created.
    pub updating: bool,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct Counts {
    pub created: usize,
    pub updated: usize,
    /// Of those updated: how many are disabled.
    pub disabled: usize,
    /// Differences that wait for a change of the source user.
    pub drifted: usize,
    pub restored: usize,
    pub unchanged: usize,
    pub adopted: usize,
    pub leaving: usize,
    /// Users who leave if this job has brought them, which is not known.
    pub perhaps_leaving: usize,
    pub kept: usize,
    pub skipped: usize,
    /// Users who are not assigned at all.
    pub not_assigned: usize,
    pub colliding: usize,
    pub failing: usize,
    /// Verdicts that rest on an assumption.
    pub doubtful: usize,
}

impl Counts {
    /// Users who are in the target because of this configuration, before the cycle.
    #[must_use]
    pub fn present(&self) -> usize {
        self.updated + self.drifted + self.unchanged + self.leaving + self.kept
    }

    /// Users who come to the target with the cycle.
    #[must_use]
    pub fn arriving(&self) -> usize {
        self.created + self.restored
    }

    /// Counts a verdict.
    pub fn add(&mut self, verdict: &Verdict) {
        self.doubtful += usize::from(!verdict.doubts.is_empty());
        match &verdict.outcome {
            Outcome::Create(_) => self.created += 1,
            Outcome::Update { adopted, when, .. } => {
                self.adopted += usize::from(*adopted);
                if *when == When::SourceChanges {
                    self.drifted += 1;
                } else {
                    self.updated += 1;
                    self.disabled += usize::from(verdict.disables());
                }
            }
            Outcome::Restore(_) => self.restored += 1,
            Outcome::Nothing { adopted } => {
                self.unchanged += 1;
                self.adopted += usize::from(*adopted);
            }
            Outcome::Leave(_) if verdict.doubts.contains(&Doubt::PerhapsNotManaged) => {
                self.perhaps_leaving += 1;
            }
            Outcome::Leave(_) => self.leaving += 1,
            Outcome::Keep(..) => self.kept += 1,
            Outcome::Skip(Skip::NotAssigned) => self.not_assigned += 1,
            Outcome::Skip(why) if why.is_failure() => self.failing += 1,
            Outcome::Skip(_) => self.skipped += 1,
            Outcome::Collide(_) => self.colliding += 1,
        }
    }
}

impl Verdict {
    /// The changes of the copy.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        match &self.outcome {
            Outcome::Create(changes)
            | Outcome::Update { changes, .. }
            | Outcome::Restore(changes) => changes,
            _ => &[],
        }
    }

    pub(super) fn changes_mut(&mut self) -> Option<&mut Vec<Change>> {
        match &mut self.outcome {
            Outcome::Create(changes)
            | Outcome::Update { changes, .. }
            | Outcome::Restore(changes) => Some(changes),
            _ => None,
        }
    }

    /// Whether the sign-in of the copy is blocked.
    #[must_use]
    pub fn disables(&self) -> bool {
        let mut changes = self.changes().iter();
        changes
            .any(|change| change.before == Value::Bool(true) && change.after == Value::Bool(false))
    }

    /// Whether nothing happens and nobody expects anything: the user is not assigned.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.outcome, Outcome::Skip(Skip::NotAssigned))
    }
}

impl Skip {
    /// Whether the user is to be provisioned, and that fails.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::MappingFails { .. } | Self::InvitationsOff)
    }
}
