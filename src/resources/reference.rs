//! The reference pages, written from the declarations.

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Below `docs/`.
    pub path: String,
    /// Markdown.
    pub text: String,
}

/// Every page of the reference.
#[must_use]
pub fn pages() -> Vec<Page> {
    Vec::new()
}
