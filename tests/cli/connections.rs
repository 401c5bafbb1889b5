//! TLS connections, as with Microsoft Graph: many reads share one HTTP/2 connection, and an untrusted certificate ends the run before a
//! token is sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::http::{Response, Version};
use axum::serve::{IncomingStream, Listener};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::{Emulator, Workspace};

/// The number of a connection.
#[derive(Clone, Copy, Debug)]
struct Number(usize);

/// Accepts TLS connections and counts those whose handshake succeeds.
struct Door {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    count: usize,
}

impl Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = Number;

    async fn accept(&mut self) -> (Self::Io, Number) {
        loop {
            let (stream, _) = self.listener.accept().await.unwrap();
            let greeting = self.acceptor.accept(stream);
            if let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_secs(5), greeting).await {
                self.count += 1;
                return (stream, Number(self.count));
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Number> {
        Ok(Number(0))
    }
}

impl Connected<IncomingStream<'_, Door>> for Number {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        *stream.remote_addr()
    }
}

/// The requests that arrived: connection, version of HTTP, and path.
type Seen = Arc<Mutex<Vec<(usize, Version, String)>>>;

/// A TLS proxy in front of an emulator.
struct Front {
    url: String,
    /// The certificate authority of the proxy, in PEM.
    authority: String,
    seen: Seen,
    runtime: tokio::runtime::Runtime,
}

/// A certificate for localhost, its key, and its certificate authority.
fn certificate() -> (CertificateDer<'static>, Vec<u8>, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    (
        certificate.der().clone(),
        key.serialize_der(),
        authority.pem(),
    )
}

impl Front {
    fn of(emulator: &Emulator) -> Self {
        let (certificate, key, authority) = certificate();
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key).into())
                .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let seen = Seen::default();
        let (graph, heard) = (emulator.graph.clone(), Arc::clone(&seen));
        let listener = runtime
            .block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))))
            .unwrap();
        let url = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let http = reqwest::Client::new();
        let application = Router::new().fallback(
            move |ConnectInfo(Number(number)): ConnectInfo<Number>, request: Request| {
                heard.lock().unwrap().push((
                    number,
                    request.version(),
                    request.uri().path().to_owned(),
                ));
                relay(http.clone(), graph.clone(), request)
            },
        );
        let door = Door {
            listener,
            acceptor,
            count: 0,
        };
        runtime.spawn(async move {
            axum::serve(
                door,
                application.into_make_service_with_connect_info::<Number>(),
            )
            .await
        });
        Self {
            url,
            authority,
            seen,
            runtime,
        }
    }

    /// The environment in which a CLI reaches Graph through this proxy.
    fn environment(&self, emulator: &Emulator) -> BTreeMap<String, String> {
        let mut environment = emulator.environment();
        environment.insert("SOURCE_GRAPH_ENDPOINT".to_owned(), self.url.clone());
        environment
    }
}

async fn relay(http: reqwest::Client, graph: String, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut outgoing = http
        .request(parts.method, format!("{graph}{path}"))
        .body(body);
    for name in ["authorization", "content-type"] {
        if let Some(value) = parts.headers.get(name) {
            outgoing = outgoing.header(name, value);
        }
    }
    let answer = outgoing.send().await.unwrap();
    let response = Response::builder()
        .status(answer.status())
        .header("content-type", "application/json");
    response
        .body(Body::from(answer.bytes().await.unwrap()))
        .unwrap()
}

/// A hundred users in the source tenant.
const MAIN: &str = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  environment_prefix = "SOURCE"
  max_retries        = 0
}
data "crosstenant_user" "somebody" {
  count               = 100
  user_principal_name = count.index % 2 == 0 ? "ada@contoso.example" : "grace@contoso.example"
}
resource "crosstenant_synchronization_configuration" "it" {
  count        = 20
  display_name = "Number ${count.index}"
}
"#;

#[test]
fn a_refresh_of_many_shares_one_http_2_connection() {
    let emulator = Emulator::start();
    let front = Front::of(&emulator);
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), &front.authority).unwrap();
    let mut workspace = Workspace::of(
        &crate::support::clis()[0],
        front.environment(&emulator),
        MAIN,
    );
    workspace.set("SSL_CERT_FILE", authority.path().to_str().unwrap());
    workspace.apply().succeeded();
    front.seen.lock().unwrap().clear();
    workspace.is_settled();
    let seen = front.seen.lock().unwrap().clone();
    assert!(seen.len() > 5, "{} requests", seen.len());
    assert!(
        seen.iter()
            .all(|(_, version, _)| *version == Version::HTTP_2),
        "{seen:?}"
    );
    let mut connections: Vec<usize> = seen.iter().map(|(number, ..)| *number).collect();
    connections.sort_unstable();
    connections.dedup();
    // Requests that start before the first connection is open may open one more, which happens on a busy machine.
    assert!(connections.len() <= 2, "{seen:?}");
    eprintln!(
        "connections: {} requests over TLS shared {} of HTTP/2",
        seen.len(),
        connections.len()
    );
    front.runtime.shutdown_background();
}

#[test]
fn an_untrusted_certificate_prevents_every_request() {
    let emulator = Emulator::start();
    let front = Front::of(&emulator);
    let workspace = Workspace::of(
        &crate::support::clis()[0],
        front.environment(&emulator),
        MAIN,
    );
    workspace.plan().failed().says(&["certificate"]);
    assert!(front.seen.lock().unwrap().is_empty());
    front.runtime.shutdown_background();
}
