//! What could not be read, and how that is told: what has the same cure together.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::{Reader, lock};
use crate::command::Failure;
use crate::command::snapshot::Missing;
use crate::resources::PREFIX;
use crate::terraform::{Diagnostic, Severity};

/// Something that could not be read.
pub(super) struct Problem {
    /// The resource type or what else it was, in words.
    kind: String,
    /// Which one.
    name: Option<String>,
    why: String,
}

impl Reader<'_, '_> {
    /// Notes that something could not be read.
    pub(super) fn miss(&self, kind: &str, name: Option<String>, why: &str) {
        lock(&self.problems).push(Problem {
            kind: kind.to_owned(),
            name,
            why: why.to_owned(),
        });
    }

    /// Fails where nothing at all could be read: a configuration without this tenant is not what was asked for.
    pub(super) fn is_readable(&self) -> Result<(), Failure> {
        if self.answered.load(Ordering::Relaxed) {
            return Ok(());
        }
        let missing: Vec<String> = self.missing().iter().map(ToString::to_string).collect();
        Err(Failure::new(format!(
            "Nothing could be read in the {} {}, so nothing was written.\n\n{}",
            self.tenant.role(),
            self.tenant.id(),
            missing.join("\n\n")
        )))
    }

    /// What could not be read, what has the same reason together.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let mut by_reason: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
        for problem in lock(&self.problems).drain(..) {
            by_reason
                .entry(reason(&problem.why))
                .or_default()
                .push(problem);
        }
        let missing = by_reason.into_values().map(|problems| {
            let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for problem in &problems {
                names
                    .entry(&problem.kind)
                    .or_default()
                    .extend(problem.name.as_deref());
            }
            let what: Vec<String> = names
                .iter()
                .map(|(kind, names)| listed(kind, names))
                .collect();
            Missing {
                what: what.join(", "),
                why: problems[0].why.clone(),
            }
        });
        missing.collect()
    }
}

/// What has the same reason has the same cure: the same permission, or the same sign-in.
fn reason(why: &str) -> String {
    let permission = why.lines().find(|line| line.contains(" this call needs "));
    permission.unwrap_or(why).to_owned()
}

/// Objects of a kind, the first of them by name.
fn listed(kind: &str, names: &[&str]) -> String {
    const NAMED: usize = 5;
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match (shown.len(), names.len()) {
        (0, _) => format!("{PREFIX}_{kind}"),
        (some, all) if some < all => {
            format!(
                "{PREFIX}_{kind} ({} and {} more)",
                shown.join(", "),
                all - some
            )
        }
        _ => format!("{PREFIX}_{kind} ({})", shown.join(", ")),
    }
}

/// The errors among what the provider says.
pub(super) fn said_in_full(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error);
    let texts: Vec<String> = errors
        .map(|one| {
            let text = if one.detail.is_empty() {
                &one.summary
            } else {
                &one.detail
            };
            text.clone()
        })
        .collect();
    texts.join("\n")
}
