//! Messages about an unusable configuration: the argument, its environment variable, and the probable fix.

use std::fmt::Write as _;
use std::path::Path as File;

use super::method::{Method, named, variables};
use graph::{Endpoint, EndpointError, path_problem};
use terraform::{Diagnostic, Path};

/// The names of the clouds, for the end of a sentence.
pub(super) const CLOUDS: &str =
    "one of \"global\", \"usgovernmentl4\", \"usgovernmentl5\" or \"china\"";

/// The sentence that explains why a value is not shown.
pub(super) const NOT_SHOWN: &str =
    "The value is not shown, because it may be a secret for another variable.";

/// Returns the argument that sets an endpoint.
pub(super) fn endpoint_argument(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Graph => "graph_endpoint",
        Endpoint::Login => "login_endpoint",
    }
}

pub(super) fn endpoint(prefix: &str, error: &EndpointError) -> Diagnostic {
    let argument = endpoint_argument(error.endpoint);
    let detail = format!("{} {}.", named(prefix, argument), error.what);
    Diagnostic::error(format!("Invalid `{argument}`"), detail).at(Path::root(argument))
}

pub(super) fn two_methods(
    first: (&str, Method),
    second: (&str, Method),
    place: &str,
) -> Diagnostic {
    let detail = format!(
        "Both `{}` and `{}` are set in {place}, and each selects an authentication method. Remove one of them.",
        first.0, second.0
    );
    Diagnostic::error("Multiple authentication methods configured", detail).at(Path::root(second.0))
}

pub(super) fn invalid(prefix: &str, argument: &'static str, expected: &str) -> Diagnostic {
    let detail = format!(
        "{} must be {expected}. {NOT_SHOWN}",
        named(prefix, argument)
    );
    Diagnostic::error(format!("Invalid `{argument}`"), detail).at(Path::root(argument))
}

/// Returns the error about an invalid ID, with the expected format.
pub(super) fn invalid_id(prefix: &str, argument: &'static str, value: &str) -> Diagnostic {
    let looks = if value.contains("://") {
        " It looks like a URL."
    } else if argument == "tenant_id" && value.contains('.') && !value.contains(['~', '_', ' ']) {
        " It looks like a domain name: use the tenant ID from the overview page of the Microsoft Entra admin center."
    } else if argument.starts_with("client_id") {
        " It is the application (client) ID, not the name, the object ID or the secret of the application."
    } else {
        ""
    };
    let what = match argument {
        "client_id_file_path" => format!(
            "The file that {} names must contain a GUID.",
            named(prefix, argument)
        ),
        _ => format!("{} must be a GUID.", named(prefix, argument)),
    };
    let detail = format!("{what}{looks} {NOT_SHOWN}");
    Diagnostic::error(format!("Invalid `{argument}`"), detail).at(Path::root(argument))
}

/// `elsewhere` is an environment variable that is set but not read by this configuration.
pub(super) fn missing(
    prefix: &str,
    argument: &'static str,
    why: &str,
    elsewhere: Option<&str>,
) -> Diagnostic {
    let variable = &variables(prefix, argument)[0];
    let mut detail = format!(
        "{why} Set `{argument}` in the provider's configuration or the environment variable {variable}."
    );
    if let Some(other) = elsewhere {
        // Writing to a string cannot fail.
        let _ = write!(
            detail,
            " The environment variable {other} is set, but this configuration reads the variables that begin with {prefix}_, \
             which `environment_prefix` changes."
        );
    }
    if argument == "client_secret" {
        detail.push_str(
            " Other authentication methods are `client_certificate_path`, `use_oidc`, `use_msi`, `use_aks_workload_identity` and \
             `use_cli`.",
        );
    }
    Diagnostic::error(format!("Missing {argument}"), detail).at(Path::root(argument))
}

pub(super) fn unreadable(
    prefix: &str,
    argument: &'static str,
    path: &str,
    error: &std::io::Error,
) -> Diagnostic {
    let detail = format!(
        "{}: {}.",
        named(prefix, argument),
        path_problem(File::new(path), error)
    );
    Diagnostic::error(format!("The file in `{argument}` cannot be read"), detail)
        .at(Path::root(argument))
}

pub(super) fn two_values(argument: &str, file: &'static str) -> Diagnostic {
    let detail =
        format!("`{argument}` and the file that `{file}` names differ. Remove one of them.");
    Diagnostic::error(format!("Two values for `{argument}`"), detail).at(Path::root(file))
}

pub(super) fn not_known(argument: &'static str) -> Diagnostic {
    let detail = format!(
        "`{argument}` depends on a value that is known only after apply, but the provider must sign in to plan. Set it \
        to a known value, or apply the resources that it depends on first with `-target`."
    );
    Diagnostic::error(format!("`{argument}` is not known yet"), detail).at(Path::root(argument))
}
