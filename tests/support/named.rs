//! Tests that documentation refers to as `file::test`.

use std::fs;
use std::path::Path;

/// Whether `file` has a test of that name.
pub fn exists(file: &str, name: &str) -> bool {
    let Ok(source) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)) else {
        return false;
    };
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let declared = |line: &str| {
        let rest = line
            .strip_prefix("async fn ")
            .or_else(|| line.strip_prefix("fn "));
        rest.and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with('('))
    };
    lines.iter().enumerate().any(|(at, line)| {
        let above = &lines[at.saturating_sub(3)..at];
        declared(line) && above.iter().any(|line| line.contains("test"))
    }) || (source.contains("proptest!") && lines.iter().any(|line| declared(line)))
}
