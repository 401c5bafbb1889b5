//! Sign-in to one tenant or to two: the flags, the environment, and the provider that is configured with them.
//!
//! Flags never contain a secret, because other users of the machine can see them. Secrets come from the environment or from files.

use clap::Args;
use serde_json::{Map, Value as Json};

use super::Failure;
use super::json::json;
use graph::Redactor;
use resources::CrossTenant;
use terraform::{Provider as _, Value, has_errors};

/// The prefix of the environment variables that the provider reads by default.
const PLAIN: &str = "ARM";

/// Declares the flags for signing in to one tenant. Each corresponds to an argument of the provider block, with the same meaning; `$prefix`
/// distinguishes the flags of two tenants.
macro_rules! sign_in_flags {
    ($(#[$about:meta])* $name:ident, $prefix:literal, $heading:literal) => {
        $(#[$about])*
        #[derive(Args, Clone, Debug, Default)]
        #[command(next_help_heading = $heading)]
        pub(super) struct $name {
            /// ID of the tenant
            #[arg(id = concat!($prefix, "tenant-id"), long = concat!($prefix, "tenant-id"), value_name = "GUID")]
            tenant_id: Option<String>,
            /// Client ID of the application to sign in as
            #[arg(id = concat!($prefix, "client-id"), long = concat!($prefix, "client-id"), value_name = "GUID")]
            client_id: Option<String>,
            /// File that contains the client secret
            #[arg(id = concat!($prefix, "client-secret-file-path"), long = concat!($prefix, "client-secret-file-path"), value_name = "FILE")]
            client_secret_file_path: Option<String>,
            /// File that contains the certificate and its private key, PKCS#12 or PEM
            #[arg(id = concat!($prefix, "client-certificate-path"), long = concat!($prefix, "client-certificate-path"), value_name = "FILE")]
            client_certificate_path: Option<String>,
            /// Sign in with an OIDC token of another issuer that the application trusts (federated credential)
            #[arg(id = concat!($prefix, "use-oidc"), long = concat!($prefix, "use-oidc"))]
            use_oidc: bool,
            /// File that contains the OIDC token
            #[arg(id = concat!($prefix, "oidc-token-file-path"), long = concat!($prefix, "oidc-token-file-path"), value_name = "FILE")]
            oidc_token_file_path: Option<String>,
            /// Sign in with the managed identity of the machine
            #[arg(id = concat!($prefix, "use-msi"), long = concat!($prefix, "use-msi"))]
            use_msi: bool,
        }

        impl $name {
            /// The given flags, by argument of the provider.
            fn given(&self) -> Vec<(&'static str, Value)> {
                let texts = [
                    ("tenant_id", &self.tenant_id),
                    ("client_id", &self.client_id),
                    ("client_secret_file_path", &self.client_secret_file_path),
                    ("client_certificate_path", &self.client_certificate_path),
                    ("oidc_token_file_path", &self.oidc_token_file_path),
                ];
                let switches = [("use_oidc", self.use_oidc), ("use_msi", self.use_msi)];
                let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?.into())));
                let switches = switches.into_iter().filter(|(_, on)| *on).map(|(name, on)| (name, on.into()));
                texts.chain(switches).collect()
            }
        }
    };
}

sign_in_flags!(
    /// Flags for signing in to the source tenant.
    SourceFlags, "source-", "Source tenant (defaults to SOURCE_... and ARM_... from the environment)"
);
sign_in_flags!(
    /// Flags for signing in to the target tenant.
    TargetFlags, "target-", "Target tenant (defaults to TARGET_... and ARM_... from the environment)"
);
sign_in_flags!(
    /// Flags for signing in to the only tenant.
    TenantFlags, "", "Tenant (defaults to the environment)"
);

/// The clouds of two tenants, if they differ.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Microsoft Graph")]
struct Clouds {
    /// Microsoft cloud of the source tenant, if it differs from that of the target tenant
    #[arg(long, value_name = "CLOUD")]
    source_environment: Option<String>,
    /// Microsoft cloud of the target tenant, if it differs from that of the source tenant
    #[arg(long, value_name = "CLOUD")]
    target_environment: Option<String>,
}

/// The cloud of one tenant, which takes precedence over the one for all.
fn environment(of_tenant: Option<&String>) -> Vec<(&'static str, Value)> {
    let name = of_tenant.map(|name| ("environment", name.as_str().into()));
    name.into_iter().collect()
}

