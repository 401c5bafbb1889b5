//! Places tenants on an image and routes the lines between them. Pure geometry.
//!
//! Tenants are placed on an oval whose rows have one tenant on the left and one on the right, so that no two boxes overlap, however many
//! there are. A tenant that is connected to most others is placed in the center.

/// Width of a tenant's box.
pub(super) const BOX_WIDTH: f64 = 224.0;
/// Height of a tenant's box.
pub(super) const BOX_HEIGHT: f64 = 48.0;
/// The minimum distance between the centers of two rows; few rows are farther apart.
const ROW: f64 = 72.0;
const FEW_ROWS: f64 = 156.0;
/// The minimum distance from the center to the left and right end of the oval, and the additional distance with a box in the center.
const HALF_WIDTH: f64 = 320.0;
const WITH_HUB: f64 = 480.0;
const WIDEST: f64 = 800.0;
/// How far a line between two boxes on the same side bends inward: past neighboring boxes, and past other boxes.
const INWARDS: (f64, f64) = (150.0, BOX_WIDTH + 60.0);
/// How far any other line bends toward the center, as a fraction of the distance.
const PULL: f64 = 0.25;

/// A point on the image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    fn minus(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }

    fn plus(self, other: Self, times: f64) -> Self {
        Self {
            x: self.x + other.x * times,
            y: self.y + other.y * times,
        }
    }

    fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}

/// A rectangle, given by its center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) middle: Point,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    /// The box of a tenant.
    pub(super) fn tenant(middle: Point) -> Self {
        Self {
            middle,
            width: BOX_WIDTH,
            height: BOX_HEIGHT,
        }
    }

    pub(super) fn left(self) -> f64 {
        self.middle.x - self.width / 2.0
    }

    pub(super) fn top(self) -> f64 {
        self.middle.y - self.height / 2.0
    }

    /// Whether the distance of the rectangles is less than `gap`.
    pub(super) fn touches(self, other: Self, gap: f64) -> bool {
        let apart = self.middle.minus(other.middle);
        apart.x.abs() < f64::midpoint(self.width, other.width) + gap
            && apart.y.abs() < f64::midpoint(self.height, other.height) + gap
    }

    /// The point at which a line from the center to `to` leaves the rectangle.
    fn exit(self, to: Point) -> Point {
        let way = to.minus(self.middle);
        let across = |half: f64, way: f64| {
            if way == 0.0 {
                f64::MAX
            } else {
                half / way.abs()
            }
        };
        let part = across(self.width / 2.0, way.x).min(across(self.height / 2.0, way.y));
        self.middle.plus(way, part.min(1.0))
    }
}

/// A quadratic curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) from: Point,
    /// Its control point.
    pub(super) bend: Point,
    pub(super) to: Point,
}

impl Curve {
    /// A curve between two boxes, offset by `lane` from the straight line as seen from `from`. With `on_oval`, it avoids the boxes in
    /// between.
    pub(super) fn between(from: Point, to: Point, lane: f64, on_oval: bool) -> Self {
        let way = to.minus(from);
        let length = way.length().max(1.0);
        let aside = Point {
            x: -way.y / length,
            y: way.x / length,
        };
        let middle = Point {
            x: f64::midpoint(from.x, to.x),
            y: f64::midpoint(from.y, to.y),
        };
        let bend = if on_oval {
            inwards(from, to, middle)
        } else {
            middle
        };
        let bend = bend.plus(aside, lane * 2.0);
        Self {
            from: Rect::tenant(from).exit(bend),
            bend,
            to: Rect::tenant(to).exit(bend),
        }
    }

    /// The point at this fraction of the curve.
    pub(super) fn at(self, part: f64) -> Point {
        let rest = 1.0 - part;
        Point {
            x: rest * rest * self.from.x
                + 2.0 * rest * part * self.bend.x
                + part * part * self.to.x,
            y: rest * rest * self.from.y
                + 2.0 * rest * part * self.bend.y
                + part * part * self.to.y,
        }
    }
}

/// The control point of a line between two boxes on the oval.
fn inwards(from: Point, to: Point, middle: Point) -> Point {
    if from.x * to.x <= 0.0 {
        return middle.plus(middle, -PULL);
    }
    let is_neighbor = (from.y - to.y).abs() < FEW_ROWS + 1.0;
    let far = if is_neighbor { INWARDS.0 } else { INWARDS.1 };
    Point {
        x: middle.x - middle.x.signum() * far.min(middle.x.abs()),
        ..middle
    }
}

/// A layout: a position for each tenant, around the origin.
pub(super) struct Layout {
    pub(super) places: Vec<Point>,
    /// The tenant in the center.
    pub(super) hub: Option<usize>,
}

impl Layout {
    /// Places `count` tenants with connections between them, by index. Tenants are placed in order, unless another order makes the lines
    /// shorter.
    pub(super) fn new(count: usize, connections: &[(usize, usize)]) -> Self {
        let hub = hub(count, connections);
        let ring: Vec<usize> = (0..count).filter(|one| Some(*one) != hub).collect();
        let spots = oval(ring.len(), hub.is_some());
        let mut places = vec![Point::default(); count];
        for (one, spot) in ring.iter().zip(&spots) {
            places[*one] = *spot;
        }
        shorten(&ring, &mut places, connections);
        Self { places, hub }
    }

    /// Half of the width and height of the layout, including the boxes.
    pub(super) fn reach(&self) -> (f64, f64) {
        let far = |of: fn(&Point) -> f64| self.places.iter().map(of).fold(0.0, f64::max);
        (
            far(|place| place.x.abs()) + BOX_WIDTH / 2.0,
            far(|place| place.y.abs()) + BOX_HEIGHT / 2.0,
        )
    }
}

