//! Exchanges with Graph as they were, refusals included: for studying Graph's answers rather than using them.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::call::Call;
use super::transport::Reply;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The verb.
    pub method: String,
    /// The path with its version, as it was sent.
    pub path: String,
    /// What follows the question mark, as it was sent.
    pub query: String,
    /// The status of the answer.
    pub status: u16,
    /// The body that was sent; null for none.
    pub request: Json,
    /// The body of the answer; null for none, text where it is not JSON.
    pub response: Json,
}

impl Exchange {
    /// Whether Graph did what the request asks.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The code of a refusal; empty where there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        let code = self.response.pointer("/error/code");
        code.and_then(Json::as_str).unwrap_or_default()
    }
}

/// Keeps the exchanges of one call.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<Exchange>>>);

impl Recorder {
    pub(super) fn keep(&self, call: Call<'_>, reply: &Reply) {
        let json = |bytes: &[u8]| match bytes {
            [] => Json::Null,
            bytes => serde_json::from_slice(bytes)
                .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into()),
        };
        let exchange = Exchange {
            method: call.method.to_string(),
            path: call.url.path().to_owned(),
            query: call.url.query().unwrap_or_default().to_owned(),
            status: reply.status.as_u16(),
            request: json(call.body.unwrap_or_default()),
            response: json(&reply.body),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(exchange);
    }

    pub(super) fn last(&self) -> Option<Exchange> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last().cloned()
    }
}