/// The endpoints of Graph, and the retries and timeout of requests, for every tenant of a command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Microsoft Graph")]
pub(super) struct EndpointOptions {
    /// Microsoft cloud: global, usgovernmentl4, usgovernmentl5 or china
    #[arg(long, value_name = "CLOUD")]
    environment: Option<String>,
    /// URL of Microsoft Graph without a version. Defaults to that of the cloud
    #[arg(long, value_name = "URL")]
    graph_endpoint: Option<String>,
    /// URL of the sign-in service without a tenant. Defaults to that of the cloud
    #[arg(long, value_name = "URL")]
    login_endpoint: Option<String>,
    /// Maximum number of retries of a request that failed for a transient reason
    #[arg(long, value_name = "NUMBER")]
    max_retries: Option<u32>,
    /// Time limit of one request to Microsoft Graph, for example 30s
    #[arg(long, value_name = "DURATION")]
    request_timeout: Option<String>,
    /// Redacts the secrets of every tenant of the command.
    #[arg(skip)]
    redactor: Redactor,
}

impl EndpointOptions {
    fn given(&self) -> Vec<(&'static str, Value)> {
        let texts = [
            ("environment", &self.environment),
            ("graph_endpoint", &self.graph_endpoint),
            ("login_endpoint", &self.login_endpoint),
            ("request_timeout", &self.request_timeout),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_deref()?.into())));
        let retries = self.max_retries.map(i64::from);
        let retries = retries.map(|number| ("max_retries", number.into()));
        texts.chain(retries).collect()
    }
}

/// The flags of a command for two tenants.
#[derive(Args, Clone, Debug, Default)]
pub struct PairOptions {
    #[command(flatten)]
    source: SourceFlags,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    clouds: Clouds,
    #[command(flatten)]
    endpoints: EndpointOptions,
}

/// The flags of a command for one tenant.
#[derive(Args, Clone, Debug, Default)]
pub struct SingleOptions {
    #[command(flatten)]
    tenant: TenantFlags,
    /// Prefix of the environment variables to read: SOURCE reads SOURCE_TENANT_ID and so on. Variables that are not set
    /// are read with the prefix ARM
    #[arg(long, value_name = "PREFIX")]
    environment_prefix: Option<String>,
    #[command(flatten)]
    endpoints: EndpointOptions,
}

/// The source and target tenant.
pub struct Pair {
    /// The tenant whose users are synchronized.
    pub source: Tenant,
    /// The tenant to which users are synchronized.
    pub target: Tenant,
}

impl PairOptions {
    /// Redacts the secrets of both tenants.
    pub(super) fn redactor(&self) -> Redactor {
        self.endpoints.redactor.clone()
    }

    /// Configures the provider for both tenants, without sending a request.
    ///
    /// # Errors
    ///
    /// If a tenant or its sign-in is missing or invalid, or if both are the same tenant.
    pub fn open(&self, command: &str) -> Result<Pair, Failure> {
        let pair = Pair {
            source: self.open_source(command)?,
            target: self.open_target(command)?,
        };
        if pair.source.id == pair.target.id {
            return Err(Failure::new(format!(
                "Source and target are the same tenant, {}.\n\nName each with --source-tenant-id and --target-tenant-id, or with \
                 SOURCE_TENANT_ID and TARGET_TENANT_ID. ARM_TENANT_ID is used for both if nothing else is set.",
                pair.source.id
            )));
        }
        Ok(pair)
    }

    /// Configures the provider for the source tenant alone.
    pub fn open_source(&self, command: &str) -> Result<Tenant, Failure> {
        let cloud = environment(self.clouds.source_environment.as_ref());
        let given = [self.source.given(), self.endpoints.given(), cloud].concat();
        Tenant::open(
            command,
            "source tenant",
            "--source-",
            "SOURCE",
            given,
            self.redactor(),
        )
    }

    /// Configures the provider for the target tenant alone.
    pub fn open_target(&self, command: &str) -> Result<Tenant, Failure> {
        let cloud = environment(self.clouds.target_environment.as_ref());
        let given = [self.target.given(), self.endpoints.given(), cloud].concat();
        Tenant::open(
            command,
            "target tenant",
            "--target-",
            "TARGET",
            given,
            self.redactor(),
        )
    }

    /// Configures the provider for a tenant, given by the prefix of its environment variables. Flags for a tenant do not apply.
    pub fn open_prefix(&self, command: &str, prefix: &str) -> Result<Tenant, Failure> {
        Tenant::open(
            command,
            "tenant",
            "--",
            prefix,
            self.endpoints.given(),
            self.redactor(),
        )
    }

    /// Whether a flag or a variable with its own prefix sets the source tenant, and the target tenant.
    #[must_use]
    pub fn named(&self) -> (bool, bool) {
        (self.source_id().is_ok(), self.target_id().is_ok())
    }

    /// The ID of the source tenant, for a command that does not sign in to it.
    pub fn source_id(&self) -> Result<String, Failure> {
        tenant_id(self.source.tenant_id.as_ref(), "source", "SOURCE")
    }

