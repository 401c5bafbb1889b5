//! What the tests themselves say on pages of `docs/internals`, most of them on `reliability.md`: each its own section, between two
//! marks. With `UPDATE_DOCS` it is written, otherwise compared. Counts on `reliability.md` follow from how many requests an operation
//! sends, so they may be a tenth off: a change of the provider that saves a request should not have to touch this page.
#![allow(dead_code)] // Every test binary uses another part of it.

use std::sync::Mutex;

/// One at a time in this process; cargo runs one test binary after another.
static PAGE: Mutex<()> = Mutex::new(());

/// The section `name` of `reliability.md` says `text`, with counts that are at most a tenth off, or the test fails.
#[track_caller]
pub fn says(name: &str, text: &str) {
    compare("reliability.md", name, text, says_nearly);
}

/// The section `name` of `page` says `text`, with counts that are at most a tenth off, or the test fails.
#[track_caller]
pub fn says_nearly_on(page: &str, name: &str, text: &str) {
    compare(page, name, text, says_nearly);
}

/// The section `name` of `page` says exactly `text`, or the test fails.
#[track_caller]
pub fn says_on(page: &str, name: &str, text: &str) {
    compare(page, name, text, |said, counted| said == counted);
}

#[track_caller]
fn compare(page: &str, name: &str, text: &str, same: fn(&str, &str) -> bool) {
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
    if same(said.trim(), text.trim()) && std::env::var_os("UPDATE_DOCS").is_none() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/internals/{page} says something else about {name}: run this test with UPDATE_DOCS=1. It counted:\n{text}"
    );
    let written = format!("{before}{begin}{}\n{end}{after}", text.trim());
    std::fs::write(path, written).unwrap();
}

/// The same words, and numbers of which none is more than a tenth off. Nothing is nearly zero but zero.
fn says_nearly(said: &str, counted: &str) -> bool {
    let near = |said: u64, counted: u64| said.abs_diff(counted) * 10 <= counted.min(said);
    let ((said, old), (counted, new)) = (numbers_apart(said), numbers_apart(counted));
    said == counted && old.iter().zip(&new).all(|(old, new)| near(*old, *new))
}

/// The text with each number replaced by a mark, and the numbers.
fn numbers_apart(text: &str) -> (String, Vec<u64>) {
    let (mut words, mut numbers) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        words.push_str(&rest[..at]);
        words.push('#');
        let digits = rest[at..]
            .find(|c: char| !c.is_ascii_digit())
            .map_or(rest.len(), |length| at + length);
        numbers.push(rest[at..digits].parse().expect("digits"));
        rest = &rest[digits..];
    }
    words.push_str(rest);
    (words, numbers)
}

#[test]
fn a_count_may_be_a_tenth_off_and_a_zero_may_not() {
    assert!(says_nearly("2558 reads, 0 lost", "2338 reads, 0 lost"));
    assert!(!says_nearly("2558 reads, 0 lost", "2000 reads, 0 lost"));
    assert!(!says_nearly("2558 reads, 0 lost", "2558 reads, 1 lost"));
    assert!(!says_nearly("2558 reads", "2558 writes"));
}
