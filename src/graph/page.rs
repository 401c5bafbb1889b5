//! Collections: pages are followed to the end, but not to another host, not in circles and not forever.

use std::collections::HashSet;

use reqwest::Method;
use url::Url;

use super::client::Client;
use super::exchange::Call;
use super::path::locate;
use super::{Error, Json, Resend};

/// A collection with more pages than this is not read to the end.
const MAX_PAGES: usize = 10_000;

impl Client {
    /// Reads a collection, all pages of it.
    pub async fn list(&self, path: &str) -> Result<Vec<Json>, Error> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut url = locate(&self.shared.options.endpoints.graph, path)?;
        loop {
            let call = Call {
                method: &Method::GET,
                path,
                url: &url,
                body: None,
                resend: Resend::Safe,
            };
            let odd = |what: &str| Error::Unexpected {
                method: "GET".to_owned(),
                path: path.to_owned(),
                what: what.to_owned(),
            };
            let mut page = self.run(call).await?.json;
            match page.get_mut("value").map(Json::take) {
                Some(Json::Array(values)) => items.extend(values),
                _ => return Err(odd("a collection without an array named value")),
            }
            let Some(next) = page["@odata.nextLink"].as_str() else {
                return Ok(items);
            };
            if !seen.insert(next.to_owned()) {
                return Err(odd("the pages of the collection form a circle"));
            }
            if seen.len() >= MAX_PAGES {
                return Err(odd("the collection has more than 10,000 pages"));
            }
            url = self.follow(next).map_err(|what| odd(&what))?;
        }
    }

    /// The address of the next page. It receives the token, so it must be where the token belongs.
    fn follow(&self, next: &str) -> Result<Url, String> {
        let graph = &self.shared.options.endpoints.graph;
        let url = Url::parse(next)
            .map_err(|error| format!("the link to the next page is no URL: {error}"))?;
        if url.origin() != graph.origin() || !url.username().is_empty() || url.password().is_some()
        {
            return Err(format!(
                "the link to the next page leads to {}, not to {}",
                url.authority(),
                graph.authority()
            ));
        }
        Ok(url)
    }
}
