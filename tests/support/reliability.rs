//! What the tests themselves say on pages of `docs/internals`, most of them on `reliability.md`: each its own section, between two
//! marks. With `UPDATE_DOCS` it is written, otherwise compared.
#![allow(dead_code)] // Every test binary uses another part of it.

use std::sync::Mutex;

/// One at a time in this process; cargo runs one test binary after another.
static PAGE: Mutex<()> = Mutex::new(());

/// The section `name` of `reliability.md` says `text`, or the test fails.
#[track_caller]
pub fn says(name: &str, text: &str) {
    says_on("reliability.md", name, text);
}

/// The same on another page.
#[track_caller]
pub fn says_on(page: &str, name: &str, text: &str) {
    let _alone = PAGE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = format!("{}/docs/internals/{page}", env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = written
        .split_once(&begin)
        .unwrap_or_else(|| panic!("the page has no section {name}"));
    let (said, after) = rest.split_once(&end).expect("the section has an end");
    if said.trim() == text.trim() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/internals/{page} says something else about {name}: run this test with UPDATE_DOCS=1. It counted:\n{text}"
    );
    let written = format!("{before}{begin}{}\n{end}{after}", text.trim());
    std::fs::write(path, written).unwrap();
}
