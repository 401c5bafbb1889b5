//! The status of the jobs as a table for a terminal, and as single lines for a log.

use std::fmt::Write as _;

use comfy_table::{
    Attribute, Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED,
};

use super::super::Terminal;
use super::super::json::{number, text};
use super::super::terminal::printable;
use super::failures;
use super::report::{Line, Report};
use terraform::Value;

/// The length of a progress bar in characters.
const BAR: i64 = 10;

/// The mark of a job that requires an action.
const TROUBLE: char = '✗';

/// The whole report.
pub(super) fn rendered(report: &Report, terminal: &Terminal) -> String {
    let mut text = format!("Source tenant {}\n", report.tenant_id);
    if report.lines.is_empty() {
        text.push_str("The tenant has no configuration for cross-tenant synchronization.\n");
        return text;
    }
    let lines = in_order(&report.lines);
    let _ = writeln!(text, "{}", table(report, &lines, terminal));
    for line in lines {
        if let Some(words) = explained(report, line) {
            let _ = write!(text, "\n{words}");
        }
    }
    text
}

/// Jobs with problems come first, because a small terminal does not show the end of the table.
fn in_order(lines: &[Line]) -> Vec<&Line> {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|line| mark(&line.word()) != TROUBLE);
    lines
}

fn table(report: &Report, lines: &[&Line], terminal: &Terminal) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "Configuration",
            "State",
            "Initial cycle",
            "Last cycle",
            "In sync",
        ]);
    terminal.fit(&mut table);
    for line in lines {
        let word = line.word();
        let state = Cell::new(format!("{} {word}", mark(&word)))
            .fg(color(&word))
            .add_attribute(Attribute::Bold);
        table.add_row([
            Cell::new(printable(&report.label(line))),
            state,
            Cell::new(progress(line)),
            Cell::new(last_cycle(line)),
            Cell::new(counts(line.found())),
        ]);
    }
    table
}

fn mark(word: &str) -> char {
    match word {
        "running" => '✓',
        "initial cycle" => '…',
        "quarantined" | "cannot be read" => TROUBLE,
        _ => '–',
    }
}

fn color(word: &str) -> Color {
    match word {
        "running" => Color::Green,
        "initial cycle" => Color::Cyan,
        "quarantined" | "cannot be read" => Color::Red,
        _ => Color::Yellow,
    }
}

fn progress(line: &Line) -> String {
    match line.progress() {
        None => "–".to_owned(),
        Some(100) => "finished".to_owned(),
        Some(percent) => {
            let full = percent.clamp(0, 100) * BAR / 100;
            let bar: String = (0..BAR)
                .map(|at| if at < full { '█' } else { '░' })
                .collect();
            format!("{bar} {percent} %")
        }
    }
}

fn last_cycle(line: &Line) -> String {
    let last = line.found().member("last_execution");
    if last.is_null() {
        return "–".to_owned();
    }
    let moment = text(last, "ended").or_else(|| text(last, "began"));
    let state = text(last, "state").unwrap_or_default().replace('_', " ");
    let mut words = vec![moment.unwrap_or_default(), state];
    let counted = [("exported", "written"), ("failed", "failed")];
    for (member, word) in counted {
        words.extend(number(last, member).map(|count| format!("{count} {word}")));
    }
    words.extend(text(last.member("error"), "code"));
    words.retain(|word| !word.is_empty());
    printable(&words.join(", "))
}

fn counts(found: &Value) -> String {
    let counts = found.member("synchronized_counts");
    let counts = counts.as_object().into_iter().flatten();
    let counts: Vec<String> = counts
        .filter_map(|(kind, value)| match value {
            Value::Number(count) => Some(format!("{count} {kind}")),
            _ => None,
        })
        .collect();
    printable(&counts.join(", "))
}

/// Details that do not fit into the table: the reason for a quarantine, the error of the last cycle, or why a job cannot be read.
fn explained(report: &Report, line: &Line) -> Option<String> {
    let quarantine = line.found().member("quarantine");
    let error = line.found().member("last_execution").member("error");
    let mut words = Vec::new();
    if let Err(why) = &line.state {
        words.push(why.clone());
    }
    if line.is_quarantined() {
        words.push(line.summary());
        let labeled = [
            ("Microsoft Graph says: ", "error_message"),
            ("What to do: ", "what_to_do"),
        ];
        for (label, member) in labeled {
            words.extend(text(quarantine, member).map(|text| format!("{label}{text}")));
        }
    } else if !error.is_null() {
        let said = ["code", "message"].map(|member| text(error, member).unwrap_or_default());
        words.push(format!("The last cycle ended with {}", said.join(": ")));
    }
    words.extend(failures(line));
    if words.is_empty() {
        return None;
    }
    let mut all = format!("{}\n", printable(&report.label(line)));
    for words in words.iter().flat_map(|words| words.lines()) {
        let _ = writeln!(all, "  {}", printable(words));
    }
    Some(all)
}

