//! The page of what is tried, `docs/internals/reliability.md`: each test keeps its own row current.

use std::path::Path;
use std::sync::Mutex;

/// Fails unless the row that begins with `title` says `counts`; with `UPDATE_DOCS` it is written. Only what is the same in every
/// run of `make test` may stand there.
pub fn record(title: &str, counts: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/reliability.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let head = format!("| {title} |");
    let row = format!("{head} {counts} |");
    if page.lines().any(|line| line == row) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/internals/reliability.md has no row {row:?}; UPDATE_DOCS=1 writes it"
    );
    let mut found = false;
    let lines = page.lines().map(|line| {
        if line.starts_with(&head) {
            found = true;
            row.clone()
        } else {
            line.to_owned()
        }
    });
    let lines: Vec<String> = lines.collect();
    assert!(found, "docs/internals/reliability.md has no row {title:?}");
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
}
