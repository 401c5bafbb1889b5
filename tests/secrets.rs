//! Recognisable secrets in every place that can hold one, everything at TRACE level, successes, failures and a crash: afterwards
//! they are in no log, no message, no state, no plan, no command line and not in the emulator's journal.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "support/reliability.rs"]
mod reliability;
#[path = "support/mod.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use support::{CONTOSO, Emulator, Workspace, demo_seed};

const SECRET: &str = "planted~client~secret~8f14e45f";
const PASSWORD: &str = "planted-certificate-password-c9f0f895";
const REQUEST_TOKEN: &str = "planted-request-token-45c48cce";
const FILE_SECRET: &str = "planted~secret~in~a~file~d3d94468";

/// One provider, something to read, something to make.
fn main_tf(arguments: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{ crosstenant = {{ source = "crosstenant/crosstenant" }} }}
}}
provider "crosstenant" {{
  environment_prefix = "SOURCE"
  max_retries        = 1
  {arguments}
}}
data "crosstenant_user" "ada" {{
  user_principal_name = "ada@contoso.example"
}}
resource "crosstenant_synchronization_configuration" "it" {{
  display_name = "By ${{data.crosstenant_user.ada.display_name}}"
}}
"#
    )
}

/// A way to sign in, with secrets planted.
#[derive(Default)]
struct Way {
    name: &'static str,
    /// Arguments in HCL, or else environment variables.
    arguments: String,
    environment: Vec<(&'static str, String)>,
    /// What the application in the seed knows: member and value.
    app: Vec<(&'static str, Json)>,
    planted: Vec<String>,
    works: bool,
}

fn jwt(subject: &str) -> String {
    let claims = json!({ "iss": "https://token.example", "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 9_999_999_999_i64 });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part("{\"alg\":\"none\"}"),
        part(&claims.to_string()),
        part("planted-signature-6512bd43")
    )
}

/// A certificate and its key in PEM, and a few lines of the key.
fn certificate() -> (String, String, Vec<String>) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let params = rcgen::CertificateParams::new(vec!["contoso.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let key = key.serialize_pem();
    let lines = key.lines().filter(|line| line.len() == 64).take(3);
    let lines = lines.map(str::to_owned).collect();
    (format!("{certificate}{key}"), certificate, lines)
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn ways(folder: &Path, issuer: &str) -> Vec<Way> {
    let secrets = |known: &str| vec![("secrets", json!([known]))];
    let (pem, public, key) = certificate();
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
    let in_environment = |secret: &str| vec![("SOURCE_CLIENT_SECRET", secret.to_owned())];
    let ours = |extra: &[&str]| extra.iter().map(|text| (*text).to_owned()).collect();
    vec![
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
            name: "unknown certificate in HCL",
            arguments: format!(
                "client_certificate = {pem:?}\n  client_certificate_password = {PASSWORD:?}"
            ),
            planted: [key.clone(), vec![PASSWORD.to_owned()]].concat(),
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
            name: "token request in HCL, refused with an echo",
            arguments: format!(
                "use_oidc = true\n  oidc_request_url = \"{issuer}/echo?x=1\"\n  oidc_request_token = {REQUEST_TOKEN:?}"
            ),
            app: federation("known"),
            planted: ours(&[REQUEST_TOKEN]),
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
    ]
}

/// An issuer of tokens: `/good` gives one, `/echo` refuses and repeats what it was sent. Whether the request token reached it.
fn issuer() -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicBool::new(false));
    let reached = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => head.extend_from_slice(&buffer[..count]),
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            reached.fetch_or(head.contains(REQUEST_TOKEN), Ordering::SeqCst);
            let (status, body) = if head.starts_with("GET /good") {
                ("200 OK", json!({ "value": jwt("known") }).to_string())
            } else {
                ("401 Unauthorized", json!({ "message": head }).to_string())
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    (url, asked)
}

/// The emulator and the folder of one way.
fn prepare(way: &Way, folder: &Path) -> (Emulator, Workspace) {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    let app = &mut seed["tenants"][0]["apps"][0];
    app["secrets"] = json!([]);
    for (member, value) in &way.app {
        app[*member] = value.clone();
    }
    let file = folder.join(format!("{}.json", way.name.replace(' ', "-")));
    std::fs::write(&file, seed.to_string()).unwrap();
    let emulator = Emulator::with(&file, &[]);
    let mut environment = std::collections::BTreeMap::new();
    for (name, value) in [
        ("SOURCE_TENANT_ID", CONTOSO.to_owned()),
        (
            "SOURCE_CLIENT_ID",
            seed["tenants"][0]["apps"][0]["clientId"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
        ("SOURCE_GRAPH_ENDPOINT", emulator.graph.clone()),
        ("SOURCE_LOGIN_ENDPOINT", emulator.login.clone()),
    ] {
        environment.insert(name.to_owned(), value);
    }
    let mut workspace = Workspace::of(&support::clis()[0], environment, &main_tf(&way.arguments));
    for (name, value) in &way.environment {
        workspace.set(name, value);
    }
    (emulator, workspace)
}

/// The command lines of all processes.
fn command_lines() -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if let Ok(line) = std::fs::read(entry.path().join("cmdline")) {
            all.push_str(&String::from_utf8_lossy(&line));
            all.push('\n');
        }
    }
    all
}

/// What the provider's own binary can be asked for; it finds the secrets in its environment.
const COMMANDS: [&[&str]; 6] = [
    &["--version"],
    &["--help"],
    &["--no-such-argument"],
    &["export", "--out", "exported", "--save", "snapshot.json"],
    &["map", "--environment-prefix", "SOURCE"],
    &[
        "export",
        "--offline-from",
        "snapshot.json",
        "--out",
        "again",
    ],
];

/// What the provider's own binary says, started by hand. What it writes stays in the workspace.
fn said_by_hand(way: &Way, workspace: &Workspace) -> Vec<(String, String)> {
    let like_the_cli = workspace.command(&[]);
    let commands = COMMANDS.into_iter().map(|arguments| {
        let variables = like_the_cli.get_envs();
        let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
            .args(arguments)
            .current_dir(workspace.folder.path())
            .envs(variables.filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let is_work = arguments.len() > 1 && way.works;
        let said = [output.stdout, output.stderr].concat();
        assert!(
            !is_work || output.status.success(),
            "{}: {arguments:?}: {}",
            way.name,
            String::from_utf8_lossy(&said)
        );
        let text = String::from_utf8_lossy(&said).into_owned();
        (format!("{}: {arguments:?} by hand", way.name), text)
    });
    commands.collect()
}

/// A file as text; of an archive, such as a plan, the files in it. The CLI copies the configuration into a plan, with whatever is
/// written in it, and no provider can change that: the copy is left out, as the configuration itself is.
fn texts_of(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    if !bytes.starts_with(b"PK") {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let (mut all, mut names) = (String::new(), Vec::new());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let is_configuration = name.ends_with("/main.tf");
        names.push(name);
        if !is_configuration {
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            all.push_str(&String::from_utf8_lossy(&content));
        }
    }
    assert!(names.iter().any(|name| name == "tfplan"), "{names:?}");
    all
}

/// Every file in a folder and below, but for the configuration itself.
fn files_in(folder: &Path, except: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_in(&path, except, found);
        } else if path != except {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, texts_of(&path)));
        }
    }
}

/// Graph refuses, answers nonsense, or does not answer at all.
fn failures(emulator: &Emulator) -> [Json; 3] {
    let everything = |kind: &str| json!({ "path": "/v1.0/*", "kind": kind, "count": 50 });
    let mut refusal = everything("status");
    refusal["status"] = json!(403);
    refusal["message"] = json!(format!("Not for you, {}", emulator.graph));
    [refusal, everything("not_json"), everything("reset_after")]
}

/// Everything that could hold a secret after everything was tried with one way to sign in: a title and the text.
fn leave_traces(way: &Way, folder: &Path) -> Vec<(String, String)> {
    let (emulator, mut workspace) = prepare(way, folder);
    let log = workspace.folder.path().join("trace.log");
    let temporary = workspace.folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    workspace
        .set("TF_LOG", "TRACE")
        .set("TF_LOG_PATH", log.to_str().unwrap())
        .set("TMPDIR", temporary.to_str().unwrap());
    let mut traces = said_by_hand(way, &workspace);
    let mut step = |arguments: &[&str], succeeds: bool| {
        let outcome = workspace.run(arguments);
        let (title, text) = (
            format!("{}: output of {}", way.name, arguments[0]),
            outcome.text,
        );
        assert_eq!(outcome.code == Some(0), succeeds, "{title}: {text}");
        traces.push((title, text));
    };
    if way.works {
        for failure in failures(&emulator) {
            emulator.fault(&failure);
            step(&["plan", "-input=false"], false);
            emulator.control("DELETE", "faults", None);
        }
    }
    step(&["plan", "-input=false", "-out=plan"], way.works);
    if way.works {
        step(&["show", "-json", "plan"], true);
        step(&["apply", "-input=false", "plan"], true);
        step(&["show", "-json"], true);
        step(&["destroy", "-input=false", "-auto-approve"], true);
    } else {
        step(&["apply", "-input=false", "-auto-approve"], false);
    }
    let mut files = Vec::new();
    let configuration = workspace.folder.path().join("main.tf");
    files_in(workspace.folder.path(), &configuration, &mut files);
    let expected = if way.works {
        &["plan", "terraform.tfstate", "trace.log", "snapshot.json"][..]
    } else {
        &["trace.log"]
    };
    for name in expected {
        assert!(
            files.iter().any(|(file, _)| file == name),
            "{}: no {name}",
            way.name
        );
    }
    let titled = files
        .into_iter()
        .map(|(name, text)| (format!("{}: {name}", way.name), text));
    traces.extend(titled);
    let exchanged = Json::Array(emulator.journal()).to_string();
    traces.push((format!("{}: journal", way.name), exchanged));
    let world = emulator.tenant(CONTOSO).to_string();
    traces.push((format!("{}: what the emulator shows", way.name), world));
    let log = &traces
        .iter()
        .find(|(title, _)| title.ends_with("trace.log"))
        .unwrap()
        .1;
    assert!(log.contains("[TRACE]"), "{}: nothing was logged", way.name);
    traces
}

/// Whatever the schema calls sensitive is planted, in the environment and in HCL.
#[test]
fn every_secret_that_can_be_configured_is_planted() {
    use crosstenant::terraform::Provider as _;
    let folder = tempfile::tempdir().unwrap();
    let ways = ways(folder.path(), "http://127.0.0.1:1");
    let provider = crosstenant::resources::CrossTenant::default();
    let sensitive = provider
        .schema()
        .attributes
        .iter()
        .filter(|attribute| attribute.rules.sensitive);
    let names: Vec<&str> = sensitive.map(|attribute| attribute.name).collect();
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        let argument = format!("{name} =");
        let variable = format!("SOURCE_{}", name.to_uppercase());
        let in_hcl = ways.iter().any(|way| way.arguments.contains(&argument));
        let in_environment = ways
            .iter()
            .any(|way| way.environment.iter().any(|(other, _)| *other == variable));
        assert!(
            in_hcl && in_environment,
            "{name} is planted in HCL: {in_hcl}, in the environment: {in_environment}"
        );
    }
    // No resource keeps a secret; one that would is to be planted as well.
    for resource in provider.resources() {
        let secret = resource
            .schema()
            .attributes
            .iter()
            .find(|attribute| attribute.rules.sensitive);
        assert!(
            secret.is_none(),
            "{} has the secret {}",
            resource.type_name(),
            secret.unwrap().name
        );
    }
}

