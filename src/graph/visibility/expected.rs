//! The objects that a listing must and must not contain after our own last writes.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::{Moment, Visibility, id_of, is_id, is_leaving, plain};
use crate::Json;

/// The objects that a listing must and must not contain.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    created: HashMap<String, Duration>,
    deleted: HashMap<String, Duration>,
}

impl Visibility {
    /// Returns the expectations for a listing of `path`. A filtered listing may omit any object.
    pub(crate) fn expected(&self, path: &str) -> Expected {
        let base = plain(path);
        let is_filtered = path.contains("$filter=") || path.contains("$search=");
        let window = self.listing_window(&base);
        let left = |moment: Option<Moment>| {
            window.saturating_sub(moment.map_or(Duration::MAX, Moment::age))
        };
        let mut expected = Expected::default();
        for (at, entry) in &self.objects().by_path {
            let Some(id) = at
                .strip_prefix(&base)
                .and_then(|rest| rest.strip_prefix('/'))
            else {
                continue;
            };
            if id.contains('/') || id_of(at).is_none() {
                continue;
            }
            let (created, deleted) = (left(entry.created), left(entry.deleted));
            if !created.is_zero() && !is_filtered {
                expected.created.insert(id.to_owned(), created);
            }
            if !deleted.is_zero() {
                expected.deleted.insert(id.to_owned(), deleted);
            }
        }
        expected
    }

    /// Returns the IDs of the objects that were created directly below `path` within its window.
    pub(crate) fn created_below(&self, path: &str) -> BTreeSet<String> {
        let (base, window) = (plain(path), self.listing_window(&plain(path)));
        let objects = self.objects();
        let mut ids = BTreeSet::new();
        for (at, entry) in &objects.by_path {
            let is_new = entry.created.is_some_and(|moment| moment.age() < window);
            let below = at
                .strip_prefix(&base)
                .and_then(|rest| rest.strip_prefix('/'));
            ids.extend(
                below
                    .filter(|id| is_new && is_id(id) && !id.contains('/'))
                    .map(str::to_owned),
            );
        }
        ids
    }
}

impl Expected {
    /// Records a listed item; returns whether this process has deleted it and a lagging replica still lists it.
    pub(crate) fn see(&mut self, item: &Json) -> bool {
        if self.is_nothing() {
            return false;
        }
        let mut is_ghost = false;
        let ids = ["id", "tenantId"].map(|name| item[name].as_str().map(str::to_ascii_lowercase));
        for id in ids.into_iter().flatten() {
            self.created.remove(&id);
            if let Some(left) = self.deleted.remove(&id).filter(|_| !is_leaving(item)) {
                is_ghost = true;
                self.created.insert(format!("{id} was deleted"), left);
            }
        }
        is_ghost
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.created.is_empty() && self.deleted.is_empty()
    }

    /// Returns how long a completely read listing may be outdated.
    pub(crate) fn doubt(&self) -> Duration {
        self.created.values().max().copied().unwrap_or_default()
    }
}
