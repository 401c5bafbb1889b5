//! All elements of the image with their positions, before they are written as SVG. Only lines may overlap.

mod entries;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::terminal::printable;
use super::layout::{BOX_WIDTH, Curve, Layout, Point, Rect};
use super::topology::{State, Sync, Topology, Trust};
use super::words;

/// Margin around the image.
const MARGIN: f64 = 28.0;
/// Top of the legend, below the title and the summary; its rows have four entries.
const KEY: f64 = 82.0;
const KEY_ROW: f64 = 20.0;
const KEYS_IN_ROW: u32 = 4;
/// Minimum width of the image, so that the legend fits.
const NARROWEST: f64 = 860.0;
/// Default font size.
pub(super) const SIZE: f64 = 12.0;
/// Font size of an ID, which must fit into a box.
const ID_SIZE: f64 = 9.5;
/// Font size of a name.
const NAME_SIZE: f64 = 14.0;
/// Upper bound of the average letter width, relative to the font size.
const LETTER: f64 = 0.58;
/// Distance between the arrow of a synchronization and the straight line.
const LANE: f64 = 20.0;

/// An image.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Box>,
    pub(super) lines: Vec<Line>,
    pub(super) badges: Vec<Badge>,
    pub(super) texts: Vec<Text>,
    pub(super) keys: Vec<Key>,
}

/// An entry of the legend.
#[derive(Debug)]
pub(super) struct Key {
    /// The start of its sample, on the baseline of the text.
    pub(super) at: Point,
    pub(super) kind: Kind,
    pub(super) words: &'static str,
}

/// A tenant.
#[derive(Debug)]
pub(super) struct Box {
    pub(super) rect: Rect,
    /// Empty if it is not known.
    pub(super) name: String,
    pub(super) id: String,
    /// All details, for the tooltip.
    pub(super) hint: String,
    pub(super) is_read: bool,
}

/// A line between two tenants.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) curve: Curve,
    pub(super) kind: Kind,
    pub(super) hint: String,
}

/// The meaning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A synchronization with its state.
    Sync(&'static str),
    /// Partners: whether invitations are redeemed automatically, and the ends at which claims are accepted.
    Partners {
        redeems: bool,
        at_from: bool,
        at_to: bool,
    },
}

/// The fractions of an arrow at which its number may be placed, best first.
const PARTS: [f64; 13] = [
    0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.46, 0.54, 0.38, 0.62,
];

/// Every kind of line with its description.
const KINDS: [(Kind, &str); 9] = [
    (Kind::Sync("running"), "running"),
    (Kind::Sync("initial"), "initial cycle"),
    (Kind::Sync("on"), "switched on"),
    (Kind::Sync("paused"), "paused or not started"),
    (Kind::Sync("quarantined"), "in quarantine"),
    (Kind::Sync("unknown"), "state unknown"),
    (Kind::partners(true, false), "redeemed automatically"),
    (Kind::partners(false, false), "partners, not redeemed"),
    (Kind::partners(true, true), "trusts claims of"),
];

impl Kind {
    const fn partners(redeems: bool, at_to: bool) -> Self {
        Self::Partners {
            redeems,
            at_from: false,
            at_to,
        }
    }

    /// Whether the legend entry of `other` explains this line. Arrow heads have entries of their own.
    fn looks_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Partners { at_from, at_to, .. }, Self::Partners { at_to: true, .. }) => {
                at_from || at_to
            }
            (Self::Partners { redeems, .. }, Self::Partners { redeems: other, .. }) => {
                redeems == other
            }
            (one, other) => one == other,
        }
    }
}

/// The number of a synchronization on its arrow.
#[derive(Debug)]
pub(super) struct Badge {
    pub(super) rect: Rect,
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// A line of text.
#[derive(Debug)]
pub(super) struct Text {
    /// The start of the text, on the baseline.
    pub(super) at: Point,
    pub(super) class: &'static str,
    pub(super) words: String,
    pub(super) hint: Option<String>,
}

/// The CSS class of a state.
pub(super) fn class(state: &State) -> &'static str {
    match state {
        State::Running => "running",
        State::On => "on",
        State::InitialCycle { .. } => "initial",
        State::Unknown => "unknown",
        State::Paused => "paused",
        State::Quarantined { .. } => "quarantined",
    }
}

