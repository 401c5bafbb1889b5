//! Servers that repeat the request in unexpected places.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use futures::FutureExt;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::engine::CONTOSO;
use crate::hostile::answers::list_groups;
use crate::hostile::impostor::{Impostor, json_answer};

const SECRET: &str = "planted~secret~e4da3b7f";

/// Whether a text contains terminal control characters.
fn steers(text: &str) -> bool {
    text.contains(|letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}')
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_part_of_a_response_reveals_a_token() {
    let evil = "planted-token \u{1b}[2J\u{202e}\r";
    let answers: Vec<fn(&str) -> Response<Body>> = vec![
        |evil| {
            let body = json!({ "error": { "code": evil, "message": evil, "details": [{ "code": evil, "message": evil }],
                "innerError": { "request-id": evil } } });
            let mut answer = json_answer(&body);
            *answer.status_mut() = 403.try_into().unwrap();
            answer
        },
        |_| {
            let answer = Response::builder()
                .status(400)
                .header("request-id", "planted-token");
            answer.body(Body::empty()).unwrap()
        },
        |_| {
            let answer = Response::builder().status(200);
            let answer = answer.header("content-type", "text/planted-token");
            answer.body(Body::from("x")).unwrap()
        },
        |_| {
            json_answer(
                &json!({ "value": [], "@odata.nextLink": "https://planted-token.example/v1.0/groups" }),
            )
        },
        |evil| json_answer(&json!({ "value": [], "@odata.nextLink": evil })),
    ];
    for answer in answers {
        let impostor = Impostor::start(move |_| std::future::ready(answer(evil)).boxed()).await;
        let (failed, text) = list_groups(&impostor).await;
        assert!(failed, "{text}");
        assert!(!text.contains("planted-token"), "{text}");
        assert!(!steers(&text), "{text:?}");
    }
}

/// An HTTP/2 server on localhost that responds to every request with GOAWAY and `last_words`, and its certificate authority, in PEM.
fn going_away(last_words: &'static str) -> (String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let server = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(server, stream.unwrap());
            let length = u8::try_from(8 + last_words.len()).unwrap();
            let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
            let head = [0, 0, length, 7, 0, 0, 0, 0, 0];
            // The last stream is the first one, and the reason is ENHANCE_YOUR_CALM.
            let body = [0, 0, 0, 1, 0, 0, 0, 11];
            let frames = [&settings[..], &head, &body, last_words.as_bytes()].concat();
            let _ = stream.write_all(&frames).and_then(|()| stream.flush());
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    (url, authority)
}

/// The output of `status` with this sign-in service. `a_wrong_sign_in_address_fails_within_seconds` counts the retries.
fn status(login: &str, more: &[(&str, &str)]) -> String {
    let usual = [
        ("SOURCE_CLIENT_ID", "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01"),
        ("SOURCE_CLIENT_SECRET", SECRET),
        ("SOURCE_LOGIN_ENDPOINT", login),
    ];
    status_with(&[&usual[..], more].concat())
}

fn status_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
        .arg("status")
        .env_clear()
        .env("SOURCE_TENANT_ID", CONTOSO)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(text).unwrap()
}

#[test]
fn the_goaway_message_of_a_connection_is_redacted() {
    let (url, authority) = going_away("planted~secret~e4da3b7f \u{1b}[2J");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let more = [
        ("SSL_CERT_FILE", file.path().to_str().unwrap()),
        ("SOURCE_MAX_RETRIES", "0"),
    ];
    let text = status(&url, &more);
    assert!(text.contains("no response from localhost"), "{text}");
    assert!(!text.contains("planted") && !steers(&text), "{text}");
}

