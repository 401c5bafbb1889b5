//! Interprets a response: JSON, or one of the errors.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::Value as Json;

use super::call::{Call, Progress};
use super::client::Client;
use super::error::{AnswerLost, Service, Throttled, Unreachable};
use super::graph_error::{Envelope, GraphError};
use super::hosts::authority;
use super::retry::{self, Attempt};
use super::sign_in::Token;
use super::transport::{Fault, Reply, header};
use super::{Error, Resend, permissions};

/// The response of a successful call.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Null if the response has no body.
    pub(super) json: Json,
    /// The token of the request.
    pub(super) token: Arc<Token>,
}

/// A failed attempt.
pub(super) enum Failure {
    /// Graph responded with an error.
    Refused(Box<Reply>),
    /// No response.
    Fault(Fault),
    /// The status is a success, but the body cannot be read.
    Unreadable {
        what: String,
        /// The body seems truncated, so a retry may help.
        cut: bool,
    },
}

impl Failure {
    /// Returns what the failure means for a retry.
    pub(super) fn attempt(&self, resend: Resend) -> Attempt {
        match self {
            Self::Refused(reply) => retry::judge(reply.status.as_u16(), resend),
            Self::Fault(Fault::NotSent(_) | Fault::Unresolved(_)) => Attempt::NotDone,
            Self::Fault(Fault::Lost(_)) | Self::Unreadable { cut: true, .. } => Attempt::Unknown,
            Self::Fault(Fault::TooLarge) | Self::Unreadable { .. } if resend == Resend::Never => {
                Attempt::Unknown
            }
            Self::Fault(Fault::TooLarge | Fault::Untrusted(_)) | Self::Unreadable { .. } => {
                Attempt::Final
            }
        }
    }

    /// The wait that Graph asked for.
    pub(super) fn asked(&self) -> Option<Duration> {
        match self {
            Self::Refused(reply) => retry::retry_after(&reply.headers, SystemTime::now()),
            _ => None,
        }
    }
}

impl Client {
    /// Returns the error for a failure after which the call is not retried.
    pub(super) fn give_up(&self, call: Call<'_>, progress: &Progress, failure: Failure) -> Error {
        let asked = failure.asked();
        let (method, path) = (call.method.to_string(), call.path.to_owned());
        match failure {
            Failure::Refused(reply) if reply.status == 429 => {
                Error::Throttled(Box::new(Throttled {
                    method,
                    path,
                    tenant_id: self.tenant_id().to_owned(),
                    attempts: progress.attempts,
                    elapsed: progress.started.elapsed(),
                    retry_after: asked,
                    request_id: header(&reply.headers, "request-id"),
                }))
            }
            Failure::Refused(reply) => Error::Refused(Box::new(GraphError {
                retry_after: asked,
                after_lost_answer: progress.lost,
                ..self.refused(call, &reply)
            })),
            Failure::Fault(Fault::TooLarge) => Error::Unexpected {
                method,
                path,
                what: Fault::TooLarge.to_string(),
            },
            Failure::Fault(fault) => Error::Unreachable(Box::new(Unreachable {
                service: Service::Graph,
                method,
                path,
                host: authority(call.url),
                attempts: progress.attempts,
                elapsed: progress.started.elapsed(),
                fault: fault.to_string(),
                untrusted: matches!(fault, Fault::Untrusted(_)),
                maybe_done: call.writes > 0 && (progress.lost || matches!(fault, Fault::Lost(_))),
            })),
            Failure::Unreadable { mut what, .. } => {
                if call.writes > 0 {
                    what += ". The request may have been carried out all the same";
                }
                Error::Unexpected { method, path, what }
            }
        }
    }

    /// Returns the error for a failure that leaves unknown whether the request was carried out.
    pub(super) fn lose(&self, call: Call<'_>, failure: &Failure) -> Error {
        let fault = match failure {
            Failure::Refused(reply) => self.refused(call, reply).to_string(),
            Failure::Fault(fault) => fault.to_string(),
            Failure::Unreadable { what, .. } => what.clone(),
        };
        Error::AnswerLost(Box::new(AnswerLost {
            method: call.method.to_string(),
            path: call.path.to_owned(),
            fault,
            look: None,
        }))
    }

    fn refused(&self, call: Call<'_>, reply: &Reply) -> GraphError {
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        let mut refusal = self.refusal(
            call.method.as_str(),
            call.path,
            reply.status.as_u16(),
            &body,
        );
        refusal.request_id = header(&reply.headers, "request-id").or(refusal.request_id);
        refusal
    }

    /// Returns Graph's error, with the permission that the call requires.
    pub(super) fn refusal(&self, method: &str, path: &str, status: u16, body: &Json) -> GraphError {
        let Envelope {
            code,
            message,
            details,
            request_id,
        } = Envelope::read(body);
        let needed = matches!(status, 401 | 403).then(|| permissions::needed(method, path));
        GraphError {
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            code,
            message,
            details,
            request_id,
            tenant_id: self.tenant_id().to_owned(),
            access: needed.flatten(),
            retry_after: None,
            after_lost_answer: false,
        }
    }
}

