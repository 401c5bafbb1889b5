//! Reads a part of a collection, or many collections at once.

use reqwest::Method;

use super::Pages;
use crate::client::Client;
use crate::{Error, Json, Resend};

impl Client {
    /// Reads the first `most` items of a collection, with no more pages than necessary.
    pub async fn list_first(&self, path: &str, most: usize) -> Result<Vec<Json>, Error> {
        let first = self.call(Method::GET, path, None, Resend::Safe).await?.json;
        self.pages_from(path, first, most).await
    }

    /// Reads many collections, with the first pages of twenty in one exchange. `None` if Graph reports that the collection does
    /// not exist; an error of one does not affect the others.
    pub async fn list_many(
        &self,
        paths: &[String],
    ) -> Result<Vec<Result<Option<Vec<Json>>, Error>>, Error> {
        let mut lists = Vec::with_capacity(paths.len());
        for (path, first) in paths.iter().zip(self.batch_get(paths).await?) {
            lists.push(match first {
                Ok(Some(page)) => self.rest_of(path, page).await.map(Some),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            });
        }
        Ok(lists)
    }

    /// Returns a whole collection whose first page is given, for example from a batch with other reads.
    pub async fn rest_of(&self, path: &str, first: Json) -> Result<Vec<Json>, Error> {
        self.pages_from(path, first, usize::MAX).await
    }

    /// Returns the first `most` items of a collection whose first page is given.
    async fn pages_from(&self, path: &str, first: Json, most: usize) -> Result<Vec<Json>, Error> {
        let url = self.locate(path)?;
        let mut pages = Pages::of(path);
        let mut items = self.take_page(&mut pages, url, first)?;
        while items.len() < most {
            let Some(more) = self.next_page(&mut pages).await? else {
                break;
            };
            items.extend(more);
        }
        items.truncate(most);
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Answer, Script, reply};

    fn page(items: &[u32], next: Option<&str>) -> Answer {
        let items: Vec<Json> = items.iter().map(|id| json!({ "id": id })).collect();
        match next {
            None => reply(200, &json!({ "value": items })),
            Some(next) => reply(
                200,
                &json!({ "value": items, "@odata.nextLink": format!("https://graph.microsoft.com/v1.0{next}") }),
            ),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_pages_are_read_than_necessary() {
        let script = Script::of([
            page(&[1, 2], Some("/users?$skiptoken=a%20b")),
            page(&[3, 4], Some("/users?$skiptoken=c")),
        ]);
        let items = script.client().list_first("/users?$top=2", 3).await;
        assert_eq!(items.unwrap(), [1, 2, 3].map(|id| json!({ "id": id })));
        assert_eq!(script.calls()[1], "GET /v1.0/users?$skiptoken=a%20b");
        let script = Script::of([page(&[1], None)]);
        assert_eq!(
            script.client().list_first("/users", 3).await.unwrap(),
            [json!({ "id": 1 })]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_token_goes_to_no_other_host() {
        for next in [
            "https://evil.example/v1.0/users",
            "https://graph.microsoft.com/elsewhere",
        ] {
            let answer = reply(200, &json!({ "value": [{}], "@odata.nextLink": next }));
            let script = Script::of([answer]);
            let error = script.client().list_first("/users", 9).await.unwrap_err();
            assert!(matches!(error, Error::Unexpected { .. }), "{next}: {error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_collections_share_one_exchange_for_their_first_pages() {
        let script = Script::new(|sent| {
            if sent.method == "GET" {
                return page(&[2], None);
            }
            let next = "https://graph.microsoft.com/v1.0/groups/1/members?$skiptoken=x";
            let answers = json!([
                { "id": "2", "status": 404, "body": { "error": { "code": "Request_ResourceNotFound" } } },
                { "id": "0", "status": 200, "body": { "value": [{ "id": 7 }] } },
                { "id": "1", "status": 200, "body": { "value": [{ "id": 1 }], "@odata.nextLink": next } },
            ]);
            reply(200, &json!({ "responses": answers }))
        });
        let paths = ["0", "1", "2"].map(|id| format!("/groups/{id}/members"));
        let lists = script.client().list_many(&paths).await.unwrap();
        let lists: Vec<_> = lists.into_iter().map(Result::unwrap).collect();
        let numbers = |list: &[u32]| Some(list.iter().map(|id| json!({ "id": id })).collect());
        assert_eq!(lists, [numbers(&[7]), numbers(&[1, 2]), None]);
        assert_eq!(script.sent().len(), 2);
    }
}
