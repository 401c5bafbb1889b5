//! The provider binary. Started by the CLI, it serves the plugin protocol. Started manually, it runs a command or prints what it is.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use crosstenant::command::Command;
use crosstenant::protocol::{self, About};
use crosstenant::resources::CrossTenant;

/// Terraform and OpenTofu provider for Microsoft Entra cross-tenant synchronization.
///
/// This is a plugin: Terraform and OpenTofu start it themselves. To install it, see the README; to try it without any tenant,
/// run `make demo`. Started manually, it runs the commands below.
#[derive(Parser)]
#[command(name = "terraform-provider-crosstenant", version)]
struct Arguments {
    /// Serve until interrupted, and print the environment variable with which the CLI finds this process. For debuggers.
    #[arg(long, exclusive = true)]
    debug: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    // Checked first and without parsing, because the CLI starts the binary several times in every run.
    if protocol::started_by_cli() {
        return serve(false);
    }
    match Arguments::parse() {
        Arguments { debug: true, .. } => serve(true),
        Arguments {
            command: Some(command),
            ..
        } => crosstenant::command::run(command),
        Arguments { .. } => explain(),
    }
}

fn explain() -> ExitCode {
    let mut command = Arguments::command();
    eprintln!(
        "{}\n{}",
        command.render_version().trim_end(),
        command.render_long_help()
    );
    ExitCode::FAILURE
}

fn serve(debug: bool) -> ExitCode {
    let about = About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        address: "crosstenant/crosstenant",
    };
    protocol::serve(|| Arc::new(CrossTenant::default()), about, debug)
}
