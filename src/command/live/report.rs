//! The result of a run: one row for each fact, as a table or as JSON.

use std::fmt::Write as _;

use comfy_table::{
    Attribute, Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED,
};
use serde_json::{Value as Json, json};

use super::super::terminal::printable;
use super::super::{Terminal, Verdict, counted};
use super::fact::{Fact, Probe};
use super::finding::{Finding, Obstacle};

/// The result of one fact.
pub(super) struct Row {
    pub(super) fact: &'static Fact,
    pub(super) outcome: Result<Finding, Obstacle>,
}

/// All rows, and the objects that could not be removed.
#[derive(Default)]
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    pub(super) left: Vec<String>,
}

impl Row {
    /// The result in a word, for the table and for JSON.
    fn word(&self) -> &'static str {
        match &self.outcome {
            Ok(finding) if finding.holds => "seen so",
            Ok(_) => "seen otherwise",
            Err(_) => "not tried",
        }
    }

    fn detail(&self) -> &str {
        match &self.outcome {
            Ok(finding) => &finding.seen,
            Err(Obstacle(why)) => why,
        }
    }

    /// Whether the fact could be tested if the user changed something.
    fn could_be_tried(&self) -> bool {
        self.outcome.is_err() && !matches!(self.fact.probe, Probe::None(_))
    }
}

impl Report {
    fn count(&self, word: &str) -> usize {
        self.rows.iter().filter(|row| row.word() == word).count()
    }

    /// Bad if a fact is not true, or if anything was left behind.
    pub(super) fn verdict(&self) -> Verdict {
        if self.count("seen otherwise") > 0 || !self.left.is_empty() {
            Verdict::Bad
        } else if self.rows.iter().any(Row::could_be_tried) {
            Verdict::Unknown
        } else {
            Verdict::Good
        }
    }

    pub(super) fn json(&self) -> Json {
        let rows = self.rows.iter().map(|row| {
            json!({
                "fact": row.fact.id,
                "statement": row.fact.statement,
                "outcome": row.word().replace(' ', "_"),
                "detail": row.detail(),
            })
        });
        json!({ "facts": rows.collect::<Vec<_>>(), "left_behind": self.left })
    }

    pub(super) fn rendered(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(["", "Fact", "Statement", "Seen, or why not"]);
        terminal.fit(&mut table);
        for row in &self.rows {
            let (mark, color) = match &row.outcome {
                Ok(finding) if finding.holds => ("✓", Color::Green),
                Ok(_) => ("✗", Color::Red),
                Err(_) => ("–", Color::Yellow),
            };
            let word = Cell::new(format!("{mark} {}", row.word()));
            let word = word.fg(color).add_attribute(Attribute::Bold);
            let texts = [row.fact.id, row.fact.statement, row.detail()];
            let texts = texts.map(|text| Cell::new(printable(text)));
            let cells: Vec<Cell> = std::iter::once(word).chain(texts).collect();
            table.add_row(cells);
        }
        let mut text = format!("{table}\n\n");
        for left in &self.left {
            let _ = writeln!(text, "Left behind: {}", printable(left));
        }
        let _ = writeln!(
            text,
            "{}: {} seen so, {} seen otherwise, {} not tried.",
            counted(self.rows.len(), "fact", "facts"),
            self.count("seen so"),
            self.count("seen otherwise"),
            self.count("not tried")
        );
        text
    }
}
