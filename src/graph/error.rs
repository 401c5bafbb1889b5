//! Errors of the client, each with the information that a user needs to fix it.
//!
//! Branch on [`Error::has_code`] and the other methods, never on message texts. Only these methods examine texts, if a code is
//! not specific enough.

use std::fmt;
use std::time::Duration;

use super::graph_error::GraphError;
use super::path::shown;
use super::sign_in::CertificateError;

/// A failed call.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Graph responded with an error.
    #[error("{0}")]
    Refused(Box<GraphError>),
    /// No token could be acquired.
    #[error("{0}")]
    SignIn(Box<SignInFailure>),
    /// No attempt got a complete response.
    #[error("{0}")]
    Unreachable(Box<Unreachable>),
    /// Graph asked to wait longer, or more often, than is allowed.
    #[error("{0}")]
    Throttled(Box<Throttled>),
    /// A request that must not be repeated may or may not have been carried out.
    #[error("{0}")]
    AnswerLost(Box<AnswerLost>),
    /// The response is invalid.
    #[error("{method} {}: unexpected response: {what}", shown(.path))]
    Unexpected {
        /// The HTTP method.
        method: String,
        /// The path of the call.
        path: String,
        /// The reason.
        what: String,
    },
    /// The call cannot be sent, because its path is malformed.
    #[error("{:?} is not a valid path of Microsoft Graph: {what}", shown(.path))]
    BadPath {
        /// The path.
        path: String,
        /// The reason.
        what: String,
    },
    /// The certificate to sign in with cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The caller canceled the operation.
    #[error("cancelled{}", unknown(.unanswered.as_deref()))]
    Cancelled {
        /// The write whose response did not arrive in time; it may have been carried out.
        unanswered: Option<String>,
    },
    /// The deadline of the operation has passed.
    #[error("the operation timed out{}{}", waited(*.held_back), unknown(.unanswered.as_deref()))]
    DeadlineExceeded {
        /// The write whose response did not arrive in time; it may have been carried out.
        unanswered: Option<String>,
        /// The next request was waiting for the rate limiter, because Graph would have throttled it.
        held_back: bool,
    },
}

impl Error {
    /// Records that the time was spent waiting for the rate limiter.
    pub(super) fn while_held_back(self) -> Self {
        match self {
            Self::DeadlineExceeded { unanswered, .. } => Self::DeadlineExceeded {
                unanswered,
                held_back: true,
            },
            other => other,
        }
    }
}

fn waited(held_back: bool) -> &'static str {
    if held_back {
        "while waiting: Graph throttles this application in this tenant, or its quota is exhausted"
    } else {
        ""
    }
}

fn unknown(unanswered: Option<&str>) -> String {
    unanswered.map_or_else(String::new, |call| {
        format!("; {call} was sent without a response, so it may have been carried out")
    })
}

/// The reason why no token could be acquired.
#[derive(Clone, Debug)]
pub struct SignInFailure {
    /// The tenant to sign in to.
    pub tenant_id: String,
    /// The authentication method: see [`SignIn::name`](super::SignIn::name).
    pub with: &'static str,
    /// The error code of the sign-in service, for example `AADSTS7000215`.
    pub code: Option<String>,
    /// The explanation of the code, and the fix.
    pub meaning: Option<&'static str>,
    /// The message of the sign-in service, without secrets.
    pub message: String,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// Whether a retry cannot help, because the credentials or the tenant are wrong.
    pub definite: bool,
    /// Whether the complete error was already reported; if so, the message of the service is omitted.
    pub repeated: bool,
}

impl fmt::Display for SignInFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sign-in to tenant {} with {} failed",
            self.tenant_id, self.with
        )?;
        if let Some(meaning) = self.meaning {
            write!(f, ": {meaning}")?;
        }
        match &self.code {
            Some(code) if self.repeated => {
                write!(
                    f,
                    "\n{code}; another of these errors shows the complete response"
                )
            }
            Some(code) if self.message.starts_with(code.as_str()) => {
                write!(f, "\n{}", self.message)
            }
            Some(code) => write!(f, "\n{code}: {}", self.message),
            None => write!(f, "\n{}", self.message),
        }
    }
}

/// The services that a client sends requests to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Microsoft Graph.
    Graph,
    /// The sign-in service.
    Login,
    /// The instance metadata service of the machine.
    Metadata,
    /// Another token issuer.
    Issuer,
}

/// No complete response.
#[derive(Clone, Debug)]
pub struct Unreachable {
    /// The service that did not respond.
    pub service: Service,
    /// The HTTP method.
    pub method: String,
    /// The path of the call.
    pub path: String,
    /// The host that did not respond.
    pub host: String,
    /// The number of attempts.
    pub attempts: u32,
    /// The elapsed time, including waits.
    pub elapsed: Duration,
    /// The last fault.
    pub fault: String,
    /// The certificate of the host is not trusted, or there are no trusted roots.
    pub untrusted: bool,
    /// The request is a write that may have been carried out.
    pub maybe_done: bool,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: no response from {} after {} attempt(s) in {:.1} s: {}",
            self.method,
            shown(&self.path),
            self.host,
            self.attempts,
            self.elapsed.as_secs_f64(),
            self.fault
        )?;
        if self.maybe_done {
            f.write_str(". It may have been carried out anyway")?;
        }
        Ok(())
    }
}

