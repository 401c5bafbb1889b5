//! Tracks recent writes, and how long Graph's replicas may still respond as if they had not happened.
//!
//! Microsoft Graph answers reads from replicas that receive a write late, each at its own time. So one correct response proves
//! nothing about the next, and a missing object, an old value or a deleted object is trusted only after the replication window of
//! the write. The client records every write here, by path and ID. Nothing here sends or waits.

mod changes;
mod expected;
mod journal;
mod pauses;
mod suspicion;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Json;
use super::page::has_next_page;
use super::path::version;

pub(super) use changes::changes;
pub(super) use expected::Expected;
pub(super) use journal::Journal;
pub(super) use pauses::Pauses;
pub(super) use suspicion::{Suspicion, suspect};

/// How long replicas may differ about a policy. Reported: seconds to about a minute; no limit is documented (UNVERIFIED).
const POLICIES: Duration = Duration::from_secs(60);
/// The same for applications, assignments and jobs. Reported: up to five minutes.
const DIRECTORY: Duration = Duration::from_secs(300);
/// How long a call is retried for an object that has no record here: another program may have just created it, but a wrong ID
/// should not take minutes to be reported.
pub const FOR_OTHERS: Duration = Duration::from_secs(15);
/// More writes than this to a collection are passed to the next process as one change of that collection.
const MAX_WRITES: usize = 16;

/// The effect of a write on its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It did not exist before.
    Created,
    /// It has new values.
    Changed,
    /// It no longer exists.
    Deleted,
}

/// A write, as it is passed from one process to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The path of the object, without version and query, in lower case.
    pub path: String,
    /// The effect.
    pub change: Change,
    /// The time, in seconds since 1970.
    pub at: u64,
}

impl Written {
    fn age(&self) -> Duration {
        // If the clock went backwards, the write counts as happening now.
        Duration::from_secs(now().saturating_sub(self.at))
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The time of a write.
#[derive(Clone, Copy, Debug)]
struct Moment {
    noted: Instant,
    /// The age of the write when it was recorded here.
    before: Duration,
}

impl Moment {
    fn age(self) -> Duration {
        self.before + self.noted.elapsed()
    }
}

/// The record of an object.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    created: Option<Moment>,
    changed: Option<Moment>,
    deleted: Option<Moment>,
    /// It was created by an earlier process.
    is_earlier: bool,
}

#[derive(Default)]
struct Objects {
    by_path: HashMap<String, Entry>,
    /// The IDs of created objects, wherever a path or a body contains them.
    ids: HashMap<String, Entry>,
    prune_at: usize,
}

/// The writes that replicas may not have yet.
#[derive(Default)]
pub(super) struct Visibility {
    objects: Mutex<Objects>,
    /// Overrides the windows of all object types.
    configured: Option<Duration>,
}

impl Visibility {
    pub(super) fn new(configured: Option<Duration>) -> Self {
        Self {
            objects: Mutex::default(),
            configured,
        }
    }

    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long replicas may differ about the object at `path`.
    fn window(&self, path: &str) -> Duration {
        let of_kind = if is_policy(path) { POLICIES } else { DIRECTORY };
        self.configured.unwrap_or(of_kind)
    }

    /// The same for a listing, which lags more than the objects in it.
    fn listing_window(&self, path: &str) -> Duration {
        let window = self.window(path);
        if is_policy(path) { 2 * window } else { window }
    }

    /// Returns how long a call is retried for an object that has no record here.
    pub(super) fn for_others(&self) -> Duration {
        self.configured
            .map_or(FOR_OTHERS, |configured| configured.min(FOR_OTHERS))
    }

    fn left(&self, path: &str, moment: Option<Moment>) -> Duration {
        moment.map_or(Duration::ZERO, |moment| {
            self.window(path).saturating_sub(moment.age())
        })
    }

    /// Records a write that Graph has just acknowledged.
    pub(super) fn note(&self, path: &str, change: Change) {
        self.record(path, change, Duration::ZERO, false);
    }

