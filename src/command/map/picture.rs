//! Everything that is on a picture with its place, before it is written as SVG. Nothing on it overlaps but lines.

use std::collections::BTreeMap;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::terminal::printable;
use super::layout::{BOX_WIDTH, Curve, Layout, Point, Rect};
use super::topology::{State, Sync, Topology, Trust};
use super::words;

/// Space around everything.
const MARGIN: f64 = 28.0;
/// From the top to the highest box: title, summary and key.
const HEAD: f64 = 118.0;
/// No picture is narrower: the key must fit.
const NARROWEST: f64 = 860.0;
/// Size of the letters in most places.
pub(super) const SIZE: f64 = 12.0;
/// How wide a letter is at the most, on average, as a part of its size.
const LETTER: f64 = 0.62;
/// Width of a column of entries below the drawing, and height of an entry.
const COLUMN: f64 = 400.0;
const ENTRY: f64 = 42.0;
/// How far the arrows of synchronizations run beside the straight way.
const LANE: f64 = 20.0;
/// How much lines are drawn towards the middle of the oval.
const PULL: f64 = 0.28;

/// A picture.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Box>,
    pub(super) lines: Vec<Line>,
    pub(super) badges: Vec<Badge>,
    pub(super) texts: Vec<Text>,
}

/// A tenant.
#[derive(Debug)]
pub(super) struct Box {
    pub(super) rect: Rect,
    pub(super) name: String,
    pub(super) id: String,
    /// All that is known, for those who point at it.
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

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A synchronization, in its state.
    Sync(&'static str),
    /// Partners: whether invitations are redeemed automatically, and at which ends claims are accepted.
    Partners {
        redeems: bool,
        at_from: bool,
        at_to: bool,
    },
}

/// The number of a synchronization on its line.
#[derive(Debug)]
pub(super) struct Badge {
    pub(super) rect: Rect,
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// A line of text.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it begins, on its base line.
    pub(super) at: Point,
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) hint: Option<String>,
}

/// The class of a state.
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
    let middle = Point {
        x: width / 2.0,
        y: HEAD + half_height,
    };
    let mut picture = Picture {
        width,
        ..Picture::default()
    };
    let place = |id: &str| layout.places[index[id]];
    let is_hub = |id: &str| layout.hub == Some(index[id]);
    picture.boxes = ids.iter().map(|id| tenant(map, id, place(id))).collect();
    let curve = |from: &str, to: &str, lane: f64| {
        let pull = if is_hub(from) || is_hub(to) || ids.len() < 3 {
            0.0
        } else {
            PULL
        };
        Curve::between(place(from), place(to), lane, pull)
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
    picture.shift(middle);
    picture.head(map, title);
    let below = HEAD + half_height * 2.0 + MARGIN;
    picture.height = picture.entries(map, &syncs, below) + MARGIN / 2.0;
    picture
}

