//! The provider's own block: which tenant, who signs in and how, and where Graph is.
//!
//! Names are those that users of `azuread` know, as arguments and as environment variables. What HCL says wins over the
//! environment; two ways to sign in on the same level are an error, so that nobody signs in as somebody else by accident.

use std::collections::BTreeMap;
use std::path::Path as File;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::missing_tenant::MissingTenant;
use super::prelude::*;
use crate::graph::{Cloud, Endpoint, Endpoints, Oidc, Options, Secret, SignIn};

attributes! {
    /// The crosstenant provider manages Microsoft Entra cross-tenant synchronization end to end: partner policies, trust and
    /// consent, synchronization policies, configurations, assignments and provisioning jobs, in both tenants.
    ///
    /// One provider configuration signs in to one tenant. For a pair of tenants declare two, with an `alias` each; with
    /// `environment_prefix` each reads its own environment variables.
    pub struct Configuration {
        /// Beginning of the environment variables that this configuration reads, `ARM` by default: with `SOURCE` the tenant id
        /// is taken from `SOURCE_TENANT_ID` and so on.
        environment_prefix: Option<String> = optional().check(Check::That(is_prefix)),
        /// Id of the tenant to manage. Environment: `ARM_TENANT_ID`.
        tenant_id: Option<String> = optional().guid(),
        /// Client id of the application to sign in as. Environment: `ARM_CLIENT_ID`.
        client_id: Option<String> = optional().guid(),
        /// File that holds the client id. Environment: `ARM_CLIENT_ID_FILE_PATH`.
        client_id_file_path: Option<String>,
        /// Secret of the application. Environment: `ARM_CLIENT_SECRET`.
        client_secret: Option<String> = optional().sensitive().check(Check::NotEmpty),
        /// File that holds the secret. Environment: `ARM_CLIENT_SECRET_FILE_PATH`.
        client_secret_file_path: Option<String>,
        /// Certificate of the application with its private key: base64-encoded PKCS#12, or PEM. Environment:
        /// `ARM_CLIENT_CERTIFICATE`.
        client_certificate: Option<String> = optional().sensitive().check(Check::NotEmpty),
        /// File that holds the certificate and its private key, PKCS#12 or PEM. Environment: `ARM_CLIENT_CERTIFICATE_PATH`.
        client_certificate_path: Option<String>,
        /// Password of the certificate's file. Environment: `ARM_CLIENT_CERTIFICATE_PASSWORD`.
        client_certificate_password: Option<String> = optional().sensitive(),
        /// Whether to sign in with a token of another issuer that the application trusts (federated credential). Environment:
        /// `ARM_USE_OIDC`.
        use_oidc: Option<bool>,
        /// That token. Environment: `ARM_OIDC_TOKEN`.
        oidc_token: Option<String> = optional().sensitive(),
        /// File that holds that token; read again whenever a new one is needed. Environment: `ARM_OIDC_TOKEN_FILE_PATH`.
        oidc_token_file_path: Option<String>,
        /// Bearer token with which to ask for that token. Environment: `ARM_OIDC_REQUEST_TOKEN`,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN` (GitHub Actions) or `SYSTEM_ACCESSTOKEN` (Azure DevOps).
        oidc_request_token: Option<String> = optional().sensitive(),
        /// Where to ask for that token. Environment: `ARM_OIDC_REQUEST_URL`, `ACTIONS_ID_TOKEN_REQUEST_URL` (GitHub Actions) or
        /// `SYSTEM_OIDCREQUESTURI` (Azure DevOps).
        oidc_request_url: Option<String>,
        /// Id of the Azure DevOps service connection to sign in with. Environment: `ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID` or
        /// `ARM_OIDC_AZURE_SERVICE_CONNECTION_ID`.
        ado_pipeline_service_connection_id: Option<String>,
        /// Whether to sign in as the managed identity of the machine. Environment: `ARM_USE_MSI`.
        use_msi: Option<bool>,
        /// Whether to sign in with the identity of the Kubernetes workload. Environment: `ARM_USE_AKS_WORKLOAD_IDENTITY`.
        use_aks_workload_identity: Option<bool>,
        /// Whether to sign in as whoever is signed in with the Azure CLI, where no other way is configured; on by default.
        /// Microsoft allows the Azure CLI only few permissions in Graph, so that many writes are refused. Environment:
        /// `ARM_USE_CLI`.
        use_cli: Option<bool>,
        /// Microsoft cloud: `global` (default), `usgovernmentl4`, `usgovernmentl5` or `china`. Environment: `ARM_ENVIRONMENT`.
        environment: Option<String> = optional().check(Check::That(is_cloud)),
        /// Address of Microsoft Graph without a version, in place of the cloud's: for the emulator, or a private set-up. It must
        /// be https, except on this machine. Environment: `ARM_GRAPH_ENDPOINT`.
        graph_endpoint: Option<String>,
        /// Address of the sign-in service without a tenant, likewise. Environment: `ARM_LOGIN_ENDPOINT`.
        login_endpoint: Option<String>,
        /// How often a request that failed for a passing reason is repeated; 8 by default. Environment: `ARM_MAX_RETRIES`.
        max_retries: Option<i64> = optional().check(Check::AtLeast(0)),
        /// How long one exchange with Graph may take, for example `30s`; one minute by default. Environment:
        /// `ARM_REQUEST_TIMEOUT`.
        request_timeout: Option<String> = optional().check(Check::Duration),
    }
}

