//! Reports as tables for a terminal: counts first, then users, then assumptions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

use super::super::Terminal;
use super::super::terminal::printable;
use super::report::{Report, Section, Story, shown};
use preview::{Outcome, Verdict};

/// Maximum number of rows in each section unless all are requested.
pub(super) const SHOWN: usize = 20;

pub(super) fn rendered(
    reports: &[Report],
    exceeded: &[String],
    all: bool,
    terminal: &Terminal,
) -> String {
    let mut text = String::new();
    for report in reports {
        one(&mut text, report, all, terminal);
    }
    for line in exceeded {
        let _ = writeln!(text, "✗ {}", printable(line));
    }
    text
}

fn one(text: &mut String, report: &Report, all: bool, terminal: &Terminal) {
    let _ = writeln!(
        text,
        "{} ({}), from {} to {}\n{}\n",
        printable(&report.name),
        if report.is_plan {
            "as planned"
        } else {
            "as it is"
        },
        report.source,
        report.target,
        summary(report),
    );
    for note in &report.notes {
        let _ = writeln!(text, "! {}", printable(note));
    }
    if report.preview.quarantined {
        let _ = writeln!(text, "! {QUARANTINED}");
    }
    if report.story.is_some() {
        story(text, report, terminal);
    } else {
        for section in Section::ALL {
            people(text, report, section, all, terminal);
        }
        groups(text, report, terminal);
    }
    doubts(text, report);
    text.push('\n');
}

pub(super) const QUARANTINED: &str = "More users leave than the deletion threshold allows: the job goes into quarantine \
    (TooManyDeletes), and nothing is written until the deletions are allowed or undone.";

/// The counts in one line.
pub(super) fn summary(report: &Report) -> String {
    let totals = report.totals().into_iter();
    let parts: Vec<String> = totals
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    format!("Users: {}.", parts.join(", "))
}

fn empty(header: &[&str], terminal: &Terminal) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.to_vec());
    terminal.fit(&mut table);
    table
}

fn people(text: &mut String, report: &Report, section: Section, all: bool, terminal: &Terminal) {
    let count = report.verdicts(section).count();
    if count == 0 {
        return;
    }
    let limit = if all { usize::MAX } else { SHOWN };
    let _ = writeln!(text, "{} ({count})", section.title());
    let mut table = empty(&["User", "Why, and what changes"], terminal);
    for verdict in report.verdicts(section).take(limit) {
        let name = if verdict.name.is_empty() {
            &verdict.source
        } else {
            &verdict.name
        };
        let mut why = report.why(verdict);
        if !verdict.doubts.is_empty() && section != Section::PerhapsLeaving {
            let facts: Vec<&str> = verdict.doubts.iter().map(|doubt| doubt.fact()).collect();
            let _ = write!(why, " [UNVERIFIED: {}]", facts.join(", "));
        }
        table.add_row([Cell::new(printable(name)), Cell::new(printable(&why))]);
    }
    let _ = writeln!(text, "{table}");
    if count > limit {
        let _ = writeln!(text, "... and {} more; --all shows them.", count - limit);
    }
    text.push('\n');
}

fn groups(text: &mut String, report: &Report, terminal: &Terminal) {
    if report.preview.groups.is_empty() {
        return;
    }
    let mut table = empty(&["Group", "What becomes of it"], terminal);
    for group in &report.preview.groups {
        let what = super::groups::words(group);
        table.add_row([
            Cell::new(printable(&group.name)),
            Cell::new(printable(&what)),
        ]);
    }
    let _ = writeln!(text, "Groups ({})\n{table}\n", report.preview.groups.len());
}

/// Everything about one user.
fn story(text: &mut String, report: &Report, terminal: &Terminal) {
    let (Some(story), Some(verdict)) = (&report.story, report.story_verdict()) else {
        return;
    };
    let title = super::report::Section::of(verdict).map_or("Nothing changes", Section::title);
    let _ = writeln!(
        text,
        "{} ({})\n  {title}",
        printable(&verdict.name),
        verdict.source
    );
    if !matches!(
        verdict.outcome,
        Outcome::Nothing { .. } | Outcome::Create(_)
    ) {
        let _ = writeln!(text, "  {}", printable(&report.why(verdict)));
    }
    let routes = if story.routes.is_empty() {
        "not assigned".to_owned()
    } else {
        story.routes.join("; ")
    };
    let _ = writeln!(text, "  Assigned: {}", printable(&routes));
    match &verdict.target {
        Some(target) => drop(writeln!(text, "  Copy in the target tenant: {target}")),
        None => text.push_str("  No copy in the target tenant\n"),
    }
    if !story.clauses.is_empty() {
        let mut table = empty(&["Clause of the filter", "Value", "Met"], terminal);
        for result in &story.clauses {
            let met = if result.met { "✓" } else { "✗" };
            table.add_row([
                printable(&result.clause),
                printable(&shown(&result.value)),
                met.to_owned(),
            ]);
        }
        let _ = writeln!(text, "{table}");
    }
    attributes(text, report, story, verdict, terminal);
    if !story.log.is_empty() {
        let mut table = empty(
            &["In the provisioning log", "Action", "Result", "Why"],
            terminal,
        );
        for line in &story.log {
            let why = line.why.as_deref().unwrap_or_default();
            let cells = [line.time.as_str(), &line.action, &line.status, why];
            table.add_row(cells.map(printable));
        }
        let _ = writeln!(text, "{table}");
    }
    text.push('\n');
}

/// The attributes: those that change, then those that do not.
fn attributes(
    text: &mut String,
    report: &Report,
    story: &Story,
    verdict: &Verdict,
    terminal: &Terminal,
) {
    let mut table = empty(&["Attribute", "Before", "After"], terminal);
    let mut changing = BTreeSet::new();
    for change in verdict.changes() {
        let name = report.configuration.attribute(change);
        changing.insert(name);
        table.add_row([
            name.to_owned(),
            printable(&shown(&change.before)),
            printable(&shown(&change.after)),
        ]);
    }
    if verdict.target.is_some() {
        for (name, value) in &story.attributes {
            if !changing.contains(name.as_str()) {
                let value = printable(&shown(value));
                table.add_row([name.clone(), value, "(the same)".to_owned()]);
            }
        }
    }
    if !table.is_empty() {
        let _ = writeln!(text, "{table}");
    }
}

fn doubts(text: &mut String, report: &Report) {
    for (doubt, count) in report.doubts() {
        let users = super::super::counted(count, "user or group", "users and groups");
        let _ = writeln!(
            text,
            "UNVERIFIED {} ({users}): {}",
            doubt.fact(),
            doubt.sentence()
        );
    }
}
