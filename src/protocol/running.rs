//! The life of the process, from the handshake to the end that the host asks for.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::server::HealthReporter;
use tonic_health::{ServingStatus, pb::health_server::HealthServer, server::HealthService};

use super::handshake::{self, Wishes};
use super::instances::{Instances, PerConnection};
use super::listener::{self, Listener};
use super::plugin::Plugin;
use super::{logging, rescue, tls};
use proto::plugin::grpc_broker_server::GrpcBrokerServer;
use proto::plugin::grpc_controller_server::GrpcControllerServer;
use proto::plugin::grpc_stdio_server::GrpcStdioServer;
use terraform::Provider;

/// The host kills the process 2 s after it asked it to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A socket on the same machine has no need of small steps.
const WINDOW: u32 = 4 * 1024 * 1024;

/// Who is serving.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name of the binary.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Namespace and name, without the host of a registry: `crosstenant/crosstenant`.
    pub address: &'static str,
}

/// Serves the provider that `make` makes until the host wants it to end. With `debug` there is no host yet: anyone who runs the
/// CLI with the printed environment may come, go and come again, without TLS, until the process is interrupted; each connection
/// then gets a provider of its own, because each is another provider configuration.
#[must_use]
pub fn serve(
    make: impl Fn() -> Arc<dyn Provider> + Send + Sync + 'static,
    about: About,
    debug: bool,
) -> ExitCode {
    let instances = Arc::new(Instances::new(Box::new(make), about.address, debug));
    let redacting = Arc::clone(&instances);
    rescue::report_panics(move |text| redacting.redact_in_panic(text));
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
    // Before anyone knows that this process exists.
    let signals = Signals::heed()?;
    let wishes = Wishes::from_environment();
    let (acceptor, certificate) = match &wishes.client_certificate {
        Some(client) if !debug => {
            let (acceptor, certificate) = tls::acceptor(client)?;
            (Some(acceptor), Some(certificate))
        }
        _ => (None, None),
    };
    let (listener, home) = Listener::bind(&wishes)?;
    let address = listener.address()?;
    // A client that connects now waits in the queue of the socket; the host needs the line to come at all.
    if debug {
        handshake::announce_to_people(&address, about.address)?;
    } else {
        handshake::announce(&address, certificate.as_deref(), wishes.multiplex)?;
    }
    let (incoming, visits) = listener::connections(listener, acceptor);
    let end = CancellationToken::new();
    // Made while the host and the listener greet each other.
    let provider = PerConnection::new(&instances);
    let server = tokio::spawn(
        server(provider, &end)
            .await
            .serve_with_incoming_shutdown(incoming, end.clone().cancelled_owned()),
    );
    tokio::select! {
        () = end.cancelled() => {}
        () = signals.end(debug) => {}
        () = listener::deserted(visits), if !debug => {}
    }
    instances.stop();
    end.cancel();
    // What has not been answered by then would be killed anyway.
    let _ = tokio::time::timeout(LAST_WORDS, server).await;
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

/// What the terminal and the system send.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on none of them ends the process by itself.
    fn heed() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one that means the end. Ctrl-C does not: it reaches the whole terminal, and the host decides what it means.
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

/// What the console sends.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// From now on Ctrl-C does not end the process by itself.
    fn heed() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for one that means the end: Ctrl-C in a console of its own.
    async fn end(mut self, debug: bool) {
        loop {
            self.0.recv().await;
            if debug {
                return;
            }
        }
    }
}
