//! What can go wrong between us and Graph, each with what a person needs to act on it.
//!
//! Branch on [`Error::has_code`] and the other questions, never on message texts.

use std::fmt;
use std::time::Duration;

use serde_json::Value as Json;

use super::access::Access;
use super::sign_in::CertificateError;

/// A call that did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Graph answered, and the answer is no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No token could be had.
    #[error("{0}")]
    SignIn(Box<SignInFailure>),
    /// No complete answer after every attempt.
    #[error("{0}")]
    Unreachable(Box<Unreachable>),
    /// Graph asked to slow down, for longer or more often than we may wait.
    #[error("{0}")]
    Throttled(Box<Throttled>),
    /// A request that must not be repeated may or may not have been carried out.
    #[error("{0}")]
    AnswerLost(Box<AnswerLost>),
    /// The answer makes no sense.
    #[error("{method} {path}: unexpected answer: {what}")]
    Unexpected {
        /// The verb.
        method: String,
        /// The path as it was called.
        path: String,
        /// What is odd about it.
        what: String,
    },
    /// The call itself cannot be made: a malformed path.
    #[error("{path:?} is no path Graph could be asked for: {what}")]
    BadPath {
        /// The path.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// The certificate to sign in with cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The caller asked to stop.
    #[error("cancelled{}", unknown(.unanswered.as_deref()))]
    Cancelled {
        /// The write whose answer did not come in time: it may have been carried out.
        unanswered: Option<String>,
    },
    /// The time for the operation is over.
    #[error("the time for this operation is over{}", unknown(.unanswered.as_deref()))]
    DeadlineExceeded {
        /// The write whose answer did not come in time: it may have been carried out.
        unanswered: Option<String>,
    },
}

fn unknown(unanswered: Option<&str>) -> String {
    unanswered.map_or_else(String::new, |call| {
        format!("; {call} was sent but not answered, so it may have been carried out")
    })
}

/// Graph's own words for a refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The verb.
    pub method: String,
    /// The path as it was called.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// `error.code`; empty where the answer had no error envelope.
    pub code: String,
    /// `error.message`, secrets removed.
    pub message: String,
    /// `error.details[]`, and the codes of nested inner errors.
    pub details: Vec<Detail>,
    /// What Microsoft support asks for.
    pub request_id: Option<String>,
    /// The tenant that refused.
    pub tenant_id: String,
    /// For 401 and 403: what this call needs.
    pub access: Option<&'static Access>,
    /// How long Graph asked to wait before another attempt.
    pub retry_after: Option<Duration>,
    /// The request was sent before and its answer lost: a conflict may be of our own making.
    pub after_lost_answer: bool,
}

/// One entry of `error.details[]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Its code.
    pub code: String,
    /// Its message.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: Graph answered {}",
            self.method, self.path, self.status
        )?;
        if !self.code.is_empty() {
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
                "\nIn tenant {} this call needs the application permission {} or, for a person, the directory role {}.",
                self.tenant_id, access.permission, access.role,
            )?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "\nGraph asked to wait {} s.", wait.as_secs())?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nrequest-id: {id}")?;
        }
        Ok(())
    }
}

/// Why no token could be had.
#[derive(Clone, Debug)]
pub struct SignInFailure {
    /// The tenant that was to be signed in to.
    pub tenant_id: String,
    /// The sign-in service's code, for example `AADSTS7000215`.
    pub code: Option<String>,
    /// The code in plain words, and what to do.
    pub meaning: Option<&'static str>,
    /// The sign-in service's own words, secrets removed.
    pub message: String,
    /// Whether another attempt cannot help: the credentials or the tenant are wrong.
    pub definite: bool,
}

impl fmt::Display for SignInFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no sign-in to tenant {}", self.tenant_id)?;
        if let Some(meaning) = self.meaning {
            write!(f, ": {meaning}")?;
        }
        match &self.code {
            Some(code) if self.message.starts_with(code.as_str()) => {
                write!(f, "\n{}", self.message)
            }
            Some(code) => write!(f, "\n{code}: {}", self.message),
            None => write!(f, "\n{}", self.message),
        }
    }
}

/// No complete answer.
#[derive(Clone, Debug)]
pub struct Unreachable {
    /// The verb.
    pub method: String,
    /// The path as it was called.
    pub path: String,
    /// The host that did not answer.
    pub host: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How long that took, waits included.
    pub elapsed: Duration,
    /// The last fault.
    pub fault: String,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: no answer from {} after {} attempt(s) in {:.1} s: {}",
            self.method,
            self.path,
            self.host,
            self.attempts,
            self.elapsed.as_secs_f64(),
            self.fault
        )
    }
}

