//! What can go wrong between us and Graph, each with what a person needs to act on it.
//!
//! Branch on [`Error::has_code`] and the other questions, never on message texts. The questions themselves look at texts where a
//! code says too little.

use std::fmt;
use std::time::Duration;

use super::graph_error::GraphError;
use super::path::shown;
use super::sign_in::CertificateError;

/// A call that did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Graph answered, and the answer is no.
    #[error("{0}")]
    Refused(Box<GraphError>),
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
    #[error("{method} {}: unexpected response: {what}", shown(.path))]
    Unexpected {
        /// The verb.
        method: String,
        /// The path as it was called.
        path: String,
        /// What is odd about it.
        what: String,
    },
    /// The call itself cannot be made: a malformed path.
    #[error("{:?} is not a valid path of Microsoft Graph: {what}", shown(.path))]
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
    #[error("the operation timed out{}{}", waited(*.held_back), unknown(.unanswered.as_deref()))]
    DeadlineExceeded {
        /// The write whose answer did not come in time: it may have been carried out.
        unanswered: Option<String>,
        /// The next request was waiting for the tenant's limits, which Graph would have refused it for.
        held_back: bool,
    },
}

impl Error {
    /// The same, where waiting for the tenant's limits took the time that there was.
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

/// Why no token could be had.
#[derive(Clone, Debug)]
pub struct SignInFailure {
    /// The tenant that was to be signed in to.
    pub tenant_id: String,
    /// How: see [`SignIn::name`](super::SignIn::name).
    pub with: &'static str,
    /// The sign-in service's code, for example `AADSTS7000215`.
    pub code: Option<String>,
    /// The code in plain words, and what to do.
    pub meaning: Option<&'static str>,
    /// The sign-in service's own words, secrets removed.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Whether another attempt cannot help: the credentials or the tenant are wrong.
    pub definite: bool,
    /// Whether somebody has been told already, in full: then the service's words are not repeated for every resource.
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

/// Which of the services that a client talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Microsoft Graph.
    Graph,
    /// The sign-in service.
    Login,
    /// The metadata service of the machine.
    Metadata,
    /// Another issuer of tokens.
    Issuer,
}

/// No complete answer.
#[derive(Clone, Debug)]
pub struct Unreachable {
    /// The service that was to answer.
    pub service: Service,
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
    /// No certificate of the host is trusted, or there is none to trust.
    pub untrusted: bool,
    /// It changes something, and may have been carried out all the same.
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
    /// The same with every text that a server or another program had a part in changed by `change`.
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

    /// The same as the answer to an attempt that was not the first, where the first may have been carried out.
    pub(super) fn after_lost_answer(mut self) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.after_lost_answer = true;
        }
        self
    }

    /// Whether Graph refuses to make what is there already. Assignments are refused with 400 and a code that means anything, so
    /// the words decide.
    #[must_use]
    pub fn says_it_exists(&self) -> bool {
        self.is_conflict() || self.is_bad_request_with(&["already exist"])
    }

    /// Whether Graph refuses to change or delete what is gone, with 400 instead of 404. Other refusals may have such words as
    /// well, so only a look at the object decides.
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
