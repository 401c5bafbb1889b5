//! Regular expressions of scoping filters. The service's dialect is UNVERIFIED; this is the `regex` crate's.

/// Whether the pattern is found anywhere in the text. An invalid pattern matches nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .is_ok_and(|pattern| pattern.is_match(text))
}

/// Whether the pattern can be used at all.
pub(super) fn is_valid(pattern: &str) -> bool {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .is_ok()
}