/// Graph is throttling us.
#[derive(Clone, Debug)]
pub struct Throttled {
    /// The verb.
    pub method: String,
    /// The path as it was called.
    pub path: String,
    /// The tenant.
    pub tenant_id: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How long that took, waits included.
    pub elapsed: Duration,
    /// How long Graph asked to wait, if it said.
    pub retry_after: Option<Duration>,
    /// What Microsoft support asks for.
    pub request_id: Option<String>,
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: Graph throttles tenant {} (429), {} attempt(s) in {:.1} s",
            self.method,
            self.path,
            self.tenant_id,
            self.attempts,
            self.elapsed.as_secs_f64()
        )?;
        if let Some(wait) = self.retry_after {
            write!(f, "; Graph asked to wait {} s", wait.as_secs())?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nrequest-id: {id}")?;
        }
        Ok(())
    }
}

/// A request that may have been carried out, without a way to tell.
#[derive(Clone, Debug)]
pub struct AnswerLost {
    /// The verb.
    pub method: String,
    /// The path as it was called.
    pub path: String,
    /// What happened to the answer.
    pub fault: String,
    /// Why looking for the result did not help either, where it failed.
    pub look: Option<Box<Error>>,
}

impl fmt::Display for AnswerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: the answer was lost ({}). Graph may have carried the request out; it was not repeated, \
             because that could do it twice",
            self.method, self.path, self.fault
        )?;
        if let Some(error) = &self.look {
            write!(f, ". Looking for the result failed: {error}")?;
        }
        Ok(())
    }
}

impl Error {
    /// The HTTP status Graph refused with.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Throttled(_) => Some(429),
            _ => None,
        }
    }

    /// Whether Graph gave this code, as the error's own or among its details.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        let Self::Refused(refusal) = self else {
            return false;
        };
        refusal.code == code || refusal.details.iter().any(|detail| detail.code == code)
    }

    /// Whether Graph itself, not some gateway, says that the object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        // UNVERIFIED which codes come with 404 everywhere. All known ones contain "NotFound"; a 404 without an
        // envelope is not taken for Graph's word, because believing it would mean forgetting an object.
        self.status() == Some(404)
            && self.any_code(|code| code.to_ascii_lowercase().contains("notfound"))
    }

    /// Whether Graph refuses because something of that name or key is there already.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// Whether a conflict may come from an earlier attempt of the same call whose answer was lost.
    #[must_use]
    pub fn follows_lost_answer(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.after_lost_answer)
    }

    fn any_code(&self, question: impl Fn(&str) -> bool) -> bool {
        let Self::Refused(refusal) = self else {
            return false;
        };
        question(&refusal.code) || refusal.details.iter().any(|detail| question(&detail.code))
    }
}

/// The part of an error envelope that matters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) details: Vec<Detail>,
    pub(super) request_id: Option<String>,
}

/// Inner errors nest; nobody needs more of them.
const MAX_NESTING: usize = 8;

impl Envelope {
    /// Reads Graph's envelope; anything else gives an empty one.
    pub(super) fn read(body: &Json) -> Self {
        let error = &body["error"];
        let mut envelope = Self {
            code: text(&error["code"]),
            message: text(&error["message"]),
            ..Self::default()
        };
        for detail in error["details"].as_array().into_iter().flatten() {
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
                envelope.request_id = inner["request-id"].as_str().map(str::to_owned);
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
    use crate::graph::access;
    use serde_json::json;

    fn refusal(status: u16, code: &str) -> Refusal {
        Refusal {
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
    fn an_envelope_gives_its_codes_and_request_id() {
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
    fn anything_but_an_envelope_reads_as_nothing() {
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
        assert!(Error::Refused(Box::new(refusal(404, "Request_ResourceNotFound"))).is_not_found());
        assert!(Error::Refused(Box::new(refusal(404, "itemNotFound"))).is_not_found());
        assert!(!Error::Refused(Box::new(refusal(404, ""))).is_not_found());
        assert!(!Error::Refused(Box::new(refusal(400, "Request_ResourceNotFound"))).is_not_found());
    }

    #[test]
    fn a_missing_permission_names_tenant_permission_and_role() {
        let mut refused = refusal(403, "Authorization_RequestDenied");
        refused.access = access::needed("GET", &refused.path);
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
