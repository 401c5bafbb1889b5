//! Diagnostics of a plan about the consequences of saving a schema.

use super::AttributeMapping;
use super::part::Objects;
use sdk::prelude::*;

/// Warns about a full resynchronization of an existing job.
pub(super) fn announce(change: &mut Change) {
    if change.prior.is_null() {
        return;
    }
    if change.is_destroy() {
        return lifted(change);
    }
    let changed = changes(change.prior, change.planned);
    let Some(first) = changed.first() else { return };
    let path = first.clone();
    let listed: Vec<String> = changed.iter().map(|path| format!("`{path}`")).collect();
    let mut detail = format!(
        "Saving the schema makes the job evaluate every user again, which takes longer than a normal cycle. These \
        parts change: {}.",
        listed.join(", ")
    );
    if changed.contains(&Path::root("group_scoping_filters")) {
        detail += " Groups that no longer meet the scoping filters count as deletions; the effect on their copies in \
            the target tenant is not documented.";
    }
    if changed.contains(&Path::root("scoping_filters")) {
        detail += " Users who no longer meet the scoping filters are soft-deleted in the target tenant and can be \
            restored for 30 days.";
    }
    let warning = Diagnostic::warning("This starts a full resynchronization", detail);
    change.diagnostics.push(warning.at(path));
}

/// Warns about removed filters: the job may continue without them.
fn lifted(change: &mut Change) {
    let filters = change.prior.member("scoping_filters").as_elements();
    if filters.is_none_or(<[Value]>::is_empty) {
        return;
    }
    let detail = "Destroying `crosstenant_synchronization_schema` removes its scoping filters. Users that the filters \
        excluded are synchronized by the next cycle, unless the job is paused first or destroyed together with the \
        schema.";
    change.diagnostics.push(Diagnostic::warning(
        "The scoping filters of the job will be removed",
        detail,
    ));
}

/// Returns the parts of the schema whose meaning differs between two states of this resource.
pub(super) fn changes(prior: &Value, planned: &Value) -> Vec<Path> {
    let mut changed = Vec::new();
    for objects in Objects::ALL {
        changed_mappings(objects.mappings(), prior, planned, &mut changed);
    }
    for objects in Objects::ALL {
        for name in [objects.filters(), objects.actions(), objects.switch()] {
            if prior.member(name) != planned.member(name) {
                changed.push(Path::root(name));
            }
        }
    }
    let exclusive = |value: &Value| value.member("exclusive").as_bool() == Some(true);
    if exclusive(planned) && !exclusive(prior) {
        changed.push(Path::root("exclusive"));
    }
    changed
}

fn changed_mappings(name: &'static str, prior: &Value, planned: &Value, changed: &mut Vec<Path>) {
    let (before, after) = (prior.member(name), planned.member(name));
    if after.is_unknown() {
        changed.push(Path::root(name));
    }
    let keys = |value: &Value| {
        value
            .as_object()
            .map(|it| it.keys().map(ToString::to_string).collect())
    };
    let mut targets: Vec<String> = keys(before).unwrap_or_default();
    targets.extend(keys(after).unwrap_or_default());
    targets.sort();
    targets.dedup();
    for target in targets {
        if !same_mapping(before.member(&target), after.member(&target)) {
            changed.push(Path::root(name).key(&target));
        }
    }
}

fn same_mapping(before: &Value, after: &Value) -> bool {
    if before == after || before.is_null() || !after.is_wholly_known() || after.is_null() {
        return before == after;
    }
    match (
        AttributeMapping::from_value(before),
        AttributeMapping::from_value(after),
    ) {
        (Ok(before), Ok(after)) => before.means_the_same_as(&after),
        _ => false,
    }
}
