//! Many reads of one collection become one listing.
//!
//! Whoever asks for a member waits a moment for others who want members of the same collection. A few are asked for one by
//! one; for more the collection is listed once, page by page, for as long as that finds what is wanted. A listing never
//! serves a read that follows a write, none is begun after a write to its collection, and what it does not contain is asked
//! for once more, because listings lag.

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
/// Who asked alone so long ago at most is company for those who come now: a busy CLI asks slowly, but still for many.
const LATELY: Duration = Duration::from_secs(1);
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
        if shelves.is_written(member.list) {
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
        tracing::debug!(target: "graph", path = base(member.list), "no listing serves this reader");
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

    /// Takes in a page and serves whoever waits for something on it; how many that were.
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
                // Where several have the same key, whoever is listed first.
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
        tracing::debug!(target: "graph", path = base(&listing.path), readers, "one request for each reader");
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
            tracing::debug!(target: "graph", path = base(&listing.path), %error, "the listing failed, so everybody asks alone");
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
    tracing::debug!(target: "graph", path = base(&listing.path), pages = count, served, "one listing for all readers");
    lock(&shelf.0).pages = Some(pages);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Answer, Script, Sent, refuse, reply};
    use futures::future::join_all;
    use serde_json::json;

    const ALL: &str = "/things?$top=999";

    /// A collection of `total` things, listed in pages of 100; those with a number in `hidden` only when asked for alone.
    fn things(total: usize, hidden: &'static [usize]) -> Arc<Script> {
        Script::new(move |sent: &Sent| {
            if sent.method != "GET" {
                return reply(204, &Json::Null);
            }
            if let Some((_, number)) = sent.path.split_once("/things/") {
                let number: usize = number.parse().unwrap();
                return if number < total {
                    reply(200, &thing(number))
                } else {
                    gone()
                };
            }
            let from = sent
                .path
                .split_once("from=")
                .map_or(0, |(_, from)| from.parse().unwrap());
            let to = (from + 100).min(total);
            let page: Vec<Json> = (from..to)
                .filter(|number| !hidden.contains(number))
                .map(thing)
                .collect();
            let next =
                (to < total).then(|| format!("https://graph.microsoft.com/v1.0/things?from={to}"));
            reply(200, &json!({ "value": page, "@odata.nextLink": next }))
        })
    }

    fn gone() -> Answer {
        refuse(404, "Request_ResourceNotFound")
    }

    fn thing(number: usize) -> Json {
        json!({ "id": format!("ID-{number}"), "number": number, "part": { "of": number } })
    }

    async fn read(client: &Client, number: usize) -> Result<Option<Json>, Error> {
        let member = Member {
            list: ALL,
            fallback: None,
            single: Some(&format!("/things/{number}")),
            key: &[("id", &format!("id-{number}"))],
            part: None,
            readers: 1,
        };
        client.member(&member).await
    }

    async fn read_all(client: &Client, numbers: impl Iterator<Item = usize>) -> Vec<Option<Json>> {
        join_all(numbers.map(|number| read(client, number)))
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn many_readers_share_one_listing() {
        let script = things(80, &[]);
        let client = script.client();
        let found = read_all(&client, 0..80).await;
        assert!(
            found
                .iter()
                .enumerate()
                .all(|(number, found)| *found == Some(thing(number)))
        );
        assert_eq!(script.calls(), ["GET /v1.0/things?$top=999"]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_or_two_ask_for_themselves() {
        let script = things(80, &[]);
        let client = script.client();
        assert_eq!(
            read_all(&client, 0..2).await,
            [Some(thing(0)), Some(thing(1))]
        );
        let mut calls = script.calls();
        calls.sort();
        assert_eq!(calls, ["GET /v1.0/things/0", "GET /v1.0/things/1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_come_slowly_share_a_listing_as_well() {
        let script = things(80, &[]);
        let client = script.client();
        for number in 0..40 {
            assert_eq!(read(&client, number).await.unwrap(), Some(thing(number)));
            tokio::time::sleep(2 * GATHERING).await;
        }
        assert_eq!(script.calls().len(), COMPANY, "{:?}", script.calls());
        // Who comes now and then is not many.
        let script = things(80, &[]);
        let client = script.client();
        for number in 0..10 {
            read(&client, number).await.unwrap();
            tokio::time::sleep(LATELY).await;
        }
        assert_eq!(listings(&script), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_listed_is_asked_for_before_it_is_gone() {
        let script = things(10, &[3]);
        let client = script.client();
        let found = read_all(&client, 0..12).await;
        assert_eq!(found[3], Some(thing(3)), "listings lag");
        assert_eq!((&found[10], &found[11]), (&None, &None));
        assert_eq!(script.calls().len(), 1 + 3);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_listed_serves_after_a_write() {
        let script = things(10, &[]);
        let client = script.client();
        client.delete("/things/4").await.unwrap();
        read_all(&client, 0..5).await;
        assert!(
            !script.calls().iter().any(|call| call.contains("$top")),
            "{:?}",
            script.calls()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_much_larger_collection_is_not_read_to_the_end() {
        let script = things(50_000, &[]);
        let client = script.client();
        let found = read_all(&client, (0..10).map(|number| number * 5_000 + 4_999)).await;
        assert!(found.iter().all(Option::is_some));
        let calls = script.calls();
        assert!(calls.len() <= 10 + 3, "{calls:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_listing_leaves_everybody_to_himself() {
        let script = Script::new(|sent: &Sent| match sent.path.split_once("/things/") {
            Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
            None => refuse(403, "Authorization_RequestDenied"),
        });
        let client = script.client();
        assert_eq!(
            read_all(&client, 0..5).await,
            (0..5).map(|number| Some(thing(number))).collect::<Vec<_>>()
        );
        assert_eq!(script.calls().len(), 1 + 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_query_has_a_fallback_and_a_part_that_is_not_listed_is_asked_for() {
        let script = Script::new(|sent: &Sent| match sent.path.as_str() {
            "/v1.0/things?$expand=part" => refuse(400, "BadRequest"),
            "/v1.0/things" => {
                let things: Vec<Json> = (0..5)
                    .map(|number| json!({ "id": format!("id-{number}") }))
                    .collect();
                reply(200, &json!({ "value": things }))
            }
            _ => reply(200, &json!({ "of": "one" })),
        });
        let client = script.client();
        let reads = (0..5).map(|number| {
            let client = client.clone();
            async move {
                let (single, key) = (format!("/things/{number}/part"), format!("id-{number}"));
                let member = Member {
                    list: "/things?$expand=part",
                    fallback: Some("/things"),
                    single: Some(&single),
                    key: &[("id", &key)],
                    part: Some("part"),
                    readers: 1,
                };
                client.member(&member).await.unwrap()
            }
        });
        assert!(
            join_all(reads)
                .await
                .iter()
                .all(|found| *found == Some(json!({ "of": "one" })))
        );
        assert_eq!(script.calls().len(), 2 + 5);
    }

    fn delayed(script_rule: impl FnMut(&Sent) -> Answer + Send + 'static) -> Arc<Script> {
        let mut rule = script_rule;
        Script::new(move |sent: &Sent| {
            let pause = if sent.path.contains('$') || sent.path.contains("from=") {
                Duration::from_secs(1)
            } else {
                Duration::ZERO
            };
            rule(sent).after(pause)
        })
    }

    /// The same collection as `things(10, &[])`, whose listing takes a second.
    fn slow_things() -> Arc<Script> {
        delayed(|sent| {
            if sent.method != "GET" {
                return reply(204, &Json::Null);
            }
            match sent.path.split_once("/things/") {
                Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
                None => reply(
                    200,
                    &json!({ "value": (0..10).map(thing).collect::<Vec<_>>() }),
                ),
            }
        })
    }

    fn listings(script: &Script) -> usize {
        let calls = script.calls();
        calls.iter().filter(|call| call.contains("$top")).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_under_way_while_somebody_writes_serves_nobody() {
        for path in ["/things/4", "/THINGS/4", "/elsewhere/1"] {
            let script = slow_things();
            let client = script.client();
            let write = async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                client.delete(path).await.unwrap();
                // The listing began before the write; this reader comes after it.
                read(&client, 9).await.unwrap()
            };
            let (found, last) = tokio::join!(read_all(&client, 0..5), write);
            assert!(found.iter().all(Option::is_some) && last.is_some());
            let alone = script.calls().len() - listings(&script) - 1;
            assert_eq!((listings(&script), alone), (1, 6), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_listed_before_a_write_elsewhere_is_outdated() {
        let script = things(10, &[]);
        let client = script.client();
        read_all(&client, 0..3).await;
        client.delete("/applications/1").await.unwrap();
        read(&client, 5).await.unwrap();
        assert_eq!(script.calls().last().unwrap(), "GET /v1.0/things/5");
        // A question is no write.
        let script = things(10, &[]);
        let client = script.client();
        read_all(&client, 0..3).await;
        client
            .post("/elsewhere/parse", &json!({}), crate::graph::Resend::Safe)
            .await
            .unwrap();
        read(&client, 5).await.unwrap();
        assert_eq!(listings(&script), 1);
        assert_eq!(script.calls().last().unwrap(), "POST /v1.0/elsewhere/parse");
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_gives_up_after_beginning_a_listing_does_not_disturb_the_others() {
        let script = slow_things();
        let client = script.client();
        let mut first = Box::pin(read(&client, 0));
        assert!(futures::poll!(&mut first).is_pending());
        let others = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(first);
            read_all(&client, 1..6).await
        };
        assert!(others.await.iter().all(Option::is_some));
        assert_eq!(script.calls().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_whose_time_is_over_takes_nobody_along() {
        let script = slow_things();
        let client = script.client();
        let hasty = client.scoped(
            Instant::now() + Duration::from_millis(300),
            tokio_util::sync::CancellationToken::new(),
        );
        let (hasty, others) = tokio::join!(read(&hasty, 0), read_all(&client, 1..6));
        assert!(matches!(hasty, Err(Error::DeadlineExceeded { .. })));
        assert!(others.iter().all(Option::is_some));
        // The listing was not refused: the next readers have one again.
        read_all(&client, 0..5).await;
        assert_eq!(listings(&script), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_that_fails_half_way_leaves_everybody_to_himself() {
        let script = Script::new(|sent: &Sent| match sent.path.split_once("/things/") {
            Some((_, number)) => reply(200, &thing(number.parse().unwrap())),
            None if sent.path.contains("from=") => refuse(403, "Authorization_RequestDenied"),
            None => {
                let next = "https://graph.microsoft.com/v1.0/things?from=2";
                let page = [thing(0), thing(1)];
                reply(200, &json!({ "value": page, "@odata.nextLink": next }))
            }
        });
        let client = script.client();
        let expected = |number| Some(thing(number));
        assert_eq!(
            read_all(&client, 0..6).await,
            (0..6).map(expected).collect::<Vec<_>>()
        );
        assert_eq!(script.calls().len(), 2 + 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_is_forgotten_however_it_went_on() {
        let script = things(10, &[]);
        let client = script.client();
        read_all(&client, 0..4).await;
        tokio::time::sleep(FRESH / 2).await;
        read(&client, 5).await.unwrap();
        assert_eq!(script.calls().len(), 1);
        tokio::time::sleep(FRESH / 2 + Duration::from_millis(10)).await;
        {
            let shelf = client.shared.shelves.of(ALL, &[("id", "")]);
            assert!(
                lock(&shelf.0).members.is_empty(),
                "the memory is given back"
            );
        }
        read(&client, 6).await.unwrap();
        assert_eq!(script.calls()[1], "GET /v1.0/things/6");
    }

    #[tokio::test(start_paused = true)]
    async fn a_listing_that_goes_on_gets_no_younger() {
        let script = things(50_000, &[]);
        let client = script.client();
        // Read in part: a few pages, and 5 is on the first.
        read_all(&client, (0..10).map(|number| number * 5_000 + 4_999)).await;
        tokio::time::sleep(FRESH * 19 / 20).await;
        read_all(&client, (0..30).map(|number| number * 1_000 + 999)).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        read(&client, 5).await.unwrap();
        assert_eq!(script.calls().last().unwrap(), "GET /v1.0/things/5");
    }

    #[tokio::test(start_paused = true)]
    async fn two_selections_of_one_collection_are_two_listings() {
        let script = Script::new(|sent: &Sent| {
            let of = sent.path.rsplit('=').next().unwrap().to_owned();
            let things: Vec<Json> = (0..4)
                .map(|number| json!({ "id": format!("id-{number}"), "of": of }))
                .collect();
            reply(200, &json!({ "value": things }))
        });
        let client = script.client();
        let reads = (0..8).map(|number| {
            let client = client.clone();
            async move {
                let select = if number < 4 { "a" } else { "b" };
                let key = format!("id-{}", number % 4);
                let member = Member {
                    list: &format!("/things?$select={select}"),
                    fallback: None,
                    single: Some("/never"),
                    key: &[("id", &key)],
                    part: None,
                    readers: 1,
                };
                let found = client.member(&member).await.unwrap().unwrap();
                assert_eq!(found["of"], select);
            }
        });
        join_all(reads).await;
        assert_eq!(script.calls().len(), 2);
    }

    /// Reads by number rather than by the id that they are found by alone.
    async fn find(client: &Client, numbers: impl Iterator<Item = usize>) -> Vec<Option<Json>> {
        let reads = numbers.map(|number| async move {
            let (name, of) = (format!("name {number}"), format!("OF {}", number % 2));
            let member = Member {
                list: "/named?$top=999",
                fallback: None,
                single: None,
                key: &[("name", &name), ("of", &of)],
                part: None,
                readers: 1,
            };
            client.member(&member).await.unwrap()
        });
        join_all(reads).await
    }

    fn named(total: usize) -> Arc<Script> {
        Script::new(move |sent: &Sent| {
            if sent.method != "GET" {
                return reply(204, &Json::Null);
            }
            let from: usize = sent
                .path
                .split_once("from=")
                .map_or(0, |(_, from)| from.parse().unwrap());
            let page: Vec<Json> = (from..total.min(from + 100))
                .map(|number| json!({ "name": format!("Name {number}"), "of": format!("of {}", number % 2) }))
                .collect();
            let to = from + 100;
            let next =
                (to < total).then(|| format!("https://graph.microsoft.com/v1.0/named?from={to}"));
            reply(200, &json!({ "value": page, "@odata.nextLink": next }))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_place_of_its_own_is_found_in_one_listing_however_few_ask() {
        let script = named(1_000);
        let client = script.client();
        let found = find(&client, [950].into_iter()).await;
        assert_eq!(found[0].as_ref().unwrap()["name"], "Name 950");
        // In waves, as the CLI asks; everybody after the first finds what is on the pages that were read.
        for wave in 0..90 {
            let found = find(&client, wave * 10..wave * 10 + 10).await;
            assert!(found.iter().all(Option::is_some));
        }
        assert_eq!(script.calls().len(), 10);
        assert_eq!(
            find(&client, [1_000, 7_000].into_iter()).await,
            [None, None]
        );
        assert_eq!(
            script.calls().len(),
            10,
            "what is not listed is not listed again"
        );
        {
            let shelf = client
                .shared
                .shelves
                .of("/named?$top=999", &[("name", ""), ("of", "")]);
            assert_eq!(
                lock(&shelf.0).members.len(),
                99,
                "who was served is forgotten"
            );
        }
        client.delete("/named/4").await.unwrap();
        assert_eq!(
            find(&client, [950].into_iter()).await,
            [None],
            "nothing listed serves after a write"
        );
    }

    #[test]
    fn no_more_is_kept_than_the_memory_allows_but_who_waits_is_served() {
        let listing = Listing {
            path: ALL.to_owned(),
            fallback: None,
            key: vec!["id".to_owned()],
            readers: 1,
            is_only_way: false,
        };
        let mut contents = Contents::default();
        for page in 0..=MOST_KEPT / 1000 {
            let page = (0..1000).map(|number| json!({ "id": format!("{page}-{number}") }));
            contents.shelve(page.collect(), &listing);
        }
        assert_eq!(contents.members.len(), MOST_KEPT);
        let (answer, mut received) = oneshot::channel();
        let key = "last".to_owned();
        contents.waiting.push(Reader { key, answer });
        let (gone, _) = oneshot::channel();
        let key = "gone".to_owned();
        contents.waiting.push(Reader { key, answer: gone });
        assert_eq!(contents.shelve(vec![json!({ "id": "LAST" })], &listing), 1);
        assert!(received.try_recv().unwrap().is_some());
        assert!(
            contents.waiting.is_empty(),
            "nobody waits for one who gave up"
        );
    }
}
