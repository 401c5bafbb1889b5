//! A report as tables for a terminal, with explanations of the problems below them.

use std::fmt::Write as _;

use comfy_table::{
    Attribute, Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED,
};

use super::super::terminal::printable;
use super::super::{Terminal, Verdict, counted};
use super::report::{Profile, Report, Row, State};

/// The whole report.
pub(super) fn rendered(report: &Report, terminal: &Terminal) -> String {
    let mut text = String::new();
    for (title, part) in report.titled() {
        let _ = writeln!(text, "{title}");
        match &part.rows {
            Ok(rows) => {
                let _ = writeln!(text, "{}\n", table(rows, report.profile, terminal));
            }
            Err(why) => {
                let _ = writeln!(text, "{}\n", indented(why));
            }
        }
    }
    let is_about_pairs = report.profile == Profile::Readiness;
    if is_about_pairs && report.asked_for_configurations() && report.configurations.is_empty() {
        text.push_str("No configuration of the source tenant synchronizes to the target tenant, so none was checked.\n\n");
    }
    for (title, part) in report.titled() {
        let unmet = part.rows.iter().flatten();
        for row in unmet.filter(|row| row.state == State::Unmet) {
            text.push_str(&explained(&title, row));
        }
    }
    for (title, part) in report.titled() {
        let rows = part.rows.iter().flatten();
        for row in rows.filter(|row| row.state == State::Allowed) {
            text.push_str(&allowed(&title, row));
        }
    }
    let _ = writeln!(text, "{}", conclusion(report));
    text
}

fn table(rows: &[Row], profile: Profile, terminal: &Terminal) -> Table {
    let name = match profile {
        Profile::Readiness => "Prerequisite",
        Profile::SecureDefaults => "Secure default",
    };
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["", name, "Found"]);
    terminal.fit(&mut table);
    for row in rows {
        let (mark, color) = match row.state {
            State::Met => ("✓", Color::Green),
            State::Unmet => ("✗", Color::Red),
            State::Hidden | State::Unseen => ("?", Color::Yellow),
            State::Allowed => ("!", Color::Yellow),
        };
        let state = Cell::new(format!("{mark} {}", row.state.word()));
        let state = state.fg(color).add_attribute(Attribute::Bold);
        let detail = printable(&row.detail);
        table.add_row([state, Cell::new(&row.check), Cell::new(detail)]);
    }
    table
}

fn explained(title: &str, row: &Row) -> String {
    let mut text = format!("✗ {} ({title})\n", row.check);
    let mut line = |label: &str, words: Option<&str>| {
        if let Some(words) = words {
            let _ = writeln!(text, "  {label}\n{}", indented(words));
        }
    };
    line("Symptom:", row.symptom());
    if row.expected.is_some() {
        line("Found:", Some(&row.detail));
        line("Expected:", row.expected.as_deref());
        let baselines = row.baselines.join(", ");
        line(
            "Required by:",
            Some(baselines.as_str()).filter(|it| !it.is_empty()),
        );
        line("Reason:", row.why.as_deref());
    } else {
        line("Reason:", Some(&row.detail));
    }
    line("Fix:", row.fix.as_deref());
    text.push('\n');
    text
}

/// A setting that is less restrictive than its default; no action is required.
fn allowed(title: &str, row: &Row) -> String {
    let fix = row.fix.as_deref().unwrap_or_default();
    format!(
        "! {} ({title})\n  Found:\n{}\n  Configuration that restores the default:\n{}\n\n",
        row.check,
        indented(&row.detail),
        indented(fix)
    )
}

fn conclusion(report: &Report) -> String {
    let rows = report.parts().flat_map(|part| part.rows.iter().flatten());
    let all = rows.filter(|row| row.judges()).count();
    let unseen = match report.count(State::Unseen) {
        0 => String::new(),
        1 => " One cannot be determined, because Microsoft Graph does not show it.".to_owned(),
        more => {
            format!(" {more} cannot be determined, because Microsoft Graph does not show them.")
        }
    };
    let open = match report.count(State::Allowed) {
        0 => String::new(),
        1 => " One setting allows more than Microsoft's default.".to_owned(),
        more => format!(" {more} settings allow more than Microsoft's defaults."),
    };
    let verdict = match report.verdict() {
        Verdict::Good if report.hidden(true) > 0 => format!(
            "{} as far as can be determined: {} not checked because of a missing permission that synchronization \
            itself does not need; see the guide \"Permissions\".{unseen}",
            judged(report.profile).0,
            share(report, report.hidden(true), all)
        ),
        Verdict::Good => format!(
            "{}: every {} that can be determined is met.{unseen}",
            judged(report.profile).0,
            report.profile.rows().0
        ),
        Verdict::Bad => format!(
            "{}: {} not met.",
            judged(report.profile).1,
            share(report, report.count(State::Unmet), all)
        ),
        Verdict::Unknown | Verdict::Refused => could_not_tell(report, all),
    };
    verdict + &open
}

fn could_not_tell(report: &Report, all: usize) -> String {
    let mut words = "Undetermined:".to_owned();
    let hidden = report.count(State::Hidden);
    if hidden > 0 {
        let _ = write!(
            words,
            " {} not checked because of a missing permission; see the guide \"Permissions\".",
            share(report, hidden, all)
        );
    }
    if report.parts().any(|part| part.rows.is_err()) {
        words.push_str(" Some parts could not be read; the reason is shown above.");
    }
    words
}

/// The verdicts for a tenant or pair that passes and for one that does not.
fn judged(profile: Profile) -> (&'static str, &'static str) {
    match profile {
        Profile::Readiness => ("Ready", "Not ready"),
        Profile::SecureDefaults => ("Secure", "Not secure"),
    }
}

/// `count` of all rows.
fn share(report: &Report, count: usize, all: usize) -> String {
    let (one, more) = report.profile.rows();
    let all = counted(all, one, more);
    let are = if count == 1 { "is" } else { "are" };
    format!("{count} of {all} {are}")
}

fn indented(words: &str) -> String {
    let lines: Vec<String> = words
        .lines()
        .map(|line| format!("    {}", printable(line)))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let share = |count, all| share(&Report::default(), count, all);
        assert_eq!(share(1, 1), "1 of 1 prerequisite is");
        assert_eq!(share(1, 9), "1 of 9 prerequisites is");
        assert_eq!(share(5, 9), "5 of 9 prerequisites are");
    }
}
