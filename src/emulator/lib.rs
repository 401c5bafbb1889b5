//! A local Microsoft Graph with many tenants that actually performs cross-tenant synchronization.
//!
//! It emulates sign-in, cross-tenant access policies, applications, assignments, provisioning jobs and the directory around them. It is
//! strict and refuses what Graph refuses. It shares no code with the client that it tests. It contains no real secrets and must not be used
//! for real data. `docs/internals/emulator.md` lists what is emulated and what is not.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod answer;
mod batch;
mod call;
mod certificate;
mod clock;
mod connection;
mod control;
mod exchange;
mod faults;
mod filter;
mod graph;
mod job;
mod journal;
mod lag;
mod login;
mod odata;
mod origin_check;
mod overview;
mod page;
mod permissions;
mod properties;
mod query;
mod reply;
mod route;
mod routes;
mod rules;
mod seed;
mod server;
mod state;
mod store;
mod sync;
mod token;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use clock::parse_duration;
pub use lag::Lag;

use clock::{Clock, millis};
use connection::{ConnectionHandle, ConnectionListener};
use server::Server;
use state::StateFile;
use store::VisibilityDelay;

/// Options of an emulator.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 chooses a free port.
    pub listen: SocketAddr,
    /// The text of the seed: the initial tenants.
    pub seed: String,
    /// The file that keeps the world across restarts. An existing file takes precedence over the seed.
    pub state: Option<PathBuf>,
    /// Time during which new objects are hidden from reads.
    pub visibility_delay: Duration,
    /// Replication lag.
    pub lag: Lag,
    /// Speed of the clock of the emulator, relative to real time.
    pub speed: u32,
    /// Time between two cycles of a started job.
    pub cycle: Duration,
    /// Time from the start of a job to its first cycle.
    pub first_cycle: Duration,
    /// Duration of a cycle, during which progress is visible.
    pub cycle_duration: Duration,
    /// Delay that is added to every response.
    pub latency: Duration,
    /// Whether addresses other than loopback addresses are allowed.
    pub allow_remote: bool,
}

impl Options {
    /// Loopback with a free port, the intervals of the real service, no latency and no delay.
    #[must_use]
    pub fn new(seed: impl Into<String>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: seed.into(),
            state: None,
            visibility_delay: Duration::ZERO,
            lag: Lag::default(),
            speed: 1,
            cycle: Duration::from_secs(2_400),
            first_cycle: Duration::from_millis(300),
            cycle_duration: Duration::ZERO,
            latency: Duration::ZERO,
            allow_remote: false,
        }
    }
}

/// A running emulator, which stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Root address, without a version and a trailing slash.
    #[must_use]
    pub fn graph_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Root address of the sign-in, on the same host.
    #[must_use]
    pub fn login_url(&self) -> String {
        self.graph_url()
    }

    /// Address of the page that shows the tenants, for a browser on this machine.
    #[must_use]
    pub fn page_url(&self) -> String {
        format!("{}/", self.graph_url())
    }

    /// Stops after requests in flight have finished, or after a second.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(serving) = self.tasks.first_mut() {
            let _ = tokio::time::timeout(Duration::from_secs(1), serving).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts an emulator in this process.
///
/// # Errors
///
/// A message about the invalid seed, state file or address.
pub async fn start(options: Options) -> Result<Running, String> {
    if !options.allow_remote && !options.listen.ip().is_loopback() {
        return Err(format!(
            "{} is reachable from elsewhere; that needs --allow-remote",
            options.listen.ip()
        ));
    }
    options.lag.check()?;
    let loaded = options
        .state
        .as_deref()
        .map(StateFile::load)
        .transpose()?
        .flatten();
    let mut world = match loaded {
        Some(world) => world,
        None => seed::world(&options.seed)?,
    };
    world.clock = Clock::running(options.speed);
    world.visibility = VisibilityDelay::new(options.visibility_delay);
    world.lag(options.lag);
    world.cycle = millis(options.cycle);
    world.first_cycle = millis(options.first_cycle);
    world.cycle_duration = millis(options.cycle_duration);
    let listener =
        connection::listen(options.listen).map_err(|why| format!("{}: {why}", options.listen))?;
    let address = listener.local_addr().map_err(|why| why.to_string())?;
    let state = options.state.map(StateFile::new);
    let address = reachable(address);
    let own = format!("http://{address}");
    let server = Server::new(
        world,
        options.seed,
        own,
        options.latency,
        options.visibility_delay,
        options.lag,
        state,
    );
    let server = Arc::new(server.reachable(options.allow_remote));
    server.save().await?;
    let listener = ConnectionListener::new(listener, Arc::clone(&server.outage))
        .map_err(|why| why.to_string())?;
    let (stop, stopped) = oneshot::channel();
    let tasks = vec![
        tokio::spawn(serve(Arc::clone(&server), listener, stopped)),
        tokio::spawn(run_cycles(server)),
    ];
    Ok(Running {
        address,
        stop: Some(stop),
        tasks,
    })
}

/// An address under which other machines reach a listener on all addresses: the source address of outgoing traffic.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    // Nothing is sent: connecting a UDP socket only chooses a route. The destination is reserved for documentation.
    let (any, there): (IpAddr, IpAddr) = if address.is_ipv4() {
        ([0; 4].into(), [192, 0, 2, 1].into())
    } else {
        ([0; 8].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into())
    };
    let outward = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((there, 9))?;
        socket.local_addr()
    });
    let loopback: IpAddr = if address.is_ipv4() {
        [127, 0, 0, 1].into()
    } else {
        [0, 0, 0, 0, 0, 0, 0, 1].into()
    };
    let ip = outward.map_or(loopback, |found| found.ip());
    SocketAddr::new(ip, address.port())
}

async fn serve(server: Arc<Server>, listener: ConnectionListener, stopped: oneshot::Receiver<()>) {
    let application = Router::new().fallback(exchange::serve).with_state(server);
    let service = application.into_make_service_with_connect_info::<ConnectionHandle>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    if let Err(why) = serving.await {
        tracing::error!(%why, "the emulator stopped listening");
    }
}

/// Runs cycles when they are due, for the lifetime of the emulator.
async fn run_cycles(server: Arc<Server>) {
    loop {
        let wait = sync::run_due(&mut server.world());
        server.saved().await;
        match wait {
            Some(wait) => {
                let _ = tokio::time::timeout(wait, server.wake.notified()).await;
            }
            None => server.wake.notified().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_printed_can_be_used() {
        let here = SocketAddr::from(([127, 0, 0, 1], 8080));
        assert_eq!(reachable(here), here);
        for every in ["0.0.0.0:8080", "[::]:8080"] {
            let found = reachable(every.parse().unwrap());
            assert!(
                !found.ip().is_unspecified() && found.port() == 8080,
                "{found}"
            );
        }
    }
}
