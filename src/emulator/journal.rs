//! The journal: every request that reached Graph or the sign-in, and what was answered.
//!
//! Holds no credentials: tokens are never looked at here, sign-in forms are left out.

use serde_json::{Value, json};

/// What is noted of one exchange.
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
    /// Index of the enclosing `$batch`, for its parts.
    pub(super) batch: Option<usize>,
    /// The fault that struck, if one did.
    pub(super) fault: Option<String>,
}

/// All exchanges so far.
#[derive(Default)]
pub(super) struct Journal {
    entries: Vec<Value>,
    /// Index of the first entry: grows when the journal is cleared.
    first: usize,
}

impl Journal {
    /// Takes an index for an exchange that is not over yet.
    pub(super) fn reserve(&mut self) -> usize {
        self.entries.push(Value::Null);
        self.first + self.entries.len() - 1
    }

    /// Writes the exchange at its index; without effect if the journal was cleared meanwhile.
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

    /// The `last` finished exchanges from an index on.
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
