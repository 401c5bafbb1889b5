//! Runs the process from the handshake until the host ends it.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::server::HealthReporter;
use tonic_health::{ServingStatus, pb::health_server::HealthServer, server::HealthService};

use super::handshake::{self, HandshakeOptions};
use super::instances::{Instances, PerConnection};
use super::listener::{self, Listener};
use super::plugin::Plugin;
use super::{logging, panics, tls};
use proto::plugin::grpc_broker_server::GrpcBrokerServer;
use proto::plugin::grpc_controller_server::GrpcControllerServer;
use proto::plugin::grpc_stdio_server::GrpcStdioServer;
use terraform::Provider;

/// Time to finish calls at shutdown. The host kills the process 2 s after it requested the shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// A large flow-control window, because a local socket needs no small ones.
const WINDOW: u32 = 4 * 1024 * 1024;

/// Describes the provider that is served.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name of the binary.
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
    /// Namespace and name, without a registry host: `crosstenant/crosstenant`.
    pub address: &'static str,
}

/// Serves the provider that `make` creates until the host ends it. With `debug`, there is no host yet: any CLI run with the
/// printed environment may connect and disconnect repeatedly, without TLS, until the process is interrupted. Each connection then
/// gets its own provider, because each is a separate provider configuration.
#[must_use]
pub fn serve(
    make: impl Fn() -> Arc<dyn Provider> + Send + Sync + 'static,
    about: About,
    debug: bool,
) -> ExitCode {
    let instances = Arc::new(Instances::new(Box::new(make), about.address, debug));
    let redacting = Arc::clone(&instances);
    panics::report_panics(move |text| redacting.redact_in_panic(text));
    logging::start(Arc::clone(&instances));
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(instances, about, debug));
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {}: {error}", about.name, about.version);
            ExitCode::FAILURE
        }
    }
}

async fn run(instances: Arc<Instances>, about: About, debug: bool) -> io::Result<()> {
    // Installed before anything can send a signal to this process.
    let signals = Signals::install()?;
    let options = HandshakeOptions::from_environment();
    let (acceptor, certificate) = match &options.client_certificate {
        Some(client) if !debug => {
            let (acceptor, certificate) = tls::acceptor(client)?;
            (Some(acceptor), Some(certificate))
        }
        _ => (None, None),
    };
    let (listener, home) = Listener::bind(&options)?;
    let address = listener.address()?;
    // Early clients wait in the backlog of the socket, and the host connects only after this line.
    if debug {
        handshake::announce_to_user(&address, about.address)?;
    } else {
        handshake::announce(&address, certificate.as_deref(), options.multiplex)?;
    }
    let (incoming, counts) = listener::connections(listener, acceptor);
    let end = CancellationToken::new();
    // Created during the handshake with the host.
    let provider = PerConnection::new(&instances);
    let server = tokio::spawn(
        server(provider, &end)
            .await
            .serve_with_incoming_shutdown(incoming, end.clone().cancelled_owned()),
    );
    tokio::select! {
        () = end.cancelled() => {}
        () = signals.end(debug) => {}
        () = listener::all_disconnected(counts), if !debug => {}
    }
    instances.stop();
    end.cancel();
    // The host would kill the process soon anyway, so calls still in flight are dropped.
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, server).await;
    drop(home);
    Ok(())
}

async fn server(
    provider: PerConnection,
    end: &CancellationToken,
) -> tonic::transport::server::Router {
    let plugin = Plugin { end: end.clone() };
    let health = HealthReporter::new();
    health
        .set_service_status("plugin", ServingStatus::Serving)
        .await;
    Server::builder()
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(plugin.clone()))
        .add_service(GrpcBrokerServer::new(plugin.clone()))
        .add_service(GrpcStdioServer::new(plugin))
        .add_service(HealthServer::new(HealthService::from_health_reporter(
            health,
        )))
}

/// The signals of the terminal and the system.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Installs handlers, so that the signals no longer end the process by default.
    fn install() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal to end. Ctrl-C is ignored without `debug`: it reaches all processes of the terminal, and the host
    /// decides what to do.
    async fn end(mut self, debug: bool) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => if debug { return },
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => return,
            }
        }
    }
}

/// The console events.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Installs a handler, so that Ctrl-C no longer ends the process by default.
    fn install() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for an event to end: Ctrl-C in the process's own console.
    async fn end(mut self, debug: bool) {
        loop {
            self.0.recv().await;
            if debug {
                return;
            }
        }
    }
}
