//! Which refusals may be due to a replica that lags.

use reqwest::Method;

use super::plain;
use crate::Error;

/// What lag may have to do with a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// Nothing.
    None,
    /// Something it names is not visible yet. Where `for_others`, also something that others have created.
    Reference { for_others: bool },
    /// Something that was deleted still takes the place.
    Occupied,
    /// What is to be made exists, and may not be listed yet. Only the text says so.
    Exists,
}

/// Judges a refused call.
pub(crate) fn suspect(method: &Method, path: &str, error: &Error) -> Suspicion {
    let Error::Refused(refusal) = error else {
        return Suspicion::None;
    };
    // An earlier attempt may have succeeded: then this is about that one.
    if refusal.after_lost_answer || matches!(*method, Method::GET | Method::DELETE) {
        return Suspicion::None;
    }
    let plain = plain(path);
    let assigns = plain.ends_with("/approleassignedto") || plain.ends_with("/joinrequest");
    let is_directory =
        plain.starts_with("/applications/") || plain.starts_with("/serviceprincipals/");
    match refusal.status {
        404 if error.is_not_found() => Suspicion::Reference { for_others: true },
        400 | 409 if assigns && error.says_it_exists() => Suspicion::Exists,
        400 if error.has_code("Request_BadRequest") && (assigns || is_directory) => {
            Suspicion::Reference {
                for_others: assigns,
            }
        }
        // The code of this one is that of a missing permission, so its text has to be read.
        403 if is_directory && refusal.message.contains("backing application") => {
            Suspicion::Reference { for_others: false }
        }
        409 if *method == Method::PUT && plain.contains("/synchronization/") => {
            Suspicion::Reference { for_others: true }
        }
        409 if *method == Method::POST => Suspicion::Occupied,
        _ => Suspicion::None,
    }
}
