//! Decides which errors may be due to replication lag.

use reqwest::Method;

use super::plain;
use crate::Error;

/// The possible relation of an error to replication lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// None.
    None,
    /// An object that it refers to is not visible yet. With `for_others`, also one that another client created.
    Reference { for_others: bool },
    /// A deleted object still occupies the name or key.
    Occupied,
    /// The object to create exists, and may not be listed yet. Only the message indicates it.
    Exists,
}

/// Classifies the error of a call.
pub(crate) fn suspect(method: &Method, path: &str, error: &Error) -> Suspicion {
    let Error::Refused(refusal) = error else {
        return Suspicion::None;
    };
    // An earlier attempt may have succeeded, and be the cause of the error.
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
        // The code is that of a missing permission, so the message decides.
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
