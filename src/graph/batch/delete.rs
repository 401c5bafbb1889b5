//! Handles deletions among many writes: an object that Graph reports as missing may be too new to be visible, and one whose
//! deletion fails may be gone.

use std::time::Duration;

use reqwest::Method;

use super::write::Write;
use crate::client::Client;
use crate::patience::Patience;
use crate::{Error, Json};

impl Write {
    /// Whether `error` means that the object to delete does not exist.
    pub(super) fn is_gone(&self, error: &Error) -> bool {
        *self.method() == Method::DELETE && error.is_not_found()
    }
}

impl Client {
    /// Whether every replica has the object that `write` deletes, so that a 404 is reliable.
    pub(super) fn is_seen(&self, write: &Write) -> bool {
        self.unseen(write).is_zero()
    }

    fn unseen(&self, write: &Write) -> Duration {
        self.shared.visibility.unseen(write.path())
    }

    /// Retries deletions that were answered by a replica which does not have the object yet, like [`Client::delete`] for one
    /// object. After the replication window, a missing object counts as deleted.
    pub(super) async fn settle_deletions<T: Send>(
        &self,
        writes: &[Write],
        results: &mut [Result<T, Error>],
        keep: &(impl Fn(Json) -> T + Sync),
    ) {
        let mut patience = Patience::default();
        loop {
            let open = absent(writes, results);
            let left = open.iter().map(|index| self.unseen(&writes[*index])).max();
            let Some((first, left)) = open.first().zip(left) else {
                break;
            };
            if !self
                .has_time(&mut patience, writes[*first].path(), left)
                .await
            {
                break;
            }
            let again: Vec<Write> = open.iter().map(|index| writes[*index].clone()).collect();
            let sent = self.batch_write_once(&again, keep).await;
            for (index, result) in open.into_iter().zip(sent) {
                results[index] = result;
            }
        }
        self.forgive_gone(writes, results, keep).await;
    }

    /// Counts failed deletions as successful if the object can no longer be read.
    async fn forgive_gone<T>(
        &self,
        writes: &[Write],
        results: &mut [Result<T, Error>],
        keep: &impl Fn(Json) -> T,
    ) {
        for (write, result) in writes.iter().zip(results) {
            let is_suspect =
                |error: &Error| *write.method() == Method::DELETE && error.may_mean_gone();
            if result.as_ref().is_err_and(is_suspect)
                && matches!(self.is_gone(write.path()).await, Ok(true))
            {
                *result = Ok(keep(Json::Null));
            }
        }
    }
}

/// Returns the deletions whose objects do not exist according to Graph.
fn absent<T>(writes: &[Write], results: &[Result<T, Error>]) -> Vec<usize> {
    let is_open = |index: &usize| {
        results[*index]
            .as_ref()
            .is_err_and(|error| writes[*index].is_gone(error))
    };
    (0..writes.len()).filter(is_open).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::testing::{Script, reply};
    use crate::{Change, Resend, Written};

    const ASSIGNED: &str =
        "/servicePrincipals/33330000-0000-4000-8000-000000000000/appRoleAssignedTo";
    const NEW: &str = "new-assignment-1";
    const WINDOW: Duration = Duration::from_secs(300);

    /// Creates objects with POST; responds to the first `blind` deletions with 404.
    fn graph(mut blind: usize) -> Arc<Script> {
        Script::new(move |sent| {
            let answer = |request: &Json| {
                let (status, body) = match request["method"].as_str().unwrap() {
                    "POST" => (201, json!({ "id": NEW })),
                    _ if blind > 0 => (
                        404,
                        json!({ "error": { "code": "Request_ResourceNotFound", "message": "" } }),
                    ),
                    _ => (204, Json::Null),
                };
                json!({ "id": request["id"], "status": status, "body": body })
            };
            let requests = sent.body["requests"].as_array().unwrap();
            let answers: Vec<Json> = requests.iter().map(answer).collect();
            if requests[0]["method"] == "DELETE" {
                blind = blind.saturating_sub(1);
            }
            reply(200, &json!({ "responses": answers }))
        })
    }

    async fn create(client: &Client) {
        let body = json!({ "principalId": "p" });
        let writes = [Write::post(ASSIGNED.to_owned(), body, Resend::Safe)];
        assert!(client.batch_write(&writes, drop).await[0].is_ok());
    }

    async fn delete(client: &Client) -> Result<(), Error> {
        let writes = [Write::delete(format!("{ASSIGNED}/{NEW}"))];
        client.batch_write(&writes, drop).await.remove(0)
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_object_is_deleted_although_a_replica_returns_404() {
        let script = graph(4);
        let client = script.client();
        create(&client).await;
        delete(&client).await.unwrap();
        assert_eq!(script.sent().len(), 1 + 5);
        // From here on, a 404 is reliable.
        let started = Instant::now();
        delete(&client).await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_404_is_trusted_for_an_object_that_is_not_new() {
        let script = graph(usize::MAX);
        let started = Instant::now();
        delete(&script.client()).await.unwrap();
        assert_eq!(
            (script.sent().len(), started.elapsed()),
            (1, Duration::ZERO)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_404_is_trusted_only_after_the_replication_window() {
        let client = graph(usize::MAX).client();
        create(&client).await;
        let started = Instant::now();
        let brief = client.scoped(started + Duration::from_secs(20), CancellationToken::new());
        let error = delete(&brief).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        delete(&client).await.unwrap();
        assert_eq!(started.elapsed(), WINDOW);
    }

    /// An earlier process made thousands of assignments, and left no other record.
    #[tokio::test(start_paused = true)]
    async fn new_objects_of_an_earlier_process_are_deleted_too() {
        let script = graph(2);
        let client = script.client();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        client.recall(&[Written {
            path: ASSIGNED.to_ascii_lowercase(),
            change: Change::Changed,
            at: now.unwrap().as_secs(),
        }]);
        delete(&client).await.unwrap();
        assert_eq!(script.sent().len(), 3);
    }
}