    /// Restores writes of an earlier process, in their order. Records of this process take precedence.
    pub(super) fn recall(&self, written: &[Written]) {
        let mut news: Vec<&Written> = written.iter().collect();
        {
            let objects = self.objects();
            news.retain(|one| !objects.by_path.contains_key(&one.path));
        }
        news.sort_by_key(|one| one.at);
        for one in news {
            let age = one.age();
            if age < self.listing_window(&one.path) {
                self.record(&one.path, one.change, age, true);
            }
        }
    }

    fn record(&self, path: &str, change: Change, before: Duration, is_earlier: bool) {
        let moment = Moment {
            noted: Instant::now(),
            before,
        };
        let mut objects = self.objects();
        self.prune(&mut objects);
        let entry = objects.by_path.entry(path.to_owned()).or_default();
        match change {
            Change::Created => {
                *entry = Entry {
                    created: Some(moment),
                    changed: Some(moment),
                    deleted: None,
                    is_earlier,
                };
                let entry = *entry;
                if let Some(id) = id_of(path) {
                    objects.ids.insert(id.to_owned(), entry);
                }
            }
            Change::Changed => entry.changed = Some(moment),
            Change::Deleted => {
                *entry = Entry {
                    deleted: Some(moment),
                    ..Entry::default()
                };
                objects.forget_below(path);
            }
        }
    }

    /// Removes old records, so that they do not accumulate in a long-running process.
    fn prune(&self, objects: &mut Objects) {
        const FEWEST: usize = 4096;
        if objects.by_path.len() < objects.prune_at.max(FEWEST) {
            return;
        }
        let longest = self.configured.unwrap_or(DIRECTORY) * 2;
        let is_young = |entry: &Entry| {
            let moments = [entry.created, entry.changed, entry.deleted];
            moments
                .into_iter()
                .flatten()
                .any(|moment| moment.age() < longest)
        };
        objects.by_path.retain(|_, entry| is_young(entry));
        objects.ids.retain(|_, entry| is_young(entry));
        objects.prune_at = 2 * objects.by_path.len();
    }

    /// Returns how long the response to a read may predate our own write: a 404, an object that was deleted, or a listing without
    /// or with such an object.
    pub(super) fn doubt(&self, path: &str, answer: Option<&Json>) -> Duration {
        let plain = plain(path);
        let Some(answer) = answer else {
            return self.missing(&plain);
        };
        let ghost = if is_leaving(answer) {
            Duration::ZERO
        } else {
            self.ghost(&plain)
        };
        // An object that the first of several pages lacks may be on the next.
        let is_whole = !has_next_page(answer);
        match answer["value"].as_array() {
            Some(items) if ghost.is_zero() && is_whole => {
                let mut expected = self.expected(path);
                for item in items {
                    expected.see(item);
                }
                expected.doubt()
            }
            _ => ghost,
        }
    }

    /// Returns how long the object at `path`, or one of its parents, may exist without being visible.
    pub(super) fn missing(&self, path: &str) -> Duration {
        let objects = self.objects();
        let by_path = prefixes(path).map(|at| {
            self.left(
                path,
                objects.by_path.get(at).and_then(|entry| entry.created),
            )
        });
        let by_id = names(path)
            .map(|id| self.left(path, objects.ids.get(id).and_then(|entry| entry.created)));
        by_path.chain(by_id).max().unwrap_or_default()
    }

    /// Returns how long an object that is to be deleted may exist without being visible. Zero for a service principal, which is
    /// deleted with its application.
    pub(super) fn unseen(&self, path: &str) -> Duration {
        let plain = plain(path);
        if plain.starts_with("/serviceprincipals/") && plain.matches('/').count() == 2 {
            return Duration::ZERO;
        }
        let objects = self.objects();
        let created = objects.by_path.get(&plain).and_then(|entry| entry.created);
        // Of many writes, an earlier process records only the collection.
        let collection = plain.rsplit_once('/').map(|(above, _)| above);
        let many = collection
            .filter(|at| id_of(at).is_none())
            .and_then(|at| objects.by_path.get(at));
        let many = many.and_then(|entry| entry.changed);
        self.left(&plain, created).max(self.left(&plain, many))
    }

