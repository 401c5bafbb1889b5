//! The commands of the binary: one module per command, and what they share.
//!
//! Commands use the provider itself, configured as Terraform would configure it, so that checks and messages are the same. They write to a
//! [`Terminal`] and return a [`Verdict`] or a [`Failure`].
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod check;
mod collisions;
mod export;
mod failure;
mod file;
mod json;
mod leftovers;
mod live;
mod map;
mod preview;
mod scaffold;
mod snapshot;
mod source;
mod status;
mod tenant;
mod terminal;
mod verdict;
mod wording;

use std::process::ExitCode;

use clap::Subcommand;

pub use failure::Failure;
pub use tenant::{Pair, PairOptions, SingleOptions, Tenant};
pub use terminal::Terminal;
pub use verdict::Verdict;
pub(crate) use wording::counted;

/// The commands that the binary accepts.
#[derive(Debug, Subcommand)]
#[expect(
    missing_docs,
    reason = "each says in its options what it does, which is its help"
)]
pub enum Command {
    Check(Box<check::Options>),
    Status(Box<status::Options>),
    Map(Box<map::Options>),
    Export(Box<export::Options>),
    Scaffold(Box<scaffold::Options>),
    Live(Box<live::Options>),
    Preview(Box<preview::Options>),
    Leftovers(Box<leftovers::Options>),
}

/// Runs `command` and returns its exit code: 0 if the result is good, 1 if it is bad, 2 if the command failed.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    let mut terminal = Terminal::standard();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| {
            let outcome = runtime.block_on(perform(command, &mut terminal));
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::from(1),
        Ok(Verdict::Unknown) => ExitCode::from(2),
        Ok(Verdict::Refused) => ExitCode::from(3),
        // The reader has closed the output, as in `check | head`.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.report(&failure);
            ExitCode::from(2)
        }
    }
}

/// Runs `command` on any terminal.
///
/// # Errors
///
/// If the command fails, or if its result cannot be written.
pub async fn perform(command: Command, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    match command {
        Command::Check(options) => check::run(*options, terminal).await,
        Command::Status(options) => status::run(*options, terminal).await,
        Command::Map(options) => map::run(*options, terminal).await,
        Command::Export(options) => export::run(*options, terminal).await,
        Command::Scaffold(options) => scaffold::run(&options, terminal),
        Command::Live(options) => live::run(*options, terminal).await,
        Command::Preview(options) => preview::run(*options, terminal).await,
        Command::Leftovers(options) => leftovers::run(*options, terminal).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_help_fits_its_width() {
        let all = Command::augment_subcommands(clap::Command::new("test"));
        for command in all.get_subcommands() {
            let help = command.get_after_long_help().unwrap().to_string();
            for line in help.lines() {
                // Clap breaks longer lines anywhere.
                assert!(line.len() <= 100, "{}: {line}", command.get_name());
            }
        }
    }
}
