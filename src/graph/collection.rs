//! Many reads of one collection become one listing.
//!
//! A read of a member waits a moment for other reads of members of the same collection. A few are asked for one by one; for
//! more the collection is listed once, page by page, for as long as that finds what is wanted. A listing never serves a
//! read that follows a write, none is begun after a write to its collection, and what it does not contain is asked for once
//! more, because listings lag.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::client::Client;
use super::page::Pages;
use super::{Error, Json};

/// How long the first reader waits for company: little beside a round trip.
const GATHERING: Duration = Duration::from_millis(6);
/// Readers that asked alone so long ago at most are company for those who come now: a CLI on a busy machine asks slowly, but
/// still for many. A listing lives four times as long, so that it serves those who come after.
const LATELY: Duration = Duration::from_secs(5);
/// From this many readers on a listing is cheaper than asking for each.
const COMPANY: usize = 3;
/// What was listed is forgotten so long after the listing began: it is for one refresh, not a cache.
const FRESH: Duration = Duration::from_secs(20);
/// A page more is worth it while the pages serve this many readers each.
const WORTH_A_PAGE: usize = 4;
/// A listing that was read in part goes on when it could not serve this many readers.
const WORTH_GOING_ON: usize = 20;
/// No more members are kept at once, whatever the pages hold.
const MOST_KEPT: usize = 100_000;

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
pub(super) struct Shelves {
    collections: Mutex<HashMap<String, Arc<Shelf>>>,
    /// The collections that this process has written to.
    written: Mutex<HashSet<String>>,
    /// How many writes there were: some change more than what is above them.
    writes: AtomicUsize,
}

/// One collection.
#[derive(Default)]
struct Shelf(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    waiting: Vec<Reader>,
    /// Somebody gathers readers or lists for them.
    busy: bool,
    /// As text, which takes a fraction of the memory.
    members: HashMap<String, (Box<str>, u8)>,
    pages: Option<Pages>,
    begun: Option<Begun>,
    /// Readers that a listing read in part could not serve.
    missed: usize,
    /// When readers asked alone because they were few.
    alone: Vec<Instant>,
    /// The listing is refused, so that everybody asks alone.
    refused: bool,
}

/// When a listing began.
#[derive(Clone, Copy)]
struct Begun {
    at: Instant,
    /// How many writes there had been by then.
    writes: usize,
}

struct Reader {
    key: String,
    answer: oneshot::Sender<Option<Json>>,
}

