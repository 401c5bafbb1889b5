//! The cache of listed collections: their contents, the readers that wait for them, and when they may answer a read.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Json;
use super::gatherer::Gatherer;
use super::page::Pages;

/// How long a reader that sent its own request still counts towards a listing: a CLI on a busy machine sends its requests slowly,
/// but many of them. A listing lives four times as long, to serve later readers.
pub(super) const RECENT: Duration = Duration::from_secs(5);
/// The number of readers from which a listing is cheaper than single requests.
pub(super) const MIN_READERS: usize = 3;
/// A listing is dropped this long after it began: it serves one refresh.
pub(super) const LISTING_LIFETIME: Duration = Duration::from_secs(20);
/// Another page is read while each page serves this many readers on average.
const MIN_READERS_PER_PAGE: usize = 4;
/// A partial listing continues when this many readers missed it.
const MIN_MISSED_READERS: usize = 20;
/// The most members that are kept at a time.
pub(super) const MAX_MEMBERS: usize = 100_000;

/// A member of a collection.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The path of the collection, including the query.
    pub list: &'a str,
    /// The path of another listing, in case Graph rejects the query of the first.
    pub fallback: Option<&'a str>,
    /// The path of this member. If there is none, the collection is read to its end even for one reader, and a missing member may
    /// only mean that the listing lags.
    pub single: Option<&'a str>,
    /// The properties that identify a member, with their values; the case is ignored.
    pub key: &'a [(&'a str, &'a str)],
    /// The property of the listed member to return; if `None`, the whole member.
    pub part: Option<&'a str>,
    /// The number of readers of each member. It is dropped after that many reads.
    pub readers: u8,
}

/// All collections that are being listed or were listed.
#[derive(Default)]
pub(super) struct CollectionCache {
    collections: Mutex<HashMap<String, Arc<CachedCollection>>>,
    /// The collections that this process has written to.
    written: Mutex<HashSet<String>>,
    /// The number of writes so far: some change more than the collections above their path.
    writes: AtomicUsize,
}

/// A cached collection.
#[derive(Default)]
pub(super) struct CachedCollection(pub(super) Mutex<Contents>);

#[derive(Default)]
pub(super) struct Contents {
    /// The readers of one member each; busy while a task gathers them or lists for them.
    pub(super) readers: Gatherer<String, Option<Json>>,
    /// The members, as JSON text, which takes a fraction of the memory.
    pub(super) members: HashMap<String, (Box<str>, u8)>,
    pub(super) pages: Option<Pages>,
    pub(super) begun: Option<ListingStart>,
    /// Readers that a partial listing could not serve.
    pub(super) missed: usize,
    /// The times at which readers sent their own requests because there were too few.
    pub(super) alone: Vec<Instant>,
    /// The listing was rejected, so every reader sends its own request.
    pub(super) refused: bool,
}

/// The start of a listing.
#[derive(Clone, Copy)]
pub(super) struct ListingStart {
    pub(super) at: Instant,
    /// The number of writes until then.
    pub(super) writes: usize,
}

/// How to serve a reader.
pub(super) enum Decision {
    Served(Json),
    Wait(oneshot::Receiver<Option<Json>>, bool),
    Alone,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CollectionCache {
    /// Records a write: every collection above `path` may have changed, and all earlier listings are outdated, because a write
    /// can have effects elsewhere. For example, deleting an application also deletes the assignments to its service principal.
    /// With `asks`, the request is a query or an action, which has no effects elsewhere.
    pub(super) fn note_write(&self, path: &str, asks: bool) {
        if path.ends_with(super::path::BATCH) {
            return;
        }
        if !asks {
            self.writes.fetch_add(1, Ordering::AcqRel);
        }
        let plain = base(path).to_ascii_lowercase();
        let mut written = lock(&self.written);
        written.insert(plain.clone());
        for (at, _) in plain.match_indices('/').skip(1) {
            written.insert(plain[..at].to_owned());
        }
    }

    pub(super) fn is_written(&self, list: &str) -> bool {
        lock(&self.written).contains(&base(list).to_ascii_lowercase())
    }

    pub(super) fn writes(&self) -> usize {
        self.writes.load(Ordering::Acquire)
    }

    /// The same listing with two different keys counts as two collections.
    pub(super) fn of(&self, list: &str, key: &[(&str, &str)]) -> Arc<CachedCollection> {
        let names = key.iter().map(|(name, _)| *name);
        let name = [list]
            .into_iter()
            .chain(names)
            .collect::<Vec<_>>()
            .join(" ");
        Arc::clone(lock(&self.collections).entry(name).or_default())
    }
}

/// Joins several values into one key.
pub(super) fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the path of a collection without version prefix and query.
pub(super) fn base(path: &str) -> &str {
    let (_, path) = super::path::version(path);
    path.split('?').next().unwrap_or_default()
}

impl CachedCollection {
    pub(super) fn ask(&self, member: &Member<'_>, writes: usize) -> Decision {
        let key = &joined(member.key.iter().map(|(_, value)| *value));
        let mut contents = lock(&self.0);
        if contents.is_outdated(writes) {
            if !contents.readers.is_busy {
                *contents = Contents::default();
            } else if contents.members.contains_key(key)
                || contents.begun.is_some_and(|begun| begun.writes != writes)
            {
                return Decision::Alone;
            }
        }
        if contents.refused {
            return Decision::Alone;
        }
        if let Some(json) = contents.take(key) {
            return Decision::Served(json);
        }
        if contents.pages.as_ref().is_some_and(Pages::is_done) && !contents.readers.is_busy {
            return Decision::Alone;
        }
        // A partial listing continues only when enough readers have missed it.
        if contents.pages.is_some() && !contents.readers.is_busy {
            contents.missed += 1;
            if contents.missed < MIN_MISSED_READERS && member.single.is_some() {
                return Decision::Alone;
            }
        }
        let (answer, is_first) = contents.readers.join(key.to_owned());
        Decision::Wait(answer, is_first)
    }
}

impl Contents {
    /// Whether the listing is too old for a reader that comes after `writes` writes.
    pub(super) fn is_outdated(&self, writes: usize) -> bool {
        self.begun
            .is_some_and(|begun| begun.writes != writes || begun.at.elapsed() > LISTING_LIFETIME)
    }

