//! The table on the terminal, and the record from which the page of the documentation is generated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use comfy_table::{Table, presets};
use serde_json::{Value as Json, json};

use crate::compatibility::{PAGE, RECORD, page};
use crate::runs::{Extent, Run};

/// Every CLI, then each reason for a skip with its tests and CLIs.
pub(crate) fn outcome(runs: &[Run]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["CLI", "Extent", "Passed", "Failed", "Skipped", "Seconds"]);
    let mut reasons: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<String>)> = BTreeMap::new();
    for run in runs {
        table.add_row([
            run.cli.to_string(),
            run.extent.name().to_owned(),
            run.seen
                .passed
                .saturating_sub(run.seen.skipped.len())
                .to_string(),
            run.seen.failed.len().to_string(),
            run.seen.skipped.len().to_string(),
            run.seconds.to_string(),
        ]);
        for (test, why) in &run.seen.skipped {
            for reason in why {
                let (tests, clis) = reasons.entry(reason).or_default();
                tests.insert(test);
                clis.insert(run.cli.to_string());
            }
        }
    }
    let mut text = format!("\n{table}\n");
    for (reason, (tests, clis)) in reasons {
        let join = |names: Vec<&str>| names.join(", ");
        let clis = join(clis.iter().map(String::as_str).collect());
        let _ = write!(
            text,
            "\nSkipped: {reason}\n  with {clis}: {}",
            join(tests.into_iter().collect())
        );
    }
    text + "\n"
}

/// Adds this run to the record, unless it has failed, and writes the page.
pub(crate) fn write(run: &Run) -> Result<(), String> {
    if run.has_failed() {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(root.join(RECORD)).unwrap_or_default();
    let mut record: BTreeMap<String, Json> = serde_json::from_str(&kept).unwrap_or_default();
    let today = jiff::Timestamp::now().to_string();
    if run.extent != Extent::Life && !run.seen.features.is_empty() {
        let features: BTreeMap<&String, &str> = run
            .seen
            .features
            .iter()
            .map(|(name, lacks)| (name, lacks.as_deref().unwrap_or("works")))
            .collect();
        let skipped = run.seen.skipped.len();
        let passed = run.seen.passed.saturating_sub(skipped);
        record.insert(
            run.cli.to_string(),
            json!({
                "date": today.split('T').next(), "provider": env!("CARGO_PKG_VERSION"),
                "extent": run.extent.name(), "passed": passed, "skipped": skipped, "features": features,
            }),
        );
    }
    let record = json!(record);
    let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
    for (path, text) in [(RECORD, text), (PAGE, page(&record))] {
        std::fs::write(root.join(path), text).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}
