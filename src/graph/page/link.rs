//! The link from a page of a collection to the next one.

use crate::Json;

/// The address of the page after this one.
pub(super) fn next_page(page: &Json) -> Option<&str> {
    page["@odata.nextLink"].as_str()
}

/// Whether the collection goes on after this page of it.
#[must_use]
pub fn has_next_page(page: &Json) -> bool {
    next_page(page).is_some()
}
