//! The CLI under test: its path, flavor and version, and its features.
//!
//! `CROSSTENANT_CLI` names the CLI of a run. A test that needs a feature which the CLI lacks ends early through [`lacks`], which reports it
//! on standard error and in the file that `make matrix` reads, so no test is skipped silently.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use serde_json::{Value as Json, json};

use super::features::Feature;

/// The file to which tests append skips and working features, one JSON object per line.
const RECORD: &str = "CROSSTENANT_MATRIX_RECORD";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    Terraform,
    OpenTofu,
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform => "Terraform",
            Self::OpenTofu => "OpenTofu",
        })
    }
}

/// The version information of a CLI.
#[derive(Clone, Debug)]
pub struct Cli {
    pub path: String,
    pub flavor: Flavor,
    pub version: (u32, u32, u32),
    /// Whether it is a separate executable. A script that starts Terraform as a library does not forward signals.
    pub stands_alone: bool,
}

impl fmt::Display for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(f, "{} {major}.{minor}.{patch}", self.flavor)
    }
}

impl Cli {
    /// Reads the version of the CLI at `path`; `None` if it cannot be run.
    pub fn ask(path: &str) -> Option<Self> {
        let mut command = Command::new(path);
        forget_settings(&mut command);
        command.arg("version").env("CHECKPOINT_DISABLE", "1");
        // A configuration file of the user may not be readable by every version.
        let output = command.env("TF_CLI_CONFIG_FILE", null_device()).output();
        let output = output.ok().filter(|output| output.status.success())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (name, rest) = text.lines().next()?.split_once(" v")?;
        let flavor = match name {
            "Terraform" => Flavor::Terraform,
            "OpenTofu" => Flavor::OpenTofu,
            _ => return None,
        };
        let numbers = rest
            .split(['.', '-'])
            .map(|part| part.trim().parse::<u32>());
        let numbers: Vec<u32> = numbers.map_while(Result::ok).collect();
        Some(Self {
            path: path.to_owned(),
            flavor,
            version: (*numbers.first()?, *numbers.get(1)?, *numbers.get(2)?),
            stands_alone: stands_alone(path),
        })
    }

    /// The host in the provider addresses of this flavor.
    pub fn registry(&self) -> &'static str {
        match self.flavor {
            Flavor::Terraform => "registry.terraform.io",
            Flavor::OpenTofu => "registry.opentofu.org",
        }
    }

    /// Whether this is the flavor `flavor` in the version `minor` (of 1) or newer.
    pub fn is(&self, flavor: Flavor, minor: u32) -> bool {
        self.flavor == flavor && self.version >= (1, minor, 0)
    }
}

fn null_device() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}

fn stands_alone(path: &str) -> bool {
    let file = if path.contains(std::path::MAIN_SEPARATOR) {
        Some(PathBuf::from(path))
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            .map(|folder| folder.join(path))
            .find(|file| file.is_file())
    };
    let start = file.and_then(|file| std::fs::read(file).ok());
    start.is_some_and(|bytes| !bytes.starts_with(b"#!"))
}

/// The CLIs to test with: the one that `CROSSTENANT_CLI` names, or those on PATH. Without any, the tests fail and are not skipped.
pub fn clis() -> &'static [String] {
    static FOUND: OnceLock<Vec<String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(path) = std::env::var_os("CROSSTENANT_CLI") {
            // Commands run in their own folders.
            let path = std::path::absolute(path).unwrap();
            let path = path.to_str().unwrap().to_owned();
            assert!(
                Cli::ask(&path).is_some(),
                "CROSSTENANT_CLI={path} cannot be run"
            );
            return vec![path];
        }
        let on_path = ["terraform", "tofu"].map(str::to_owned).into_iter();
        let found: Vec<String> = on_path.filter(|name| Cli::ask(name).is_some()).collect();
        assert!(
            !found.is_empty(),
            "these tests need terraform or tofu (1.8 or later) on PATH"
        );
        found
    })
}

/// The version information of the CLI at `path`, which is read once.
pub fn cli(path: &str) -> Cli {
    static ASKED: Mutex<Vec<Cli>> = Mutex::new(Vec::new());
    let mut asked = ASKED.lock().unwrap();
    if let Some(known) = asked.iter().find(|known| known.path == path) {
        return known.clone();
    }
    let answer = Cli::ask(path).unwrap_or_else(|| panic!("{path} is no terraform or tofu"));
    asked.push(answer.clone());
    answer
}

/// Every CLI below the folder in `CLIS`, and the CLIs under test; for tests that need several.
pub fn all_clis() -> Vec<Cli> {
    let mut found: Vec<Cli> = clis().iter().map(|path| cli(path)).collect();
    if let Some(folder) = std::env::var_os("CLIS") {
        found.extend(below(Path::new(&folder)));
    }
    found.sort_by_key(|cli| (cli.flavor == Flavor::OpenTofu, cli.version));
    found.dedup_by_key(|cli| (cli.flavor, cli.version));
    found
}

/// The CLIs in `folder/*/terraform` and `folder/*/tofu`.
pub fn below(folder: &Path) -> Vec<Cli> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.flat_map(|entry| ["terraform", "tofu"].map(|name| entry.path().join(name)));
    let files = files.filter(|file| file.is_file());
    files.filter_map(|file| Cli::ask(file.to_str()?)).collect()
}

/// Removes from `command` the environment variables for the CLI and the provider that are set outside the tests, for example from the
/// README.
pub fn forget_settings(command: &mut Command) {
    const PREFIXES: [&str; 7] = [
        "TF_", "ARM_", "SOURCE_", "TARGET_", "AZURE_", "ACTIONS_", "SYSTEM_",
    ];
    for (name, _) in std::env::vars_os() {
        let is_setting = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if name.to_str().is_some_and(is_setting) {
            command.env_remove(name);
        }
    }
}

/// Whether the CLI at `path` lacks `feature`. If so, the calling test ends, and its reason is recorded.
pub fn lacks(path: &str, feature: Feature) -> bool {
    let reason = feature.lacking(&cli(path));
    if let Some(reason) = &reason {
        skipped(path, reason);
        record(&json!({ "feature": feature.key(), "cli": path, "lacks": reason }));
    }
    reason.is_some()
}

/// Records that `feature` works with the CLI at `path`.
pub fn works(path: &str, feature: Feature) {
    record(&json!({ "feature": feature.key(), "cli": path, "works": true }));
}

/// Records why the running test is skipped, completely or in part, with the CLI at `path`.
pub fn skipped(path: &str, reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("?");
    // Not with `eprintln!`: the harness hides its output for a successful test.
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "SKIPPED {test} with {}: {reason}", cli(path));
    record(&json!({ "test": test, "cli": path, "skipped": reason }));
}

fn record(line: &Json) {
    static WRITING: Mutex<()> = Mutex::new(());
    let Some(file) = std::env::var_os(RECORD) else {
        return;
    };
    let _one_at_a_time = WRITING.lock();
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file);
    file.unwrap()
        .write_all(format!("{line}\n").as_bytes())
        .unwrap();
}
