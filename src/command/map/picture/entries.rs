//! The lists below the drawing: the numbered synchronizations, the settings of tenants for their partners, and what is missing.

use super::super::super::terminal::printable;
use super::super::topology::{Sync, Topology};
use super::super::words as said;
use super::{MARGIN, Picture, Point, SIZE, Text, class, fitting, whole};

/// Width of a column.
const COLUMN: f64 = 520.0;
/// Space above a heading, and between it and the first entry.
const ABOVE: f64 = 16.0;
const BELOW: f64 = 26.0;
/// Height of a line, and the space after an entry with several lines.
const LINE: f64 = 17.0;
const GAP: f64 = 8.0;

/// The lines of an entry.
type Entry = Vec<Words>;

/// A line, and its full text for the tooltip.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Words {
    shown: String,
    class: &'static str,
    hint: String,
}

fn words(class: &'static str, words: String) -> Words {
    Words {
        hint: words.clone(),
        shown: words,
        class,
    }
}

impl Picture {
    /// Writes all lists below `top`, and returns where they end.
    pub(super) fn entries(&mut self, map: &Topology, syncs: &[&Sync], top: f64) -> f64 {
        let numbered = syncs.iter().enumerate().map(|(at, sync)| {
            let (from, to) = (map.label(&sync.source), map.label(&sync.target));
            let head = format!("{}  {from} → {to}", at + 1);
            let below = words("dim", said::sync(sync));
            vec![words(class(&sync.state), head), below]
        });
        let mut trusts: Vec<Entry> = map
            .trusts
            .iter()
            .map(|((from, to), trust)| {
                let (from, to) = (map.label(from), map.label(to));
                let said = said::trust(*trust);
                vec![words("ink", format!("{from} of {to}: {said}"))]
            })
            .collect();
        trusts.sort();
        let unseen = map.unseen.iter().map(|one| {
            vec![Words {
                shown: one.what.clone(),
                class: "ink",
                hint: one.to_string(),
            }]
        });
        let end = self.list("Synchronizations", numbered.collect(), top);
        let end = self.list("Settings of tenants for their partners", trusts, end);
        self.list("Not on this map", unseen.collect(), end)
    }

    fn list(&mut self, heading: &str, entries: Vec<Entry>, top: f64) -> f64 {
        let Some(first) = entries.first() else {
            return top;
        };
        let at = |x: f64, y: f64| Point { x, y };
        self.text(at(MARGIN, top + ABOVE), "heading", heading.to_owned());
        let room = self.width - MARGIN * 2.0;
        let columns = whole(room / COLUMN).max(1);
        let column = room / f64::from(columns);
        let lines = (0..).zip(first).last().map_or(0, |(last, _)| last);
        let height = f64::from(lines + 1) * LINE + f64::from(lines.min(1)) * GAP;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let rows = count.div_ceil(columns);
        let start = top + ABOVE + BELOW;
        for (number, entry) in (0..).zip(entries) {
            // Entries fill the columns from top to bottom.
            let x = MARGIN + f64::from(number / rows) * column;
            let y = start + f64::from(number % rows) * height;
            for (line, it) in (0..).zip(entry) {
                self.texts.push(Text {
                    at: at(x, y + f64::from(line) * LINE),
                    class: it.class,
                    words: fitting(&it.shown, column - 16.0, SIZE),
                    hint: Some(printable(&it.hint)),
                });
            }
        }
        start + f64::from(rows) * height
    }
}
