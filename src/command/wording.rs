//! Phrases that several commands use.

/// A count with its noun, in the singular or plural.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    }
}