#[test]
fn without_certificates_it_is_tried_once() {
    let (url, _) = going_away("");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let more = [
        ("SSL_CERT_FILE", empty.path().to_str().unwrap()),
        ("SSL_CERT_DIR", nothing.path().to_str().unwrap()),
    ];
    let text = status(&url, &more);
    for part in [
        "certificate",
        "ca-certificates",
        "SSL_CERT_FILE",
        "not retried",
        "SOURCE_LOGIN_ENDPOINT",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_wrong_host_is_named_soon_with_argument_and_variable() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    for (login, part) in [
        (format!("http://{address}"), "refused"),
        (
            "https://login.nowhere.invalid".to_owned(),
            "cannot be resolved",
        ),
    ] {
        let text = status(&login, &[]);
        for part in [part, "`login_endpoint`", "SOURCE_LOGIN_ENDPOINT"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_something_else_is_named() {
    let impostor = Impostor::start(|asked| {
        let status = if asked.path.starts_with("/v1.0") {
            404
        } else {
            200
        };
        let page = Response::builder()
            .status(status)
            .header("content-type", "text/html");
        std::future::ready(page.body(Body::from("<html>Welcome</html>")).unwrap()).boxed()
    })
    .await;
    let url = impostor.url.clone();
    let said =
        tokio::task::spawn_blocking(move || status(&url, &[("SOURCE_GRAPH_ENDPOINT", &url)]));
    let graph = said.await.unwrap();
    for part in [
        "may not be Microsoft Graph",
        "`graph_endpoint`",
        "SOURCE_GRAPH_ENDPOINT",
    ] {
        assert!(graph.contains(part), "{part}: {graph}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_service_that_is_something_else_is_named() {
    for (code, page) in [
        (200, "<html>Welcome</html>"),
        (404, "Not found"),
        (200, "[]"),
    ] {
        let impostor = Impostor::signing_in(move || {
            let mut answer = crate::hostile::impostor::text_answer("text/html", page);
            *answer.status_mut() = u16::try_into(code).unwrap();
            answer
        })
        .await;
        let url = impostor.url.clone();
        let said = tokio::task::spawn_blocking(move || status(&url, &[]));
        let text = said.await.unwrap();
        for part in [
            "may not be Microsoft's sign-in service",
            "`login_endpoint`",
            "SOURCE_LOGIN_ENDPOINT",
        ] {
            assert!(text.contains(part), "{page}: {part}: {text}");
        }
    }
}

#[test]
fn without_credentials_it_is_said_what_was_tried() {
    let nothing = tempfile::tempdir().unwrap();
    let text = status_with(&[("PATH", nothing.path().to_str().unwrap())]);
    for part in [
        "No credentials are configured",
        "SOURCE_CLIENT_ID",
        "SOURCE_CLIENT_SECRET",
        "client secret, client certificate, OIDC, managed identity, AKS workload identity, Azure CLI",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_proxy_is_named_without_its_password() {
    let text = status_with(&[
        ("SOURCE_CLIENT_ID", "c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01"),
        ("SOURCE_CLIENT_SECRET", SECRET),
        ("SOURCE_MAX_RETRIES", "0"),
        (
            "HTTPS_PROXY",
            "http://somebody:planted-word-8f14e45f@127.0.0.1:9",
        ),
    ]);
    for part in ["through the proxy 127.0.0.1:9", "HTTPS_PROXY"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("planted"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_lifetime_of_a_token_is_survived() {
    let huge = "9".repeat(400);
    for lifetime in [
        "-1",
        "0",
        "null",
        "\"soon\"",
        "9223372036854775807",
        "1e999",
        "[]",
        "{}",
        "3600.5",
        &huge,
    ] {
        let body = format!(
            "{{\"token_type\":\"Bearer\",\"access_token\":\"x\",\"expires_in\":{lifetime},\"ext_expires_in\":{lifetime}}}"
        );
        let login = Impostor::signing_in(move || {
            crate::hostile::impostor::text_answer("application/json", body.clone())
        })
        .await;
        let (failed, text) = list_groups(&login).await;
        assert!(!text.contains("crashed"), "{lifetime}: {text}");
        assert!(
            failed && text.contains("no group"),
            "{lifetime}: signed in, and found nothing: {text}"
        );
    }
}
