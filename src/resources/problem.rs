//! Why an operation failed, and how that is told: `graph::Error` becomes a diagnostic here and nowhere else.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::Context;
use super::json::Misfit;
use crate::graph;
use crate::terraform::{Diagnostic, Path};

/// A panic in `work` as an error, so that nothing is forgotten that was done before it.
pub(super) async fn caught<T>(
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|_| {
        Err(Problem::said(
            "The provider crashed",
            "Please report the crash text.",
        ))
    })
}

/// Why an operation on a resource failed.
#[derive(Debug)]
pub enum Problem {
    /// Graph refused, or could not be asked.
    Graph(graph::Error),
    /// Anything else, in words for the user.
    Said(Box<Diagnostic>),
}

impl From<graph::Error> for Problem {
    fn from(error: graph::Error) -> Self {
        Self::Graph(error)
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Said(Box::new(diagnostic))
    }
}

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        let detail = format!(
            "The answer does not have its documented shape: `{}`: {}. Nothing was changed in the state. Please report this.",
            misfit.member, misfit.problem
        );
        Diagnostic::error("Microsoft Graph gave an unexpected answer", detail).into()
    }
}

impl Problem {
    /// An error in words for the user.
    pub(super) fn said(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::error(summary, detail).into()
    }

    /// The same, pointing at an attribute.
    pub(super) fn at(
        attribute: &str,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Diagnostic::error(summary, detail)
            .at(Path::root(attribute))
            .into()
    }

    /// The object exists although it was to be created: what to paste to adopt it.
    pub(super) fn exists(type_name: &str, what: &str, id: &str, tenant_id: &str) -> Self {
        let detail = format!(
            "{what} exists in tenant {tenant_id} and was not changed. To manage it here, add this block with the address of \
             this resource and apply again:\n\n  import {{\n    to = {type_name}.NAME\n    id = {id:?}\n  }}\n"
        );
        Self::said(format!("{what} already exists"), detail)
    }

    /// The same as [`Problem::tell`] for the tenant of `context`, without what was told already for something else.
    pub(super) fn tell_once(self, doing: &str, context: &Context) -> Diagnostic {
        let error = match self {
            Self::Graph(error) => context.graph.told(error),
            said @ Self::Said(_) => return said.tell(doing, context.tenant_id()),
        };
        let about_sign_in = context.origin().advice(&error);
        explained(&error, about_sign_in, doing, context.tenant_id())
    }

    /// What the user is told, given what was being done ("create crosstenant_partner_policy") and where.
    pub(super) fn tell(self, doing: &str, tenant_id: &str) -> Diagnostic {
        match self {
            Self::Said(mut said) => {
                said.detail = format!(
                    "{}\n\nWhile trying to {doing} in tenant {tenant_id}.",
                    said.detail.trim_end()
                );
                *said
            }
            Self::Graph(error) => explained(&error, None, doing, tenant_id),
        }
    }
}

/// An error with advice: about the provider's configuration where it is about that, or what is known of such errors.
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

/// Documented codes with their usual cause and cure, beyond what the error itself says.
const CODES: &[(&str, &str)] = &[
    (
        "Authorization_RequestDenied",
        "Grant the application permission to the application that the provider signs in with and give admin consent in that \
         tenant, or give the signed-in person the directory role. A new grant can take a few minutes to reach new tokens.",
    ),
    (
        "Authorization_IdentityNotFound",
        "The application has no service principal in this tenant. Give it admin consent there first.",
    ),
    (
        "Directory_ObjectNotFound",
        "The object was removed outside Terraform, or its creation has not reached this replica yet. Apply again.",
    ),
    (
        "Request_MultipleObjectsWithSameKeyValue",
        "Something with the same key exists. If it was deleted a moment ago, Graph still holds it; otherwise import it.",
    ),
    (
        "AadPremiumLicenseRequired",
        "Trust settings and automatic redemption need Microsoft Entra ID P1 or P2 in this tenant; without, the portal shows their \
         check boxes disabled. `crosstenant_readiness` tells in its row `licence` what the tenant has.",
    ),
    (
        "AzureActiveDirectoryForbidden",
        "The target tenant does not let guests be invited: its guest invite setting must be other than \"no one\", \
         which `crosstenant_guest_invite_settings` in that tenant sees to.",
    ),
];

fn advice(error: &graph::Error) -> Option<String> {
    let known = CODES
        .iter()
        .find(|(code, _)| error.has_code(code))
        .map(|(_, advice)| (*advice).to_owned());
    known.or_else(|| match error {
        graph::Error::AnswerLost(_) | graph::Error::Unexpected { .. } => {
            Some("Apply again: what exists is looked for before anything is created.".to_owned())
        }
        graph::Error::DeadlineExceeded { .. } | graph::Error::Throttled(_) => {
            Some("Apply again later, or allow more time with `timeouts`.".to_owned())
        }
        graph::Error::Unreachable(lost) if lost.maybe_done => Some(
            "Check the network, then apply again: what exists is looked for before anything is created."
                .to_owned(),
        ),
        graph::Error::Unreachable(_) => Some(
            "Check the network, a proxy (HTTPS_PROXY) and, where it is set, `graph_endpoint`."
                .to_owned(),
        ),
        _ => None,
    })
}
