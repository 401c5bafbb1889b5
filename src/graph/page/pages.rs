//! The position of a reader in a collection, page by page.

use std::collections::HashSet;

use url::Url;

use crate::Json;
use crate::patience::Patience;
use crate::visibility::Expected;

/// The position in a collection.
#[derive(Debug)]
pub struct Pages {
    pub(super) path: String,
    pub(super) next: Option<Url>,
    pub(super) started: bool,
    /// The URLs of all pages so far.
    pub(super) seen: HashSet<Url>,
    pub(super) own_writes: OwnWrites,
}

/// The state that makes a paged collection consistent with our own last writes.
#[derive(Debug, Default)]
pub(super) struct OwnWrites {
    pub(super) expected: Expected,
    /// The IDs of the items that were returned; kept only if items are expected.
    pub(super) returned: HashSet<String>,
    pub(super) patience: Patience,
}

impl OwnWrites {
    /// Filters the items to return: each only once, and none that this process has deleted.
    pub(super) fn of(&mut self, mut items: Vec<Json>) -> Vec<Json> {
        if self.expected.is_nothing() && self.returned.is_empty() {
            return items;
        }
        items.retain(|item| {
            let is_ghost = self.expected.see(item);
            let id = ["id", "tenantId"]
                .into_iter()
                .find_map(|name| item[name].as_str());
            !is_ghost && id.is_none_or(|id| self.returned.insert(id.to_ascii_lowercase()))
        });
        items
    }
}

impl Pages {
    /// Returns the position before the first page of the collection at `path`.
    pub fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            next: None,
            started: false,
            seen: HashSet::new(),
            own_writes: OwnWrites::default(),
        }
    }

    /// Returns to the first page.
    pub(super) fn begin_again(&mut self) {
        self.next = None;
        self.started = false;
        self.seen.clear();
    }

    /// Whether everything has been read.
    pub(crate) fn is_done(&self) -> bool {
        self.started && self.next.is_none()
    }
}