    /// The ID of the target tenant, for a command that does not sign in to it.
    pub fn target_id(&self) -> Result<String, Failure> {
        tenant_id(self.target.tenant_id.as_ref(), "target", "TARGET")
    }
}

/// The ID from a flag or from the environment.
fn tenant_id(flag: Option<&String>, side: &str, prefix: &str) -> Result<String, Failure> {
    let variable = format!("{prefix}_TENANT_ID");
    let id = flag.cloned().or_else(|| variable_of_process(&variable));
    id.map(|id| id.trim().to_lowercase()).ok_or_else(|| {
        Failure::new(format!(
            "The {side} is not set.\n\nSet --{side}-tenant-id or the environment variable {variable}."
        ))
    })
}

impl SingleOptions {
    /// Redacts the secrets of the tenant.
    pub(super) fn redactor(&self) -> Redactor {
        self.endpoints.redactor.clone()
    }

    /// Configures the provider, without sending a request. It reads `prefix` from the environment unless a flag sets another one.
    pub fn open(&self, command: &str, prefix: &str) -> Result<Tenant, Failure> {
        let given = [self.tenant.given(), self.endpoints.given()].concat();
        let prefix = self.environment_prefix.as_deref().unwrap_or(prefix);
        Tenant::open(command, "tenant", "--", prefix, given, self.redactor())
    }
}

/// One tenant, reached through the provider.
pub struct Tenant {
    provider: CrossTenant,
    id: String,
    role: &'static str,
    arguments: Map<String, Json>,
}

impl Tenant {
    /// Configures the provider with the `given` arguments and the environment. `flags` is the prefix of the flags, for messages.
    fn open(
        command: &str,
        role: &'static str,
        flags: &str,
        prefix: &str,
        given: Vec<(&'static str, Value)>,
        redactor: Redactor,
    ) -> Result<Self, Failure> {
        let provider = CrossTenant::with(redactor);
        let mut config = provider.schema().empty_object();
        config.set_member("environment_prefix", prefix.into());
        for (argument, value) in given {
            config.set_member(argument, value);
        }
        let environment = |name: &str| with_fallback(name, prefix, &variable_of_process);
        let found = provider.configure_by_hand(&config, &environment, command);
        if has_errors(&found) {
            let flags = format!(
                "Set the arguments of the provider configuration with flags, such as {flags}tenant-id. Secrets are \
                read from the environment or from files."
            );
            return Err(Failure::new(format!(
                "{}\n\n{flags}",
                Failure::said(&format!("Signing in to the {role}"), "", &found)
            )));
        }
        let id = provider.tenant_id().unwrap_or_default();
        Ok(Self {
            arguments: written(&config, prefix, &id, &variable_of_process),
            provider,
            id,
            role,
        })
    }

    /// The arguments of a provider block with the same sign-in. Values from the environment stay there, so no argument is secret.
    #[must_use]
    pub fn arguments(&self) -> Map<String, Json> {
        self.arguments.clone()
    }

    /// The tenant's ID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the tenant's cloud in policies.
    #[must_use]
    pub fn cloud(&self) -> &'static str {
        self.provider.cloud().unwrap_or_default()
    }

    /// The role of the tenant in this command: "source tenant", "target tenant" or just "tenant".
    #[must_use]
    pub fn role(&self) -> &'static str {
        self.role
    }

    /// The provider that is configured for the tenant.
    #[must_use]
    pub fn provider(&self) -> &CrossTenant {
        &self.provider
    }

    /// Reads a data source, named without the provider's prefix, exactly as Terraform would.
    ///
    /// # Errors
    ///
    /// The errors of the provider, with the tenant.
    pub async fn read(&self, name: &str, arguments: &[(&str, Value)]) -> Result<Value, Failure> {
        let type_name = format!("{}_{name}", sdk::PREFIX);
        let doing = format!("Reading {type_name} in the {} {}", self.role, self.id);
        let source = self.provider.data_source(&type_name);
        let source = source.ok_or_else(|| Failure::new(format!("{doing}: no such data source")))?;
        let mut config = source.schema().empty_object();
        for (argument, value) in arguments {
            config.set_member(argument, value.clone());
        }
        let found = source.validate(&config);
        if has_errors(&found) {
            return Err(Failure::said(&doing, &self.id, &found));
        }
        let read = source.read(config).await;
        if has_errors(&read.diagnostics) {
            return Err(Failure::said(&doing, &self.id, &read.diagnostics));
        }
        Ok(read.state)
    }
}

