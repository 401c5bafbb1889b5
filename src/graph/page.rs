//! Collections: pages are followed to the end, but not to another host, not in circles and not forever.

mod part;

use std::collections::HashSet;

use reqwest::Method;
use url::Url;

use super::client::Client;
use super::exchange::Call;
use super::hosts::authority;
use super::path::locate;
use super::patience::Patience;
use super::{Error, Json, Resend};

/// A collection with more pages than this is not read to the end.
const MAX_PAGES: usize = 10_000;

/// How far a collection has been read.
#[derive(Debug)]
pub struct Pages {
    path: String,
    next: Option<Url>,
    started: bool,
    /// The addresses of all pages so far.
    seen: HashSet<Url>,
}

impl Pages {
    /// Nothing of the collection at `path` has been read.
    pub fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            next: None,
            started: false,
            seen: HashSet::new(),
        }
    }

    /// Whether there is nothing left to read.
    pub(super) fn is_done(&self) -> bool {
        self.started && self.next.is_none()
    }
}

impl Client {
    /// Reads a collection, all pages of it. With `$count=true` it is an advanced query: Graph answers from an index that
    /// may lag behind, and understands filters that it otherwise refuses.
    pub async fn list(&self, path: &str) -> Result<Vec<Json>, Error> {
        self.fold(path, Vec::new, Vec::push).await
    }

    /// Takes a collection in item by item, so that only one page of it is ever held. Where our own last writes are not in it
    /// yet, it begins again.
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
            patience.pause(self, path, doubt).await?;
        }
    }

    /// Reads one more page; `None` after the last. The first one of something that was created a moment ago is waited for.
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
            patience.pause(self, &pages.path, doubt).await?;
        }
    }

    async fn page(&self, pages: &mut Pages) -> Result<Option<Vec<Json>>, Error> {
        let url = match (&pages.next, !pages.started) {
            (Some(url), _) => url.clone(),
            (None, true) => locate(&self.shared.options.endpoints.graph, &pages.path)?,
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

    /// The items of a page that was read from `url`, after which `pages` knows where the next one is.
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
        let next = match page["@odata.nextLink"].as_str() {
            None => None,
            Some(next) => Some(self.follow(next).map_err(|what| odd(&what))?),
        };
        pages.seen.insert(url);
        if next.as_ref().is_some_and(|next| pages.seen.contains(next)) {
            return Err(odd("the pages of the collection form a circle"));
        }
        if next.is_some() && pages.seen.len() >= MAX_PAGES {
            return Err(odd("the collection has more than 10,000 pages"));
        }
        pages.next = next;
        pages.started = true;
        Ok(values)
    }

    /// The address of the next page. It receives the token, so it must be where the token belongs: at the configured address,
    /// and below one of Graph's versions.
    fn follow(&self, next: &str) -> Result<Url, String> {
        let graph = &self.shared.options.endpoints.graph;
        let url = Url::parse(next)
            .map_err(|error| format!("the link to the next page is no URL: {error}"))?;
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
            return Err("the link to the next page leaves Graph's versions".to_owned());
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{Answer, Script, raw, refuse, reply};
    use serde_json::json;

    const HERE: &str = "https://graph.microsoft.com/v1.0/users?$skiptoken=";

    fn page(items: &[u32], next: &str) -> Answer {
        let items: Vec<Json> = items.iter().map(|id| json!({ "id": id })).collect();
        match next {
            "" => reply(200, &json!({"value": items})),
            next => reply(200, &json!({"value": items, "@odata.nextLink": next})),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pages_are_followed_as_graph_wrote_them() {
        let next = format!("{HERE}a%20b%2Bc&$top=2");
        let script = Script::of([
            page(&[1, 2], &next),
            refuse(429, "x"),
            page(&[], &format!("{HERE}3")),
            page(&[3], ""),
        ]);
        let items = script.client().list("/users?$top=2").await.unwrap();
        assert_eq!(items, [1, 2, 3].map(|id| json!({ "id": id })), "in order");
        assert_eq!(script.calls()[0], "GET /v1.0/users?$top=2");
        assert_eq!(
            script.calls()[1],
            "GET /v1.0/users?$skiptoken=a%20b%2Bc&$top=2"
        );
        assert_eq!(script.calls()[1], script.calls()[2]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_token_goes_nowhere_else() {
        for next in [
            "https://evil.example/v1.0/users",
            "http://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com:444/v1.0/users",
            "https://graph.microsoft.com@evil.example/",
            "https://u:p@graph.microsoft.com/v1.0/users",
            "//evil.example/users",
            "/v1.0/users",
            "file:///etc/passwd",
            "https://graph.microsoft.com/elsewhere",
            "https://graph.microsoft.com/v1.0/../elsewhere",
            "https://graph.microsoft.com/v1.0/%2e%2E/elsewhere",
            "https://graph.microsoft.com/v1.0x/users",
        ] {
            let script = Script::of([page(&[1], next)]);
            let error = script.client().list("/users").await.unwrap_err();
            assert!(matches!(error, Error::Unexpected { .. }), "{next}: {error}");
            assert_eq!(script.sent().len(), 1, "{next}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn circles_and_endless_collections_end() {
        let itself = "https://graph.microsoft.com/v1.0/users";
        let script = Script::new(move |_| page(&[1], itself));
        for wanted in [usize::MAX, 5] {
            let error = script.client().list_first("/users", wanted).await;
            assert!(error.unwrap_err().to_string().contains("circle"));
        }
        let error = script.client().list("/users").await.unwrap_err();
        assert!(error.to_string().contains("circle"), "{error}");
        assert_eq!(script.sent().len(), 3, "one request each");

        let script = Script::new(|_| page(&[1], &format!("{HERE}same")));
        let error = script.client().list("/users").await.unwrap_err();
        assert!(error.to_string().contains("circle"), "{error}");
        assert_eq!(script.sent().len(), 2);

        let mut number = 0;
        let script = Script::new(move |_| {
            number += 1;
            page(&[], &format!("{HERE}{number}"))
        });
        let error = script.client().list("/users").await.unwrap_err();
        assert!(error.to_string().contains("10,000 pages"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_collection_is_refused() {
        for answer in [
            reply(200, &json!({"value": {}})),
            reply(200, &json!({"value": [{}, 7]})),
            reply(200, &json!([])),
            reply(200, &json!(null)),
            raw(204, "", ""),
        ] {
            let error = Script::of([answer])
                .client()
                .list("/users")
                .await
                .unwrap_err();
            let told = error.to_string();
            let refused = ["without an array", "not an object", "no object"]
                .iter()
                .any(|words| told.contains(words));
            assert!(refused, "{told}");
        }
        let error = Script::of([refuse(404, "Request_ResourceNotFound")])
            .client()
            .list("/users")
            .await;
        assert!(
            error.unwrap_err().is_not_found(),
            "an absent collection is not an empty one"
        );
    }
}
