//! The link from a page to the next.

use crate::Json;

/// Returns the URL of the next page.
pub(super) fn next_page(page: &Json) -> Option<&str> {
    page["@odata.nextLink"].as_str()
}

/// Whether the collection has further pages.
#[must_use]
pub fn has_next_page(page: &Json) -> bool {
    next_page(page).is_some()
}