/// The latest failures, one per line, if they are requested.
pub(super) fn failures(line: &Line) -> Vec<String> {
    match &line.failures {
        Some(Ok(entries)) => entries.iter().map(failures::one_line).collect(),
        Some(Err(why)) => vec![format!("The newest failures cannot be read: {why}")],
        None => Vec::new(),
    }
}

/// A job in one line, for output that cannot be redrawn.
pub(super) fn one_line(report: &Report, line: &Line) -> String {
    let progress = match line.progress() {
        Some(percent) if percent < 100 && line.is_running() => format!(" {percent} %"),
        _ => String::new(),
    };
    let summary = line.summary();
    let summary: Vec<&str> = summary.split_whitespace().collect();
    printable(&format!(
        "{}: {}{progress}. {}",
        report.label(line),
        line.word(),
        summary.join(" ")
    ))
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::line;
    use super::*;

    fn report(lines: Vec<Line>) -> Report {
        Report {
            tenant_id: "t".to_owned(),
            lines,
        }
    }

    #[test]
    fn jobs_of_one_name_are_distinguished() {
        let mut jobs = vec![
            line("a", &[]),
            line("a", &[]),
            line("a", &[]),
            line("b", &[]),
        ];
        jobs[1].configuration.id = "another".to_owned();
        jobs[2].configuration.id = "another".to_owned();
        jobs[2].job.as_mut().unwrap().id = "Azure2Azure.2".to_owned();
        let seen = report(jobs);
        let labels = seen.lines.iter().map(|line| {
            let text = one_line(&seen, line);
            text.split_once(": ").unwrap().0.to_owned()
        });
        let expected = [
            "a (id of a)",
            "a (another, Azure2Azure.1)",
            "a (another, Azure2Azure.2)",
            "b",
        ];
        assert_eq!(labels.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn progress_is_drawn_until_it_is_finished() {
        let with = |percent: i64| progress(&line("a", &[("progress", percent.into())]));
        assert_eq!(with(35), "███░░░░░░░ 35 %");
        assert_eq!(with(100), "finished");
        assert_eq!(progress(&line("a", &[])), "–");
    }

    #[test]
    fn trouble_stands_first() {
        let quarantine = Value::Object([("reason".to_owned(), Value::Null)].into());
        let mut unread = line("unread", &[]);
        unread.state = Err("no permission".to_owned());
        let lines = [
            line("a", &[("is_running", true.into())]),
            line("b", &[("quarantine", quarantine)]),
            line("c", &[]),
            unread,
        ];
        let names = in_order(&lines)
            .into_iter()
            .map(|line| line.configuration.name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["b", "unread", "a", "c"]);
    }

    #[test]
    fn a_line_is_one_line() {
        let job = line(
            "a\nb\u{1b}[2J",
            &[
                ("is_running", true.into()),
                ("progress", 5.into()),
                ("summary", "Running the initial cycle:\n5 % done.".into()),
            ],
        );
        let text = one_line(&report(Vec::new()), &job);
        assert!(!text.contains('\n') && !text.contains('\u{1b}'), "{text:?}");
        assert!(
            text.ends_with("initial cycle 5 %. Running the initial cycle: 5 % done."),
            "{text}"
        );
    }

    #[test]
    fn a_quarantine_is_explained() {
        let quarantine = [("what_to_do".to_owned(), Value::from("Restart it."))];
        let job = line(
            "a",
            &[
                ("summary", "In quarantine: why.".into()),
                ("quarantine", Value::Object(quarantine.into())),
            ],
        );
        let none = report(Vec::new());
        let words = explained(&none, &job).unwrap();
        assert!(words.contains("In quarantine: why.") && words.contains("What to do: Restart it."));
        assert_eq!(explained(&none, &line("a", &[])), None);
    }
}