fn is_prefix(value: &Value) -> Result<(), String> {
    let good = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match value.as_str() {
        Some(text) if !good(text) => Err(format!("letters, digits and underscores, not {text:?}")),
        _ => Ok(()),
    }
}

fn is_cloud(value: &Value) -> Result<(), String> {
    match value.as_str().map(str::parse::<Cloud>) {
        Some(Err(_)) => {
            Err("one of \"global\", \"usgovernmentl4\", \"usgovernmentl5\" or \"china\"".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks what can be said without the environment.
pub(super) fn validate(config: &Value, found: &mut Diagnostics) {
    let member = |name: &str| config.member(name).as_str();
    if let Err(error) = Endpoints::new(
        Cloud::Global,
        member("graph_endpoint"),
        member("login_endpoint"),
    ) {
        found.push(endpoint_problem(error.endpoint, &error.what));
    }
    let chosen = methods(&|name| written(config.member(name)));
    if let [first, second, ..] = chosen[..] {
        found.push(two_methods(first, second, "the provider's configuration"));
    }
}

fn endpoint_problem(endpoint: Endpoint, what: &str) -> Diagnostic {
    let attribute = match endpoint {
        Endpoint::Graph => "graph_endpoint",
        Endpoint::Login => "login_endpoint",
    };
    Diagnostic::error(
        format!("Invalid `{attribute}`"),
        format!("`{attribute}`: {what}."),
    )
    .at(Path::root(attribute))
}

fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A way to sign in, named after the argument that chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Secret,
    Certificate,
    Oidc,
    Msi,
    Aks,
}

/// The ways to sign in, and the arguments that choose them.
const METHODS: [(&str, Method); 7] = [
    ("client_secret", Method::Secret),
    ("client_secret_file_path", Method::Secret),
    ("client_certificate", Method::Certificate),
    ("client_certificate_path", Method::Certificate),
    ("use_oidc", Method::Oidc),
    ("use_msi", Method::Msi),
    ("use_aks_workload_identity", Method::Aks),
];

/// The arguments that choose a way to sign in, one for each way that is chosen.
fn methods(get: &dyn Fn(&str) -> Option<String>) -> Vec<(&'static str, Method)> {
    let mut chosen: Vec<(&str, Method)> = Vec::new();
    for (argument, method) in METHODS {
        let is_set = get(argument).is_some_and(|text| {
            !text.is_empty() && (!argument.starts_with("use_") || truth(&text))
        });
        if is_set && chosen.iter().all(|(_, other)| *other != method) {
            chosen.push((argument, method));
        }
    }
    chosen
}

fn truth(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "1" | "t" | "true" | "yes" | "on"
    )
}

fn two_methods(first: (&str, Method), second: (&str, Method), place: &str) -> Diagnostic {
    let detail = format!(
        "Both `{}` and `{}` are set in {place}, and each is a way to sign in. Keep one, so that it is certain who signs in.",
        first.0, second.0
    );
    Diagnostic::error("Two ways to sign in", detail).at(Path::root(second.0))
}

/// What HCL and the environment say together.
#[derive(Debug)]
pub(super) struct Settings {
    values: BTreeMap<&'static str, String>,
    prefix: String,
    method: Option<Method>,
}

impl Settings {
    /// Takes each argument from `config` or else from the environment.
    pub(super) fn merge(
        config: &Value,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Diagnostics> {
        let attributes = Configuration::attributes();
        let unknown: Diagnostics = attributes
            .iter()
            .filter(|attribute| config.member(attribute.name).is_unknown())
            .map(|a| not_known(a.name))
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let prefix = config
            .member("environment_prefix")
            .as_str()
            .unwrap_or("ARM")
            .to_owned();
        let in_environment = |name: &str| {
            variables(&prefix, name)
                .iter()
                .find_map(|variable| environment(variable))
                .filter(|text| !text.is_empty())
        };
        let in_config = |name: &str| written(config.member(name));
        let mut values = BTreeMap::new();
        for attribute in &attributes {
            if let Some(value) =
                in_config(attribute.name).or_else(|| in_environment(attribute.name))
            {
                values.insert(attribute.name, value);
            }
        }
        let in_environment: &dyn Fn(&str) -> Option<String> = &in_environment;
        let place = format!("the environment ({prefix}_…)");
        let levels = [
            (
                &in_config as &dyn Fn(&str) -> Option<String>,
                "the provider's configuration",
            ),
            (in_environment, &place),
        ];
        let mut method = None;
        for (get, place) in levels {
            match methods(get)[..] {
                [] => {}
                [(_, only)] => {
                    method = Some(only);
                    break;
                }
                [first, second, ..] => return Err(vec![two_methods(first, second, place)]),
            }
        }
        Ok(Self {
            values,
            prefix,
            method,
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What the client has to know.
    pub(super) fn options(&self, user_agent: &str) -> Result<Options, Diagnostic> {
        let cloud = match self.get("environment") {
            Some(name) => name.parse().map_err(|_| {
                let expected = "`environment` must be \"global\", \"usgovernmentl4\", \"usgovernmentl5\" or \"china\"";
                Diagnostic::error("Unknown Microsoft cloud", format!("{expected}, not {name:?}.")).at(Path::root("environment"))
            })?,
            None => Cloud::Global,
        };
        let endpoints = Endpoints::new(
            cloud,
            self.get("graph_endpoint"),
            self.get("login_endpoint"),
        )
        .map_err(|error| endpoint_problem(error.endpoint, &error.what))?;
        let tenant_id = self.guid("tenant_id")?.ok_or_else(|| self.no_tenant())?;
        Ok(Options {
            tenant_id,
            client_id: self.client_id()?,
            sign_in: self.sign_in()?,
            endpoints,
            max_retries: self.max_retries()?,
            request_timeout: self.request_timeout()?,
            user_agent: user_agent.to_owned(),
        })
    }

    /// What is wrong where no tenant is named. Functions work all the same.
    pub(super) fn missing_tenant(&self) -> Option<MissingTenant> {
        self.get("tenant_id").is_none().then(|| MissingTenant {
            how: self.no_tenant(),
            may_be_default: self.get("environment_prefix").is_none(),
        })
    }

    fn no_tenant(&self) -> Diagnostic {
        self.missing("tenant_id", "Missing tenant_id")
    }

    fn max_retries(&self) -> Result<u32, Diagnostic> {
        let Some(text) = self.get("max_retries") else {
            return Ok(8);
        };
        text.parse()
            .map_err(|_| invalid("max_retries", "a whole number such as 8", text))
    }

    fn request_timeout(&self) -> Result<Duration, Diagnostic> {
        let Some(text) = self.get("request_timeout") else {
            return Ok(Duration::from_secs(60));
        };
        crate::terraform::duration(text)
            .ok_or_else(|| invalid("request_timeout", "a length of time such as \"30s\"", text))
    }

    /// A GUID that may have come from the environment, where nothing has checked it yet.
    fn guid(&self, name: &'static str) -> Result<Option<String>, Diagnostic> {
        match self.get(name).map(str::trim) {
            Some(text) if !is_guid(text) && name == "client_id" => Err(no_client_id(name)),
            Some(text) if !is_guid(text) => Err(invalid(name, "a GUID", text)),
            text => Ok(text.map(str::to_lowercase)),
        }
    }

    fn client_id(&self) -> Result<String, Diagnostic> {
        let from_file = self.file("client_id_file_path")?;
        if from_file.as_deref().is_some_and(|text| !is_guid(text)) {
            return Err(no_client_id("client_id_file_path"));
        }
        let client_id = match (self.guid("client_id")?, from_file) {
            (Some(client_id), Some(other)) if !client_id.eq_ignore_ascii_case(&other) => {
                let detail = "`client_id` and the file in `client_id_file_path` name different applications. Keep one.";
                return Err(Diagnostic::error("Two client ids", detail)
                    .at(Path::root("client_id_file_path")));
            }
            (Some(client_id), _) | (None, Some(client_id)) => client_id,
            (None, None) if matches!(self.method, None | Some(Method::Msi)) => String::new(),
            // Kubernetes names the application in a variable of its own.
            (None, None) if self.method == Some(Method::Aks) => {
                std::env::var("AZURE_CLIENT_ID").unwrap_or_default()
            }
            (None, None) => {
                return Err(self.missing("client_id", "The application to sign in as is not known"));
            }
        };
        Ok(client_id)
    }

    fn sign_in(&self) -> Result<SignIn, Diagnostic> {
        match self.method {
            Some(Method::Secret) => Ok(SignIn::ClientSecret {
                secret: self.secret()?,
            }),
            Some(Method::Certificate) => self.certificate(),
            Some(Method::Oidc) => self.oidc().map(SignIn::Oidc),
            Some(Method::Msi) => Ok(SignIn::ManagedIdentity {
                client_id: self.guid("client_id")?,
            }),
            Some(Method::Aks) => Ok(SignIn::AksWorkloadIdentity {
                token_file: self.get("oidc_token_file_path").map(Into::into),
            }),
            None if self.get("use_cli").is_none_or(truth) => {
                if self.get("client_id").is_some() {
                    return Err(self.missing(
                        "client_secret",
                        "There is an application but no way to sign in as it",
                    ));
                }
                Ok(SignIn::AzureCli)
            }
            None => Err(self.missing("client_secret", "There is no way to sign in")),
        }
    }

    fn secret(&self) -> Result<Secret, Diagnostic> {
        let from_file = self.file("client_secret_file_path")?;
        match (self.get("client_secret"), from_file) {
            (Some(secret), Some(other)) if secret != other => {
                let detail =
                    "`client_secret` and the file in `client_secret_file_path` differ. Keep one.";
                Err(Diagnostic::error("Two client secrets", detail)
                    .at(Path::root("client_secret_file_path")))
            }
            (Some(secret), _) => Ok(Secret::from(secret.to_owned())),
            (None, Some(secret)) => Ok(Secret::from(secret)),
            (None, None) => Err(self.missing("client_secret", "The client secret is not known")),
        }
    }

    fn certificate(&self) -> Result<SignIn, Diagnostic> {
        let bytes = match (
            self.get("client_certificate"),
            self.get("client_certificate_path"),
        ) {
            (Some(text), _) if text.contains("-----BEGIN") => text.as_bytes().to_vec(),
            (Some(text), _) => {
                let compact: String = text.split_whitespace().collect();
                STANDARD.decode(compact).map_err(|_| {
                    let detail = "`client_certificate` is neither PEM nor base64. Encode a PKCS#12 file with base64, or name the \
                                  file in `client_certificate_path`.";
                    Diagnostic::error("Unreadable client certificate", detail).at(Path::root("client_certificate"))
                })?
            }
            (None, Some(path)) => std::fs::read(path)
                .map_err(|error| unreadable("client_certificate_path", path, &error))?,
            (None, None) => {
                return Err(
                    self.missing("client_certificate", "The client certificate is not known")
                );
            }
        };
        let password = self
            .get("client_certificate_password")
            .map(|text| Secret::from(text.to_owned()));
        Ok(SignIn::ClientCertificate { bytes, password })
    }

    fn oidc(&self) -> Result<Oidc, Diagnostic> {
        if let Some(token) = self.get("oidc_token") {
            return Ok(Oidc::Token(Secret::from(token.to_owned())));
        }
        if let Some(path) = self.get("oidc_token_file_path") {
            return Ok(Oidc::TokenFile(File::new(path).to_path_buf()));
        }
        let (Some(url), Some(token)) =
            (self.get("oidc_request_url"), self.get("oidc_request_token"))
        else {
            return Err(self.missing(
                "oidc_token",
                "OIDC needs a token, a token file, or a request URL with its request token",
            ));
        };
        let url = url
            .parse()
            .map_err(|_| invalid("oidc_request_url", "a URL", url))?;
        let token = Secret::from(token.to_owned());
        Ok(match self.get("ado_pipeline_service_connection_id") {
            Some(id) => Oidc::AzureDevOps {
                url,
                token,
                service_connection_id: id.to_owned(),
            },
            None => Oidc::GitHub { url, token },
        })
    }

    /// The text in the file that an argument names.
    fn file(&self, argument: &'static str) -> Result<Option<String>, Diagnostic> {
        let Some(path) = self.get(argument) else {
            return Ok(None);
        };
        let text =
            std::fs::read_to_string(path).map_err(|error| unreadable(argument, path, &error))?;
        Ok(Some(text.trim().to_owned()))
    }

    fn missing(&self, argument: &'static str, summary: &str) -> Diagnostic {
        let variable = &variables(&self.prefix, argument)[0];
        let mut detail = format!(
            "Set `{argument}` in the provider's configuration or the environment variable {variable}."
        );
        if argument == "client_secret" {
            detail.push_str(
                " Other ways to sign in are `client_certificate`, `use_oidc`, `use_msi`, `use_aks_workload_identity` and \
                 `use_cli`.",
            );
        }
        Diagnostic::error(summary, detail).at(Path::root(argument))
    }
}

/// The environment variables of an argument, first the one that counts most.
fn variables(prefix: &str, argument: &str) -> Vec<String> {
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

fn invalid(argument: &'static str, expected: &str, got: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Invalid `{argument}`"),
        format!("`{argument}` must be {expected}, not {got:?}."),
    )
    .at(Path::root(argument))
}

/// The value is not told: variables are mixed up easily, and then it is the secret.
fn no_client_id(argument: &'static str) -> Diagnostic {
    let what = match argument {
        "client_id" => "`client_id` must be a GUID",
        _ => "The file in `client_id_file_path` must hold a GUID",
    };
    Diagnostic::error(
        format!("Invalid `{argument}`"),
        format!(
            "{what}: the application's client id, not its name. What it is instead is not shown here, as it may be a secret."
        ),
    )
    .at(Path::root(argument))
}

/// What is no path at all may be the secret itself, which was given in place of a file that holds it.
fn unreadable(argument: &'static str, path: &str, error: &std::io::Error) -> Diagnostic {
    let is_path = path.contains(['/', '\\']) && path.len() < 1_000 && !path.contains('\n');
    let path = if is_path {
        path
    } else {
        "The name of the file, which is not shown here as it may be a secret"
    };
    Diagnostic::error(
        format!("The file in `{argument}` cannot be read"),
        format!("{path}: {error}"),
    )
    .at(Path::root(argument))
}

fn not_known(argument: &'static str) -> Diagnostic {
    let detail = format!(
        "`{argument}` depends on something that is not known before apply, but the provider must sign in to plan. Give it a value \
         that is known, or apply what it depends on first with `-target`."
    );
    Diagnostic::error(format!("`{argument}` is not known yet"), detail).at(Path::root(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "11111111-2222-3333-4444-555555555555";
    const CLIENT: &str = "66666666-2222-3333-4444-555555555555";

    fn options(
        config: &[(&str, &str)],
        environment: &[(&str, &str)],
    ) -> Result<Options, Diagnostic> {
        let config = Value::Map(
            config
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).into()))
                .collect(),
        );
        let look = |name: &str| {
            environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, text)| (*text).to_owned())
        };
        Settings::merge(&config, &look)
            .map_err(|mut found| found.remove(0))?
            .options("test")
    }

    fn refused(config: &[(&str, &str)], environment: &[(&str, &str)]) -> (String, String) {
        let problem = options(config, environment).unwrap_err();
        (
            problem.path.unwrap().to_string(),
            format!("{}: {}", problem.summary, problem.detail),
        )
    }

    #[test]
    fn the_environment_fills_in_what_is_left_out() {
        let environment = [
            ("SOURCE_TENANT_ID", TENANT),
            ("SOURCE_CLIENT_ID", CLIENT),
            ("SOURCE_CLIENT_SECRET", "s"),
        ];
        let options = options(&[("environment_prefix", "SOURCE")], &environment).unwrap();
        assert_eq!(
            (options.tenant_id.as_str(), options.client_id.as_str()),
            (TENANT, CLIENT)
        );
        assert!(matches!(options.sign_in, SignIn::ClientSecret { .. }));
    }

    #[test]
    fn each_prefix_sees_only_its_own() {
        let (path, text) = refused(
            &[("environment_prefix", "TARGET")],
            &[("ARM_TENANT_ID", TENANT)],
        );
        assert_eq!(path, "tenant_id");
        assert!(text.contains("TARGET_TENANT_ID"), "{text}");
    }

    #[test]
    fn hcl_decides_how_to_sign_in() {
        let config = [
            ("tenant_id", TENANT),
            ("client_id", CLIENT),
            ("client_secret", "s"),
        ];
        let options = options(&config, &[("ARM_USE_OIDC", "true")]).unwrap();
        assert!(matches!(options.sign_in, SignIn::ClientSecret { .. }));
    }

    #[test]
    fn two_ways_are_one_too_many() {
        let environment = [
            ("ARM_TENANT_ID", TENANT),
            ("ARM_CLIENT_SECRET", "hush"),
            ("ARM_USE_MSI", "1"),
        ];
        let (path, text) = refused(&[], &environment);
        assert_eq!(path, "use_msi");
        assert!(
            text.contains("client_secret") && !text.contains("hush"),
            "{text}"
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(refused(&[("tenant_id", "contoso")], &[]).0, "tenant_id");
        assert_eq!(
            refused(&[("tenant_id", TENANT)], &[("ARM_CLIENT_SECRET", "s")]).0,
            "client_id"
        );
        assert_eq!(
            refused(&[("tenant_id", TENANT)], &[("ARM_USE_CLI", "false")]).0,
            "client_secret"
        );
        let oidc = [("tenant_id", TENANT), ("client_id", CLIENT)];
        assert_eq!(refused(&oidc, &[("ARM_USE_OIDC", "true")]).0, "oidc_token");
        assert_eq!(refused(&oidc, &[]).0, "client_secret");
        assert_eq!(
            refused(
                &[
                    ("tenant_id", TENANT),
                    ("graph_endpoint", "http://graph.example")
                ],
                &[]
            )
            .0,
            "graph_endpoint"
        );
    }

    #[test]
    fn a_secret_in_the_wrong_variable_is_not_told() {
        let secret = "Ab8Q~planted";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, secret).unwrap();
        let file = file.to_str().unwrap();
        let mixed_up = [
            ("client_id", "ARM_CLIENT_ID", secret),
            ("client_id_file_path", "ARM_CLIENT_ID_FILE_PATH", file),
            (
                "client_secret_file_path",
                "ARM_CLIENT_SECRET_FILE_PATH",
                secret,
            ),
            (
                "client_certificate_path",
                "ARM_CLIENT_CERTIFICATE_PATH",
                secret,
            ),
        ];
        for (argument, variable, value) in mixed_up {
            let mut environment = vec![("ARM_TENANT_ID", TENANT), (variable, value)];
            if argument.starts_with("client_id") {
                environment.push(("ARM_CLIENT_SECRET", "s"));
            } else {
                environment.push(("ARM_CLIENT_ID", CLIENT));
            }
            let (path, text) = refused(&[], &environment);
            assert_eq!(path, argument);
            assert!(!text.contains("planted"), "{text}");
        }
        let environment = [
            ("ARM_TENANT_ID", TENANT),
            ("ARM_CLIENT_ID", CLIENT),
            ("ARM_CLIENT_SECRET_FILE_PATH", "./nowhere"),
        ];
        assert!(refused(&[], &environment).1.contains("./nowhere"));
    }

    #[test]
    fn without_anything_else_it_is_the_azure_cli() {
        let options = options(&[("tenant_id", TENANT)], &[]).unwrap();
        assert!(matches!(options.sign_in, SignIn::AzureCli));
    }

    #[test]
    fn what_is_not_known_yet_is_refused_where_it_stands() {
        let config = Value::Map([("tenant_id".to_owned(), Value::Unknown)].into());
        let problems = Settings::merge(&config, &|_| None).unwrap_err();
        assert_eq!(problems[0].path, Some(Path::root("tenant_id")));
    }
}
