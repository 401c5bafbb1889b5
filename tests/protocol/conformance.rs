//! Checks the table in `docs/internals/conformance.md`: it has every row, and every test it names exists.

use std::fs;
use std::path::Path;

use crate::named;

const ROWS: usize = 87;

/// Texts that replace a test in a cell, followed by a reason.
const NOT_YET: [&str; 2] = ["not exposed yet: ", "not tested yet: "];

#[test]
fn every_row_names_tests_that_exist() {
    let page = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/conformance.md"),
    )
    .unwrap();
    let mut rows = Vec::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let Ok(row) = cells[0].parse::<usize>() else {
            continue;
        };
        let tests = cells[cells.len() - 1];
        rows.push(row);
        if NOT_YET.iter().any(|reason| tests.starts_with(reason)) {
            continue;
        }
        let named: Vec<_> = tests
            .split('`')
            .filter(|part| part.contains("::"))
            .collect();
        assert!(!named.is_empty(), "row {row} names no test");
        for test in named {
            let (file, name) = test.split_once("::").unwrap();
            assert!(named::exists(file, name), "row {row}: there is no {test}");
        }
    }
    assert_eq!(rows, (1..=ROWS).collect::<Vec<_>>());
}
