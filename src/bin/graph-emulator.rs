//! The emulator binary: reads the command line, starts, says where, waits for the end.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use crosstenant::emulator::{self, Options, parse_duration};

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
        cycle: arguments.cycle,
        first_cycle: arguments.first_cycle,
        cycle_duration: arguments.cycle_duration,
        latency: arguments.latency,
        allow_remote: arguments.allow_remote,
    };
    let running = emulator::start(options).await?;
    let ready = serde_json::json!({ "graph": running.graph_url(), "login": running.login_url() });
    writeln!(std::io::stdout(), "{ready}").map_err(|why| why.to_string())?;
    tokio::select! {
        () = terminated() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    running.shutdown().await;
    Ok(())
}

/// Returns when the process is asked to end.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut asked) => {
            asked.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Elsewhere only ctrl-c ends it.
#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