    /// Returns how long the object at `path`, or one of its parents, may be visible although it was deleted.
    fn ghost(&self, path: &str) -> Duration {
        let objects = self.objects();
        let deleted = |at: &str| objects.by_path.get(at).and_then(|entry| entry.deleted);
        prefixes(path)
            .map(|at| self.left(path, deleted(at)))
            .max()
            .unwrap_or_default()
    }

    /// Returns how long a read of `path` may return values from before our own last write.
    pub(super) fn written(&self, path: &str) -> Duration {
        let plain = plain(path);
        let objects = self.objects();
        let entry = objects.by_path.get(&plain).copied().unwrap_or_default();
        let moments = [entry.created, entry.changed, entry.deleted]
            .into_iter()
            .flatten();
        moments
            .map(|moment| self.left(&plain, Some(moment)))
            .max()
            .unwrap_or_default()
    }

    /// Returns how long a call may fail because it refers to a recently created object.
    pub(super) fn referred(&self, path: &str, body: Option<&Json>) -> Duration {
        let of_body = body.map_or(Duration::ZERO, |body| {
            self.named(body, |entry| entry.created)
        });
        self.missing(&plain(path)).max(of_body)
    }

    /// Returns how long a call may fail because an object that it refers to was deleted only recently.
    pub(super) fn replaced(&self, path: &str, body: Option<&Json>) -> Duration {
        let plain = plain(path);
        let mut ids = Vec::new();
        if let Some(body) = body {
            texts(body, &mut ids);
        }
        let objects = self.objects();
        let deleted = |id: &String| {
            objects
                .by_path
                .get(&format!("{plain}/{id}"))
                .and_then(|entry| entry.deleted)
        };
        ids.iter()
            .map(|id| self.left(&plain, deleted(id)))
            .max()
            .unwrap_or_default()
    }

    fn named(&self, body: &Json, moment: impl Fn(&Entry) -> Option<Moment>) -> Duration {
        let mut ids = Vec::new();
        texts(body, &mut ids);
        let objects = self.objects();
        let left = |id: &String| {
            self.configured.unwrap_or(DIRECTORY).saturating_sub(
                objects
                    .ids
                    .get(id)
                    .and_then(&moment)
                    .map_or(Duration::MAX, Moment::age),
            )
        };
        ids.iter().map(left).max().unwrap_or_default()
    }

    /// Whether an object with this ID was created so recently that it may not be visible.
    pub(super) fn is_fresh(&self, id: &str) -> bool {
        self.objects().ids.contains_key(&id.to_ascii_lowercase())
    }

    /// Whether this process has recently created the object with this ID.
    pub(super) fn is_own(&self, id: &str) -> bool {
        let objects = self.objects();
        let known = objects.ids.get(&id.to_ascii_lowercase());
        known.is_some_and(|entry| !entry.is_earlier)
    }

    /// Returns how long an object that an earlier process derived from the object with this ID may be invisible. Zero if this
    /// process created the object, because its ID was unknown before.
    pub(super) fn since_earlier(&self, id: &str) -> Duration {
        match self.objects().ids.get(&id.to_ascii_lowercase()) {
            Some(entry) if !entry.is_earlier => Duration::ZERO,
            _ => self.configured.unwrap_or(DIRECTORY),
        }
    }

    /// Returns how long to look for the result of a write to `path`: until a listing must show it.
    pub(super) fn until_listed(&self, path: &str) -> Duration {
        self.listing_window(&plain(path))
    }

    /// Returns how long replicas may differ about the object at `path`, regardless of when it was written.
    pub(super) fn window_of(&self, path: &str) -> Duration {
        self.window(&plain(path))
    }

