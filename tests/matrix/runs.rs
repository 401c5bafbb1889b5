//! Runs the tests that use the CLI with one CLI, and reads the results.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value as Json;

use crate::clis::Cli;

/// The test binary that is run with every CLI.
const SUITE: &str = "cli";

/// The tests to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// One lifecycle.
    Life,
    /// A lifecycle, and every feature that not every CLI supports.
    Features,
    Whole,
}

impl Extent {
    /// The modules of these tests; all modules if the list is empty.
    fn modules(self) -> &'static [&'static str] {
        match self {
            Self::Life => &["everyday::"],
            Self::Features => &[
                "everyday::",
                "features::",
                "generated::",
                "guides::",
                "mixed::",
                "mocks::",
                "moves::",
            ],
            Self::Whole => &[],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Life => "one life",
            Self::Features => "features",
            Self::Whole => "whole",
        }
    }
}

/// The test binary.
pub(crate) struct Suite {
    executable: PathBuf,
}

/// The results with one CLI.
pub(crate) struct Run {
    pub(crate) cli: Cli,
    pub(crate) extent: Extent,
    pub(crate) seconds: u64,
    pub(crate) seen: Seen,
    log: PathBuf,
}

/// The results of the tests.
#[derive(Default)]
pub(crate) struct Seen {
    /// Includes tests that do not apply to this CLI.
    pub(crate) passed: usize,
    pub(crate) failed: Vec<String>,
    /// The reasons for complete or partial skips, by test.
    pub(crate) skipped: BTreeMap<String, BTreeSet<String>>,
    /// By feature: why the CLI lacks it, or `None` if it works.
    pub(crate) features: BTreeMap<String, Option<String>>,
    /// Whether the harness ran to its end.
    ended: bool,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Suite {
    /// Builds the tests, and returns the path of their executable.
    pub(crate) fn build() -> Result<Self, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(project()).stderr(Stdio::inherit());
        command.args(["test", "--locked", "--no-run", "--message-format=json"]);
        command.args(["--test", SUITE]);
        let output = command
            .output()
            .map_err(|error| format!("cargo cannot be run: {error}"))?;
        if !output.status.success() {
            return Err("The tests cannot be built.".to_owned());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut messages = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Json>(line).ok());
        let executable = messages.find_map(|message| {
            let executable = message["executable"].as_str()?;
            (message["target"]["name"] == SUITE).then(|| executable.into())
        });
        let executable =
            executable.ok_or_else(|| format!("cargo has not said where {SUITE} is"))?;
        Ok(Self { executable })
    }

    /// Runs these tests with `cli`.
    pub(crate) fn run(&self, cli: &Cli, folder: &Path, extent: Extent) -> Run {
        let logs = project().join("target/matrix");
        let _ = std::fs::create_dir_all(&logs);
        let name = format!("{}-{SUITE}", cli.to_string().replace(' ', "-"));
        let [log, errors, record] =
            ["log", "errors", "jsonl"].map(|ending| logs.join(format!("{name}.{ending}")));
        let _ = std::fs::remove_file(&record);
        let mut command = Command::new(&self.executable);
        command.current_dir(project()).stdin(Stdio::null());
        command
            .env("CROSSTENANT_CLI", &cli.path)
            .env("CLIS", folder)
            .env("CROSSTENANT_MATRIX_RECORD", &record);
        command.args(extent.modules());
        let since = Instant::now();
        // Into files, so that the progress of a long run can be followed.
        if let (Ok(stdout), Ok(stderr)) = (File::create(&log), File::create(&errors)) {
            command.stdout(stdout).stderr(stderr);
        }
        let _ = command.status(); // A harness that does not run to its end has failed, regardless of the reason.
        let stdout = std::fs::read_to_string(&log).unwrap_or_default();
        let record = std::fs::read_to_string(record).unwrap_or_default();
        Run {
            cli: cli.clone(),
            extent,
            seconds: since.elapsed().as_secs(),
            seen: Seen::read(&stdout, &record),
            log,
        }
    }
}

impl Seen {
    /// Reads the output of the harness and the record of the tests.
    fn read(stdout: &str, record: &str) -> Self {
        let mut seen = Self::default();
        for line in stdout.lines() {
            if let Some((name, result)) = line
                .strip_prefix("test ")
                .and_then(|line| line.split_once(" ... "))
            {
                match result {
                    "FAILED" => seen.failed.push(name.to_owned()),
                    "ok" => seen.passed += 1,
                    _ => {}
                }
            }
            seen.ended |= line.starts_with("test result: ");
        }
        for line in record
            .lines()
            .filter_map(|line| serde_json::from_str::<Json>(line).ok())
        {
            let text = |name: &str| line[name].as_str().map(str::to_owned);
            if let (Some(test), Some(reason)) = (text("test"), text("skipped")) {
                let reasons = seen.skipped.entry(test).or_default();
                reasons.insert(reason);
            } else if let Some(feature) = text("feature") {
                seen.features.insert(feature, text("lacks"));
            }
        }
        seen
    }
}

impl Run {
    pub(crate) fn has_failed(&self) -> bool {
        !self.seen.failed.is_empty() || !self.seen.ended
    }

    /// The line that is printed while the matrix runs.
    pub(crate) fn line(&self) -> String {
        let Self {
            cli, seconds, seen, ..
        } = self;
        let extent = self.extent.name();
        let mut line = format!(
            "{cli}: {extent}: {} passed, {} failed, {} skipped; {seconds} s",
            seen.passed,
            seen.failed.len(),
            seen.skipped.len(),
        );
        if self.has_failed() {
            let _ = write!(
                line,
                "\n  FAILED, see {}: {}",
                self.log.display(),
                seen.failed.join(", ")
            );
        }
        line
    }
}