/// What to do about one reader.
enum Course {
    Served(Json),
    Wait(oneshot::Receiver<Option<Json>>, bool),
    Alone,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shelves {
    /// Remembers a write: every collection above `path` may have changed, and what was listed before is outdated, wherever it
    /// was: who deletes an application deletes the assignments to its service principal as well. Only what `asks` changes
    /// nothing elsewhere.
    pub(super) fn note_write(&self, path: &str, asks: bool) {
        if path.ends_with(super::batch::PATH) {
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

    fn is_written(&self, list: &str) -> bool {
        lock(&self.written).contains(&base(list).to_ascii_lowercase())
    }

    fn writes(&self) -> usize {
        self.writes.load(Ordering::Acquire)
    }

    /// One listing by two keys is two.
    fn of(&self, list: &str, key: &[(&str, &str)]) -> Arc<Shelf> {
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
fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The path of a collection without version mark and query.
fn base(path: &str) -> &str {
    let (_, path) = super::path::version(path);
    path.split('?').next().unwrap_or_default()
}

impl Client {
    /// Reads one member; `None` where there is none.
    pub async fn member(&self, member: &Member<'_>) -> Result<Option<Json>, Error> {
        let shelves = &self.shared.shelves;
        if self.is_unshared || shelves.is_written(member.list) {
            return self.ask_alone(member).await;
        }
        let (collection, writes) = (shelves.of(member.list, member.key), shelves.writes());
        match collection.ask(member, writes) {
            Course::Served(json) => self.part_of(member, json).await,
            Course::Alone => self.ask_alone(member).await,
            Course::Wait(answer, is_first) => {
                if is_first {
                    tokio::spawn(gather(
                        self.clone(),
                        Arc::clone(&collection),
                        Listing::of(member),
                    ));
                }
                // A listing that failed answers nobody, and then everybody asks for itself.
                match self.bounded(answer).await?.ok().flatten() {
                    Some(json)
                        if !shelves.is_written(member.list) && shelves.writes() == writes =>
                    {
                        self.part_of(member, json).await
                    }
                    _ => self.single(member).await,
                }
            }
        }
    }

    async fn single(&self, member: &Member<'_>) -> Result<Option<Json>, Error> {
        match member.single {
            Some(path) => self.get(path).await,
            None => Ok(None),
        }
    }

    async fn ask_alone(&self, member: &Member<'_>) -> Result<Option<Json>, Error> {
        tracing::debug!(target: "graph", path = base(member.list), "no listing can answer this read");
        self.single(member).await
    }

    /// The part of a listed member that is wanted. That it is not there may mean that the listing does not give it.
    async fn part_of(&self, member: &Member<'_>, mut json: Json) -> Result<Option<Json>, Error> {
        match member.part {
            None => Ok(Some(json)),
            Some(part) => match json.get_mut(part).map(Json::take) {
                Some(found @ Json::Object(_)) => Ok(Some(found)),
                _ => self.single(member).await,
            },
        }
    }
}

impl Shelf {
    fn ask(&self, member: &Member<'_>, writes: usize) -> Course {
        let key = &joined(member.key.iter().map(|(_, value)| *value));
        let mut contents = lock(&self.0);
        if contents.is_outdated(writes) {
            if !contents.busy {
                *contents = Contents::default();
            } else if contents.members.contains_key(key)
                || contents.begun.is_some_and(|begun| begun.writes != writes)
            {
                return Course::Alone;
            }
        }
        if contents.refused {
            return Course::Alone;
        }
        if let Some(json) = contents.take(key) {
            return Course::Served(json);
        }
        if contents.pages.as_ref().is_some_and(Pages::is_done) && !contents.busy {
            return Course::Alone;
        }
        // A listing that was read in part goes on only when enough readers have missed it.
        if contents.pages.is_some() && !contents.busy {
            contents.missed += 1;
            if contents.missed < WORTH_GOING_ON && member.single.is_some() {
                return Course::Alone;
            }
        }
        let (answer, receiver) = oneshot::channel();
        contents.waiting.push(Reader {
            key: key.to_owned(),
            answer,
        });
        let is_first = !std::mem::replace(&mut contents.busy, true);
        Course::Wait(receiver, is_first)
    }
}

impl Contents {
    /// Whether the listing is too old for one who asks after so many writes.
    fn is_outdated(&self, writes: usize) -> bool {
        self.begun
            .is_some_and(|begun| begun.writes != writes || begun.at.elapsed() > FRESH)
    }

    /// How many want something at about the same time.
    fn company(&mut self) -> usize {
        self.alone.retain(|at| at.elapsed() < LATELY);
        self.alone.len() + self.waiting.len()
    }

    /// Remembers those who are too few and ask for themselves.
    fn leave_alone(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.alone.extend(waiting.iter().map(|_| Instant::now()));
    }

    /// Hands out a member, and forgets it when it was the last reader.
    fn take(&mut self, key: &str) -> Option<Json> {
        let (text, readers) = self.members.get_mut(key)?;
        let json = serde_json::from_str(text).ok();
        *readers -= 1;
        if *readers == 0 {
            self.members.remove(key);
        }
        json
    }

    /// Takes in a page and answers the reads that wait for something on it; returns their number.
    fn shelve(&mut self, page: Vec<Json>, listing: &Listing) -> usize {
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
struct Listing {
    path: String,
    fallback: Option<String>,
    key: Vec<String>,
    readers: u8,
    /// Who is not served cannot ask alone.
    is_only_way: bool,
}

impl Listing {
    fn of(member: &Member<'_>) -> Self {
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

    fn key_of(&self, json: &Json) -> Option<String> {
        let values: Option<Vec<&str>> = self.key.iter().map(|name| json[name].as_str()).collect();
        Some(joined(values?.into_iter()))
    }

    /// Whether a listing is better than one request for each of `readers`.
    fn is_worth_it_for(&self, readers: usize) -> bool {
        readers >= if self.is_only_way { 1 } else { COMPANY }
    }

    /// Whether one more page is worth it after `pages`, which served so many, for those who still wait.
    fn goes_on(&self, pages: usize, served: usize, wanted: usize) -> bool {
        let serve_enough = self.is_only_way || served + wanted > pages * WORTH_A_PAGE;
        self.is_worth_it_for(wanted) && serve_enough
    }
}

/// Whatever becomes of a listing, nobody is left waiting.
struct Release(Arc<Shelf>);

impl Drop for Release {
    fn drop(&mut self) {
        let mut contents = lock(&self.0.0);
        contents.busy = false;
        contents.missed = 0;
        contents.waiting.clear();
    }
}

/// Waits for company, and lists if there is enough.
async fn gather(client: Client, shelf: Arc<Shelf>, mut listing: Listing) {
    let release = Release(Arc::clone(&shelf));
    if client.wait(GATHERING).await.is_err() {
        return;
    }
    let readers = lock(&shelf.0).company();
    if !listing.is_worth_it_for(readers) {
        lock(&shelf.0).leave_alone();
        tracing::debug!(target: "graph", path = base(&listing.path), readers, "one request for each read");
        return;
    }
    if let Err(error) = read_on(&client, &shelf, &listing).await {
        // What a listing cannot express differs from endpoint to endpoint, and so does how that is said.
        let other = listing
            .fallback
            .take()
            .filter(|_| matches!(error.status(), Some(400 | 501)));
        let again = match other {
            Some(path) => {
                listing.path = path;
                lock(&shelf.0).pages = None;
                read_on(&client, &shelf, &listing).await
            }
            None => Err(error),
        };
        if let Err(error) = again {
            tracing::debug!(target: "graph", path = base(&listing.path), %error, "the listing failed, so each read \
                sends its own request");
            let mut contents = lock(&shelf.0);
            contents.pages = None;
            contents.members.clear();
            // That the time of the one who began it was over is nobody else's fate.
            contents.refused = !matches!(
                error,
                Error::DeadlineExceeded { .. } | Error::Cancelled { .. }
            );
        }
    }
    drop(release);
    drop(client);
    forget(shelf).await;
}

/// Gives the memory back when nobody may be served any more.
async fn forget(shelf: Arc<Shelf>) {
    let begun = lock(&shelf.0).begun;
    let Some(until) = begun.map(|begun| begun.at + FRESH) else {
        return;
    };
    tokio::time::sleep_until(until + Duration::from_millis(1)).await;
    let mut contents = lock(&shelf.0);
    let same = contents.begun.map(|begun| begun.at) == begun.map(|begun| begun.at);
    if same && !contents.busy {
        *contents = Contents::default();
    }
}

/// Reads pages for as long as they serve somebody.
async fn read_on(client: &Client, shelf: &Shelf, listing: &Listing) -> Result<(), Error> {
    let writes = || client.shared.shelves.writes();
    let (mut pages, begun) = {
        let mut contents = lock(&shelf.0);
        if let (Some(pages), Some(begun)) = (contents.pages.take(), contents.begun) {
            (pages, begun)
        } else {
            let (at, writes) = (Instant::now(), writes());
            let begun = *contents.begun.insert(Begun { at, writes });
            (Pages::of(&listing.path), begun)
        }
    };
    let (mut count, mut served) = (0, 0);
    while writes() == begun.writes {
        let Some(page) = client.next_page(&mut pages).await? else {
            break;
        };
        count += 1;
        let mut contents = lock(&shelf.0);
        served += contents.shelve(page, listing);
        let wanted = contents.waiting.len();
        if pages.is_done() || !listing.goes_on(count, served, wanted) {
            break;
        }
    }
    tracing::debug!(target: "graph", path = base(&listing.path), pages = count, served, "one listing for all reads");
    lock(&shelf.0).pages = Some(pages);
    Ok(())
}

#[cfg(test)]
mod tests;
