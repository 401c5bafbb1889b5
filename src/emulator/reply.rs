//! The result of a handler: a [`Reply`], or a [`Refusal`] in the error envelope of Graph.

use serde_json::{Value, json};

/// A successful response. With a null value, it has no body.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body }
    }

    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            body: Value::Null,
        }
    }
}

/// An error response.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) details: Vec<(String, String)>,
    /// The `Retry-After` header: seconds, or a date if a fault requests one.
    pub(super) retry_after: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Vec::new(),
            retry_after: None,
        }
    }

    /// 400 `Request_BadRequest`, the usual error of the directory.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 400 `BadRequest`, the error of the gateway for invalid addresses and bodies that cannot be parsed.
    pub(super) fn gateway(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 404 for an object that does not exist or is not visible yet.
    pub(super) fn absent(id: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// 403 for a missing application permission.
    pub(super) fn forbidden() -> Self {
        Self::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// 409 with the detail that Graph adds for objects with the same key.
    pub(super) fn conflict() -> Self {
        let message = "Another object with the same value for property tenantId already exists.";
        Self::new(409, "Request_MultipleObjectsWithSameKeyValue", message)
            .detail("ConflictingObjects", message)
    }

    /// 429 with the seconds to wait.
    pub(super) fn throttled(retry_after: Option<u64>) -> Self {
        let mut refusal = Self::new(
            429,
            "TooManyRequests",
            "Too many requests. Wait before trying again.",
        );
        refusal.retry_after = retry_after.map(|seconds| seconds.to_string());
        refusal
    }

    #[must_use]
    pub(super) fn detail(mut self, code: &str, message: &str) -> Self {
        self.details.push((code.to_owned(), message.to_owned()));
        self
    }

    /// The body, in the envelope of every Graph error.
    pub(super) fn envelope(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if !self.details.is_empty() {
            error["details"] = self
                .details
                .iter()
                .map(|(code, message)| json!({ "code": code, "message": message }))
                .collect();
        }
        error["innerError"] = json!({
            "date": date.trim_end_matches('Z').split('.').next().unwrap_or(date),
            "request-id": request_id,
            "client-request-id": client_request_id,
        });
        json!({ "error": error })
    }
}

/// The return type of every handler.
pub(super) type Answer = Result<Reply, Refusal>;