/// Draws the map.
pub(super) fn drawn(map: &Topology, title: &str) -> Picture {
    let ids: Vec<&str> = tenants(map);
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let syncs = map.syncs();
    let partners = map.partners();
    let links = syncs
        .iter()
        .map(|sync| (index[sync.source.as_str()], index[sync.target.as_str()]));
    let links = links.chain(
        partners
            .iter()
            .map(|(one, other)| (index[one], index[other])),
    );
    let layout = Layout::new(ids.len(), &links.collect::<Vec<_>>());
    let (half_width, half_height) = layout.reach();
    let width = (half_width * 2.0 + MARGIN * 2.0).max(NARROWEST);
    let mut picture = Picture {
        width,
        ..Picture::default()
    };
    let place = |id: &str| layout.places[index[id]];
    let is_hub = |id: &str| layout.hub == Some(index[id]);
    picture.boxes = ids.iter().map(|id| tenant(map, id, place(id))).collect();
    let curve = |from: &str, to: &str, lane: f64| {
        let on_oval = !is_hub(from) && !is_hub(to);
        Curve::between(place(from), place(to), lane, on_oval)
    };
    for (one, other) in &partners {
        picture
            .lines
            .push(partner(map, one, other, curve(one, other, 0.0)));
    }
    for (first, group) in grouped(&syncs) {
        let (from, to) = (group[0].source.as_str(), group[0].target.as_str());
        picture.arrow(map, first, group, curve(from, to, LANE));
    }
    let head = picture.head(map, title);
    picture.shift(Point {
        x: width / 2.0,
        y: head + half_height,
    });
    let below = head + half_height * 2.0 + MARGIN;
    picture.height = picture.entries(map, &syncs, below) + MARGIN / 2.0;
    picture
}

/// The IDs of all tenants: those that synchronize first, then by name.
fn tenants(map: &Topology) -> Vec<&str> {
    let sources: Vec<&str> = map
        .syncs()
        .iter()
        .map(|sync| sync.source.as_str())
        .collect();
    let mut ids: Vec<&str> = map.tenants.keys().map(String::as_str).collect();
    ids.sort_by_key(|id| (!sources.contains(id), map.label(id).to_lowercase(), *id));
    ids
}

/// The synchronizations between the same two tenants in the same direction, with the number of the first.
fn grouped<'s, 'm>(syncs: &'s [&'m Sync]) -> impl Iterator<Item = (usize, &'s [&'m Sync])> {
    let groups = syncs.chunk_by(|a, b| a.source == b.source && a.target == b.target);
    groups.scan(1, |next, group| {
        let first = *next;
        *next += group.len();
        Some((first, group))
    })
}

fn tenant(map: &Topology, id: &str, place: Point) -> Box {
    let node = &map.tenants[id];
    let room = BOX_WIDTH - 20.0;
    let seen = if node.is_read {
        ""
    } else {
        "\nKnown only from other tenants."
    };
    Box {
        rect: Rect::tenant(place),
        // IDs are too long for large letters, and truncated IDs look alike.
        name: node
            .name
            .as_deref()
            .map_or_else(String::new, |name| fitting_bold(name, room, NAME_SIZE)),
        id: fitting(id, room, ID_SIZE),
        hint: format!("{}\n{id}{seen}", map.label(id)),
        is_read: node.is_read,
    }
}

fn partner(map: &Topology, one: &str, other: &str, curve: Curve) -> Line {
    let (there, back) = (map.says(one, other), map.says(other, one));
    let accepts = |trust: Option<Trust>| trust.is_some_and(Trust::accepts_claims);
    let (there_, back_) = (there.unwrap_or_default(), back.unwrap_or_default());
    let redeems = (there_.redeems_outbound && back_.redeems_inbound)
        || (back_.redeems_outbound && there_.redeems_inbound);
    let said = [(one, other, there), (other, one, back)];
    let said = said.into_iter().filter_map(|(who, whom, trust)| {
        let words = words::trust(trust?);
        Some(format!(
            "{} of {}: {words}",
            map.label(who),
            map.label(whom)
        ))
    });
    Line {
        curve,
        kind: Kind::Partners {
            redeems,
            at_from: accepts(back),
            at_to: accepts(there),
        },
        hint: said.collect::<Vec<_>>().join("\n"),
    }
}

