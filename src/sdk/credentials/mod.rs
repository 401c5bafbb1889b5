//! The provider block: the tenant, the credentials and the Graph endpoints.
//!
//! Arguments and environment variables have the names that `azuread` uses. HCL takes precedence over the environment; two authentication
//! methods on the same level are an error, so that the provider never signs in with the wrong credentials. No message quotes a value:
//! variables are easily mixed up, and the value may be a secret.

mod method;
mod mistakes;
mod origin;
mod settings;
mod ways;

use super::prelude::*;
use graph::{Cloud, Endpoints};
use method::{chosen, written};
pub use origin::Origin;
pub use settings::Settings;

attributes! {
    /// The crosstenant provider manages Microsoft Entra cross-tenant synchronization end to end: partner policies, trust and
    /// consent, synchronization policies, configurations, assignments and provisioning jobs, in both tenants.
    ///
    /// One provider configuration signs in to one tenant. For a pair of tenants, declare two with an `alias` each. With
    /// `environment_prefix`, each reads its own environment variables.
    pub struct Configuration {
        /// Prefix of the environment variables that this provider configuration reads. With `SOURCE`, for example, the tenant
        /// ID is read from `SOURCE_TENANT_ID`. Defaults to `ARM`.
        environment_prefix: Option<String> = optional().check(Check::That(is_prefix)),
        /// ID of the tenant to manage. Environment: `ARM_TENANT_ID`.
        tenant_id: Option<String> = optional().check(Check::That(is_id)),
        /// Client ID of the application to sign in as. Environment: `ARM_CLIENT_ID`.
        client_id: Option<String> = optional().check(Check::That(is_id)),
        /// File that contains the client ID. Environment: `ARM_CLIENT_ID_FILE_PATH`.
        client_id_file_path: Option<String>,
        /// Secret of the application. Environment: `ARM_CLIENT_SECRET`.
        client_secret: Option<String> = optional().sensitive().check(Check::NotEmpty),
        /// File that contains the secret. Environment: `ARM_CLIENT_SECRET_FILE_PATH`.
        client_secret_file_path: Option<String>,
        /// Certificate of the application with its private key: base64-encoded PKCS#12, or PEM. Environment:
        /// `ARM_CLIENT_CERTIFICATE`.
        client_certificate: Option<String> = optional().sensitive().check(Check::NotEmpty),
        /// File that contains the certificate and its private key, PKCS#12 or PEM. Environment: `ARM_CLIENT_CERTIFICATE_PATH`.
        client_certificate_path: Option<String>,
        /// Password of the certificate file. Environment: `ARM_CLIENT_CERTIFICATE_PASSWORD`.
        client_certificate_password: Option<String> = optional().sensitive(),
        /// Whether to sign in with an OIDC token of another issuer that the application trusts (federated credential). Environment:
        /// `ARM_USE_OIDC`.
        use_oidc: Option<bool>,
        /// Token for `use_oidc`. Environment: `ARM_OIDC_TOKEN`.
        oidc_token: Option<String> = optional().sensitive(),
        /// File that contains the OIDC token. It is read again whenever a new token is needed. Environment: `ARM_OIDC_TOKEN_FILE_PATH`.
        oidc_token_file_path: Option<String>,
        /// Bearer token for the request for an Token for `use_oidc`. Environment: `ARM_OIDC_REQUEST_TOKEN`,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN` (GitHub Actions) or `SYSTEM_ACCESSTOKEN` (Azure DevOps).
        oidc_request_token: Option<String> = optional().sensitive(),
        /// URL to request an OIDC token from. Environment: `ARM_OIDC_REQUEST_URL`, `ACTIONS_ID_TOKEN_REQUEST_URL` (GitHub Actions) or
        /// `SYSTEM_OIDCREQUESTURI` (Azure DevOps).
        oidc_request_url: Option<String>,
        /// ID of the Azure DevOps service connection to sign in with. Environment: `ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID` or
        /// `ARM_OIDC_AZURE_SERVICE_CONNECTION_ID`.
        ado_pipeline_service_connection_id: Option<String>,
        /// Whether to sign in with the managed identity of the machine. Environment: `ARM_USE_MSI`.
        use_msi: Option<bool>,
        /// Whether to sign in with the identity of the Kubernetes workload. Environment: `ARM_USE_AKS_WORKLOAD_IDENTITY`.
        use_aks_workload_identity: Option<bool>,
        /// Whether to sign in with the account of the Azure CLI if no other authentication method is configured. Defaults to `true`.
        /// The Azure CLI has only a few permissions in Microsoft Graph, so many writes are refused. Environment: `ARM_USE_CLI`.
        use_cli: Option<bool>,
        /// Microsoft cloud: `global`, `usgovernmentl4`, `usgovernmentl5` or `china`. Defaults to `global`. Environment: `ARM_ENVIRONMENT`.
        environment: Option<String> = optional().check(Check::That(is_cloud)),
        /// URL of Microsoft Graph without a version, for example of the emulator or of a private endpoint. It must use https, except on
        /// this machine. Defaults to the endpoint of the cloud. Environment: `ARM_GRAPH_ENDPOINT`.
        graph_endpoint: Option<String>,
        /// URL of the sign-in service without a tenant, for example of the emulator. It must use https, except on this machine.
        /// Defaults to the endpoint of the cloud. Environment: `ARM_LOGIN_ENDPOINT`.
        login_endpoint: Option<String>,
        /// Maximum number of retries of a request that failed for a transient reason. Defaults to 8. Environment: `ARM_MAX_RETRIES`.
        max_retries: Option<i64> = optional().check(Check::AtLeast(0)),
        /// Time limit of one request to Microsoft Graph, for example `30s`. Defaults to one minute. Environment: `ARM_REQUEST_TIMEOUT`.
        request_timeout: Option<String> = optional().check(Check::That(is_duration)),
        /// Time to wait until Microsoft Graph shows an object that this provider created, changed or deleted, for example `2m`. During
        /// that time, the provider repeats a read that contradicts the change; after that, a difference is treated as drift. Optional;
        /// defaults to one minute for policies and five minutes for applications, assignments and jobs. Environment:
        /// `ARM_REPLICATION_TIMEOUT`.
        replication_timeout: Option<String> = optional().check(Check::That(is_duration)),
    }
}

