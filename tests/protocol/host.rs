//! The host side of the protocol, as in the CLI: starts the plugin, reads its handshake line, and connects to it.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use crosstenant::proto::plugin::grpc_controller_client::GrpcControllerClient;
use crosstenant::proto::tfplugin6::provider_client::ProviderClient;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};

pub const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// If set to `plugin` or `debug`, the test `plugin_process` acts as a provider.
pub const FIXTURE: &str = "CROSSTENANT_TEST_FIXTURE";

/// Longer than any step takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

const LARGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// The certificate of a host: P-521, and an authority, as hosts in Go create them.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    key: Vec<u8>,
}

impl Identity {
    pub fn new() -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            key: key.serialize_der(),
        }
    }
}

/// A plugin before its start.
pub struct Launch {
    command: Command,
    identity: Option<Identity>,
}

impl Launch {
    /// The provider's own binary, or the binary in `CROSSTENANT_BINARY`.
    pub fn provider() -> Self {
        let built = || env!("CARGO_BIN_EXE_terraform-provider-crosstenant").into();
        let named = std::env::var_os("CROSSTENANT_BINARY").unwrap_or_else(built);
        Self::of(Command::new(named))
    }

    /// The fixture.
    pub fn fixture() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["plugin_process", "--exact", "--nocapture"]);
        Self::of(command).env(FIXTURE, "plugin")
    }

    fn of(mut command: Command) -> Self {
        command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
        let identity = Identity::new();
        Self {
            command,
            identity: None,
        }
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", &identity.pem)
        .identified(identity)
    }

    fn identified(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// As with `TF_DISABLE_PLUGIN_TLS`.
    pub fn without_tls(mut self) -> Self {
        self.identity = None;
        self.without("PLUGIN_CLIENT_CERT")
    }

    /// Starts the plugin with its socket in a directory of this test, without waiting.
    pub fn spawn(mut self) -> Plugin {
        let home = tempfile::tempdir().unwrap();
        let errors = File::create(home.path().join("stderr")).unwrap();
        self.command
            .env("TMPDIR", home.path())
            .stdout(Stdio::piped())
            .stderr(errors);
        let mut child = self.command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Plugin {
            child,
            stdout,
            home,
            identity: self.identity,
            line: String::new(),
        }
    }

    /// Starts the plugin and reads its handshake line.
    pub async fn start(self) -> Plugin {
        let mut plugin = self.spawn();
        // The test harness of the fixture first prints its own lines.
        while !plugin.line.starts_with("1|") {
            plugin.line = plugin.read_line().await;
        }
        plugin
    }
}

/// A running plugin.
pub struct Plugin {
    pub child: Child,
    pub line: String,
    pub home: TempDir,
    stdout: BufReader<ChildStdout>,
    identity: Option<Identity>,
}

impl Plugin {
    pub async fn read_line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.stdout.read_line(&mut line));
        let count = read.await.expect("a line in time").unwrap();
        assert_ne!(count, 0, "the plugin ended: {}", self.errors());
        line
    }

    /// The remaining standard output after the end of the process.
    pub async fn rest_of_output(&mut self) -> String {
        let mut rest = String::new();
        let read = self.stdout.read_to_string(&mut rest);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        rest
    }

    /// The standard error output so far.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.home.path().join("stderr")).unwrap()
    }

    pub fn field(&self, index: usize) -> &str {
        self.line
            .trim_end_matches('\n')
            .split('|')
            .nth(index)
            .unwrap()
    }

    pub fn socket(&self) -> PathBuf {
        assert_eq!(self.field(2), "unix");
        PathBuf::from(self.field(3))
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(self.field(5)).unwrap().into()
    }

    /// Waits until the process has ended, and returns its status.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("the process ends")
            .unwrap()
    }

    /// Sends a signal by name.
    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().await;
        assert!(status.unwrap().success());
    }

    /// A TLS connection as the host opens it, with only these versions, and with this certificate or none.
    pub async fn tls(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        identity: Option<&Identity>,
    ) -> std::io::Result<TlsStream<UnixStream>> {
        let stream = UnixStream::connect(self.socket()).await?;
        let connector = connector(self.certificate(), versions, identity);
        let name = ServerName::try_from("localhost").unwrap();
        connector.connect(name, stream).await
    }

    /// The certificate that this plugin expects of its host.
    pub fn identity(&self) -> &Identity {
        self.identity.as_ref().unwrap()
    }

    /// The connection for all RPCs.
    pub async fn channel(&self) -> Channel {
        match &self.identity {
            None => plain_channel(self.socket()).await,
            Some(identity) => {
                let connector = connector(self.certificate(), rustls::ALL_VERSIONS, Some(identity));
                let socket = self.socket();
                let connect = tower::service_fn(move |_| {
                    let (connector, socket) = (connector.clone(), socket.clone());
                    async move {
                        let stream = UnixStream::connect(socket).await?;
                        let name = ServerName::try_from("localhost").unwrap();
                        Ok::<_, std::io::Error>(TokioIo::new(
                            connector.connect(name, stream).await?,
                        ))
                    }
                });
                endpoint().connect_with_connector(connect).await.unwrap()
            }
        }
    }

    pub async fn client(&self) -> ProviderClient<Channel> {
        client(self.channel().await)
    }

    /// Ends the plugin as the host does.
    pub async fn shut_down(&mut self) -> std::process::ExitStatus {
        let mut controller = GrpcControllerClient::new(self.channel().await);
        // The response may be lost if the process ends quickly.
        let _ = controller
            .shutdown(crosstenant::proto::plugin::Empty {})
            .await;
        self.ended().await
    }
}

fn connector(
    server: CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
    identity: Option<&Identity>,
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(server).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(
                vec![identity.certificate.clone()],
                PrivatePkcs8KeyDer::from(identity.key.clone()).into(),
            )
            .unwrap(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

fn endpoint() -> Endpoint {
    Endpoint::from_static("http://localhost")
}

/// A connection without TLS.
pub async fn plain_channel(socket: PathBuf) -> Channel {
    let connect = tower::service_fn(move |_| {
        let socket = socket.clone();
        async move { Ok::<_, std::io::Error>(TokioIo::new(UnixStream::connect(socket).await?)) }
    });
    endpoint().connect_with_connector(connect).await.unwrap()
}

pub fn client(channel: Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel)
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE)
}
