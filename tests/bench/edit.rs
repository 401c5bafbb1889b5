//! The time from an edit of a resource to the end of its lifecycle test, with everything else built.

use std::fs::File;
use std::process::Command;
use std::time::{Instant, SystemTime};

use crate::support::project;
use crate::{ROUNDS, Sample, milliseconds};

const RESOURCE: &str = "guest_invite_settings";

pub fn section() -> String {
    // Whatever is not built yet.
    tested();
    let times = (0..ROUNDS).map(|_| {
        let source = File::options().append(true).open(source()).unwrap();
        source.set_modified(SystemTime::now()).unwrap();
        tested()
    });
    format!(
        "\n## From an edit to its test\n\n`CROSSTENANT_ONLY={RESOURCE} cargo test --test lifecycle lives::` after a change of the \
         resource's file, with everything else built.\n\n| | ms |\n|---|---|\n| from an edit of a resource to the end of its lifecycle test | {} |\n",
        Sample(times.collect()).row()
    )
}

fn source() -> std::path::PathBuf {
    project(&format!("src/resources/{RESOURCE}.rs"))
}

/// Builds and runs the test; returns the time in milliseconds.
fn tested() -> f64 {
    let started = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo.args([
        "test",
        "--locked",
        "--quiet",
        "--test",
        "lifecycle",
        "lives::",
    ]);
    // Cargo sets variables for a benchmark that would build other variants of some crates.
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO"))
    {
        if name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .env("CROSSTENANT_ONLY", RESOURCE)
        .current_dir(project(""))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    milliseconds(started.elapsed())
}