fn is_prefix(value: &Value) -> Result<(), String> {
    let good = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    refuse(
        value,
        good,
        "a letter, followed by letters, digits and underscores",
    )
}

fn is_id(value: &Value) -> Result<(), String> {
    refuse(
        value,
        |text| is_guid(text.trim()),
        "a GUID such as \"11111111-2222-3333-4444-555555555555\"",
    )
}

fn is_duration(value: &Value) -> Result<(), String> {
    let good = |text: &str| terraform::duration(text).is_some();
    refuse(value, good, "a length of time such as \"30s\" or \"5m\"")
}

fn is_cloud(value: &Value) -> Result<(), String> {
    refuse(
        value,
        |text| text.parse::<Cloud>().is_ok(),
        mistakes::CLOUDS,
    )
}

/// Unlike the checks of resources, those of the provider block do not quote the value.
fn refuse(value: &Value, is_good: impl Fn(&str) -> bool, expected: &str) -> Result<(), String> {
    match value.as_str() {
        Some(text) if !is_good(text) => Err(expected.to_owned()),
        _ => Ok(()),
    }
}

/// Checks the configuration as far as possible without the environment.
pub fn validate(config: &Value, found: &mut Diagnostics) {
    let member = |name: &str| config.member(name).as_str();
    let prefix = member("environment_prefix").unwrap_or("ARM");
    let endpoints = Endpoints::new(
        Cloud::Global,
        member("graph_endpoint"),
        member("login_endpoint"),
    );
    if let Err(error) = endpoints {
        found.push(mistakes::endpoint(prefix, &error));
    }
    let methods = chosen(&|name| written(config.member(name)));
    if let [first, second, ..] = methods[..] {
        found.push(mistakes::two_methods(
            first,
            second,
            "the provider's configuration",
        ));
    }
}

#[cfg(test)]
mod tests;
