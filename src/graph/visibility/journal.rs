//! The writes of one operation, which are stored with the object.

use std::sync::{Mutex, PoisonError};

use super::{Change, MAX_WRITES, Written, now};

/// The writes of one operation.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Vec<Written>>);

impl Journal {
    pub(crate) fn note(&self, path: &str, change: Change) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = written.iter().position(|one| one.path == path) {
            let mut known = written.remove(place);
            known.at = now();
            if !(known.change == Change::Created && change == Change::Changed) {
                known.change = change;
            }
            // Last, because the order counts for writes of the same second.
            written.push(known);
            return;
        }
        let (path, change) = match path.rsplit_once('/') {
            Some((collection, _)) if written.len() >= MAX_WRITES => (collection, Change::Changed),
            _ => (path, change),
        };
        written.retain(|one| one.path != path);
        written.push(Written {
            path: path.to_owned(),
            change,
            at: now(),
        });
    }

    pub(crate) fn written(&self) -> Vec<Written> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
