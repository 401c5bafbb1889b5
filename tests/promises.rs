//! Every test that `SECURITY.md` names as the proof of a promise exists.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

use std::path::Path;

/// The text of all files in a folder and below that are Rust.
fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Whether `name` is a function right below a test attribute.
fn is_test(sources: &str, name: &str) -> bool {
    let function = format!("fn {name}()");
    let lines: Vec<&str> = sources.lines().map(str::trim).collect();
    lines.windows(2).any(|pair| {
        let is_attribute = pair[0].starts_with("#[test]") || pair[0].starts_with("#[tokio::test");
        is_attribute && pair[1].contains(&function)
    })
}

#[test]
fn every_promise_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let mut tests = String::new();
    sources(&root.join("tests"), &mut tests);
    let (_, table) = page.split_once("|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let mut count = 0;
    for row in rows {
        let quoted = row.split('|').nth(2).unwrap().split('`').skip(1).step_by(2);
        let names: Vec<&str> = quoted.collect();
        assert!(!names.is_empty(), "nothing proves {row}");
        for name in names {
            assert!(is_test(&tests, name), "{name} is no test");
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}
