//! The table of scenarios has exactly one row for every resource and data source, and every row is complete.

use std::collections::BTreeSet;

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use crate::support::scenarios::{Listed, Scenario, all, lookups};

/// The advice for a missing row.
const ADD: &str = "Add a row to the file of `tests/support/scenarios` that fits: `scenario(type, side, attributes of the import ID, \
                   configuration)`, `on` for prerequisites, `changes` for the configuration after a change, `forms` for other \
                   import IDs, `listed` or `lists`, and `peers` if it can be moved here.";

/// The types without a row, and the rows of types that do not exist.
fn apart<'a>(served: &BTreeSet<&'a str>, rows: &'a [Scenario]) -> (Vec<&'a str>, Vec<&'a str>) {
    let rows: Vec<&str> = rows.iter().map(|row| row.type_name).collect();
    let distinct: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(rows.len(), distinct.len(), "two rows of one type: {rows:?}");
    let missing = served.difference(&distinct).copied().collect();
    (missing, distinct.difference(served).copied().collect())
}

#[test]
fn every_type_has_a_scenario() {
    let provider = CrossTenant::default();
    let (resources, sources) = (provider.resources(), provider.data_sources());
    let resources = resources.iter().map(|one| one.type_name()).collect();
    let sources = sources.iter().map(|one| one.type_name()).collect();
    for (kind, served, rows) in [
        ("resource", resources, all()),
        ("data source", sources, lookups()),
    ] {
        let (missing, others) = apart(&served, &rows);
        assert!(
            missing.is_empty(),
            "No scenario for the {kind} {missing:?}. {ADD}"
        );
        assert!(others.is_empty(), "There is no {kind} {others:?}.");
    }
}

#[test]
fn every_scenario_says_how_it_is_listed() {
    for row in all() {
        let is_said = !matches!(row.listing, Listed::None(""));
        assert!(
            is_said,
            "{} has neither a list resource nor a reason for not having one. {ADD}",
            row.type_name
        );
        assert!(
            !row.import.is_empty(),
            "{} has no import ID. {ADD}",
            row.type_name
        );
    }
}
