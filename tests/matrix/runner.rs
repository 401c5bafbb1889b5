//! `make matrix` and `make clis`: runs the tests with the real CLI, with every CLI in a folder.
//!
//! The tests are built once and started again for each CLI, which `CROSSTENANT_CLI` names. They append skips and the features that work to
//! a file; the tables are created from that file and from the output of the test harness.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "the modules of the tests are taken as they are, and can do more than is needed here"
)]

#[path = "../support/clis.rs"]
mod clis;
#[path = "../support/compatibility.rs"]
mod compatibility;
#[path = "../support/features.rs"]
mod features;
mod runs;
mod tables;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use clis::{Cli, Flavor};
use runs::{Extent, Run, Suite};

/// The versions of a complete matrix: each Terraform, and the newest patch of each of these minor versions of OpenTofu.
const TERRAFORM: [(u32, u32); 8] = [
    (8, 4),
    (9, 8),
    (10, 5),
    (11, 4),
    (12, 2),
    (13, 5),
    (14, 9),
    (15, 5),
];
const OPENTOFU: [u32; 3] = [8, 11, 12];

/// Runs the tests with every CLI in a folder.
#[derive(Parser)]
struct Arguments {
    /// Folder with CLIs: `*/terraform` and `*/tofu`.
    folder: PathBuf,
    /// Run all of tests/cli only with the oldest and the newest Terraform, and one lifecycle with each of the others.
    #[arg(long)]
    short: bool,
    /// Run only the tests of features, which takes less time.
    #[arg(long, conflicts_with = "short")]
    features: bool,
    /// Run only CLIs of this version, for example 1.13.5; may be repeated. The others still write states in turn.
    #[arg(long, value_name = "VERSION")]
    only: Vec<String>,
    /// Write docs/guides/compatibility.md for the CLIs without failures.
    #[arg(long)]
    write: bool,
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The CLIs in the folder, and those on PATH for a flavor that is missing there; and the missing versions.
fn present(folder: &std::path::Path) -> (Vec<Cli>, Vec<String>) {
    let mut found = clis::below(folder);
    for (flavor, name) in [(Flavor::Terraform, "terraform"), (Flavor::OpenTofu, "tofu")] {
        if !found.iter().any(|cli| cli.flavor == flavor) {
            found.extend(Cli::ask(name));
        }
    }
    found.sort_by_key(|cli| (cli.flavor == Flavor::OpenTofu, cli.version));
    let is_here = |flavor, minor| {
        found
            .iter()
            .any(|cli| cli.flavor == flavor && cli.version.1 == minor)
    };
    let terraform = TERRAFORM
        .iter()
        .filter(|(minor, _)| !is_here(Flavor::Terraform, *minor));
    let terraform = terraform.map(|(minor, patch)| format!("Terraform 1.{minor}.{patch}"));
    let opentofu = OPENTOFU
        .iter()
        .filter(|minor| !is_here(Flavor::OpenTofu, **minor));
    let opentofu = opentofu.map(|minor| format!("OpenTofu 1.{minor}"));
    let missing = terraform.chain(opentofu).collect();
    (found, missing)
}

/// The tests to run with a CLI. In a short matrix, the oldest and the newest Terraform, and every OpenTofu, run all tests.
fn extent(arguments: &Arguments, cli: &Cli, all: &[Cli]) -> Extent {
    let mut terraform = all.iter().filter(|other| other.flavor == Flavor::Terraform);
    let oldest = terraform.next().map(|other| other.version);
    let newest = terraform.next_back().map(|other| other.version);
    let stands_out =
        cli.flavor == Flavor::OpenTofu || [oldest, newest].contains(&Some(cli.version));
    match (arguments.features, arguments.short) {
        (true, _) => Extent::Features,
        (_, true) if !stands_out => Extent::Life,
        _ => Extent::Whole,
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = std::path::absolute(&arguments.folder);
    let folder = folder.unwrap_or_else(|_| arguments.folder.clone());
    let (found, missing) = present(&folder);
    for name in &missing {
        say(&format!(
            "NOT HERE: {name} (looked for in {} and on PATH)",
            folder.display()
        ));
    }
    let terraform_is_missing = missing.iter().any(|name| name.starts_with("Terraform"));
    let must_have_all = arguments.short && std::env::var_os("CI").is_some();
    if found.is_empty() || (terraform_is_missing && must_have_all) {
        say("A Terraform that this needs is missing.");
        return ExitCode::FAILURE;
    }
    let suite = match Suite::build() {
        Ok(suite) => suite,
        Err(why) => {
            say(&why);
            return ExitCode::FAILURE;
        }
    };
    let mut runs: Vec<Run> = Vec::new();
    let is_wanted = |cli: &&Cli| {
        arguments.only.is_empty()
            || arguments
                .only
                .iter()
                .any(|only| cli.to_string().ends_with(&format!(" {only}")))
    };
    for cli in found.iter().filter(is_wanted) {
        let extent = extent(&arguments, cli, &found);
        let run = suite.run(cli, &folder, extent);
        say(&run.line());
        if arguments.write
            && let Err(why) = tables::write(&run)
        {
            say(&why);
            return ExitCode::FAILURE;
        }
        runs.push(run);
    }
    say(&tables::outcome(&runs));
    if runs.iter().any(Run::has_failed) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
