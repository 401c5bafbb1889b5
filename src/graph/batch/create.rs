//! Sends many writes that refer to an object which may not be visible yet, and retries those that fail because of it.

use std::time::Duration;

use crate::client::Client;
use crate::error::Error;
use crate::patience::Patience;
use crate::{Json, Write};

/// The most failed writes that are checked for their cause.
const MAX_CHECKED: usize = 100;

impl Client {
    /// Sends many writes like [`Client::batch_write`], and retries those that fail because an object may not be visible yet.
    /// Before a retry, and before an error is returned, `look` looks for the results of writes that may have succeeded.
    pub async fn batch_create<T: Send, Looking>(
        &self,
        writes: &[Write],
        keep: impl Fn(Json) -> T + Sync,
        look: impl Fn(Vec<usize>) -> Looking,
    ) -> Vec<Result<T, Error>>
    where
        Looking: Future<Output = Vec<(usize, T)>>,
    {
        let mut patience = Patience::default();
        let mut results = self.batch_write(writes, &keep).await;
        loop {
            let in_doubt = indices(&results, may_exist);
            if !in_doubt.is_empty() {
                let found = look(in_doubt).await;
                // A write without a response is not recorded, and other replicas may not have it yet.
                let exists = |result: &Result<T, Error>| {
                    result.as_ref().err().is_some_and(Error::says_it_exists)
                };
                if !found.is_empty() || results.iter().any(exists) {
                    self.note_among(writes.first().map_or("", Write::path));
                }
                for (index, found) in found {
                    results[index] = Ok(found);
                }
            }
            let open = self.open(&mut patience, writes, &results).await;
            let Some(left) = open.iter().map(|(_, left)| *left).max() else {
                return results;
            };
            let path = writes.first().map_or("", Write::path);
            if !self.has_time(&mut patience, path, left).await {
                return results;
            }
            let again: Vec<Write> = open
                .iter()
                .map(|(index, _)| writes[*index].clone())
                .collect();
            let sent = self.batch_write(&again, &keep).await;
            for ((index, _), result) in open.into_iter().zip(sent) {
                results[index] = result;
            }
        }
    }

    /// Returns the writes that may still succeed, each with the time at which to retry it.
    async fn open<T>(
        &self,
        patience: &mut Patience,
        writes: &[Write],
        results: &[Result<T, Error>],
    ) -> Vec<(usize, Duration)> {
        let mut open = Vec::new();
        for (index, result) in results.iter().enumerate() {
            let Err(error) = result else { continue };
            // The existing object was found and need not be created.
            if error.says_it_exists() {
                continue;
            }
            let write = &writes[index];
            let left =
                self.patience_left(patience, write.method(), write.path(), write.body(), error);
            if !left.is_zero() {
                open.push((index, left));
            }
        }
        if self.is_due(patience) {
            let mut absent = Vec::new();
            for (index, _) in open.iter().take(MAX_CHECKED) {
                if self.is_principal_missing(writes[*index].body()).await {
                    absent.push(*index);
                }
            }
            open.retain(|(index, _)| !absent.contains(index));
        }
        open
    }
}

fn indices<T>(results: &[Result<T, Error>], which: impl Fn(&Error) -> bool) -> Vec<usize> {
    let failed = results.iter().enumerate();
    failed
        .filter(|(_, result)| result.as_ref().err().is_some_and(&which))
        .map(|(index, _)| index)
        .collect()
}

/// An error may mean that the object exists, and a request without a response may have succeeded.
fn may_exist(error: &Error) -> bool {
    match error {
        Error::Refused(refusal) => matches!(refusal.status, 400 | 409),
        error => !matches!(error, Error::Throttled(_)),
    }
}