/// The ids of all tenants: those that synchronize first, then by name.
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
        "\nOnly others speak of it."
    };
    Box {
        rect: Rect::tenant(place),
        name: fitting(map.label(id), room, 14.0),
        id: if node.name.is_some() {
            fitting(id, room, 10.0)
        } else {
            String::new()
        },
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
    /// The arrow of one or several synchronizations, with its number where there is room for one.
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
        const PARTS: [f64; 13] = [
            0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.46, 0.54, 0.38, 0.62,
        ];
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

    /// Moves everything drawn so far.
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
            text,
            hint: None,
        });
    }

    /// Title and summary.
    fn head(&mut self, map: &Topology, title: &str) {
        let room = self.width - MARGIN * 2.0;
        let place = |y: f64| Point { x: MARGIN, y };
        self.text(place(36.0), "title", fitting(title, room, 20.0));
        self.text(
            place(58.0),
            "dim",
            fitting(&words::summary(map), room, SIZE),
        );
    }

    /// What the numbers mean, and what each tenant says of its partners; returns where they end.
    fn entries(&mut self, map: &Topology, syncs: &[&Sync], top: f64) -> f64 {
        let numbered = syncs.iter().enumerate().map(|(at, sync)| {
            let (from, to) = (map.label(&sync.source), map.label(&sync.target));
            let head = format!("{}  {from} → {to}", at + 1);
            (head, class(&sync.state), words::sync(sync))
        });
        let mut trusts: Vec<(String, &'static str, String)> = map
            .trusts
            .iter()
            .map(|((from, to), trust)| {
                let head = format!("{} of {}", map.label(from), map.label(to));
                (head, "ink", words::trust(*trust))
            })
            .collect();
        trusts.sort();
        let unseen = map
            .unseen
            .iter()
            .map(|what| (what.clone(), "ink", String::new()));
        let end = self.section("Synchronizations", numbered.collect(), top);
        let end = self.section("What tenants say of their partners", trusts, end);
        self.section("Not on this map", unseen.collect(), end)
    }

    fn section(
        &mut self,
        heading: &str,
        entries: Vec<(String, &'static str, String)>,
        top: f64,
    ) -> f64 {
        if entries.is_empty() {
            return top;
        }
        let at = Point {
            x: MARGIN,
            y: top + 16.0,
        };
        self.text(at, "heading", heading.to_owned());
        let room = self.width - MARGIN * 2.0;
        let columns = whole(room / COLUMN).max(1);
        let column = room / f64::from(columns);
        let rows = u32::try_from(entries.len())
            .unwrap_or(u32::MAX)
            .div_ceil(columns);
        for (at, (head, class, words)) in (0..).zip(entries) {
            // Down the columns, as one reads.
            let at = Point {
                x: MARGIN + f64::from(at / rows) * column,
                y: top + 44.0 + f64::from(at % rows) * ENTRY,
            };
            let below = Point {
                y: at.y + 16.0,
                ..at
            };
            self.entry(at, class, &head, column - 16.0);
            self.entry(below, "dim", &words, column - 16.0);
        }
        top + 44.0 + f64::from(rows) * ENTRY
    }

    fn entry(&mut self, at: Point, class: &'static str, words: &str, room: f64) {
        if !words.is_empty() {
            self.texts.push(Text {
                at,
                class,
                text: fitting(words, room, SIZE),
                hint: Some(printable(words)),
            });
        }
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

/// How wide a text is at the most.
pub(super) fn wide(text: &str, size: f64) -> f64 {
    let columns = u32::try_from(text.width()).unwrap_or(u32::MAX);
    f64::from(columns) * size * LETTER
}

/// As much of a text as there is room for.
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

/// Where the key stands: below the summary.
pub(super) fn key(at: u32) -> Point {
    Point {
        x: MARGIN + f64::from(at % 5) * 162.0,
        y: 78.0 + f64::from(at / 5) * 20.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::topology::tests::sync;
    use super::*;

    /// The rectangles of everything that must stay readable.
    fn rects(picture: &Picture) -> Vec<(String, Rect)> {
        let boxes = picture.boxes.iter().map(|one| (one.name.clone(), one.rect));
        let badges = picture
            .badges
            .iter()
            .map(|one| (one.text.clone(), one.rect));
        let texts = picture.texts.iter().map(|one| {
            let size = if one.class == "title" { 20.0 } else { SIZE };
            let width = wide(&one.text, size);
            let middle = Point {
                x: one.at.x + width / 2.0,
                y: one.at.y - size / 2.0 + 2.0,
            };
            (
                one.text.clone(),
                Rect {
                    middle,
                    width,
                    height: size,
                },
            )
        });
        boxes.chain(badges).chain(texts).collect()
    }

    fn assert_readable(picture: &Picture) {
        let rects = rects(picture);
        for (at, (name, rect)) in rects.iter().enumerate() {
            let (right, bottom) = (rect.left() + rect.width, rect.top() + rect.height);
            let inside = rect.left() >= 0.0 && rect.top() >= 0.0;
            assert!(
                inside && right <= picture.width && bottom <= picture.height,
                "{name} is outside: {rect:?} of {} × {}",
                picture.width,
                picture.height
            );
            for (other, over) in &rects[at + 1..] {
                assert!(!rect.touches(*over, 0.0), "{name} and {other} overlap");
            }
        }
    }

    fn state() -> impl Strategy<Value = State> {
        prop_oneof![
            Just(State::Running),
            Just(State::On),
            Just(State::Paused),
            Just(State::Unknown),
            (0_i64..100).prop_map(|percent| State::InitialCycle {
                percent: Some(percent)
            }),
            Just(State::Quarantined {
                reason: Some("too_many_deletes".to_owned())
            }),
        ]
    }

    fn topology() -> impl Strategy<Value = Topology> {
        let tenants = prop::collection::vec(prop::option::of("\\PC{1,40}"), 2..60);
        let links = prop::collection::vec(
            (0_usize..60, 0_usize..60, state(), any::<[bool; 6]>()),
            0..150,
        );
        (tenants, links).prop_map(|(names, links)| {
            let mut map = Topology::default();
            for (at, name) in names.iter().enumerate() {
                map.name(&format!("tenant-{at}"), name.clone());
            }
            for (at, (from, to, state, flags)) in links.into_iter().enumerate() {
                let (from, to) = (from % names.len(), to % names.len());
                if from == to {
                    continue;
                }
                let (from, to) = (format!("tenant-{from}"), format!("tenant-{to}"));
                *map.trust(&from, &to) = Trust {
                    mfa: flags[0],
                    compliant_devices: flags[1],
                    hybrid_joined_devices: flags[2],
                    redeems_inbound: flags[3],
                    redeems_outbound: flags[4],
                    sync_allowed: flags[5],
                };
                if flags[0] != flags[1] {
                    map.sync(sync(&from, &to, &format!("Configuration {at}"), state));
                }
            }
            map
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
        #[test]
        fn nothing_overlaps_whatever_the_tenants(map in topology()) {
            let picture = drawn(&map, "Map");
            prop_assert_eq!(picture.boxes.len(), map.tenants.len());
            assert_readable(&picture);
        }
    }

    #[test]
    fn few_and_many_and_a_mesh_are_readable() {
        for count in [1, 2, 3, 4, 5, 10, 11, 50] {
            let mut hub = Topology::default();
            hub.tenant("tenant-0");
            let mut mesh = hub.clone();
            for one in 1..count {
                hub.trust("tenant-0", &format!("tenant-{one}")).mfa = true;
                hub.sync(sync(
                    "tenant-0",
                    &format!("tenant-{one}"),
                    "x",
                    State::Running,
                ));
                for other in 0..one {
                    mesh.sync(sync(
                        &format!("tenant-{one}"),
                        &format!("tenant-{other}"),
                        "x",
                        State::On,
                    ));
                }
            }
            assert_readable(&drawn(&hub, "Hub"));
            assert_readable(&drawn(&mesh, "Mesh"));
            assert_eq!(
                drawn(&hub, "Hub").badges.len(),
                count - 1,
                "every number of {count} is on its line"
            );
        }
    }

    #[test]
    fn long_names_are_cut_and_told_whole_to_who_points_at_them() {
        let mut map = Topology::default();
        let long = "王".repeat(60);
        map.name("a", Some(long.clone()));
        let picture = drawn(&map, "Map");
        let box_ = &picture.boxes[0];
        assert!(
            box_.name.ends_with('…') && wide(&box_.name, 14.0) <= BOX_WIDTH,
            "{}",
            box_.name
        );
        assert!(box_.hint.starts_with(&long));
    }

    #[test]
    fn several_jobs_between_two_tenants_share_an_arrow() {
        let mut map = Topology::default();
        map.sync(sync("a", "b", "One", State::Running));
        map.sync(sync("a", "b", "Two", State::Quarantined { reason: None }));
        map.sync(sync("b", "a", "Back", State::Paused));
        let picture = drawn(&map, "Map");
        let badges: Vec<(&str, &str)> = picture
            .badges
            .iter()
            .map(|one| (one.text.as_str(), one.class))
            .collect();
        assert_eq!(badges, [("1–2", "quarantined"), ("3", "paused")]);
    }
}
