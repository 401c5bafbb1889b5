//! The verdict about one user.

use super::doubt::Doubt;
use super::value::Value;

/// The outcome of one source user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The object ID of the source user.
    pub source: Box<str>,
    /// The user principal name; empty if the user no longer exists.
    pub name: Box<str>,
    /// The object ID of the copy in the target, if there is one.
    pub target: Option<Box<str>>,
    /// The outcome.
    pub outcome: Outcome,
    /// Source users without a copy that an attribute refers to, so that it is not written.
    pub unresolved: Vec<Box<str>>,
    /// The assumptions of the verdict.
    pub doubts: Vec<Doubt>,
}

/// The outcome for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A copy is created with these attributes.
    Create(Vec<Change>),
    /// The copy changes.
    Update {
        /// The changes.
        changes: Vec<Change>,
        /// Whether the copy existed before this job managed it.
        adopted: bool,
        /// When it is written.
        when: When,
    },
    /// The copy is restored from the recycle bin, with these changes.
    Restore(Vec<Change>),
    /// The copy stays as it is.
    Nothing {
        /// Whether the copy existed before this job managed it.
        adopted: bool,
    },
    /// The copy is soft-deleted.
    Leave(Leaving),
    /// The user is out of scope, but the copy stays.
    Keep(Leaving, Kept),
    /// The user is skipped and has no copy.
    Skip(Skip),
    /// Another user holds a unique value of the copy, so creating or changing it fails.
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
    /// After a change of the source user, or in a full cycle: the service does not look for changes in the target.
    SourceChanges,
    /// In the next cycle if the source user has changed since the last one, which is unknown.
    NotKnown,
}

/// A change of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The index of the mapping.
    pub(super) mapping: u16,
    /// The present value.
    pub before: Value,
    /// The new value.
    pub after: Value,
}

/// The reason why a user leaves the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// No longer assigned, neither directly nor by a group.
    Unassigned,
    /// Assigned with the default access role only.
    DefaultAccess,
    /// The filter is not satisfied; the clause in the format of the log.
    Filtered(String),
    /// The source user is in the recycle bin or no longer exists.
    Deleted,
    /// The source user is now a guest or an external user.
    NotInternal,
    /// SMS sign-in of the source user is now enabled.
    SmsSignIn,
}

/// The reason why a user who leaves the scope stays in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// `Delete` is not among the target object actions.
    NoDelete,
    /// The user was disabled, then its copy, and then it was unassigned.
    DisabledBefore,
    /// The number of deletions exceeds the threshold: the job goes into quarantine instead.
    Threshold,
}

/// The reason why a user has no copy and gets none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Not assigned.
    NotAssigned,
    /// Assigned with the default access role only.
    DefaultAccess,
    /// The filter is not satisfied; the clause in the format of the log.
    Filtered(String),
    /// A guest or an external user.
    External,
    /// An internal guest.
    InternalGuest,
    /// SMS sign-in is enabled.
    SmsSignIn,
    /// Disabled users are not provisioned.
    Disabled,
    /// `Add` is not among the target object actions.
    NoAdd,
    /// An administrator deleted the copy; synchronization does not restore it.
    DeletedByHand,
    /// The target does not allow guest invitations.
    InvitationsOff,
    /// The mapping of users is disabled.
    MappingOff,
    /// A mapping fails, so nothing of the user is written.
    MappingFails {
        /// The attribute.
        attribute: String,
        /// The reason.
        why: String,
    },
}

/// A conflict about a unique value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The unique attribute: `userPrincipalName` or `mail`.
    pub attribute: &'static str,
    /// The value that is taken.
    pub value: Box<str>,
    /// The object ID of the holder: a target user, or a source user that is created in the same cycle.
    pub holder: Box<str>,
    /// The name of the holder.
    pub holder_name: Box<str>,
    /// Whether the holder is a source user that is created in the same cycle.
    pub arriving: bool,
    /// Whether the copy exists and was to be changed, rather than created.
    pub updating: bool,
}

/// The number of users of each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct Counts {
    pub created: usize,
    pub updated: usize,
    /// The number of updated users that are disabled.
    pub disabled: usize,
    /// The number of differences that wait for a change of the source user.
    pub drifted: usize,
    pub restored: usize,
    pub unchanged: usize,
    pub adopted: usize,
    pub leaving: usize,
    /// The number of users that leave if this job created them, which is unknown.
    pub perhaps_leaving: usize,
    pub kept: usize,
    pub skipped: usize,
    /// The number of users that are not assigned at all.
    pub not_assigned: usize,
    pub colliding: usize,
    pub failing: usize,
    /// The number of verdicts that depend on an assumption.
    pub doubtful: usize,
}

impl Counts {
    /// The number of users in the target because of this configuration, before the cycle.
    #[must_use]
    pub fn present(&self) -> usize {
        self.updated + self.drifted + self.unchanged + self.leaving + self.kept
    }

    /// The number of users that the cycle creates or restores.
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

    /// Whether it blocks the sign-in of the copy.
    #[must_use]
    pub fn disables(&self) -> bool {
        let mut changes = self.changes().iter();
        changes
            .any(|change| change.before == Value::Bool(true) && change.after == Value::Bool(false))
    }

    /// Whether nothing happens and nothing is expected, because the user is not assigned.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.outcome, Outcome::Skip(Skip::NotAssigned))
    }
}

impl Skip {
    /// Whether the user should be provisioned, but cannot be.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::MappingFails { .. } | Self::InvitationsOff)
    }
}
