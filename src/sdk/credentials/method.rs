//! Authentication methods, and the arguments that choose them.

use terraform::Value;

/// An authentication method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Secret,
    Certificate,
    Oidc,
    Msi,
    Aks,
}

/// The arguments that choose a method, in order of precedence.
pub(super) const METHODS: [(&str, Method); 7] = [
    ("client_secret", Method::Secret),
    ("client_secret_file_path", Method::Secret),
    ("client_certificate", Method::Certificate),
    ("client_certificate_path", Method::Certificate),
    ("use_oidc", Method::Oidc),
    ("use_msi", Method::Msi),
    ("use_aks_workload_identity", Method::Aks),
];

/// Arguments that need the argument that chooses their method.
pub(super) const PARTS: [(&str, &str); 7] = [
    ("client_certificate_password", "client_certificate_path"),
    ("oidc_token", "use_oidc"),
    ("oidc_token_file_path", "use_oidc"),
    ("oidc_request_token", "use_oidc"),
    ("ado_pipeline_service_connection_id", "use_oidc"),
    ("client_id", "client_secret"),
    ("client_id_file_path", "client_secret"),
];

/// Returns the arguments that choose a method, one for each chosen method.
pub(super) fn chosen(get: &dyn Fn(&str) -> Option<String>) -> Vec<(&'static str, Method)> {
    let mut found: Vec<(&str, Method)> = Vec::new();
    for (argument, method) in METHODS {
        let is_set = get(argument).is_some_and(|text| {
            !text.is_empty() && (!argument.starts_with("use_") || truth(&text) == Some(true))
        });
        if is_set && found.iter().all(|(_, other)| *other != method) {
            found.push((argument, method));
        }
    }
    found
}

/// Parses a boolean as it is commonly written in environment variables.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "yes" | "on" => Some(true),
        "0" | "f" | "false" | "no" | "off" | "" => Some(false),
        _ => None,
    }
}

/// Formats a value as it would be written in an environment variable.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the environment variables of an argument, in order of precedence.
pub(super) fn variables(prefix: &str, argument: &str) -> Vec<String> {
    let mut names = vec![format!("{prefix}_{}", argument.to_uppercase())];
    match argument {
        "oidc_request_token" => names
            .extend(["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"].map(str::to_owned)),
        "oidc_request_url" => names
            .extend(["ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"].map(str::to_owned)),
        "ado_pipeline_service_connection_id" => {
            names.push(format!("{prefix}_OIDC_AZURE_SERVICE_CONNECTION_ID"));
        }
        _ => {}
    }
    names
}

/// Formats an argument with the environment variable that sets it, for messages.
pub(super) fn named(prefix: &str, argument: &str) -> String {
    format!("`{argument}` ({})", variables(prefix, argument)[0])
}
