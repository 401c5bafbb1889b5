//! The reasons why target users are leftovers, and recommended actions. No I/O.

use super::leftover_sources::Fate;
use preview::Skip;

/// The job that could manage a target user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Situation {
    /// No configuration was specified.
    Alone,
    /// The configuration has no job.
    NoJob,
    /// A job.
    Job {
        /// Whether it is started.
        runs: bool,
        /// Whether it deletes users who leave the scope.
        deletes: bool,
    },
}

/// The reason why a target user is a leftover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    NotFound,
    Deleted(Option<String>),
    Disabled,
    /// Out of scope; the flag is set if the source user is disabled.
    Outside(Skip, bool),
    NoJob,
}

const CHECK: &str = "Remove the user from the target tenant once nothing there depends on it, or keep it as a guest. \
    No cycle changes it.";

impl Reason {
    /// Returns the reason; `None` if the user is not a leftover.
    pub(super) fn of(fate: &Fate, situation: Situation) -> Option<Self> {
        let present = match fate {
            Fate::Gone => return Some(Self::NotFound),
            Fate::Deleted(it) => return Some(Self::Deleted(it.restorable_until.clone())),
            Fate::Present(present) => present,
        };
        let is_disabled = !present.enabled;
        match situation {
            Situation::NoJob => Some(Self::NoJob),
            Situation::Job { .. } if present.outside.is_some() => present
                .outside
                .clone()
                .map(|why| Self::Outside(why, is_disabled)),
            _ => is_disabled.then_some(Self::Disabled),
        }
    }

    /// Returns the reason as an identifier, for conditions in a configuration.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "source_not_found",
            Self::Deleted(_) => "source_deleted",
            Self::Disabled => "source_disabled",
            Self::NoJob => "no_job",
            Self::Outside(Skip::DefaultAccess, _) => "default_access",
            Self::Outside(Skip::Filtered(_), _) => "filtered",
            Self::Outside(Skip::External | Skip::InternalGuest, _) => "not_internal",
            Self::Outside(..) => "unassigned",
        }
    }

    /// Returns the reason as a sentence.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::NotFound => {
                "The source user does not exist, and it is not among the deleted users of the source tenant.".to_owned()
            }
            Self::Deleted(Some(until)) => {
                format!("The source user is deleted. It can be restored until {until}.")
            }
            Self::Deleted(None) => "The source user is deleted.".to_owned(),
            Self::Disabled => "The source user is disabled.".to_owned(),
            Self::NoJob => {
                "The configuration has no job, so no job manages the user.".to_owned()
            }
            Self::Outside(why, disabled) => {
                let disabled = if *disabled {
                    " It is also disabled."
                } else {
                    ""
                };
                format!(
                    "The source user is out of scope: {}.{disabled}",
                    why.reason()
                )
            }
        }
    }

    /// Returns the time until which a deleted source user can be restored.
    pub(super) fn restorable_until(&self) -> Option<String> {
        match self {
            Self::Deleted(until) => until.clone(),
            _ => None,
        }
    }

    /// Returns the recommended action. If the source user is a guess, it must be verified first.
    pub(super) fn advice(&self, situation: Situation, exact: bool) -> String {
        let advice = self.advised(situation);
        if exact {
            advice
        } else {
            format!(
                "First find out whether this is a synchronized user: the source user is only guessed, and the user may \
                have been invited manually. {advice}"
            )
        }
    }

    fn advised(&self, situation: Situation) -> String {
        let leaves = match situation {
            Situation::Job { deletes: false, .. } => {
                "No cycle deletes the user, because the target object actions do not include Delete."
            }
            Situation::Job { runs: true, .. } => {
                "Otherwise the next cycle soft-deletes the user, if this job manages it."
            }
            Situation::Job { runs: false, .. } => {
                "Otherwise the next cycle soft-deletes the user, if this job manages it; the job is paused."
            }
            Situation::Alone | Situation::NoJob => CHECK,
        };
        match self {
            Self::NotFound | Self::NoJob => CHECK.to_owned(),
            Self::Deleted(_) => format!("To keep the user, restore the source user. {leaves}"),
            Self::Disabled => "Synchronization blocks the sign-in of the user, and unassigning a disabled user does not delete it. To \
                               remove it, delete the source user, or remove the user from the target tenant."
                .to_owned(),
            Self::Outside(_, true) => format!(
                "A user who was disabled before it left the scope is not deleted by synchronization. {CHECK}"
            ),
            Self::Outside(why, false) => {
                let keep = match why {
                    Skip::Filtered(_) => "To keep the user, change the scoping filter or the attribute.",
                    Skip::External | Skip::InternalGuest => {
                        "To keep the user, make the source user an internal member."
                    }
                    _ => "To keep the user, assign the source user.",
                };
                format!("{keep} {leaves}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::leftover_sources::{Deleted, Present};
    use super::*;

    fn present(enabled: bool, outside: Option<Skip>) -> Present {
        Present {
            id: "a1".into(),
            name: "ada@contoso.example".into(),
            enabled,
            outside,
        }
    }

    const JOB: Situation = Situation::Job {
        runs: true,
        deletes: true,
    };

    #[test]
    fn each_reason_has_its_name() {
        let name = |fate: Fate, situation| Reason::of(&fate, situation).map(|it| it.name());
        let deleted = Deleted {
            id: "a1".into(),
            name: "ada".into(),
            restorable_until: None,
        };
        assert_eq!(name(Fate::Gone, JOB), Some("source_not_found"));
        assert_eq!(name(Fate::Deleted(&deleted), JOB), Some("source_deleted"));
        for (enabled, outside, expected) in [
            (true, None, None),
            (false, None, Some("source_disabled")),
            (true, Some(Skip::NotAssigned), Some("unassigned")),
            (false, Some(Skip::NotAssigned), Some("unassigned")),
            (true, Some(Skip::DefaultAccess), Some("default_access")),
            (true, Some(Skip::Filtered("x".into())), Some("filtered")),
            (true, Some(Skip::External), Some("not_internal")),
        ] {
            let present = present(enabled, outside);
            assert_eq!(name(Fate::Present(&present), JOB), expected, "{present:?}");
        }
        let there = present(true, Some(Skip::NotAssigned));
        assert_eq!(name(Fate::Present(&there), Situation::Alone), None);
        assert_eq!(
            name(Fate::Present(&there), Situation::NoJob),
            Some("no_job")
        );
    }

    #[test]
    fn the_advice_fits_the_situation() {
        let outside = Reason::Outside(Skip::NotAssigned, false);
        assert!(
            outside
                .advice(JOB, true)
                .ends_with("if this job manages it.")
        );
        let keeps = Situation::Job {
            runs: true,
            deletes: false,
        };
        assert!(
            outside
                .advice(keeps, true)
                .contains("do not include Delete")
        );
        let disabled = Reason::Outside(Skip::NotAssigned, true);
        assert!(disabled.advice(JOB, true).contains("is not deleted"));
        assert!(
            Reason::NotFound
                .advice(JOB, false)
                .starts_with("First find out")
        );
        assert!(!Reason::NotFound.advice(JOB, true).contains("find out"));
        let filtered = Reason::Outside(Skip::Filtered("department EQUALS 'Sales'".into()), false);
        assert!(filtered.detail().contains("department EQUALS 'Sales'"));
    }
}