    /// The number of readers at about the same time.
    pub(super) fn recent_readers(&mut self) -> usize {
        self.alone.retain(|at| at.elapsed() < RECENT);
        self.alone.len() + self.readers.waiting.len()
    }

    /// Records readers that are too few for a listing and send their own requests.
    pub(super) fn record_alone(&mut self) {
        let waiting = std::mem::take(&mut self.readers.waiting);
        self.alone.extend(waiting.iter().map(|_| Instant::now()));
    }

    /// Returns a member, and drops it after its last reader.
    pub(super) fn take(&mut self, key: &str) -> Option<Json> {
        let (text, readers) = self.members.get_mut(key)?;
        let json = serde_json::from_str(text).ok();
        *readers -= 1;
        if *readers == 0 {
            self.members.remove(key);
        }
        json
    }

    /// Stores a page and answers the readers that wait for its members; returns their number.
    pub(super) fn store_page(&mut self, page: Vec<Json>, listing: &Listing) -> usize {
        let mut waiting: HashMap<String, Vec<_>> = HashMap::new();
        for reader in std::mem::take(&mut self.readers.waiting) {
            // If the receiver is gone, the reader was canceled.
            if !reader.answer.is_closed() {
                waiting
                    .entry(reader.wanted.clone())
                    .or_default()
                    .push(reader);
            }
        }
        let mut served = 0;
        for json in page {
            let Some(key) = listing.key_of(&json) else {
                continue;
            };
            let mut readers = listing.readers.max(1);
            for reader in waiting.remove(&key).unwrap_or_default() {
                if reader.answer.send(Some(json.clone())).is_ok() {
                    served += 1;
                    readers = readers.saturating_sub(1);
                }
            }
            if readers > 0 && self.members.len() < MAX_MEMBERS {
                // If several members have the same key, the first one is kept.
                let text = || (json.to_string().into(), readers);
                self.members.entry(key).or_insert_with(text);
            }
        }
        self.readers.waiting = waiting.into_values().flatten().collect();
        served
    }
}

/// How a collection is listed.
pub(super) struct Listing {
    pub(super) path: String,
    pub(super) fallback: Option<String>,
    pub(super) key: Vec<String>,
    pub(super) readers: u8,
    /// Readers that are not served have no request of their own.
    pub(super) is_only_way: bool,
}

impl Listing {
    pub(super) fn of(member: &Member<'_>) -> Self {
        Self {
            path: member.list.to_owned(),
            fallback: member.fallback.map(str::to_owned),
            key: member
                .key
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            readers: member.readers,
            is_only_way: member.single.is_none(),
        }
    }

    pub(super) fn key_of(&self, json: &Json) -> Option<String> {
        let values: Option<Vec<&str>> = self.key.iter().map(|name| json[name].as_str()).collect();
        Some(joined(values?.into_iter()))
    }

    /// Whether a listing is better than one request for each of `readers`.
    pub(super) fn is_worth_it_for(&self, readers: usize) -> bool {
        readers >= if self.is_only_way { 1 } else { MIN_READERS }
    }

    /// Whether to read another page after `pages`, which served `served` readers, for those that still wait.
    pub(super) fn goes_on(&self, pages: usize, served: usize, wanted: usize) -> bool {
        let serve_enough = self.is_only_way || served + wanted > pages * MIN_READERS_PER_PAGE;
        self.is_worth_it_for(wanted) && serve_enough
    }
}
