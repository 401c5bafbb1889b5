//! Every place where a secret can be configured, with a recognizable one in it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use serde_json::{Value as Json, json};

pub const SECRET: &str = "planted~client~secret~8f14e45f";
pub const PASSWORD: &str = "planted-certificate-password-c9f0f895";
pub const REQUEST_TOKEN: &str = "planted-request-token-45c48cce";
pub const FILE_SECRET: &str = "planted~secret~in~a~file~d3d94468";
/// Characters of passwords that users and generators choose.
pub const STRANGE_SECRET: &str = "planted~\"strange\"\\ %41&+/= é€ ${x} c81e728d";
/// A secret with characters of paths and URLs.
const MIXED_UP: &str = "planted~mixed/up.secret==2a38a4a9";
const IDENTITY_HEADER: &str = "planted-identity-header-eccbc87e";
const PROXY_PASSWORD: &str = "planted-proxy-password-1679091c";

/// An authentication method with recognizable secrets.
#[derive(Default)]
pub struct Way {
    pub name: &'static str,
    /// Arguments in HCL; otherwise, environment variables are used.
    pub arguments: String,
    pub environment: Vec<(&'static str, String)>,
    /// Credentials of the application in the seed: member and value.
    pub app: Vec<(&'static str, Json)>,
    pub planted: Vec<String>,
    pub works: bool,
}

pub fn jwt(subject: &str) -> String {
    let claims = json!({ "iss": "https://token.example", "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 9_999_999_999_i64 });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part("{\"alg\":\"none\"}"),
        part(&claims.to_string()),
        part("planted-signature-6512bd43")
    )
}

/// A certificate with its key.
struct Certificate {
    /// Certificate and key, in PEM.
    pem: String,
    /// The certificate without the key.
    public: String,
    /// A few lines of the key.
    key: Vec<String>,
    /// Certificate and key in PKCS#12, protected by [`PASSWORD`].
    archive: Vec<u8>,
}

impl Certificate {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let params = rcgen::CertificateParams::new(vec!["contoso.example".to_owned()]).unwrap();
        let certificate = params.self_signed(&pair).unwrap();
        let mut store = KeyStore::new();
        let chain = [p12_keystore::Certificate::from_der(certificate.der()).unwrap()];
        let key = PrivateKey::from_der(&pair.serialize_der()).unwrap();
        let entry = KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("id", key, chain));
        store.add_entry("one", entry);
        let (public, key) = (certificate.pem(), pair.serialize_pem());
        let lines = key.lines().filter(|line| line.len() == 64).take(3);
        Self {
            pem: format!("{public}{key}"),
            key: lines.map(str::to_owned).collect(),
            archive: store.writer(PASSWORD).write().unwrap(),
            public,
        }
    }
}

/// A `PATH` that begins with a fake Azure CLI that runs this script.
fn azure_cli(folder: &Path, name: &str, does: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = folder.join(name);
    std::fs::create_dir_all(&bin).unwrap();
    let script = bin.join("az");
    std::fs::write(&script, format!("#!/bin/sh\n{does}\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}

#[allow(clippy::too_many_lines, reason = "a table")]
pub fn ways(folder: &Path, issuer: &str) -> Vec<Way> {
    let secrets = |known: &str| vec![("secrets", json!([known]))];
    let Certificate {
        pem,
        public,
        key,
        archive,
    } = Certificate::new();
    let (pem_file, token_file) = (folder.join("pem"), folder.join("token"));
    std::fs::write(&pem_file, &pem).unwrap();
    std::fs::write(&token_file, jwt("known")).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let file = folder.join("secret");
    std::fs::write(&file, FILE_SECRET).unwrap();
    let federation = |subject: &str| {
        vec![(
            "federatedCredentials",
            json!([{ "issuer": "https://token.example", "subject": subject, "audience": "api://AzureADTokenExchange", "signature": "unchecked" }]),
        )]
    };
    let oidc = |token: &str| {
        vec![
            ("SOURCE_USE_OIDC", "true".to_owned()),
            ("SOURCE_OIDC_TOKEN", token.to_owned()),
        ]
    };
    let request = |path: &str| {
        vec![
            ("SOURCE_USE_OIDC", "true".to_owned()),
            ("SOURCE_OIDC_REQUEST_URL", format!("{issuer}/{path}?x=1")),
            ("SOURCE_OIDC_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
        ]
    };
    let container = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/graph/sign_in/samples/openssl.p12"
    ));
    let token = json!({ "accessToken": jwt("person"), "expires_on": 9_999_999_999_u64, "tokenType": "Bearer" });
    let has_token = format!("cat <<'E'\n{token}\nE");
    let tells_token = format!("echo 'ERROR: {} is refused' >&2; exit 1", jwt("person"));
    // A sign-in service that repeats the request.
    let echoing = |mut environment: Vec<(&'static str, String)>| {
        environment.push(("SOURCE_LOGIN_ENDPOINT", format!("{issuer}/login")));
        environment
    };
    let in_environment = |secret: &str| vec![("SOURCE_CLIENT_SECRET", secret.to_owned())];
    let authority = issuer.trim_start_matches("http://");
    let keyed = |path: &str| {
        format!(
            "http://planted-user:planted-word-1f0e3dad@{authority}/{path}?sig=planted-key-98f13708"
        )
    };
    let ours = |extra: &[&str]| extra.iter().map(|text| (*text).to_owned()).collect();
    let keys = || {
        [
            "planted-user",
            "planted-word-1f0e3dad",
            "planted-key-98f13708",
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let mixed_up = |name: &'static str, variable: &'static str| Way {
        name,
        environment: vec![
            (
                "SOURCE_USE_OIDC",
                if variable.contains("OIDC") {
                    "true"
                } else {
                    ""
                }
                .to_owned(),
            ),
            ("SOURCE_OIDC_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
            (variable, MIXED_UP.to_owned()),
        ],
        planted: vec![MIXED_UP.to_owned(), REQUEST_TOKEN.to_owned()],
        ..Way::default()
    };
    vec![
        mixed_up("secret as tenant ID", "SOURCE_TENANT_ID"),
        mixed_up("secret as cloud", "SOURCE_ENVIRONMENT"),
        mixed_up("secret as address of Graph", "SOURCE_GRAPH_ENDPOINT"),
        mixed_up(
            "secret as address of the sign-in service",
            "SOURCE_LOGIN_ENDPOINT",
        ),
        mixed_up("secret as address of an issuer", "SOURCE_OIDC_REQUEST_URL"),
        mixed_up(
            "secret as file of a secret",
            "SOURCE_CLIENT_SECRET_FILE_PATH",
        ),
        mixed_up(
            "secret as file of a certificate",
            "SOURCE_CLIENT_CERTIFICATE_PATH",
        ),
        mixed_up("secret as file of a token", "SOURCE_OIDC_TOKEN_FILE_PATH"),
        Way {
            name: "issuer whose address holds keys",
            environment: vec![
                ("SOURCE_USE_OIDC", "true".to_owned()),
                ("SOURCE_OIDC_REQUEST_URL", keyed("echo")),
                ("SOURCE_OIDC_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
            ],
            planted: [keys(), ours(&[REQUEST_TOKEN])].concat(),
            ..Way::default()
        },
        Way {
            name: "machine whose address holds keys",
            environment: vec![
                ("SOURCE_USE_MSI", "true".to_owned()),
                ("IDENTITY_ENDPOINT", keyed("echo")),
                ("IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
            ],
            planted: [keys(), ours(&[IDENTITY_HEADER])].concat(),
            ..Way::default()
        },
        Way {
            name: "Azure CLI that shows its environment",
            environment: vec![
                ("SOURCE_CLIENT_ID", String::new()),
                ("TARGET_CLIENT_SECRET", SECRET.to_owned()),
                ("PATH", azure_cli(folder, "showing", "env >&2; exit 1")),
            ],
            planted: ours(&[SECRET]),
            ..Way::default()
        },
        Way {
            name: "secret in the environment",
            environment: in_environment(SECRET),
            app: secrets(SECRET),
            planted: ours(&[SECRET]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "wrong secret in the environment",
            environment: in_environment(SECRET),
            app: secrets("another"),
            planted: ours(&[SECRET]),
            ..Way::default()
        },
        Way {
            name: "wrong secret in HCL",
            arguments: format!("client_secret = {SECRET:?}"),
            app: secrets("another"),
            planted: ours(&[SECRET]),
            ..Way::default()
        },
        Way {
            name: "secret in a file",
            environment: vec![(
                "SOURCE_CLIENT_SECRET_FILE_PATH",
                file.to_str().unwrap().to_owned(),
            )],
            app: secrets(FILE_SECRET),
            planted: ours(&[FILE_SECRET]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "certificate",
            environment: vec![("SOURCE_CLIENT_CERTIFICATE", pem.clone())],
            app: vec![("certificates", json!([public]))],
            planted: key.clone(),
            works: true,
            ..Way::default()
        },
        Way {
            name: "unknown certificate",
            environment: vec![
                ("SOURCE_CLIENT_CERTIFICATE", pem.clone()),
                ("SOURCE_CLIENT_CERTIFICATE_PASSWORD", PASSWORD.to_owned()),
            ],
            planted: [key.clone(), vec![PASSWORD.to_owned()]].concat(),
            ..Way::default()
        },
        Way {
            name: "wrong certificate password",
            environment: vec![
                ("SOURCE_CLIENT_CERTIFICATE", STANDARD.encode(container)),
                ("SOURCE_CLIENT_CERTIFICATE_PASSWORD", PASSWORD.to_owned()),
            ],
            planted: ours(&[PASSWORD]),
            ..Way::default()
        },
        Way {
            name: "token",
            environment: oidc(&jwt("known")),
            app: federation("known"),
            planted: ours(&[&jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "unknown token",
            environment: oidc(&jwt("stranger")),
            app: federation("known"),
            planted: ours(&[&jwt("stranger")]),
            ..Way::default()
        },
        Way {
            name: "token on request",
            environment: request("good"),
            app: federation("known"),
            planted: ours(&[REQUEST_TOKEN, &jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "token request refused with an echo",
            environment: request("echo"),
            app: federation("known"),
            planted: ours(&[REQUEST_TOKEN]),
            ..Way::default()
        },
        Way {
            name: "certificate in a file",
            environment: vec![("SOURCE_CLIENT_CERTIFICATE_PATH", text(&pem_file))],
            app: vec![("certificates", json!([public]))],
            planted: key.clone(),
            works: true,
            ..Way::default()
        },
        Way {
            name: "container with its password",
            environment: vec![
                ("SOURCE_CLIENT_CERTIFICATE", STANDARD.encode(&archive)),
                ("SOURCE_CLIENT_CERTIFICATE_PASSWORD", PASSWORD.to_owned()),
            ],
            app: vec![("certificates", json!([public]))],
            planted: ours(&[PASSWORD, &STANDARD.encode(&archive)[..80]]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "unknown certificate in HCL",
            arguments: format!(
                "client_certificate_password = {PASSWORD:?}\n  client_certificate = {}",
                json!(pem)
            ),
            planted: [key.clone(), ours(&[PASSWORD])].concat(),
            ..Way::default()
        },
        Way {
            name: "unknown token in HCL",
            arguments: format!("use_oidc = true\n  oidc_token = {:?}", jwt("stranger")),
            app: federation("known"),
            planted: ours(&[&jwt("stranger")]),
            ..Way::default()
        },
        Way {
            name: "token request in HCL refused with an echo",
            arguments: format!(
                "use_oidc = true\n  oidc_request_token = {REQUEST_TOKEN:?}\n  oidc_request_url = \"{issuer}/echo\""
            ),
            planted: ours(&[REQUEST_TOKEN]),
            ..Way::default()
        },
        Way {
            name: "token in a file",
            environment: vec![
                ("SOURCE_USE_OIDC", "true".to_owned()),
                ("SOURCE_OIDC_TOKEN_FILE_PATH", text(&token_file)),
            ],
            app: federation("known"),
            planted: ours(&[&jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "GitHub Actions",
            environment: vec![
                ("SOURCE_USE_OIDC", "true".to_owned()),
                ("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{issuer}/good?x=1")),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
            ],
            app: federation("known"),
            planted: ours(&[REQUEST_TOKEN, &jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "Azure DevOps",
            environment: vec![
                ("SOURCE_USE_OIDC", "true".to_owned()),
                ("SYSTEM_OIDCREQUESTURI", format!("{issuer}/ado")),
                ("SYSTEM_ACCESSTOKEN", REQUEST_TOKEN.to_owned()),
                (
                    "SOURCE_ADO_PIPELINE_SERVICE_CONNECTION_ID",
                    "connection".to_owned(),
                ),
            ],
            app: federation("known"),
            planted: ours(&[REQUEST_TOKEN, &jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "Kubernetes workload",
            environment: vec![
                ("SOURCE_USE_AKS_WORKLOAD_IDENTITY", "true".to_owned()),
                ("AZURE_FEDERATED_TOKEN_FILE", text(&token_file)),
            ],
            app: federation("known"),
            planted: ours(&[&jwt("known")]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "managed identity",
            environment: vec![
                ("SOURCE_USE_MSI", "true".to_owned()),
                ("IDENTITY_ENDPOINT", format!("{issuer}/msi")),
                ("IDENTITY_HEADER", REQUEST_TOKEN.to_owned()),
            ],
            planted: ours(&[REQUEST_TOKEN, &jwt("machine")]),
            ..Way::default()
        },
        Way {
            name: "Azure CLI",
            environment: vec![
                ("SOURCE_CLIENT_ID", String::new()),
                ("PATH", azure_cli(folder, "bin", &has_token)),
            ],
            planted: ours(&[&jwt("person")]),
            ..Way::default()
        },
        Way {
            name: "strange secret",
            environment: in_environment(STRANGE_SECRET),
            app: secrets(STRANGE_SECRET),
            planted: ours(&[STRANGE_SECRET]),
            works: true,
            ..Way::default()
        },
        Way {
            name: "strange secret repeated",
            environment: echoing(in_environment(STRANGE_SECRET)),
            planted: ours(&[STRANGE_SECRET]),
            ..Way::default()
        },
        Way {
            name: "signature repeated",
            environment: echoing(vec![("SOURCE_CLIENT_CERTIFICATE", pem.clone())]),
            planted: key.clone(),
            ..Way::default()
        },
        Way {
            name: "token repeated",
            environment: echoing(oidc(&jwt("stranger"))),
            planted: ours(&[&jwt("stranger")]),
            ..Way::default()
        },
        Way {
            name: "Kubernetes workload repeated",
            environment: echoing(vec![
                ("SOURCE_USE_AKS_WORKLOAD_IDENTITY", "true".to_owned()),
                ("AZURE_FEDERATED_TOKEN_FILE", text(&file)),
            ]),
            planted: ours(&[FILE_SECRET]),
            ..Way::default()
        },
        Way {
            name: "managed identity refused with an echo",
            environment: vec![
                ("SOURCE_USE_MSI", "true".to_owned()),
                ("IDENTITY_ENDPOINT", format!("{issuer}/echo")),
                ("IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
            ],
            planted: ours(&[IDENTITY_HEADER]),
            ..Way::default()
        },
        Way {
            name: "Azure CLI that tells its token",
            environment: vec![
                ("SOURCE_CLIENT_ID", String::new()),
                ("PATH", azure_cli(folder, "telling", &tells_token)),
            ],
            planted: ours(&[&jwt("person")]),
            ..Way::default()
        },
        Way {
            name: "proxy with a password that is not there",
            environment: [
                in_environment(SECRET),
                vec![
                    (
                        "HTTPS_PROXY",
                        format!("http://somebody:{PROXY_PASSWORD}@127.0.0.1:9"),
                    ),
                    // Requests to the local machine bypass proxies, so the default endpoints are used. The proxy does not exist, so nothing
                    // leaves the machine.
                    ("SOURCE_GRAPH_ENDPOINT", String::new()),
                    ("SOURCE_LOGIN_ENDPOINT", String::new()),
                ],
            ]
            .concat(),
            app: secrets(SECRET),
            planted: ours(&[SECRET, PROXY_PASSWORD]),
            ..Way::default()
        },
    ]
}
