//! Coalesces many reads of one collection into one listing.
//!
//! A read of a member waits briefly for other reads of members of the same collection. A few are sent one by one. For more, the
//! collection is listed once, page by page, for as long as that finds wanted members. A listing never answers a read that follows
//! a write, no listing begins after a write to its collection, and a member that it does not contain is read once more, because
//! listings lag.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::collection_cache::{
    CachedCollection, Contents, Decision, LISTING_LIFETIME, Listing, ListingStart, Member, base,
    lock,
};
use super::page::Pages;
use super::{Error, Json};

impl Client {
    /// Reads one member; `None` if it does not exist.
    pub async fn member(&self, member: &Member<'_>) -> Result<Option<Json>, Error> {
        let cache = &self.shared.cache;
        if self.is_unshared || cache.is_written(member.list) {
            return self.ask_alone(member).await;
        }
        let (collection, writes) = (cache.of(member.list, member.key), cache.writes());
        match collection.ask(member, writes) {
            Decision::Served(json) => self.part_of(member, json).await,
            Decision::Alone => self.ask_alone(member).await,
            Decision::Wait(answer, is_first) => {
                if is_first {
                    tokio::spawn(gather(
                        self.clone(),
                        Arc::clone(&collection),
                        Listing::of(member),
                    ));
                }
                // If a listing failed, every reader sends its own request.
                match self.bounded(answer).await?.ok().flatten() {
                    Some(json) if !cache.is_written(member.list) && cache.writes() == writes => {
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

    /// Returns the requested part of a listed member. If it is missing, the listing may not include it.
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

/// Wakes all readers when a listing ends, however it ends.
struct WakeReaders(Arc<CachedCollection>);

impl Drop for WakeReaders {
    fn drop(&mut self) {
        let mut contents = lock(&self.0.0);
        contents.missed = 0;
        drop(contents.readers.finish());
    }
}

/// Waits for more readers, and lists the collection if there are enough.
async fn gather(client: Client, collection: Arc<CachedCollection>, mut listing: Listing) {
    let release = WakeReaders(Arc::clone(&collection));
    if client.gather().await.is_err() {
        return;
    }
    let readers = lock(&collection.0).recent_readers();
    if !listing.is_worth_it_for(readers) {
        lock(&collection.0).record_alone();
        tracing::debug!(target: "graph", path = base(&listing.path), readers, "one request for each read");
        return;
    }
    if let Err(error) = read_on(&client, &collection, &listing).await {
        // The queries that a listing supports differ between endpoints, and so do the errors for those that it does not.
        let other = listing
            .fallback
            .take()
            .filter(|_| matches!(error.status(), Some(400 | 501)));
        let again = match other {
            Some(path) => {
                listing.path = path;
                lock(&collection.0).pages = None;
                read_on(&client, &collection, &listing).await
            }
            None => Err(error),
        };
        if let Err(error) = again {
            tracing::debug!(target: "graph", path = base(&listing.path), %error, "the listing failed, so each read \
                sends its own request");
            let mut contents = lock(&collection.0);
            contents.pages = None;
            contents.members.clear();
            // The deadline of the operation that began the listing does not concern the others.
            contents.refused = !matches!(
                error,
                Error::DeadlineExceeded { .. } | Error::Cancelled { .. }
            );
        }
    }
    drop(release);
    drop(client);
    forget(collection).await;
}

/// Frees the memory when the listing can serve no more readers.
async fn forget(collection: Arc<CachedCollection>) {
    let begun = lock(&collection.0).begun;
    let Some(until) = begun.map(|begun| begun.at + LISTING_LIFETIME) else {
        return;
    };
    tokio::time::sleep_until(until + Duration::from_millis(1)).await;
    let mut contents = lock(&collection.0);
    let same = contents.begun.map(|begun| begun.at) == begun.map(|begun| begun.at);
    if same && !contents.readers.is_busy {
        *contents = Contents::default();
    }
}

/// Reads pages for as long as they serve readers.
async fn read_on(
    client: &Client,
    collection: &CachedCollection,
    listing: &Listing,
) -> Result<(), Error> {
    let writes = || client.shared.cache.writes();
    let (mut pages, begun) = {
        let mut contents = lock(&collection.0);
        if let (Some(pages), Some(begun)) = (contents.pages.take(), contents.begun) {
            (pages, begun)
        } else {
            let (at, writes) = (Instant::now(), writes());
            let begun = *contents.begun.insert(ListingStart { at, writes });
            (Pages::of(&listing.path), begun)
        }
    };
    let (mut count, mut served) = (0, 0);
    while writes() == begun.writes {
        let Some(page) = client.next_page(&mut pages).await? else {
            break;
        };
        count += 1;
        let mut contents = lock(&collection.0);
        served += contents.store_page(page, listing);
        let wanted = contents.readers.waiting.len();
        if pages.is_done() || !listing.goes_on(count, served, wanted) {
            break;
        }
    }
    tracing::debug!(target: "graph", path = base(&listing.path), pages = count, served, "one listing for all reads");
    lock(&collection.0).pages = Some(pages);
    Ok(())
}

#[cfg(test)]
mod tests;