    /// Whether there are recent writes.
    pub(super) fn is_any_recent(&self) -> bool {
        !self.objects().by_path.is_empty()
    }

    /// Returns how long the provisioning service may ignore the latest write at or below `path`. It sees policies and assignments
    /// later than Graph shows them, up to five minutes.
    pub(super) fn unheeded(&self, path: &str) -> Duration {
        let (plain, window) = (plain(path), self.configured.unwrap_or(DIRECTORY));
        let objects = self.objects();
        let below = objects
            .by_path
            .iter()
            .filter(|(at, _)| at.starts_with(&plain));
        let moments = below.flat_map(|(_, entry)| [entry.created, entry.changed]);
        let left = moments
            .flatten()
            .map(|moment| window.saturating_sub(moment.age()));
        left.max().unwrap_or_default()
    }

    /// Returns the recent writes to `ids`, for another process.
    pub(super) fn about(&self, ids: &HashSet<String>) -> Vec<Written> {
        let objects = self.objects();
        let fresh = objects.by_path.iter().filter_map(|(path, entry)| {
            let created = entry
                .created
                .filter(|moment| moment.age() < self.window(path))?;
            let named = id_of(path).is_some_and(|id| ids.contains(id));
            named.then(|| Written {
                path: path.clone(),
                change: Change::Created,
                at: now().saturating_sub(created.age().as_secs()),
            })
        });
        let mut about: Vec<Written> = fresh.collect();
        about.sort_by(|one, other| one.path.cmp(&other.path));
        about.truncate(MAX_WRITES);
        about
    }

    /// Returns the rest of the longest replication window of these writes.
    pub(super) fn left_of(&self, written: &[Written]) -> Duration {
        let left = |one: &Written| self.window(&one.path).saturating_sub(one.age());
        written.iter().map(left).max().unwrap_or_default()
    }
}

impl Objects {
    /// Removes the records below a deleted object.
    fn forget_below(&mut self, path: &str) {
        if let Some(id) = id_of(path) {
            self.ids.remove(id);
        }
        if path.contains("/approleassignedto/") {
            return; // assignments have no child objects, and there may be thousands of them
        }
        let below = format!("{path}/");
        let Self { by_path, ids, .. } = self;
        by_path.retain(|at, _| {
            let stays = !at.starts_with(&below);
            if let (false, Some(id)) = (stays, id_of(at)) {
                ids.remove(id);
            }
            stays
        });
    }
}

/// Whether an object is marked as being deleted: a tenant remains in an organization for up to two hours that way.
fn is_leaving(object: &Json) -> bool {
    object["state"] == "removed"
}

/// Whether `path`, in lower case, is that of a policy.
fn is_policy(path: &str) -> bool {
    path.starts_with("/policies/") || path.starts_with("/tenantrelationships/")
}

/// Returns a path without version and query, in lower case.
pub(super) fn plain(path: &str) -> String {
    let (_, path) = version(path);
    path.split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// Returns the path and all its parents.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').skip(1).map(|(at, _)| &path[..at]);
    above.chain([path])
}

/// Returns the parts of a path that may be IDs: its segments, and quoted keys.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\'']).filter(|name| is_id(name))
}

/// Returns the ID at the end of a path, if any, also as a quoted key.
fn id_of(path: &str) -> Option<&str> {
    let last = path.rsplit('/').next()?;
    let name = last.split('\'').nth(1).unwrap_or(last);
    Some(name).filter(|name| is_id(name))
}

/// IDs have digits; the words in paths have none.
fn is_id(name: &str) -> bool {
    name.len() > 8 && name.bytes().any(|byte| byte.is_ascii_digit())
}

/// Collects every string in a body that may be an ID, in lower case.
fn texts(body: &Json, found: &mut Vec<String>) {
    match body {
        Json::String(text) if is_id(text) && text.len() < 200 => {
            found.push(text.to_ascii_lowercase());
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
