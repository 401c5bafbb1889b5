//! Sections of pages in `docs/internals`, most of them of `reliability.md`, that tests write: each is between two markers. With
//! `UPDATE_DOCS`, a section is written, otherwise compared. Counts on `reliability.md` depend on the number of requests of an operation, so
//! they may differ by a tenth: a change of the provider that saves a request should not have to change this page.
#![allow(dead_code)] // Every test binary uses another part of it.

use std::sync::Mutex;

/// One at a time in this process; cargo runs the test binaries one after another.
static PAGE: Mutex<()> = Mutex::new(());

/// Fails unless the section `name` of `reliability.md` contains `text`, with counts that differ by at most a tenth.
#[track_caller]
pub fn says(name: &str, text: &str) {
    compare("reliability.md", name, text, says_nearly);
}

/// Fails unless the section `name` of `page` contains `text`, with counts that differ by at most a tenth.
#[track_caller]
pub fn says_nearly_on(page: &str, name: &str, text: &str) {
    compare(page, name, text, says_nearly);
}

/// Fails unless the section `name` of `page` contains exactly `text`.
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

/// Whether the words are the same, and no number differs by more than a tenth. Zero must be zero.
fn says_nearly(said: &str, counted: &str) -> bool {
    let near = |said: u64, counted: u64| said.abs_diff(counted) * 10 <= counted.min(said);
    let ((said, old), (counted, new)) = (numbers_apart(said), numbers_apart(counted));
    said == counted && old.iter().zip(&new).all(|(old, new)| near(*old, *new))
}

/// The text with each number replaced by a placeholder, and the numbers.
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