impl Picture {
    /// Draws the arrow of one or several synchronizations, with the number if there is room for it.
    fn arrow(&mut self, map: &Topology, first: usize, group: &[&Sync], curve: Curve) {
        let worst = group.iter().map(|sync| &sync.state).max();
        let class = worst.map_or("unknown", class);
        let number = match group.len() {
            1 => first.to_string(),
            count => format!("{first}–{}", first + count - 1),
        };
        let ways = group.iter().map(|sync| {
            let (from, to) = (map.label(&sync.source), map.label(&sync.target));
            format!("{from} → {to}: {}", words::sync(sync))
        });
        self.lines.push(Line {
            curve,
            kind: Kind::Sync(class),
            hint: ways.collect::<Vec<_>>().join("\n"),
        });
        let rects = PARTS.iter().map(|part| Rect {
            middle: curve.at(*part),
            width: (wide(&number, 11.0) + 10.0).max(20.0),
            height: 20.0,
        });
        let is_free = |rect: &Rect| {
            !self.boxes.iter().any(|one| one.rect.touches(*rect, 2.0))
                && !self.badges.iter().any(|one| one.rect.touches(*rect, 2.0))
        };
        let free = rects.into_iter().find(is_free);
        self.badges.extend(free.map(|rect| Badge {
            rect,
            text: number,
            class,
        }));
    }

    /// Moves everything that was drawn so far.
    fn shift(&mut self, by: Point) {
        let shift = |point: &mut Point| {
            point.x += by.x;
            point.y += by.y;
        };
        let boxes = self.boxes.iter_mut().map(|one| &mut one.rect.middle);
        let badges = self.badges.iter_mut().map(|one| &mut one.rect.middle);
        boxes.chain(badges).for_each(shift);
        for line in &mut self.lines {
            let curve = &mut line.curve;
            for point in [&mut curve.from, &mut curve.bend, &mut curve.to] {
                shift(point);
            }
        }
    }

    fn text(&mut self, at: Point, class: &'static str, text: String) {
        self.texts.push(Text {
            at,
            class,
            words: text,
            hint: None,
        });
    }

    /// Draws the title, the summary, and a legend of the lines that occur, and returns where they end.
    fn head(&mut self, map: &Topology, title: &str) -> f64 {
        let room = self.width - MARGIN * 2.0;
        let place = |y: f64| Point { x: MARGIN, y };
        self.text(place(36.0), "title", fitting(title, room, 20.0));
        self.text(
            place(58.0),
            "dim",
            fitting(&words::summary(map), room, SIZE),
        );
        let drawn = |kind: &Kind| self.lines.iter().any(|line| line.kind.looks_like(*kind));
        let kinds = KINDS.into_iter().filter(|(kind, _)| drawn(kind));
        let keys = (0..).zip(kinds).map(|(at, (kind, words)): (u32, _)| Key {
            at: Point {
                x: MARGIN + f64::from(at % KEYS_IN_ROW) * room / f64::from(KEYS_IN_ROW),
                y: KEY + f64::from(at / KEYS_IN_ROW) * KEY_ROW,
            },
            kind,
            words,
        });
        self.keys = keys.collect();
        self.keys.last().map_or(KEY, |last| last.at.y + KEY_ROW) + 8.0
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of columns, from a width that is positive and far below"
)]
fn whole(number: f64) -> u32 {
    number.floor() as u32
}

/// The maximum width of a text.
pub(super) fn wide(text: &str, size: f64) -> f64 {
    let columns = u32::try_from(text.width()).unwrap_or(u32::MAX);
    f64::from(columns) * size * LETTER
}

/// The beginning of a text that fits into the available width.
fn fitting(text: &str, room: f64, size: f64) -> String {
    let text = printable(text);
    if wide(&text, size) <= room {
        return text;
    }
    let most = usize::try_from(whole(room / (size * LETTER)))
        .unwrap_or(0)
        .saturating_sub(1);
    let mut columns = 0;
    let mut kept: String = text
        .chars()
        .take_while(|letter| {
            columns += letter.width().unwrap_or(0);
            columns <= most
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

/// The same for bold text, whose letters vary more in width: measured with a wide font, `DejaVu Sans`.
fn fitting_bold(text: &str, room: f64, size: f64) -> String {
    let text = printable(text);
    let room = room / size;
    if text.chars().map(bold).sum::<f64>() <= room {
        return text;
    }
    let mut used = bold('…');
    let kept = text.chars().take_while(|letter| {
        used += bold(*letter);
        used <= room
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

/// The maximum width of a bold letter, relative to the font size.
fn bold(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.4,
        't' | 'f' | 'r' | '(' | ')' | '-' => 0.5,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.1,
        '&' => 0.9,
        _ if letter.is_uppercase() => 0.85,
        _ => match letter.width() {
            None | Some(0) => 0.0,
            Some(1) => 0.69,
            Some(_) => 1.1,
        },
    }
}
