//! Errors of operations, and their conversion to diagnostics. No other module converts `graph::Error`.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::Context;
use super::json::UnexpectedShape;
use graph;
use terraform::{Diagnostic, Path};

/// The result of an operation; without parameters, of one that only succeeds or fails.
pub type Result<T = (), E = Problem> = std::result::Result<T, E>;

/// Converts a panic in `work` to an error, so that the state of completed steps is not lost.
pub async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|_| {
        Err(Problem::error(
            "The provider crashed",
            "Please report this with the crash report.",
        ))
    })
}

/// The reason why an operation on a resource failed.
#[derive(Debug)]
pub enum Problem {
    /// An error of Graph or of the connection to it.
    Graph(graph::Error),
    /// Any other error, as a message for the user.
    Diagnostic(Box<Diagnostic>),
}

impl From<graph::Error> for Problem {
    fn from(error: graph::Error) -> Self {
        Self::Graph(error)
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostic(Box::new(diagnostic))
    }
}

impl From<UnexpectedShape> for Problem {
    fn from(unexpected: UnexpectedShape) -> Self {
        let detail = format!(
            "The response does not have the documented structure: `{}`: {}. The state was not changed. Please report this.",
            unexpected.member, unexpected.problem
        );
        Diagnostic::error("Unexpected response from Microsoft Graph", detail).into()
    }
}

impl Problem {
    /// Returns an error with a message for the user.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::error(summary, detail).into()
    }

    /// Returns an error that refers to an attribute.
    pub fn at(attribute: &str, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::error(summary, detail)
            .at(Path::root(attribute))
            .into()
    }

    /// Returns the error that the object to be created already exists, with the block that imports it.
    pub fn exists(type_name: &str, what: &str, id: &str, tenant_id: &str) -> Self {
        let detail = format!(
            "{what} already exists in tenant {tenant_id} and was not changed. To manage it, add this block with the \
            address of this resource and apply again:\n\n  import {{\n    to = {type_name}.NAME\n    id = {id:?}\n  \
            }}\n"
        );
        Self::error(format!("{what} already exists"), detail)
    }

    /// Like [`Problem::into_diagnostic`] for the tenant of `context`, but shortens a sign-in error that was already reported.
    pub fn into_diagnostic_once(self, doing: &str, context: &Context) -> Diagnostic {
        let error = match self {
            Self::Graph(error) => context.graph.deduplicate_sign_in_error(error),
            diagnostic @ Self::Diagnostic(_) => {
                return diagnostic.into_diagnostic(doing, context.tenant_id());
            }
        };
        let about_sign_in = context.origin().advice(&error);
        explained(&error, about_sign_in, doing, context.tenant_id())
    }

    /// Converts the error to a diagnostic. `doing` is the failed operation, for example "create crosstenant_partner_policy".
    pub fn into_diagnostic(self, doing: &str, tenant_id: &str) -> Diagnostic {
        match self {
            Self::Diagnostic(mut diagnostic) => {
                diagnostic.detail = format!(
                    "{}\n\nThe provider tried to {doing} in tenant {tenant_id}.",
                    diagnostic.detail.trim_end()
                );
                *diagnostic
            }
            Self::Graph(error) => explained(&error, None, doing, tenant_id),
        }
    }
}

/// Returns an error with advice: about the provider's configuration if that is the cause, or general advice about the error.
fn explained(
    error: &graph::Error,
    about_configuration: Option<String>,
    doing: &str,
    tenant_id: &str,
) -> Diagnostic {
    let summary = format!("Could not {doing} in tenant {tenant_id}");
    let advice = about_configuration.or_else(|| advice(error));
    let advice = advice.map_or_else(String::new, |advice| format!("\n\n{advice}"));
    Diagnostic::error(summary, format!("{error}{advice}"))
}

/// Documented error codes with their usual cause and fix, in addition to the error's own message.
const CODES: &[(&str, &str)] = &[
    (
        "Authorization_RequestDenied",
        "Grant the application permission to the application that the provider signs in with and grant admin consent \
        in that tenant, or assign the directory role to the signed-in user. It can take a few minutes until new tokens \
        contain a new permission.",
    ),
    (
        "Authorization_IdentityNotFound",
        "The application has no service principal in this tenant. Grant admin consent there first.",
    ),
    (
        "Directory_ObjectNotFound",
        "The object was deleted outside Terraform, or a replica does not show it yet. Apply again.",
    ),
    (
        "Request_MultipleObjectsWithSameKeyValue",
        "An object with the same key already exists. If it was just deleted, try again later; otherwise, import it.",
    ),
    (
        "AadPremiumLicenseRequired",
        "Trust settings and automatic redemption require Microsoft Entra ID P1 or P2 in this tenant; without a \
        license, their check boxes are disabled in the portal. The row `license` of `crosstenant_readiness` shows the \
        licenses of the tenant.",
    ),
    (
        "AzureActiveDirectoryForbidden",
        "The target tenant does not allow guest invitations. Set `allow_invites_from` of \
        `crosstenant_guest_invite_settings` in that tenant to a value other than `none`.",
    ),
];

fn advice(error: &graph::Error) -> Option<String> {
    let known = CODES
        .iter()
        .find(|(code, _)| error.has_code(code))
        .map(|(_, advice)| (*advice).to_owned());
    known.or_else(|| match error {
        graph::Error::AnswerLost(_) | graph::Error::Unexpected { .. } => {
            Some("Apply again: before creating an object, the provider looks for an existing one.".to_owned())
        }
        graph::Error::DeadlineExceeded { .. } | graph::Error::Throttled(_) => {
            Some("Apply again later, or increase `timeouts`.".to_owned())
        }
        graph::Error::Unreachable(lost) if lost.maybe_done => Some(
            "Check the network, then apply again: before creating an object, the provider looks for an existing one."
                .to_owned(),
        ),
        graph::Error::Unreachable(_) => Some(
            "Check the network, the proxy (HTTPS_PROXY) and, if it is set, `graph_endpoint`."
                .to_owned(),
        ),
        _ => None,
    })
}
