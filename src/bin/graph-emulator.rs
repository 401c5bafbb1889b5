//! The emulator binary: reads the command line, starts, says where, waits for the end.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use crosstenant::emulator::{self, Lag, Options, parse_duration};

/// A local Microsoft Graph that performs cross-tenant synchronization.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Tenants to begin with, as JSON
    #[arg(long)]
    seed: PathBuf,
    /// File that keeps everything across restarts
    #[arg(long)]
    state: Option<PathBuf>,
    /// How long new objects stay invisible
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    visibility_delay: Duration,
    /// The longest time until a read replica knows of a write; 0s switches replication lag off
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    lag: Duration,
    /// Replicas that answer reads while there is lag
    #[arg(long, default_value_t = Lag::default().replicas)]
    replicas: usize,
    /// Number that decides the lags, and which replica answers
    #[arg(long, default_value_t = Lag::default().seed)]
    seed_lag: u64,
    /// Let each replica learn of the writes of a collection in their order
    #[arg(long)]
    lag_in_order: bool,
    /// How many times as fast as real time the emulator's clock runs
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// Time between two synchronization cycles
    #[arg(long, value_parser = parse_duration, default_value = "40m")]
    cycle: Duration,
    /// Time from the start of a job to its first cycle
    #[arg(long, value_parser = parse_duration, default_value = "300ms")]
    first_cycle: Duration,
    /// How long a cycle takes; progress can be seen meanwhile
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    cycle_duration: Duration,
    /// Added to every answer
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    latency: Duration,
    /// Listen on an address that others can reach
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

/// Listens for requests to end from now on; the future ends when one comes.
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

/// Elsewhere only ctrl-c ends it.
#[cfg(not(unix))]
fn ending() -> Result<impl Future<Output = ()>, String> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
