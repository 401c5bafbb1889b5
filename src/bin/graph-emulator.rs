//! The emulator binary: parses the command line, starts the emulator, prints its address, and waits for a signal to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use crosstenant::emulator::{self, Lag, Options, parse_duration};

/// A local emulator of Microsoft Graph that performs cross-tenant synchronization.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Seed file with the initial tenants, as JSON
    #[arg(long)]
    seed: PathBuf,
    /// State file that is kept across restarts
    #[arg(long)]
    state: Option<PathBuf>,
    /// Time during which new objects stay invisible
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    visibility_delay: Duration,
    /// Maximum time until a read replica shows a write; 0s disables replication lag
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    lag: Duration,
    /// Number of replicas that answer reads with lag
    #[arg(long, default_value_t = Lag::default().replicas)]
    replicas: usize,
    /// Seed of the random lags and of the selection of replicas
    #[arg(long, default_value_t = Lag::default().seed)]
    seed_lag: u64,
    /// Apply the writes of a collection to each replica in order
    #[arg(long)]
    lag_in_order: bool,
    /// Speed of the clock of the emulator, relative to real time
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// Time between two synchronization cycles
    #[arg(long, value_parser = parse_duration, default_value = "40m")]
    cycle: Duration,
    /// Time from the start of a job to its first cycle
    #[arg(long, value_parser = parse_duration, default_value = "300ms")]
    first_cycle: Duration,
    /// Duration of a cycle, during which progress is visible
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    cycle_duration: Duration,
    /// Delay that is added to every response
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    latency: Duration,
    /// Listen on an address that other machines can reach
    #[arg(long)]
    allow_remote: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("graph-emulator: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let seed = std::fs::read_to_string(&arguments.seed)
        .map_err(|why| format!("{}: {why}", arguments.seed.display()))?;
    let options = Options {
        listen: arguments.listen,
        seed,
        state: arguments.state,
        visibility_delay: arguments.visibility_delay,
        lag: Lag {
            longest: arguments.lag,
            replicas: arguments.replicas,
            seed: arguments.seed_lag,
            in_order: arguments.lag_in_order,
        },
        speed: arguments.speed,
        cycle: arguments.cycle,
        first_cycle: arguments.first_cycle,
        cycle_duration: arguments.cycle_duration,
        latency: arguments.latency,
        allow_remote: arguments.allow_remote,
    };
    let ending = ending()?;
    let running = emulator::start(options).await?;
    let ready = serde_json::json!({
        "graph": running.graph_url(), "login": running.login_url(), "page": running.page_url(),
    });
    writeln!(std::io::stdout(), "{ready}").map_err(|why| why.to_string())?;
    if arguments.listen.ip().is_unspecified() {
        eprintln!("graph-emulator: others reach it at {}", running.graph_url());
    }
    ending.await;
    running.shutdown().await;
    Ok(())
}

/// Listens for signals from now on; the future completes with the first one.
#[cfg(unix)]
fn ending() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|why| why.to_string());
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// On other systems, only ctrl-c stops it.
#[cfg(not(unix))]
fn ending() -> Result<impl Future<Output = ()>, String> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