#[test]
fn no_secret_is_found_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (issuer, asked) = issuer();
    let ways = ways(folder.path(), &issuer);
    let (done, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (found, lines) = (Mutex::new(Vec::new()), Mutex::new(0));
    let planted: Vec<&String> = ways.iter().flat_map(|way| &way.planted).collect();
    let searched = Mutex::new((0, 0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let all = command_lines();
                *lines.lock().unwrap() +=
                    usize::from(all.contains("terraform-provider-crosstenant"));
                let seen = planted
                    .iter()
                    .filter(|secret| all.contains(secret.as_str()));
                found
                    .lock()
                    .unwrap()
                    .extend(seen.map(|secret| format!("command line: {secret}")));
                std::thread::sleep(Duration::from_millis(25));
            }
        });
        let workers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(way) = ways.get(next.fetch_add(1, Ordering::SeqCst)) {
                        for (title, text) in leave_traces(way, folder.path()) {
                            let mut searched = searched.lock().unwrap();
                            *searched = (searched.0 + 1, searched.1 + text.len());
                            found.lock().unwrap().extend(leaks(way, &title, &text));
                        }
                    }
                })
            })
            .collect();
        let ended: Vec<_> = workers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::SeqCst);
        for outcome in ended {
            outcome.unwrap();
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{found:#?}");
    reliability::record(
        "Secrets",
        &format!(
            "{} planted in {} ways to sign in, none found",
            planted.len(),
            ways.len()
        ),
    );
    assert!(asked.load(Ordering::SeqCst), "the request token was used");
    assert!(*lines.lock().unwrap() > 0, "a provider was seen running");
    let (texts, bytes) = searched.into_inner().unwrap();
    eprintln!(
        "secrets: {} planted in {} ways to sign in, {texts} texts of {} kB searched, none found",
        planted.len(),
        ways.len(),
        bytes / 1024
    );
}

/// What of a way's secrets, or of any access token, stands in a text.
fn leaks(way: &Way, title: &str, text: &str) -> Vec<String> {
    let mut found: Vec<String> = way
        .planted
        .iter()
        .filter(|secret| text.contains(secret.as_str()))
        .map(|secret| format!("{title}: {secret}"))
        .collect();
    // A JWT begins with an encoded brace and quotation mark.
    if let Some((_, rest)) = text.split_once("eyJ") {
        let token: String = rest.chars().take(60).collect();
        found.push(format!("{title}: a token: eyJ{token}"));
    }
    if text.contains("Bearer ") && !text.contains("Bearer realm") {
        found.push(format!("{title}: a bearer"));
    }
    found
}

#[test]
fn a_crash_tells_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let way = Way {
        name: "crash",
        environment: vec![("SOURCE_CLIENT_SECRET", SECRET.to_owned())],
        app: vec![("secrets", json!([SECRET]))],
        planted: vec![SECRET.to_owned()],
        ..Way::default()
    };
    let (emulator, mut workspace) = prepare(&way, folder.path());
    workspace
        .set("TF_LOG", "TRACE")
        .set("RUST_BACKTRACE", "full");
    emulator.fault(&json!({ "path": "/v1.0/*", "kind": "delay", "delay_ms": 60_000 }));
    let child = workspace
        .command(&["plan", "-input=false"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while emulator.control("GET", "faults", None)["left"] != 0 {
        assert!(since.elapsed() < Duration::from_secs(60), "never asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    let providers = Command::new("pgrep")
        .args(["-P", &child.id().to_string()])
        .output()
        .unwrap();
    let providers = String::from_utf8(providers.stdout).unwrap();
    assert!(!providers.trim().is_empty());
    for process in providers.split_whitespace() {
        Command::new("kill")
            .args(["-ABRT", process])
            .status()
            .unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.status.success());
    assert!(
        text.contains("lugin did not respond") || text.contains("crash"),
        "{text}"
    );
    assert_eq!(leaks(&way, "crash", &text), Vec::<String>::new());
}