/// The arguments of a provider block that signs in as with `config`: the prefix of the variables, the tenant, and the flags.
///
/// Terraform does not fall back to `ARM_...`, so that prefix is written if only the tenant has a variable of its own.
fn written(
    config: &Value,
    prefix: &str,
    id: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Map<String, Json> {
    let of_its_own = |prefix: &str| {
        let names = CrossTenant::default();
        let mut names = names.schema().attributes.iter();
        names.any(|attribute| {
            let variable = format!("{prefix}_{}", attribute.name.to_uppercase());
            attribute.name != "tenant_id" && environment(&variable).is_some()
        })
    };
    let mut arguments = Map::new();
    if prefix != PLAIN && (of_its_own(prefix) || !of_its_own(PLAIN)) {
        arguments.insert("environment_prefix".to_owned(), prefix.into());
    }
    arguments.insert("tenant_id".to_owned(), id.into());
    for (name, value) in config.as_object().into_iter().flatten() {
        if !value.is_null() && *name != "environment_prefix" && *name != "tenant_id" {
            arguments.insert(name.to_string(), json(value));
        }
    }
    arguments
}

fn variable_of_process(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The variable `name`, which begins with `prefix`, or the one that begins with `ARM` instead.
///
/// All authentication variables come from the same prefix: a secret of one and a certificate of the other would be two authentication
/// methods.
fn with_fallback(
    name: &str,
    prefix: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    const WAYS: [&str; 11] = [
        "CLIENT_SECRET",
        "CLIENT_SECRET_FILE_PATH",
        "CLIENT_CERTIFICATE",
        "CLIENT_CERTIFICATE_PATH",
        "USE_OIDC",
        "OIDC_TOKEN",
        "OIDC_TOKEN_FILE_PATH",
        "OIDC_REQUEST_URL",
        "USE_MSI",
        "USE_AKS_WORKLOAD_IDENTITY",
        "USE_CLI",
    ];
    if let Some(value) = environment(name) {
        return Some(value);
    }
    let rest = name.strip_prefix(prefix)?.strip_prefix('_')?;
    let is_way = WAYS.contains(&rest)
        || rest.starts_with("CLIENT_CERTIFICATE_")
        || rest.starts_with("OIDC_")
        || rest.starts_with("ADO_");
    let has_own_way = || {
        let mut ways = WAYS.iter();
        ways.any(|way| environment(&format!("{prefix}_{way}")).is_some())
    };
    if is_way && has_own_way() {
        return None;
    }
    environment(&format!("{PLAIN}_{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(name: &str, prefix: &str, variables: &[(&str, &str)]) -> Option<String> {
        with_fallback(name, prefix, &|asked| {
            let found = variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_plain_variable_counts_where_there_is_none_of_its_own() {
        let variables = [("ARM_CLIENT_ID", "plain"), ("SOURCE_TENANT_ID", "own")];
        assert_eq!(
            look("SOURCE_TENANT_ID", "SOURCE", &variables).unwrap(),
            "own"
        );
        assert_eq!(
            look("SOURCE_CLIENT_ID", "SOURCE", &variables).unwrap(),
            "plain"
        );
        assert_eq!(look("TARGET_TENANT_ID", "TARGET", &variables), None);
        assert_eq!(look("SYSTEM_ACCESSTOKEN", "SOURCE", &variables), None);
    }

    #[test]
    fn a_block_says_how_to_sign_in_and_no_secret() {
        let mut config = CrossTenant::default().schema().empty_object();
        config.set_member("environment_prefix", "SOURCE".into());
        config.set_member("client_id", "c".into());
        let block = |variables: &'static [&str]| {
            let look = |name: &str| variables.contains(&name).then(|| "hush".to_owned());
            Json::Object(written(&config, "SOURCE", "t", &look))
        };
        let own = serde_json::json!({ "environment_prefix": "SOURCE", "tenant_id": "t", "client_id": "c" });
        assert_eq!(block(&[]), own);
        assert_eq!(block(&["SOURCE_CLIENT_SECRET", "ARM_CLIENT_SECRET"]), own);
        let plain = serde_json::json!({ "tenant_id": "t", "client_id": "c" });
        assert_eq!(block(&["SOURCE_TENANT_ID", "ARM_CLIENT_SECRET"]), plain);
    }

    #[test]
    fn the_way_to_sign_in_comes_from_one_prefix() {
        let variables = [
            ("ARM_CLIENT_SECRET", "plain"),
            ("SOURCE_USE_OIDC", "true"),
            ("ARM_OIDC_TOKEN", "token"),
        ];
        assert_eq!(look("SOURCE_CLIENT_SECRET", "SOURCE", &variables), None);
        assert_eq!(look("SOURCE_OIDC_TOKEN", "SOURCE", &variables), None);
        assert_eq!(
            look("TARGET_CLIENT_SECRET", "TARGET", &variables).unwrap(),
            "plain"
        );
    }
}