/// The tenant that is connected to most of the others, if there is one.
fn hub(count: usize, connections: &[(usize, usize)]) -> Option<usize> {
    if count < 4 {
        return None;
    }
    let others = |one: usize| {
        let mut others: Vec<usize> = connections
            .iter()
            .filter_map(|(from, to)| match (*from == one, *to == one) {
                (true, false) => Some(*to),
                (false, true) => Some(*from),
                _ => None,
            })
            .collect();
        others.sort_unstable();
        others.dedup();
        others.len()
    };
    let mut degrees: Vec<(usize, usize)> = (0..count).map(|one| (others(one), one)).collect();
    degrees.sort_by_key(|(degree, one)| (std::cmp::Reverse(*degree), *one));
    let (first, second) = (degrees[0], degrees[1]);
    (first.0 * 5 >= (count - 1) * 3 && second.0 * 2 <= first.0).then_some(first.1)
}

/// Positions on an oval, clockwise from the top.
fn oval(count: usize, has_hub: bool) -> Vec<Point> {
    let rows = count.div_ceil(2);
    let has_top = count % 2 == 1 && count > 1;
    let row = ROW.max(FEW_ROWS - 6.0 * as_f64(rows));
    let widest = if has_hub { WITH_HUB } else { HALF_WIDTH };
    let half_width = (as_f64(rows) * row * 0.45).clamp(widest, WIDEST);
    let half_height = (as_f64(rows.max(1)) - 1.0) / 2.0 * row + row * 0.9;
    let place = |at: usize, side: f64| {
        let y = (as_f64(at) - (as_f64(rows) - 1.0) / 2.0) * row;
        let bow = (1.0 - (y / half_height).powi(2)).max(0.0).sqrt();
        let x = (half_width * bow).max(BOX_WIDTH / 2.0 + 30.0);
        Point { x: x * side, y }
    };
    let first = usize::from(has_top);
    let top = has_top.then(|| {
        // The tenant at the top is above the hub.
        let above = if has_hub { -BOX_HEIGHT * 3.0 } else { 0.0 };
        Point {
            x: 0.0,
            y: place(0, 0.0).y.min(above),
        }
    });
    let right = (first..rows).map(|at| place(at, 1.0));
    let left = (first..rows).rev().map(|at| place(at, -1.0));
    let all: Vec<Point> = top.into_iter().chain(right).chain(left).collect();
    match count {
        // A single tenant is in the center; the first of two is on the left.
        1 => vec![Point::default()],
        2 => vec![all[1], all[0]],
        _ => all,
    }
}

/// Swaps tenants on the oval while that reduces the total length of the lines.
fn shorten(ring: &[usize], places: &mut [Point], connections: &[(usize, usize)]) {
    const ROUNDS: usize = 12;
    let mut lines: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    for (from, to) in connections {
        lines[*from].push(*to);
        lines[*to].push(*from);
    }
    let cost = |one: usize, other: usize, places: &[Point]| -> f64 {
        let of = |it: usize| -> f64 {
            lines[it]
                .iter()
                .map(|end| places[it].minus(places[*end]).length())
                .sum()
        };
        of(one) + of(other)
    };
    for _ in 0..ROUNDS {
        let mut better = false;
        for (at, one) in ring.iter().enumerate() {
            for other in &ring[at + 1..] {
                let before = cost(*one, *other, places);
                places.swap(*one, *other);
                if cost(*one, *other, places) + 0.5 < before {
                    better = true;
                } else {
                    places.swap(*one, *other);
                }
            }
        }
        if !better {
            return;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody draws 2^52 tenants")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stand_side_by_side_the_first_to_the_left() {
        let places = Layout::new(2, &[(0, 1)]).places;
        assert!(places[0].x < 0.0 && places[1].x > 0.0, "{places:?}");
        assert!((places[0].y - places[1].y).abs() < 0.1);
        assert_eq!(Layout::new(1, &[]).places, [Point::default()]);
        assert!(Layout::new(0, &[]).places.is_empty());
    }

    #[test]
    fn a_hub_stands_in_the_middle() {
        let spokes: Vec<(usize, usize)> = (0..10)
            .filter(|one| *one != 3)
            .map(|one| (3, one))
            .collect();
        let layout = Layout::new(10, &spokes);
        assert_eq!((layout.hub, layout.places[3]), (Some(3), Point::default()));
        let mesh: Vec<(usize, usize)> = (0..5).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        assert_eq!(Layout::new(5, &mesh).hub, None);
    }

    #[test]
    fn connected_tenants_are_placed_together() {
        // Pairs that are far apart in the given order.
        let pairs: Vec<(usize, usize)> = (0..10).map(|one| (one, one + 10)).collect();
        let places = Layout::new(20, &pairs).places;
        let longest = pairs
            .iter()
            .map(|(a, b)| places[*a].minus(places[*b]).length())
            .fold(0.0, f64::max);
        assert!(longest < 480.0, "{longest}");
    }

    #[test]
    fn lines_end_at_the_boxes() {
        let (from, to) = (Point { x: -300.0, y: 0.0 }, Point { x: 300.0, y: 0.0 });
        let curve = Curve::between(from, to, 0.0, true);
        assert!(
            (curve.from.x + 300.0 - BOX_WIDTH / 2.0).abs() < 0.1,
            "{curve:?}"
        );
        assert!(curve.at(0.5).x.abs() < 0.1);
        let (there, back) = (
            Curve::between(from, to, 20.0, true),
            Curve::between(to, from, 20.0, true),
        );
        assert!(
            there.at(0.5).y > 5.0 && back.at(0.5).y < -5.0,
            "lanes do not meet"
        );
    }
}
