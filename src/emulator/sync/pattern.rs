//! Regular expressions of scoping filters. The dialect of the service is UNVERIFIED; this is the one of the `regex` crate.

/// Whether the pattern matches anywhere in the text. An invalid pattern matches nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .is_ok_and(|pattern| pattern.is_match(text))
}

/// Whether the pattern is valid.
pub(super) fn is_valid(pattern: &str) -> bool {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .is_ok()
}
