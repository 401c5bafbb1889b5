//! Error messages about many assignments: the principals and Graph's reasons, limited to one screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::live::{Failures, Id, Target, text};
use sdk::Problem;

/// The maximum number of principals in a message. The others are counted.
const NAMED: usize = 20;

/// Returns the error about existing assignments that a new map does not contain.
pub(super) fn foreign(target: &Target<'_>, mut others: Vec<Id>) -> Problem {
    others.sort_unstable();
    let detail = format!(
        "Service principal {0} has {1} assignment(s) that `principals` does not list: {2}\n\nThe map is authoritative, but the plan of a \
         new resource cannot show that these assignments would be removed, so nothing was changed. Add the principals to `principals`, or \
         import the existing assignments; the plan then shows which assignments are removed:\n\n  import {{\n    to = \
         crosstenant_app_role_assignments.NAME\n    id = \"{0}/{3}\"\n  }}\n",
        target.resource,
        others.len(),
        named(&others),
        target.role,
    );
    Problem::at(
        "principals",
        "Other principals are already assigned",
        detail,
    )
}

/// Returns the error about the principals, out of `of`, that could not be assigned or removed.
pub(super) async fn failures(
    target: &Target<'_>,
    of: usize,
    unassigned: Failures,
    unremoved: Failures,
) -> Problem {
    let summary = match (unassigned.len(), unremoved.len()) {
        (0, removed) => format!("{removed} of {of} principals could not be unassigned"),
        (assigned, 0) => format!("{assigned} of {of} principals could not be assigned"),
        (assigned, removed) => format!(
            "{assigned} principals could not be assigned and {removed} could not be unassigned"
        ),
    };
    let absent = absent(target, &unassigned).await;
    let mut reasons: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for (id, error) in unassigned.iter().chain(&unremoved) {
        let mut reason = reason(error);
        if absent.contains(id) {
            reason = format!(
                "Tenant {} has no user or group with this object ID. {reason}",
                target.context.tenant_id()
            );
        }
        reasons.entry(reason).or_default().push(*id);
    }
    let mut detail = format!("Service principal {}:\n", target.resource);
    for (reason, ids) in reasons {
        let _ = write!(detail, "\n- {}\n  {reason}\n", named(&ids));
    }
    detail += "\nAll other changes were made, and the state contains the principals that are assigned. Apply again to make \
        the remaining changes.";
    // Without the attribute, because the CLI would print the whole map.
    Problem::error(summary, detail)
}

/// Formats Graph's reason without the request, which is the same for all.
fn reason(error: &graph::Error) -> String {
    let graph::Error::Refused(refusal) = error else {
        return match error {
            graph::Error::Throttled(throttled) => format!(
                "Graph throttles tenant {} (429) after {} attempt(s).",
                throttled.tenant_id, throttled.attempts
            ),
            error => error.to_string(),
        };
    };
    let mut reason = format!(
        "Graph answered {} {}: {}",
        refusal.status, refusal.code, refusal.message
    );
    if let Some(access) = refusal.access {
        let _ = write!(
            reason,
            " This requires the application permission {} or the directory role {}.",
            access.permission, access.role
        );
    }
    reason
}

fn named(ids: &[Id]) -> String {
    let first: Vec<String> = ids.iter().take(NAMED).map(|id| text(*id)).collect();
    let more = ids.len().saturating_sub(NAMED);
    let rest = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{}{rest}", first.join(", "))
}

/// Returns the first of them that do not exist.
async fn absent(target: &Target<'_>, failures: &Failures) -> Vec<Id> {
    let may_be_absent = |error: &graph::Error| matches!(error.status(), Some(400 | 404));
    let suspects = failures.iter().filter(|(_, error)| may_be_absent(error));
    let suspects: Vec<Id> = suspects.map(|(id, _)| *id).take(NAMED).collect();
    let paths: Vec<String> = suspects
        .iter()
        .flat_map(|id| {
            ["users", "groups", "servicePrincipals"]
                .map(|kind| format!("/{kind}/{}?$select=id", text(*id)))
        })
        .collect();
    let Ok(found) = target.context.graph.batch_get(&paths).await else {
        return Vec::new();
    };
    let nowhere =
        |answers: &[Result<Option<_>, _>]| answers.iter().all(|answer| matches!(answer, Ok(None)));
    suspects
        .into_iter()
        .zip(found.chunks(3))
        .filter(|(_, answers)| nowhere(answers))
        .map(|(id, _)| id)
        .collect()
}
