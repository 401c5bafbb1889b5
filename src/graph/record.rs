//! Records exchanges with Graph as they are, including errors, to study Graph's responses rather than to use them.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::call::Call;
use super::transport::Reply;

/// A request and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The path with its version, as sent.
    pub path: String,
    /// The query without its question mark, as sent.
    pub query: String,
    /// The status of the response.
    pub status: u16,
    /// The body of the request; null if there is none.
    pub request: Json,
    /// The body of the response; null if there is none, a string if it is not JSON.
    pub response: Json,
}

impl Exchange {
    /// Whether the request succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The code of the error; empty if there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        let code = self.response.pointer("/error/code");
        code.and_then(Json::as_str).unwrap_or_default()
    }
}

/// Records the exchanges of one call.
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
