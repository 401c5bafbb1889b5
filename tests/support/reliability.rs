//! What the tests themselves say on `docs/internals/reliability.md`: each its own section, between two marks. With `UPDATE_DOCS` it
//! is written, otherwise compared.

use std::sync::Mutex;

/// One at a time in this process; cargo runs one test binary after another.
static PAGE: Mutex<()> = Mutex::new(());

/// The section `name` says `text`, or the test fails.
#[track_caller]
pub fn says(name: &str, text: &str) {
    let _alone = PAGE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/internals/reliability.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("the page has no section {name}"));
    let (said, after) = rest.split_once(&end).expect("the section has an end");
    if said.trim() == text.trim() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/internals/reliability.md says something else about {name}: run this test with UPDATE_DOCS=1. It counted:\n{text}"
    );
    let page = format!("{before}{begin}{}\n{end}{after}", text.trim());
    std::fs::write(path, page).unwrap();
}