/// Returns the JSON of a successful response; null if it has no body.
pub(super) fn read(reply: &Reply, method: &Method) -> Result<Json, Failure> {
    let unreadable = |what: String, cut| Err(Failure::Unreadable { what, cut });
    let is_read = *method == Method::GET;
    if reply.status == 204 || (reply.body.is_empty() && !is_read) {
        return Ok(Json::Null);
    }
    if !is_read && *method != Method::POST {
        // For PUT, PATCH and DELETE, the status suffices.
        return Ok(serde_json::from_slice(&reply.body).unwrap_or_default());
    }
    if reply.body.is_empty() {
        return unreadable("it is empty".to_owned(), true);
    }
    let kind = header(&reply.headers, "content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("json") {
        return unreadable(format!("its content type is {kind:?}, not JSON"), false);
    }
    if parts(&reply.body) > MAX_PARTS {
        return unreadable(format!("it has more than {MAX_PARTS} values"), false);
    }
    match serde_json::from_slice(&reply.body) {
        Ok(json @ Json::Object(_)) if reply.body.len() > MAX_TEXT && is_bloated(&json) => {
            unreadable("it contains a text of more than 1 MiB".to_owned(), false)
        }
        Ok(json @ Json::Object(_)) => Ok(json),
        // Read as an object, it would have no members, as if everything had been removed.
        Ok(_) => unreadable("it is JSON, but not an object".to_owned(), false),
        Err(error) => unreadable(format!("it is not JSON: {error}"), error.is_eof()),
    }
}

/// The longest string that is accepted. Graph returns none of nearly this size, and it would be stored in the state and every
/// plan.
const MAX_TEXT: usize = 1024 * 1024;

/// The most values that a response may contain. A full page has less than a tenth of that. A parsed value takes many times the
/// memory of its text, and a few bytes of a compressed response can expand to thousands of characters.
const MAX_PARTS: usize = 2_000_000;

/// Returns an upper bound of the number of values in a JSON text: commas, brackets and braces inside strings count as well.
fn parts(text: &[u8]) -> usize {
    let is_mark = |letter: &&u8| matches!(letter, b',' | b'[' | b'{');
    text.iter().filter(is_mark).count()
}

/// Whether a string is too long. The parser limits the depth.
fn is_bloated(json: &Json) -> bool {
    match json {
        Json::String(text) => text.len() > MAX_TEXT,
        Json::Array(items) => items.iter().any(is_bloated),
        Json::Object(members) => members
            .iter()
            .any(|(name, value)| name.len() > MAX_TEXT || is_bloated(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{empty, raw, reply};
    use serde_json::json;

    fn told(method: &Method, answer: crate::testing::Answer) -> Result<Json, (String, bool)> {
        read(&answer.outcome.unwrap(), method).map_err(|failure| match failure {
            Failure::Unreadable { what, cut } => (what, cut),
            _ => panic!("another failure"),
        })
    }

    #[test]
    fn numbers_keep_their_digits_and_objects_their_order() {
        let text = r#"{"z":1.10,"a":123456789012345678901234567890}"#;
        let json = told(&Method::GET, raw(200, "application/json", text)).unwrap();
        assert_eq!(json.to_string(), text);
    }

    #[test]
    fn a_response_without_a_body_is_null_except_for_a_read() {
        assert_eq!(told(&Method::POST, empty(204)), Ok(Json::Null));
        assert_eq!(told(&Method::POST, empty(202)), Ok(Json::Null));
        assert_eq!(told(&Method::PATCH, empty(200)), Ok(Json::Null));
        assert_eq!(told(&Method::GET, empty(204)), Ok(Json::Null));
        assert_eq!(
            told(&Method::GET, empty(200)),
            Err(("it is empty".to_owned(), true))
        );
    }

    #[test]
    fn an_oversized_string_is_rejected() {
        let long = "x".repeat(MAX_TEXT + 1);
        let bounds = &long[1..];
        for (json, is_read) in [
            (json!({"value": [{"displayName": long}]}), false),
            (json!({ &*long: 1 }), false),
            (json!({"value": [{"displayName": bounds}]}), true),
            (json!({"value": vec!["x".repeat(10); MAX_TEXT / 8]}), true),
        ] {
            for method in [Method::GET, Method::POST] {
                let told = told(&method, reply(200, &json));
                assert_eq!(told.is_ok(), is_read, "{told:?}");
                if let Err((what, cut)) = told {
                    assert!(what.contains("more than 1 MiB") && !cut, "{what}");
                }
            }
        }
    }

    #[test]
    fn responses_that_are_not_json_are_rejected() {
        let (what, cut) = told(&Method::GET, raw(200, "text/html", "<html>")).unwrap_err();
        assert!(what.contains("\"text/html\", not JSON") && !cut, "{what}");
        let (what, cut) =
            told(&Method::GET, raw(200, "application/json", "{\"a\": [1,")).unwrap_err();
        assert!(what.contains("not JSON") && cut, "{what}");
        let (_, cut) = told(&Method::POST, raw(200, "application/json", "{]")).unwrap_err();
        assert!(!cut);
        let deep = "[".repeat(100_000);
        let (what, cut) = told(&Method::GET, raw(200, "application/json", &deep)).unwrap_err();
        assert!(what.contains("recursion limit") && !cut, "{what}");
        assert!(told(&Method::DELETE, raw(200, "text/html", "<html>")).is_ok());
        let (what, cut) = told(&Method::GET, reply(200, &json!([]))).unwrap_err();
        assert!(what.contains("not an object") && !cut, "{what}");
        assert_eq!(told(&Method::GET, reply(200, &json!({}))), Ok(json!({})));
    }
}
