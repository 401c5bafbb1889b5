//! Pagination: follows the links of a collection to its end, but not to another host, not in a cycle, and not endlessly.

mod link;
mod pages;
mod part;

use std::collections::HashSet;

use reqwest::Method;
use url::Url;

use super::call::Call;
use super::client::Client;
use super::hosts::authority;
use super::patience::Patience;
use super::{Error, Json, Resend};
pub use link::has_next_page;
pub use pages::Pages;

/// The most pages of a collection that are read.
const MAX_PAGES: usize = 10_000;

impl Client {
    /// Reads all pages of a collection. `$count=true` makes it an advanced query: Graph then reads an index that may lag, and
    /// supports filters that it otherwise rejects.
    pub async fn list(&self, path: &str) -> Result<Vec<Json>, Error> {
        self.fold(path, Vec::new, Vec::push).await
    }

    /// Folds a collection item by item, so that only one page is in memory. If our own last writes are not in it yet, the fold
    /// starts again.
    pub async fn fold<T>(
        &self,
        path: &str,
        begin: impl Fn() -> T,
        mut take: impl FnMut(&mut T, Json),
    ) -> Result<T, Error> {
        let mut patience = Patience::default();
        loop {
            let (mut all, mut pages) = (begin(), Pages::of(path));
            let mut expected = self.shared.visibility.expected(path);
            while let Some(page) = self.next_page(&mut pages).await? {
                for item in page {
                    expected.see(&item);
                    take(&mut all, item);
                }
            }
            let doubt = expected.doubt();
            if doubt.is_zero() {
                return Ok(all);
            }
            patience.pause(&self.operation, path, doubt).await?;
        }
    }

    /// Reads the next page like [`Client::next_page`]. If our own last writes are not in the collection yet, it is read again
    /// after its last page, and only new items are returned.
    pub async fn next_settled_page(&self, pages: &mut Pages) -> Result<Option<Vec<Json>>, Error> {
        loop {
            if !pages.started {
                pages.own_writes.expected = self.shared.visibility.expected(&pages.path);
            }
            if let Some(page) = self.next_page(pages).await? {
                return Ok(Some(pages.own_writes.of(page)));
            }
            let doubt = pages.own_writes.expected.doubt();
            if doubt.is_zero() {
                return Ok(None);
            }
            pages
                .own_writes
                .patience
                .pause(&self.operation, &pages.path, doubt)
                .await?;
            pages.begin_again();
        }
    }

    /// Reads a filtered collection, and adds the objects that this process recently created below the same path if the listing
    /// lacks them. The caller must check whether these match the filter.
    pub async fn list_with_new(&self, path: &str) -> Result<Vec<Json>, Error> {
        let mut all = self.list(path).await?;
        let ids = |item: &Json| {
            ["id", "appId"].map(|name| item[name].as_str().map(str::to_ascii_lowercase))
        };
        let listed: HashSet<String> = all.iter().flat_map(ids).flatten().collect();
        all.extend(self.unlisted(path, |id| listed.contains(id)).await?);
        Ok(all)
    }

    /// Returns the objects that this process recently created below `path` and that a listing lacks. Each is read on its own,
    /// which is reliable.
    pub async fn unlisted(
        &self,
        path: &str,
        is_listed: impl Fn(&str) -> bool,
    ) -> Result<Vec<Json>, Error> {
        let mut new = self.shared.visibility.created_below(path);
        new.retain(|id| !is_listed(id));
        let (base, query) = path.split_once('?').unwrap_or((path, ""));
        let select = query
            .split('&')
            .find(|option| option.starts_with("$select="));
        let single = |id: String| match select {
            Some(select) => format!("{base}/{id}?{select}"),
            None => format!("{base}/{id}"),
        };
        let paths: Vec<String> = new.into_iter().map(single).collect();
        let mut found = Vec::new();
        for answer in self.batch_get(&paths).await? {
            found.extend(answer?);
        }
        Ok(found)
    }

    /// Reads the next page; `None` after the last. If the first page may be missing because its parent is new, it is retried.
    pub async fn next_page(&self, pages: &mut Pages) -> Result<Option<Vec<Json>>, Error> {
        let mut patience = Patience::default();
        loop {
            let error = match self.page(pages).await {
                Err(error) if error.is_not_found() && !pages.started => error,
                result => return result,
            };
            let doubt = self.shared.visibility.doubt(&pages.path, None);
            if doubt.is_zero() {
                return Err(error);
            }
            patience.pause(&self.operation, &pages.path, doubt).await?;
        }
    }

    async fn page(&self, pages: &mut Pages) -> Result<Option<Vec<Json>>, Error> {
        let url = match (&pages.next, !pages.started) {
            (Some(url), _) => url.clone(),
            (None, true) => self.locate(&pages.path)?,
            (None, false) => return Ok(None),
        };
        let call = Call {
            method: &Method::GET,
            path: &pages.path,
            url: &url,
            body: None,
            resend: Resend::Safe,
            writes: 0,
            parts: &[],
        };
        let page = self.run(call).await?.json;
        self.take_page(pages, url, page).map(Some)
    }

    /// Returns the items of the page from `url`, and stores the address of the next page in `pages`.
    fn take_page(&self, pages: &mut Pages, url: Url, mut page: Json) -> Result<Vec<Json>, Error> {
        let odd = |what: &str| {
            self.redacted(Error::Unexpected {
                method: "GET".to_owned(),
                path: pages.path.clone(),
                what: what.to_owned(),
            })
        };
        let Some(Json::Array(values)) = page.get_mut("value").map(Json::take) else {
            return Err(odd("a collection without an array named value"));
        };
        if !values.iter().all(Json::is_object) {
            return Err(odd("a collection of something that is not an object"));
        }
        let next = match link::next_page(&page) {
            None => None,
            Some(next) => Some(self.follow(next).map_err(|what| odd(&what))?),
        };
        pages.seen.insert(url);
        if next.as_ref().is_some_and(|next| pages.seen.contains(next)) {
            return Err(odd("the pages of the collection form a cycle"));
        }
        if next.is_some() && pages.seen.len() >= MAX_PAGES {
            return Err(odd("the collection has more than 10,000 pages"));
        }
        pages.next = next;
        pages.started = true;
        Ok(values)
    }

    /// Returns the URL of the next page. The request for it contains the token, so it must be at the configured address, below
    /// one of Graph's versions.
    fn follow(&self, next: &str) -> Result<Url, String> {
        let graph = &self.shared.options.endpoints.graph;
        let url = Url::parse(next)
            .map_err(|error| format!("the link to the next page is not a URL: {error}"))?;
        if url.origin() != graph.origin() || !url.username().is_empty() || url.password().is_some()
        {
            return Err(format!(
                "the link to the next page leads to {}, not to {}",
                authority(&url),
                authority(graph)
            ));
        }
        let below = url.path().strip_prefix(graph.path().trim_end_matches('/'));
        let is_versioned = |path: &str| path.starts_with("/v1.0/") || path.starts_with("/beta/");
        if !below.is_some_and(is_versioned) || url.fragment().is_some() {
            return Err("the link to the next page has an unknown version".to_owned());
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests;