/// Graph throttles this application.
#[derive(Clone, Debug)]
pub struct Throttled {
    /// The HTTP method.
    pub method: String,
    /// The path of the call.
    pub path: String,
    /// The tenant.
    pub tenant_id: String,
    /// The number of attempts.
    pub attempts: u32,
    /// The elapsed time, including waits.
    pub elapsed: Duration,
    /// The wait that Graph asked for, if any.
    pub retry_after: Option<Duration>,
    /// The request ID, which Microsoft support asks for.
    pub request_id: Option<String>,
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: Graph throttles tenant {} (429), {} attempt(s) in {:.1} s",
            self.method,
            shown(&self.path),
            self.tenant_id,
            self.attempts,
            self.elapsed.as_secs_f64()
        )?;
        if let Some(wait) = self.retry_after {
            write!(f, "; Graph requested a delay of {} s", wait.as_secs())?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nrequest-id: {id}")?;
        }
        Ok(())
    }
}

/// A request that may have been carried out, without a way to find out.
#[derive(Clone, Debug)]
pub struct AnswerLost {
    /// The HTTP method.
    pub method: String,
    /// The path of the call.
    pub path: String,
    /// The reason why there is no response.
    pub fault: String,
    /// The error of the search for the result, if that failed as well.
    pub look: Option<Box<Error>>,
}

impl fmt::Display for AnswerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: the response was lost ({}). Graph may have carried out the request. Look for its result before \
            sending it again",
            self.method,
            shown(&self.path),
            self.fault
        )?;
        if let Some(error) = &self.look {
            write!(f, ". Looking for the result failed: {error}")?;
        }
        Ok(())
    }
}

impl Error {
    /// Applies `change` to every text that comes at least partly from a server or another program.
    #[must_use]
    pub(super) fn map_texts(mut self, change: &dyn Fn(&str) -> String) -> Self {
        let each = |texts: &mut [&mut String]| {
            for text in texts {
                **text = change(text);
            }
        };
        match &mut self {
            Self::Refused(refusal) => {
                each(&mut [&mut refusal.path, &mut refusal.code, &mut refusal.message]);
                for detail in &mut refusal.details {
                    each(&mut [&mut detail.code, &mut detail.message]);
                }
                each(&mut refusal.request_id.iter_mut().collect::<Vec<_>>());
            }
            Self::SignIn(failure) => each(&mut [&mut failure.message]),
            Self::Unreachable(lost) => {
                each(&mut [&mut lost.path, &mut lost.host, &mut lost.fault]);
            }
            Self::Throttled(throttled) => {
                each(&mut [&mut throttled.path]);
                each(&mut throttled.request_id.iter_mut().collect::<Vec<_>>());
            }
            Self::AnswerLost(lost) => each(&mut [&mut lost.path, &mut lost.fault]),
            Self::Unexpected { path, what, .. } | Self::BadPath { path, what } => {
                each(&mut [path, what]);
            }
            Self::Cancelled { unanswered } | Self::DeadlineExceeded { unanswered, .. } => {
                each(&mut unanswered.iter_mut().collect::<Vec<_>>());
            }
            Self::Certificate(_) => {}
        }
        self
    }

    /// The HTTP status of Graph's error.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Throttled(_) => Some(429),
            _ => None,
        }
    }

    /// Whether Graph returned this code, either as the error's own or in its details.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        let Self::Refused(refusal) = self else {
            return false;
        };
        refusal.code == code || refusal.details.iter().any(|detail| detail.code == code)
    }

    /// Whether Graph itself, rather than a gateway, reports that the object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        // UNVERIFIED which codes come with 404 everywhere. All known ones contain "NotFound". A 404 without an error envelope is
        // not trusted, because the object would be removed from the state.
        self.status() == Some(404)
            && self.any_code(|code| code.to_ascii_lowercase().contains("notfound"))
    }

    /// Whether Graph reports that an object with that name or key already exists.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// Marks the error as following an attempt that may have been carried out.
    pub(super) fn after_lost_answer(mut self) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.after_lost_answer = true;
        }
        self
    }

    /// Whether Graph reports that the object to create already exists. For assignments it returns 400 with an unspecific code, so
    /// the message decides.
    #[must_use]
    pub fn says_it_exists(&self) -> bool {
        self.is_conflict() || self.is_bad_request_with(&["already exist"])
    }

    /// Whether Graph may report with 400 instead of 404 that the object to change or delete is gone. Other errors can have
    /// similar messages, so the object must be read to be certain.
    #[must_use]
    pub(super) fn may_mean_gone(&self) -> bool {
        self.is_bad_request_with(&["not found", "not exist"])
    }

    fn is_bad_request_with(&self, words: &[&str]) -> bool {
        let Self::Refused(refusal) = self else {
            return false;
        };
        let has = |text: &str| {
            let text = text.to_ascii_lowercase();
            words.iter().any(|words| text.contains(words))
        };
        refusal.status == 400
            && (has(&refusal.message) || refusal.details.iter().any(|one| has(&one.message)))
    }

    /// Whether a conflict may come from an earlier attempt of the same call whose response was lost.
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
