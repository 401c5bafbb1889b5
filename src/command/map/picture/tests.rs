//! For any tenants, everything is on the image, and nothing overlaps.

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
        let width = wide(&one.words, size);
        let middle = Point {
            x: one.at.x + width / 2.0,
            y: one.at.y - size / 2.0 + 2.0,
        };
        (
            one.words.clone(),
            Rect {
                middle,
                width,
                height: size,
            },
        )
    });
    let keys = picture.keys.iter().map(|key| {
        let width = 42.0 + wide(key.words, SIZE);
        let middle = Point {
            x: key.at.x + width / 2.0,
            y: key.at.y - SIZE / 2.0,
        };
        (
            key.words.to_owned(),
            Rect {
                middle,
                width,
                height: SIZE,
            },
        )
    });
    boxes.chain(badges).chain(texts).chain(keys).collect()
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
    fn nothing_overlaps_for_any_tenants(map in topology()) {
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
                &one.to_string(),
                State::Running,
            ));
            for other in 0..one {
                mesh.sync(sync(
                    &format!("tenant-{one}"),
                    &format!("tenant-{other}"),
                    &other.to_string(),
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
fn long_names_are_cut_and_complete_in_the_tooltip() {
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
fn tenants_without_a_name_can_be_distinguished() {
    let mut map = Topology::default();
    let ids = [1, 2].map(|last| format!("99999999-0000-4000-8000-00000000000{last}"));
    map.trust(&ids[0], &ids[1]).mfa = true;
    let picture = drawn(&map, "Map");
    let shown: Vec<&str> = picture.boxes.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(shown, ids);
    assert!(picture.boxes.iter().all(|one| one.name.is_empty()));
}

#[test]
fn bold_names_stay_in_their_boxes() {
    let shown = |name: &str| {
        let mut map = Topology::default();
        map.name("a", Some(name.to_owned()));
        drawn(&map, "Map").boxes.swap_remove(0).name
    };
    assert_eq!(
        shown("Graphic Design Institute"),
        "Graphic Design Institute"
    );
    // With this letter, one more letter would be outside in DejaVu Sans.
    assert_eq!(
        shown("Südwind Großhandel GmbH & Co. KG"),
        "Südwind Großhandel G…"
    );
    assert_eq!(shown("WWWWWWWWWWWWWWWWWWWWWWWWW"), "WWWWWWWWWWWW…");
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
