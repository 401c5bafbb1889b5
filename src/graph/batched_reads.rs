//! Combines concurrent reads of several callers into one batch request.
//!
//! Collections that can be listed are read in a better way, see `collection`. This is for single objects and for searches by
//! name.

use std::sync::{Arc, Mutex, PoisonError};

use super::client::Client;
use super::gatherer::{Gatherer, Reader};
use super::{Error, Json};

/// Callers that each wait for the responses to a few paths.
pub(super) type Reads = Gatherer<Vec<String>, Vec<Result<Option<Json>, Error>>>;

impl Client {
    /// Reads one object, batched with concurrent reads. Returns `None` if it does not exist.
    pub async fn get_together(&self, path: &str) -> Result<Option<Json>, Error> {
        let mut answers = self.batch_together(&[path.to_owned()]).await?;
        answers.pop().unwrap_or(Ok(None))
    }

    /// Reads a few objects like [`Client::batch_get`], batched with concurrent reads.
    pub async fn batch_together(
        &self,
        paths: &[String],
    ) -> Result<Vec<Result<Option<Json>, Error>>, Error> {
        let (answers, is_first) = with(&self.shared.reads, |reads| reads.join(paths.to_vec()));
        if is_first {
            tokio::spawn(gather(self.clone(), Arc::clone(&self.shared.reads)));
        }
        match self.bounded(answers).await? {
            Ok(answers) => self.settled(paths, answers).await,
            // There were no other readers, or the batch failed as a whole: each reader sends its own request and gets its own
            // response.
            Err(_) => self.alone(paths).await,
        }
    }

    async fn alone(&self, paths: &[String]) -> Result<Vec<Result<Option<Json>, Error>>, Error> {
        match paths {
            [path] => Ok(vec![self.get(path).await]),
            paths => self.batch_get(paths).await,
        }
    }
}

fn with<T>(reads: &Mutex<Reads>, use_them: impl FnOnce(&mut Reads) -> T) -> T {
    use_them(&mut reads.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Waits for further reads and sends one batch. A read without a response is sent on its own.
async fn gather(client: Client, reads: Arc<Mutex<Reads>>) {
    let pause = client.gather().await;
    let readers = with(&reads, Gatherer::finish);
    if readers.len() < 2 || pause.is_err() {
        return;
    }
    let paths: Vec<String> = readers
        .iter()
        .flat_map(|reader| reader.wanted.iter().cloned())
        .collect();
    tracing::debug!(target: "graph", readers = readers.len(), reads = paths.len(), "one batch for all reads");
    let Ok(answers) = client.batch_get_once(&paths).await else {
        return;
    };
    let mut answers = answers.into_iter();
    for Reader { wanted, answer } in readers {
        let own = answers.by_ref().take(wanted.len()).collect();
        // If the receiver is gone, the reader was canceled.
        drop(answer.send(own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Script, Sent, refuse, reply};
    use futures::future::join_all;
    use serde_json::json;

    /// Objects `/things/<number>`, alone and in batches; 7 does not exist, and batches can be rejected.
    fn things(batches: bool) -> Arc<Script> {
        let one = |path: &str| match path.rsplit('/').next().unwrap() {
            "7" => {
                json!({ "status": 404, "body": { "error": { "code": "Request_ResourceNotFound", "message": "No." } } })
            }
            number => json!({ "status": 200, "body": { "id": number } }),
        };
        Script::new(move |sent: &Sent| {
            if sent.method == "GET" {
                let found = one(&sent.path);
                let status = u16::try_from(found["status"].as_u64().unwrap()).unwrap();
                return reply(status, &found["body"]);
            }
            if !batches {
                return refuse(400, "BadRequest");
            }
            let answer = |request: &Json| {
                let mut item = one(request["url"].as_str().unwrap());
                item["id"] = request["id"].clone();
                item
            };
            let requests = sent.body["requests"].as_array().unwrap();
            reply(
                200,
                &json!({ "responses": requests.iter().map(answer).collect::<Vec<_>>() }),
            )
        })
    }

    async fn read(client: &Client, number: usize) -> Option<String> {
        let found = client
            .get_together(&format!("/things/{number}"))
            .await
            .unwrap();
        found.map(|found| found["id"].as_str().unwrap().to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn ten_readers_send_one_batch_and_each_gets_its_own() {
        let script = things(true);
        let client = script.client();
        let found = join_all((0..10).map(|number| read(&client, number))).await;
        let expected: Vec<_> = (0..10)
            .map(|number| (number != 7).then(|| number.to_string()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(script.sent().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_reader_sends_a_plain_request() {
        let script = things(true);
        assert_eq!(read(&script.client(), 3).await.as_deref(), Some("3"));
        assert_eq!(script.sent()[0].method, "GET");
        assert_eq!(read(&script.client(), 7).await, None);
        assert_eq!(script.sent().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejected_batch_does_not_affect_readers() {
        let script = things(false);
        let client = script.client();
        let found = join_all((0..4).map(|number| read(&client, number))).await;
        assert!(found.iter().all(Option::is_some));
        assert_eq!(script.sent().len(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_canceled_reader_does_not_affect_others() {
        let script = things(true);
        let client = script.client();
        let mut first = Box::pin(read(&client, 1));
        assert!(futures::poll!(&mut first).is_pending());
        drop(first);
        assert_eq!(read(&client, 2).await.as_deref(), Some("2"));
    }
}
