//! Copies of groups: their values, their deletion, and that they count for the threshold.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

/// A pair whose assigned group `staff` is copied with `ada` in it.
fn with_group(flows: &str) -> Pair {
    let mut schema = schema(&json!({ "groups": [] }), "Add, Update, Delete");
    let lines = ["displayName", "description", "members"];
    let lines = lines.map(|name| mapping(name, &attribute(name), "Always"));
    let mappings = schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap();
    mappings.push(json!({ "enabled": true, "sourceObjectName": "Group", "targetObjectName": "Group", "flowTypes": flows,
        "scope": null, "attributeMappings": lines }));
    let mut pair = Pair::new();
    let assignments = std::mem::take(&mut pair.configuration.assignments);
    pair.configuration = Configuration::read(&schema).unwrap();
    pair.configuration.target_domain = DOMAIN.to_owned();
    pair.configuration.assignments = assignments;
    pair.configuration.assignments.push(Assignment {
        principal: "staff".to_owned(),
        kind: Principal::Group,
        role: "role".to_owned(),
    });
    let object = json!({ "id": "staff", "displayName": "Staff", "description": "All of us" });
    pair.groups = vec![Group {
        id: "staff".to_owned(),
        display_name: "Staff".to_owned(),
        record: pair.configuration.group_columns().record(&object),
        security_enabled: true,
        entitled: true,
        users: vec!["ada".to_owned(), "nobody".to_owned()],
        ..Group::default()
    }];
    pair
}

fn there(pair: &Pair, source: &str, managed: bool) -> Copy {
    let object = json!({ "id": "copy", "displayName": "Old", "description": "All of us" });
    Copy {
        source: source.to_owned(),
        target: "copy".to_owned(),
        members: BTreeSet::new(),
        record: Some(pair.configuration.group_copy_columns().record(&object)),
        managed,
        display_name: "Old".to_owned(),
        guessed: false,
    }
}

fn judged(pair: &Pair, copies: &[Copy]) -> Preview {
    let mut engine = Engine::new(&pair.configuration, pair.groups.clone(), Cycle::Full, false);
    for object in &pair.here {
        engine.source(&Source {
            record: pair.configuration.source_columns().record(object),
            sms_sign_in: Some(false),
            licensed: None,
            managed: None,
        });
    }
    engine.finish(copies)
}

fn changes(verdict: &GroupVerdict) -> Vec<(&str, String)> {
    let changes = verdict.changes.iter();
    changes
        .map(|it| (it.attribute.as_str(), it.after.bare()))
        .collect()
}

#[test]
fn a_group_is_created_with_its_attributes_and_existing_members() {
    let pair = with_group("Add, Update, Delete");
    let preview = judged(&pair, &[]);
    let group = &preview.groups[0];
    assert!(group.created && !group.leaves);
    assert_eq!(
        changes(group),
        [
            ("displayName", "Staff".to_owned()),
            ("description", "All of us".to_owned())
        ]
    );
    assert_eq!(
        (&group.members.members[..], &group.members.unresolved[..]),
        (&["ada".to_owned()][..], &["nobody".to_owned()][..])
    );
}

#[test]
fn only_differences_of_a_copy_are_written_and_only_if_updates_are_allowed() {
    for (flows, expected) in [
        (
            "Add, Update, Delete",
            vec![("displayName", "Staff".to_owned())],
        ),
        ("Add, Delete", Vec::new()),
    ] {
        let pair = with_group(flows);
        let preview = judged(&pair, &[there(&pair, "staff", true)]);
        assert_eq!(changes(&preview.groups[0]), expected, "{flows}");
        assert!(!preview.groups[0].created);
    }
}

#[test]
fn a_copy_is_deleted_with_its_assignment_unless_it_must_stay() {
    let of = |flows: &str, managed: bool, sync: Option<bool>| {
        let mut pair = with_group(flows);
        pair.configuration.group_sync = sync;
        pair.configuration.assignments.pop();
        pair.groups.clear();
        let preview = judged(&pair, &[there(&pair, "staff", managed)]);
        let doubts = preview.groups[0].doubts.clone();
        assert_eq!(preview.groups[0].leaves, doubts == [Doubt::GroupLeaves]);
        preview.groups[0].leaves
    };
    assert!(of("Add, Update, Delete", true, Some(true)));
    assert!(!of("Add, Update", true, Some(true)), "Delete is off");
    assert!(
        !of("Add, Update, Delete", false, Some(true)),
        "the job does not know it"
    );
    assert!(
        !of("Add, Update, Delete", true, Some(false)),
        "groups are not allowed"
    );
}

#[test]
fn groups_count_for_the_deletion_threshold() {
    let mut pair = with_group("Add, Update, Delete");
    pair.configuration.assignments.pop();
    pair.groups.clear();
    pair.configuration.delete_threshold = Some(0);
    let preview = judged(&pair, &[there(&pair, "staff", true)]);
    assert!(preview.quarantined && !preview.groups[0].leaves);
    pair.configuration.delete_threshold = Some(1);
    assert!(!judged(&pair, &[there(&pair, "staff", true)]).quarantined);
}
