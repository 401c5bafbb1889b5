//! An error response of Graph: the contents of its envelope, and the permission that the call requires.

use std::fmt;
use std::time::Duration;

use serde_json::Value as Json;

use super::path::shown;
use super::permissions::Access;

/// An error response of Graph.
#[derive(Clone, Debug)]
pub struct GraphError {
    /// The HTTP method.
    pub method: String,
    /// The path of the call.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// `error.code`; empty if the response has no error envelope.
    pub code: String,
    /// `error.message`, without secrets.
    pub message: String,
    /// `error.details[]`, and the codes of nested inner errors.
    pub details: Vec<Detail>,
    /// The request ID, which Microsoft support asks for.
    pub request_id: Option<String>,
    /// The tenant.
    pub tenant_id: String,
    /// For 401 and 403: the permission that this call requires.
    pub access: Option<&'static Access>,
    /// The wait that Graph asked for.
    pub retry_after: Option<Duration>,
    /// An earlier attempt has no response, so it may be the cause of a conflict.
    pub after_lost_answer: bool,
}

/// An entry of `error.details[]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: Graph answered {}",
            self.method,
            shown(&self.path),
            self.status
        )?;
        if self.code.is_empty() {
            f.write_str(
                " without the usual error of Graph; a proxy or gateway may have responded instead",
            )?;
        } else {
            write!(f, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        for detail in &self.details {
            write!(f, " [{}: {}]", detail.code, detail.message)?;
        }
        if let Some(access) = self.access {
            write!(
                f,
                "\nIn tenant {} this call requires the application permission {} or, for a user, the directory role {}.",
                self.tenant_id, access.permission, access.role,
            )?;
        }
        if self.after_lost_answer && self.method != "GET" {
            f.write_str(
                "\nAn earlier attempt had no valid response, so it may have been carried out.",
            )?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "\nGraph requested a delay of {} s.", wait.as_secs())?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nrequest-id: {id}")?;
        }
        Ok(())
    }
}

/// The relevant parts of an error envelope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) details: Vec<Detail>,
    pub(super) request_id: Option<String>,
}

/// The most levels of nested inner errors that are read.
const MAX_NESTING: usize = 8;

/// The most details that are read.
const MAX_DETAILS: usize = 20;

/// A longer request ID is invalid.
const MAX_ID: usize = 200;

impl Envelope {
    /// Reads the error envelope of Graph; anything else results in an empty one.
    pub(super) fn read(body: &Json) -> Self {
        let error = &body["error"];
        let mut envelope = Self {
            code: text(&error["code"]),
            message: text(&error["message"]),
            ..Self::default()
        };
        let details = error["details"].as_array().into_iter().flatten();
        for detail in details.take(MAX_DETAILS) {
            envelope.details.push(Detail {
                code: text(&detail["code"]),
                message: text(&detail["message"]),
            });
        }
        let mut inner = &error["innerError"];
        if inner.is_null() {
            inner = &error["innererror"];
        }
        for _ in 0..MAX_NESTING {
            if envelope.request_id.is_none() {
                let id = inner["request-id"].as_str().filter(|id| id.len() <= MAX_ID);
                envelope.request_id = id.map(str::to_owned);
            }
            if let Some(code) = inner["code"].as_str() {
                envelope.details.push(Detail {
                    code: code.to_owned(),
                    message: text(&inner["message"]),
                });
            }
            inner = match &inner["innerError"] {
                Json::Null => &inner["innererror"],
                deeper => deeper,
            };
            if inner.is_null() {
                break;
            }
        }
        envelope
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, permissions};
    use serde_json::json;

    fn refusal(status: u16, code: &str) -> GraphError {
        GraphError {
            method: "GET".to_owned(),
            path: "/policies/crossTenantAccessPolicy/partners".to_owned(),
            status,
            code: code.to_owned(),
            message: "Words.".to_owned(),
            details: Vec::new(),
            request_id: Some("r-1".to_owned()),
            tenant_id: "t-1".to_owned(),
            access: None,
            retry_after: None,
            after_lost_answer: false,
        }
    }

    #[test]
    fn an_envelope_is_parsed_with_codes_and_request_id() {
        let body = json!({"error": {
            "code": "Request_MultipleObjectsWithSameKeyValue",
            "message": "Exists.",
            "details": [{"code": "ConflictingObjects", "message": "There is one."}],
            "innerError": {"request-id": "r-7", "innerError": {"code": "Deep", "message": "down"}},
        }});
        let envelope = Envelope::read(&body);
        assert_eq!(envelope.request_id.as_deref(), Some("r-7"));
        let codes: Vec<_> = envelope
            .details
            .iter()
            .map(|detail| detail.code.as_str())
            .collect();
        assert_eq!(codes, ["ConflictingObjects", "Deep"]);

        let mut refused = refusal(409, &envelope.code);
        refused.details = envelope.details;
        let error = Error::Refused(Box::new(refused));
        assert!(error.is_conflict());
        assert!(error.has_code("ConflictingObjects"));
        assert!(error.has_code("Request_MultipleObjectsWithSameKeyValue"));
        assert!(!error.has_code("Exists."));
    }

    #[test]
    fn anything_but_an_envelope_is_parsed_as_empty() {
        for body in [
            json!(null),
            json!([1]),
            json!({"error": "invalid_client"}),
            json!({"error": {"code": 7}}),
        ] {
            assert_eq!(Envelope::read(&body), Envelope::default());
        }
    }

    #[test]
    fn only_graphs_own_404_means_gone() {
        let strange = refusal(404, "").to_string();
        assert!(strange.contains("a proxy"), "{strange}");
        assert!(Error::Refused(Box::new(refusal(404, "Request_ResourceNotFound"))).is_not_found());
        assert!(Error::Refused(Box::new(refusal(404, "itemNotFound"))).is_not_found());
        assert!(!Error::Refused(Box::new(refusal(404, ""))).is_not_found());
        assert!(!Error::Refused(Box::new(refusal(400, "Request_ResourceNotFound"))).is_not_found());
    }

    #[test]
    fn a_missing_permission_names_tenant_permission_and_role() {
        let mut refused = refusal(403, "Authorization_RequestDenied");
        refused.access = permissions::needed("GET", &refused.path);
        let text = Error::Refused(Box::new(refused)).to_string();
        for part in [
            "t-1",
            "Policy.Read.All",
            "r-1",
            "403",
            "Authorization_RequestDenied",
        ] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
    }
}
