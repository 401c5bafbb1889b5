//! What has been listed of collections, who waits for it, and when it may answer a read.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Json;
use super::page::Pages;

/// Readers that asked alone so long ago at most are company for those who come now: a CLI on a busy machine asks slowly, but
/// still for many. A listing lives four times as long, so that it serves those who come after.
pub(super) const LATELY: Duration = Duration::from_secs(5);
/// From this many readers on a listing is cheaper than asking for each.
pub(super) const COMPANY: usize = 3;
/// What was listed is forgotten so long after the listing began: it serves one refresh.
pub(super) const FRESH: Duration = Duration::from_secs(20);
/// A page more is worth it while the pages serve this many readers each.
const WORTH_A_PAGE: usize = 4;
/// A listing that was read in part goes on when it could not serve this many readers.
const WORTH_GOING_ON: usize = 20;
/// No more members are kept at once, whatever the pages hold.
pub(super) const MOST_KEPT: usize = 100_000;

/// One member of a collection.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Where the whole collection is listed, query included.
    pub list: &'a str,
    /// Another listing, for where Graph refuses the first one's query.
    pub fallback: Option<&'a str>,
    /// Where this one member is. Where it has no place of its own, the collection is read to its end even for one reader, and
    /// that it is not listed may mean no more than that listings lag.
    pub single: Option<&'a str>,
    /// The properties that identify members, and this member's values; case makes no difference.
    pub key: &'a [(&'a str, &'a str)],
    /// The property of the listed member that is wanted; the whole member where there is none.
    pub part: Option<&'a str>,
    /// How many readers want each member. It is forgotten when that many were served.
    pub readers: u8,
}

/// Everything that is being listed or has been.
#[derive(Default)]
pub(super) struct CollectionCache {
    collections: Mutex<HashMap<String, Arc<CachedCollection>>>,
    /// The collections that this process has written to.
    written: Mutex<HashSet<String>>,
    /// How many writes there were: some change more than what is above them.
    writes: AtomicUsize,
}

/// One collection.
#[derive(Default)]
pub(super) struct CachedCollection(pub(super) Mutex<Contents>);

#[derive(Default)]
pub(super) struct Contents {
    pub(super) waiting: Vec<Reader>,
    /// Somebody gathers readers or lists for them.
    pub(super) busy: bool,
    /// As text, which takes a fraction of the memory.
    pub(super) members: HashMap<String, (Box<str>, u8)>,
    pub(super) pages: Option<Pages>,
    pub(super) begun: Option<ListingStart>,
    /// Readers that a listing read in part could not serve.
    pub(super) missed: usize,
    /// When readers asked alone because they were few.
    pub(super) alone: Vec<Instant>,
    /// The listing is refused, so that everybody asks alone.
    pub(super) refused: bool,
}

/// When a listing began.
#[derive(Clone, Copy)]
pub(super) struct ListingStart {
    pub(super) at: Instant,
    /// How many writes there had been by then.
    pub(super) writes: usize,
}

pub(super) struct Reader {
    pub(super) key: String,
    pub(super) answer: oneshot::Sender<Option<Json>>,
}

/// What to do about one reader.
pub(super) enum Decision {
    Served(Json),
    Wait(oneshot::Receiver<Option<Json>>, bool),
    Alone,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CollectionCache {
    /// Remembers a write: every collection above `path` may have changed, and what was listed before is outdated, wherever it
    /// was: who deletes an application deletes the assignments to its service principal as well. Only what `asks` changes
    /// nothing elsewhere.
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

    /// One listing by two keys is two.
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

/// Several values as one key.
pub(super) fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The path of a collection without version mark and query.
pub(super) fn base(path: &str) -> &str {
    let (_, path) = super::path::version(path);
    path.split('?').next().unwrap_or_default()
}

impl CachedCollection {
    pub(super) fn ask(&self, member: &Member<'_>, writes: usize) -> Decision {
        let key = &joined(member.key.iter().map(|(_, value)| *value));
        let mut contents = lock(&self.0);
        if contents.is_outdated(writes) {
            if !contents.busy {
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
        if contents.pages.as_ref().is_some_and(Pages::is_done) && !contents.busy {
            return Decision::Alone;
        }
        // A listing that was read in part goes on only when enough readers have missed it.
        if contents.pages.is_some() && !contents.busy {
            contents.missed += 1;
            if contents.missed < WORTH_GOING_ON && member.single.is_some() {
                return Decision::Alone;
            }
        }
        let (answer, receiver) = oneshot::channel();
        contents.waiting.push(Reader {
            key: key.to_owned(),
            answer,
        });
        let is_first = !std::mem::replace(&mut contents.busy, true);
        Decision::Wait(receiver, is_first)
    }
}

impl Contents {
    /// Whether the listing is too old for one who asks after so many writes.
    pub(super) fn is_outdated(&self, writes: usize) -> bool {
        self.begun
            .is_some_and(|begun| begun.writes != writes || begun.at.elapsed() > FRESH)
    }

    /// How many want something at about the same time.
    pub(super) fn company(&mut self) -> usize {
        self.alone.retain(|at| at.elapsed() < LATELY);
        self.alone.len() + self.waiting.len()
    }

    /// Remembers those who are too few and ask for themselves.
    pub(super) fn leave_alone(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.alone.extend(waiting.iter().map(|_| Instant::now()));
    }

    /// Hands out a member, and forgets it when it was the last reader.
    pub(super) fn take(&mut self, key: &str) -> Option<Json> {
        let (text, readers) = self.members.get_mut(key)?;
        let json = serde_json::from_str(text).ok();
        *readers -= 1;
        if *readers == 0 {
            self.members.remove(key);
        }
        json
    }

    /// Takes in a page and answers the reads that wait for something on it; returns their number.
    pub(super) fn store_page(&mut self, page: Vec<Json>, listing: &Listing) -> usize {
        let mut waiting: HashMap<String, Vec<Reader>> = HashMap::new();
        for reader in std::mem::take(&mut self.waiting) {
            // One who does not listen any more was cancelled.
            if !reader.answer.is_closed() {
                waiting.entry(reader.key.clone()).or_default().push(reader);
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
            if readers > 0 && self.members.len() < MOST_KEPT {
                // If several have the same key, the one that is listed first.
                let text = || (json.to_string().into(), readers);
                self.members.entry(key).or_insert_with(text);
            }
        }
        self.waiting = waiting.into_values().flatten().collect();
        served
    }
}

/// How a collection is listed.
pub(super) struct Listing {
    pub(super) path: String,
    pub(super) fallback: Option<String>,
    pub(super) key: Vec<String>,
    pub(super) readers: u8,
    /// Who is not served cannot ask alone.
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
        readers >= if self.is_only_way { 1 } else { COMPANY }
    }

    /// Whether one more page is worth it after `pages`, which served so many, for those who still wait.
    pub(super) fn goes_on(&self, pages: usize, served: usize, wanted: usize) -> bool {
        let serve_enough = self.is_only_way || served + wanted > pages * WORTH_A_PAGE;
        self.is_worth_it_for(wanted) && serve_enough
    }
}
