//! Diagnostics of a plan about users who leave the scope: a warning, or an error above the limit.

use std::fmt::Write as _;

use super::leaving::Leavers;
use sdk::enumeration::listed;
use sdk::{Context, Result};
use terraform::{Diagnostic, Diagnostics, Path, Value};

/// The attribute with the limit above which a plan fails.
pub(crate) const MAXIMUM: &str = "maximum_leaving";

/// The result of the search for users who leave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// The change does not remove any user from the scope.
    Nobody,
    /// The result depends on values that are known after other changes.
    NotYet,
    /// These users leave.
    These(Leavers),
}

impl From<Leavers> for Count {
    fn from(leavers: Leavers) -> Self {
        Self::These(leavers)
    }
}

/// Returns a warning about the users who leave; an error if there are more than the planned object allows. A failed search is reported only
/// if there is a limit.
pub(crate) fn announced(found: Result<Count>, planned: &Value, context: &Context) -> Diagnostics {
    let maximum = match planned.member(MAXIMUM) {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    let diagnostic = match (found, maximum) {
        (Ok(Count::These(leavers)), maximum) => said(&leavers, maximum),
        (Ok(Count::NotYet), Some(maximum)) => Some(not_yet(maximum)),
        (Err(problem), Some(maximum)) => {
            let why = problem.into_diagnostic_once("count the users who leave", context);
            Some(uncounted(&why, maximum))
        }
        (Err(problem), None) => {
            tracing::debug!(?problem, "the users who leave could not be counted");
            None
        }
        (Ok(_), _) => None,
    };
    diagnostic.into_iter().collect()
}

/// Adds users who leave for another reason. If the search for those fails, the first result is kept.
pub(crate) fn with_others(
    mut found: Diagnostics,
    others: Result<Diagnostics>,
) -> Result<Diagnostics> {
    match others {
        Ok(others) => found.extend(others),
        Err(problem) if found.is_empty() => return Err(problem),
        Err(problem) => tracing::debug!(?problem, "no other warnings could be looked for"),
    }
    Ok(found)
}

fn at_maximum(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.at(Path::root(MAXIMUM))
}

fn not_yet(maximum: i64) -> Diagnostic {
    at_maximum(Diagnostic::warning(
        "The users who leave are not known yet",
        format!(
            "The users who leave the scope depend on values that are known only after apply. The apply counts these \
            users before it changes this resource, and fails if there are more than {maximum}."
        ),
    ))
}

fn uncounted(why: &Diagnostic, maximum: i64) -> Diagnostic {
    at_maximum(Diagnostic::warning(
        "The users who leave could not be counted",
        format!(
            "`{MAXIMUM} = {maximum}` has no effect in this plan. {}: {}",
            why.summary, why.detail
        ),
    ))
}

fn users(count: usize, verb: [&str; 2]) -> String {
    match count {
        1 => format!("1 user {}", verb[0]),
        _ => format!("{count} users {}", verb[1]),
    }
}

const COUNTED: &str = "This count covers only this change and is based on the source tenant. To count all changes in \
    the plan in both tenants, run `terraform-provider-crosstenant preview --plan`.";

fn said(leavers: &Leavers, maximum: Option<i64>) -> Option<Diagnostic> {
    let count = leavers.count();
    let kept: usize = leavers.kept.values().map(Vec::len).sum();
    if count == 0 && kept == 0 {
        return None;
    }
    let mut parts = Vec::new();
    if count > 0 {
        parts.push(deleted(leavers));
    }
    for (why, names) in &leavers.kept {
        parts.push(format!(
            "{} in {}, because {why}: {}.",
            users(
                names.len(),
                ["leaves the scope and stays", "leave the scope and stay"]
            ),
            leavers.target,
            listed(names)
        ));
    }
    let exceeded = maximum.filter(|maximum| usize::try_from(*maximum).is_ok_and(|it| count > it));
    if let Some(maximum) = exceeded {
        parts.push(format!(
            "`{MAXIMUM}` is {maximum}. If all of them should leave, increase it to {count} for this change; otherwise, \
            undo the change that removes them from the scope."
        ));
    }
    parts.push(COUNTED.to_owned());
    let detail = parts.join("\n\n");
    Some(match exceeded {
        Some(maximum) => at_maximum(Diagnostic::error(
            format!(
                "{}, and `{MAXIMUM}` allows {maximum}",
                users(count, ["would leave", "would leave"])
            ),
            detail,
        )),
        None => Diagnostic::warning(
            format!(
                "{} of synchronization",
                users(count + kept, ["leaves the scope", "leave the scope"])
            ),
            detail,
        ),
    })
}

fn deleted(leavers: &Leavers) -> String {
    let when = if leavers.runs {
        "at the next cycle"
    } else {
        "at the next cycle, once the job runs"
    };
    let mut text = format!(
        "{} in {} {when}, and can be restored there for 30 days:\n",
        users(leavers.count(), ["is soft-deleted", "are soft-deleted"]),
        leavers.target
    );
    for (why, names) in &leavers.deleted {
        let _ = write!(text, "\n- {} ({why})", listed(names));
    }
    if let Some(threshold) = leavers.threshold.filter(|it| leavers.count() as u64 > *it) {
        let _ = write!(
            text,
            "\n\nThe job may delete at most {threshold} users in one cycle, so it goes into quarantine until the \
            deletions are confirmed or undone."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::Script;
    use sdk::Problem;

    fn leavers(deleted: &[(&str, usize)], kept: usize) -> Leavers {
        let names = |count: usize| (1..=count).map(|it| format!("u{it}")).collect::<Vec<_>>();
        let mut found = Leavers {
            target: "Fabrikam (f)".to_owned(),
            runs: true,
            ..Leavers::default()
        };
        for (why, count) in deleted {
            found.deleted.insert((*why).to_owned(), names(*count));
        }
        if kept > 0 {
            found.kept.insert("of a reason", names(kept));
        }
        found
    }

    #[test]
    fn people_are_named_by_reason_and_counted() {
        let found = said(&leavers(&[("filtered", 12), ("unassigned", 1)], 0), None).unwrap();
        assert_eq!(found.summary, "13 users leave the scope of synchronization");
        assert!(found.detail.starts_with(
            "13 users are soft-deleted in Fabrikam (f) at the next cycle, and can be restored there for 30 days:\n\n\
             - u1, u2, u3, u4, u5, u6, u7, u8, u9, u10 and 2 more (filtered)\n- u1 (unassigned)\n\n"
        ), "{}", found.detail);
        let one = said(&leavers(&[("unassigned", 1)], 0), Some(1)).unwrap();
        assert_eq!(one.summary, "1 user leaves the scope of synchronization");
        assert!(!terraform::has_errors(&[one]));
    }

    #[test]
    fn more_than_the_maximum_is_an_error_at_it() {
        let found = said(&leavers(&[("unassigned", 3)], 4), Some(2)).unwrap();
        assert_eq!(
            found.summary,
            "3 users would leave, and `maximum_leaving` allows 2"
        );
        assert_eq!(found.path, Some(Path::root(MAXIMUM)));
        assert!(
            found.detail.contains("increase it to 3"),
            "{}",
            found.detail
        );
        // Users who stay do not count.
        let kept = said(&leavers(&[], 4), Some(0)).unwrap();
        assert_eq!(kept.summary, "4 users leave the scope of synchronization");
        assert!(
            kept.detail.contains(
                "4 users leave the scope and stay in Fabrikam (f), because of a reason: u1"
            )
        );
        assert_eq!(said(&leavers(&[], 0), Some(0)), None);
    }

    /// Returns the diagnostics' summaries.
    fn counted(found: Result<Count>, maximum: Option<i64>) -> Vec<String> {
        let context = Context::new(Script::of([]).client());
        let maximum = maximum.map_or(Value::Null, Value::from);
        let planned = Value::Object([(MAXIMUM.to_owned(), maximum)].into());
        let said = announced(found, &planned, &context).into_iter();
        said.map(|it| it.summary).collect()
    }

    #[tokio::test]
    async fn what_cannot_be_counted_matters_only_to_a_maximum() {
        let refused = || Err(Problem::error("Refused", "No."));
        let (none, one) = (Vec::<String>::new(), Some(1));
        assert_eq!(counted(refused(), None), none);
        assert_eq!(
            counted(refused(), one),
            ["The users who leave could not be counted"]
        );
        assert_eq!(counted(Ok(Count::NotYet), None), none);
        assert_eq!(
            counted(Ok(Count::NotYet), one),
            ["The users who leave are not known yet"]
        );
        assert_eq!(counted(Ok(Count::Nobody), one), none);
        assert_eq!(counted(Ok(Count::These(leavers(&[], 0))), one), none);
    }

    #[test]
    fn a_job_that_would_stop_or_does_not_run_says_so() {
        let mut found = leavers(&[("unassigned", 3)], 0);
        (found.runs, found.threshold) = (false, Some(2));
        let found = said(&found, None).unwrap().detail;
        assert!(
            found.contains("at the next cycle, once the job runs, and"),
            "{found}"
        );
        assert!(found.contains("at most 2 users"), "{found}");
    }
}
