//! Sign-in: the token endpoint and the discovery documents, with the error codes of Entra.

use std::time::Duration;

use serde_json::{Value, json};

use super::certificate::Certificate;
use super::clock::millis;
use super::store::{App, Federation, Tenant, World};
use super::token;

/// An error of the token endpoint.
pub(super) struct SignInError {
    pub(super) status: u16,
    error: &'static str,
    number: u32,
    message: String,
}

impl SignInError {
    fn new(error: &'static str, number: u32, message: String) -> Self {
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self {
            status,
            error,
            number,
            message,
        }
    }

    /// The body that Entra returns.
    pub(super) fn body(&self, now: &str) -> Value {
        let (trace, correlation) = (
            uuid::Uuid::new_v4().to_string(),
            uuid::Uuid::new_v4().to_string(),
        );
        let stamp = now.replace('T', " ");
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}", self.number, self.message
            ),
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        })
    }
}

/// The hosts of Graph in each cloud. The scope of a token request contains one of them or the emulator itself.
const GRAPH_HOSTS: [&str; 5] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "canary.graph.microsoft.com",
];

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Handles a client credentials request. `own` is the address of the emulator. `missing` is the time by which the token expires earlier
/// than the response announces.
pub(super) fn token(
    world: &World,
    tenant: &str,
    form: &str,
    own: &str,
    missing: Duration,
) -> Result<Value, SignInError> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let tenant = world.find(tenant).ok_or_else(|| {
        SignInError::new("invalid_request", 90002, format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."))
    })?;
    match field("grant_type") {
        "" => {
            return Err(SignInError::new(
                "invalid_request",
                900_144,
                "The request body must contain the following parameter: 'grant_type'.".to_owned(),
            ));
        }
        "client_credentials" => {}
        other => {
            return Err(SignInError::new(
                "unsupported_grant_type",
                70003,
                format!("The app requested an unsupported grant type '{other}'."),
            ));
        }
    }
    let client = field("client_id");
    let app = tenant
        .apps
        .iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(client))
        .ok_or_else(|| {
            SignInError::new(
                "unauthorized_client",
                700_016,
                format!(
                    "Application with identifier '{client}' was not found in the directory '{}'.",
                    tenant.display_name
                ),
            )
        })?;
    check_scope(field("scope"), own)?;
    if field("client_assertion").is_empty() {
        check_secret(app, field("client_secret"))?;
    } else {
        if field("client_assertion_type") != ASSERTION_TYPE {
            return Err(SignInError::new(
                "invalid_request",
                900_144,
                "The request body must contain the following parameter: 'client_assertion_type'."
                    .to_owned(),
            ));
        }
        check_assertion(world, tenant, app, field("client_assertion"), own)?;
    }
    let lifetime = if app.token_lifetime > 0 {
        app.token_lifetime
    } else {
        3_600
    };
    let audience = field("scope").trim_end_matches("/.default");
    let now = world.clock.now() / 1_000;
    let token = token::issue(
        &world.token_key,
        &tenant.tenant_id,
        &app.client_id,
        audience,
        now - millis(missing) / 1_000,
        world.clock.stretched(lifetime),
    );
    Ok(
        json!({ "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token }),
    )
}

fn check_scope(scope: &str, own: &str) -> Result<(), SignInError> {
    let known = scope.strip_suffix("/.default").is_some_and(|resource| {
        let resource = resource.trim_end_matches('/');
        resource == own
            || resource == own.replacen("http://", "https://", 1)
            || resource
                .strip_prefix("https://")
                .is_some_and(|host| GRAPH_HOSTS.contains(&host))
    });
    if known {
        return Ok(());
    }
    if scope.is_empty() {
        return Err(SignInError::new(
            "invalid_request",
            900_144,
            "The request body must contain the following parameter: 'scope'.".to_owned(),
        ));
    }
    Err(SignInError::new(
        "invalid_scope",
        70011,
        format!(
            "The provided value for the input parameter 'scope' is not valid. The scope {scope} does not exist."
        ),
    ))
}

fn check_secret(app: &App, secret: &str) -> Result<(), SignInError> {
    if secret.is_empty() {
        return Err(SignInError::new("invalid_client", 7_000_218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.".to_owned()));
    }
    if app.secrets.iter().any(|known| known == secret) {
        return Ok(());
    }
    Err(SignInError::new(
        "invalid_client",
        7_000_215,
        format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
            app.client_id
        ),
    ))
}

fn check_assertion(
    world: &World,
    tenant: &Tenant,
    app: &App,
    jwt: &str,
    own: &str,
) -> Result<(), SignInError> {
    let malformed = || {
        SignInError::new(
            "invalid_request",
            50027,
            "JWT token is invalid or malformed.".to_owned(),
        )
    };
    let claims = token::claims(jwt).ok_or_else(malformed)?;
    let header = token::header(jwt).ok_or_else(malformed)?;
    let now = world.clock.now() / 1_000;
    if claims["exp"].as_i64().is_none_or(|end| end <= now)
        || claims["nbf"]
            .as_i64()
            .is_some_and(|begin| begin > now + 300)
    {
        return Err(SignInError::new(
            "invalid_client",
            700_024,
            "Client assertion is not within its valid time range.".to_owned(),
        ));
    }
    let own_issue = claims["iss"]
        .as_str()
        .is_some_and(|issuer| issuer.eq_ignore_ascii_case(&app.client_id));
    if own_issue {
        check_signed(tenant, app, jwt, &header, &claims, own)
    } else {
        check_federated(app, jwt, &header, &claims)
    }
}

/// Checks an assertion that the application signed.
fn check_signed(
    tenant: &Tenant,
    app: &App,
    jwt: &str,
    header: &Value,
    claims: &Value,
    own: &str,
) -> Result<(), SignInError> {
    if claims["sub"] != claims["iss"] {
        return Err(SignInError::new(
            "invalid_client",
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter."
                .to_owned(),
        ));
    }
    let audience = claims["aud"].as_str().unwrap_or_default();
    if !is_token_endpoint(audience, tenant, own) {
        return Err(SignInError::new(
            "invalid_client",
            700_023,
            format!("Client assertion audience claim does not match Realm issuer: '{audience}'."),
        ));
    }
    let algorithm = header["alg"].as_str().unwrap_or_default();
    let signed = app
        .certificates
        .iter()
        .filter_map(|pem| Certificate::from_pem(pem))
        .any(|certificate| certificate.is_named_by(header) && certificate.verifies(jwt, algorithm));
    if signed {
        return Ok(());
    }
    Err(SignInError::new("invalid_client", 700_027, "The certificate with identifier used to sign the client assertion is not registered on application, or the signature is invalid.".to_owned()))
}

/// Whether the audience is an address of this tenant's token endpoint.
fn is_token_endpoint(audience: &str, tenant: &Tenant, own: &str) -> bool {
    const HOSTS: [&str; 3] = [
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.us",
        "https://login.chinacloudapi.cn",
    ];
    let secure = own.replacen("http://", "https://", 1);
    let root = [own, secure.as_str()]
        .into_iter()
        .chain(HOSTS)
        .find_map(|host| audience.strip_prefix(host));
    let Some(path) = root.and_then(|path| path.strip_prefix('/')) else {
        return false;
    };
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let known = name.eq_ignore_ascii_case(&tenant.tenant_id)
        || tenant
            .domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(name));
    known && matches!(rest, "oauth2/v2.0/token" | "oauth2/token" | "v2.0")
}

/// Checks a token of a federated identity credential.
fn check_federated(
    app: &App,
    jwt: &str,
    header: &Value,
    claims: &Value,
) -> Result<(), SignInError> {
    let fits = |federation: &&Federation| {
        let audience = if federation.audience.is_empty() {
            "api://AzureADTokenExchange"
        } else {
            federation.audience.as_str()
        };
        let named = match &claims["aud"] {
            Value::Array(names) => names.iter().any(|name| name == audience),
            name => name == audience,
        };
        claims["iss"] == federation.issuer && claims["sub"] == federation.subject && named
    };
    let Some(federation) = app.federated_credentials.iter().find(fits) else {
        let (issuer, subject) = (
            claims["iss"].as_str().unwrap_or_default(),
            claims["sub"].as_str().unwrap_or_default(),
        );
        return Err(SignInError::new(
            "invalid_client",
            700_213,
            format!(
                "No matching federated identity record found for presented assertion issuer '{issuer}' and subject '{subject}'."
            ),
        ));
    };
    let algorithm = header["alg"].as_str().unwrap_or_default();
    let certificate = Certificate::from_pem(&federation.certificate);
    if federation.signature == "unchecked"
        || certificate.is_some_and(|certificate| certificate.verifies(jwt, algorithm))
    {
        return Ok(());
    }
    Err(SignInError::new(
        "invalid_client",
        700_027,
        "The signature of the federated assertion is invalid.".to_owned(),
    ))
}

/// `/{tenant}/v2.0/.well-known/openid-configuration`.
pub(super) fn openid_configuration(
    world: &World,
    tenant: &str,
    own: &str,
) -> Result<Value, SignInError> {
    let id = match tenant {
        "common" | "organizations" => "{tenantid}",
        name => world
            .find(name)
            .map(|tenant| tenant.tenant_id.as_str())
            .ok_or_else(|| {
                SignInError::new(
                    "invalid_tenant",
                    90002,
                    format!("Tenant '{name}' not found."),
                )
            })?,
    };
    Ok(json!({
        "token_endpoint": format!("{own}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{own}/{tenant}/discovery/v2.0/keys"),
        "issuer": format!("https://login.microsoftonline.com/{id}/v2.0"),
        "authorization_endpoint": format!("{own}/{tenant}/oauth2/v2.0/authorize"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": "NA",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": own.split("://").nth(1).unwrap_or_default(),
    }))
}

/// `/common/discovery/instance`: the emulator is every authority.
pub(super) fn discovery(own: &str) -> Value {
    let host = own.split("://").nth(1).unwrap_or_default();
    json!({
        "tenant_discovery_endpoint": format!("{own}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}
