//! Objects that could not be read, and how they are reported: grouped by their remedy.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::{Reader, lock};
use crate::Failure;
use crate::export::exported_types::{ASSIGNMENTS, EXPORTED_TYPES, ORGANIZATION, SYNCHRONIZATION};
use crate::snapshot::Missing;
use sdk::PREFIX;
use terraform::{Diagnostic, Severity};

/// An object that could not be read.
pub(super) struct Problem {
    /// The resource type, or a description of what was read.
    kind: String,
    /// The name of the object.
    name: Option<String>,
    why: String,
}

impl Reader<'_, '_> {
    /// Records that something could not be read.
    pub(super) fn record_problem(&self, kind: &str, name: Option<String>, why: &str) {
        lock(&self.problems).push(Problem {
            kind: kind.to_owned(),
            name,
            why: why.to_owned(),
        });
    }

    /// The reason why nothing could be read, with `more` in the middle.
    fn nothing_read(&self, more: &str) -> String {
        let missing: Vec<String> = self.missing().iter().map(ToString::to_string).collect();
        format!(
            "The {} {} could not be read, so nothing was written.\n\n{more}{}",
            self.tenant.role(),
            self.tenant.id(),
            missing.join("\n\n")
        )
    }

    /// States that this tenant could be read, unlike the other, and how to export it alone.
    fn alone(&self, other: &Self) -> String {
        let side = other.alias.unwrap_or_default();
        format!(
            "The {} {} could be read. To export only this tenant, run the command again without --{side}-tenant-id and \
            without {}_TENANT_ID in the environment.\n\n",
            self.tenant.role(),
            self.tenant.id(),
            side.to_uppercase()
        )
    }

    /// The missing objects, grouped by reason.
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
                optional: problems.iter().all(|problem| self.is_optional(problem)),
                what: what.join(", "),
                // If sign-in failed for several objects, one of them contains the whole response.
                why: problems
                    .iter()
                    .map(|problem| &problem.why)
                    .max_by_key(|why| why.len())
                    .cloned()
                    .unwrap_or_default(),
            }
        });
        missing.collect()
    }
}

impl Reader<'_, '_> {
    /// Whether the missing permission is one that an application needs only for some features, according to the guide "Getting started".
    fn is_optional(&self, problem: &Problem) -> bool {
        let kind = EXPORTED_TYPES.iter().find(|kind| kind.name == problem.kind);
        let is_used_only_sometimes = |file| match self.alias {
            Some("target") => [ORGANIZATION, SYNCHRONIZATION, ASSIGNMENTS].contains(&file),
            _ => file == ORGANIZATION,
        };
        self.wanted.types.is_empty()
            && problem.why.contains(PERMISSION)
            && kind.is_some_and(|kind| is_used_only_sometimes(kind.file))
    }
}

/// Fails if nothing could be read in one of the tenants, because a configuration without it would be incomplete.
pub(super) fn all_readable(readers: &[Reader<'_, '_>]) -> Result<(), Failure> {
    let (read, unread): (Vec<&Reader>, Vec<&Reader>) = readers
        .iter()
        .partition(|reader| reader.answered.load(Ordering::Relaxed));
    let told: Vec<String> = unread
        .iter()
        .map(|reader| {
            let other = read.first().map(|other| other.alone(reader));
            reader.nothing_read(&other.unwrap_or_default())
        })
        .collect();
    if told.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(told.join("\n\n")))
    }
}

/// The text before the name of the missing permission in an error; `tests/command/export/inputs.rs` fails if it changes.
const PERMISSION: &str = " this call requires the application permission ";

/// The reason by which problems are grouped. Problems with the same reason have the same remedy: the same permission, or the same sign-in.
fn reason(why: &str) -> String {
    let mut lines = why.lines();
    let line =
        lines.find(|line| line.contains(PERMISSION) || line.starts_with("Sign-in to tenant "));
    line.unwrap_or(why).to_owned()
}

/// A list of objects of one type, in which the first ones are named.
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

/// The errors among the diagnostics of the provider.
pub(super) fn error_texts(diagnostics: &[Diagnostic]) -> String {
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
