//! Leftover users as a table for a terminal.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::Value as Json;

use super::super::Terminal;
use super::super::terminal::printable;
use super::gather::{Found, member};

/// Maximum number of rows unless all are requested.
const SHOWN: usize = 50;

pub(super) fn rendered(found: &Found, all: bool, terminal: &Terminal) -> String {
    let mut text = format!(
        "Left over in {} from {}: {} of {} external users.\n",
        found.target,
        found.source,
        found.leftovers.len(),
        found.looked_at
    );
    for note in &found.notes {
        let _ = writeln!(text, "! {}", printable(note));
    }
    if !found.unknown.is_empty() {
        let _ = writeln!(
            text,
            "! The source user of {} external users cannot be determined; they were not evaluated.",
            found.unknown.len()
        );
    }
    if found.leftovers.is_empty() {
        return text;
    }
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "User",
            "Source user",
            "Known by",
            "Reason and recommended action",
        ]);
    terminal.fit(&mut table);
    let shown = if all { usize::MAX } else { SHOWN };
    for leftover in found.leftovers.iter().take(shown) {
        let cells = [
            user(leftover),
            source(leftover),
            known(leftover),
            format!(
                "{}\n{}",
                member(leftover, "detail"),
                member(leftover, "what_to_do")
            ),
        ];
        table.add_row(cells.map(|cell| {
            let lines = cell.lines().map(printable).collect::<Vec<_>>();
            Cell::new(lines.join("\n"))
        }));
    }
    let _ = writeln!(text, "{table}");
    let more = found.leftovers.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(text, "... and {more} more; --all shows them.");
    }
    text
}

/// The name, the age of the account, and the last sign-in.
fn user(leftover: &Json) -> String {
    let mut lines = vec![member(leftover, "user_principal_name").to_owned()];
    if let Some(days) = leftover["age_days"].as_i64() {
        lines.push(format!("{days} days old"));
    }
    let last = member(leftover, "last_sign_in");
    if !last.is_empty() {
        lines.push(format!("signed in {last}"));
    }
    if leftover["account_enabled"] == false {
        lines.push("sign-in blocked".to_owned());
    }
    lines.join("\n")
}

fn source(leftover: &Json) -> String {
    let name = member(leftover, "source_user_principal_name");
    let id = member(leftover, "source_object_id");
    if name.is_empty() { id } else { name }.to_owned()
}

pub(super) fn known(leftover: &Json) -> String {
    let by = member(leftover, "known_by").replace('_', " ");
    let worth = match (leftover["exact"] == true, by.as_str()) {
        (true, _) => "exact",
        (false, "profile") => "UNVERIFIED",
        _ => "guess",
    };
    format!("{by} ({worth})")
}
