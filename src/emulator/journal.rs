//! The journal: every request to Graph or to sign-in, and its response.
//!
//! It contains no credentials: the Authorization header is never recorded, and bodies of sign-in requests are omitted.

use serde_json::{Value, json};

/// The record of one exchange.
pub(super) struct Exchange {
    pub(super) time: String,
    pub(super) tenant: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) status: u16,
    pub(super) request_body: Value,
    pub(super) response_body: Value,
    pub(super) connection: u64,
    pub(super) duration_ms: u64,
    /// Index of the enclosing `$batch`, for a request of a batch.
    pub(super) batch: Option<usize>,
    /// The fault that affected the request, if any.
    pub(super) fault: Option<String>,
}

/// All exchanges so far.
#[derive(Default)]
pub(super) struct Journal {
    entries: Vec<Value>,
    /// Index of the first entry; it increases when the journal is cleared.
    first: usize,
}

impl Journal {
    /// Reserves an index for an exchange that is in progress.
    pub(super) fn reserve(&mut self) -> usize {
        self.entries.push(Value::Null);
        self.first + self.entries.len() - 1
    }

    /// Records the exchange at its index. Has no effect if the journal was cleared in the meantime.
    pub(super) fn write(&mut self, index: usize, exchange: &Exchange) {
        let Some(slot) = index
            .checked_sub(self.first)
            .and_then(|at| self.entries.get_mut(at))
        else {
            return;
        };
        *slot = json!({
            "index": index,
            "time": exchange.time,
            "tenant": exchange.tenant,
            "method": exchange.method,
            "path": exchange.path,
            "query": exchange.query,
            "status": exchange.status,
            "request_body": exchange.request_body,
            "response_body": exchange.response_body,
            "connection": exchange.connection,
            "duration_ms": exchange.duration_ms,
            "batch": exchange.batch,
            "fault": exchange.fault,
        });
    }

    /// The `last` finished exchanges, starting at an index.
    pub(super) fn since(&self, index: usize, last: usize, bodies: bool) -> Value {
        let entries = self.entries.iter().skip(index.saturating_sub(self.first));
        let finished = entries.rev().filter(|entry| !entry.is_null()).take(last);
        let mut shown: Vec<Value> = if bodies {
            finished.cloned().collect()
        } else {
            finished.map(without_bodies).collect()
        };
        shown.reverse();
        Value::Array(shown)
    }

    /// The finished exchange at an index.
    pub(super) fn one(&self, index: usize) -> Option<Value> {
        let entry = self.entries.get(index.checked_sub(self.first)?)?;
        Some(entry.clone()).filter(|entry| !entry.is_null())
    }

    pub(super) fn clear(&mut self) {
        self.first += self.entries.len();
        self.entries.clear();
    }
}

fn without_bodies(entry: &Value) -> Value {
    let members = entry.as_object().into_iter().flatten();
    let short = members.filter(|(name, _)| !name.ends_with("_body"));
    Value::Object(
        short
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
