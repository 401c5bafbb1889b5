//! Compares the copies of groups after a cycle with the preview.

use std::collections::BTreeSet;

use crosstenant::preview::{Configuration, Doubt, GroupVerdict, Preview, Value};
use serde_json::{Map, Value as Json};

use super::compare::pair;
use super::world::Side;

/// The groups of the target tenant before the cycle.
pub(super) struct Before {
    copies: Map<String, Json>,
    members: Map<String, Json>,
    full: bool,
}

impl Before {
    pub(super) fn of(target: &Side, full: bool) -> Self {
        Self {
            copies: target.group_copies(),
            members: target.now["members"].as_object().unwrap().clone(),
            full,
        }
    }

    pub(super) fn compare(&self, preview: &Preview, configuration: &Configuration, target: &Side) {
        let after = target.group_copies();
        for verdict in &preview.groups {
            // Microsoft does not document whether such a group is copied, and the preview marks it.
            if verdict.doubts.contains(&Doubt::GroupWithoutSecurity) {
                continue;
            }
            let said = || format!("pair {}: {verdict:#?}", pair());
            let (was, is) = (self.copies.get(&verdict.source), after.get(&verdict.source));
            if preview.quarantined {
                assert_eq!(was, is, "{}", said());
                continue;
            }
            match (verdict.leaves, &verdict.skipped, is) {
                (true, _, _) => assert!(is.is_none(), "still there: {}", said()),
                (false, Some(_), _) => assert_eq!(was, is, "{}", said()),
                (false, None, Some(copy)) => {
                    assert_eq!(was.is_none(), verdict.created, "{}", said());
                    self.written(verdict, configuration, (was, copy), target);
                }
                (false, None, None) => panic!("not there: {}", said()),
            }
        }
        // Copies without a verdict are unchanged.
        for (source, copy) in &self.copies {
            if !preview.groups.iter().any(|group| group.source == *source) {
                assert_eq!(after.get(source), Some(copy), "pair {}", pair());
            }
        }
    }

    fn written(
        &self,
        verdict: &GroupVerdict,
        configuration: &Configuration,
        (was, copy): (Option<&Json>, &Json),
        target: &Side,
    ) {
        let said = || format!("pair {}: {verdict:#?}\n{copy:#}", pair());
        let columns = configuration.group_copy_columns();
        let updates = configuration
            .groups
            .as_ref()
            .is_some_and(|groups| groups.flows.update);
        // Between full cycles, only changes of the source are written.
        if verdict.created || self.full {
            let record = columns.record(copy);
            for change in &verdict.changes {
                let found = columns.value(&record, &change.attribute);
                assert_eq!(*found, change.after, "{}", said());
            }
            for name in columns.names().filter(|name| *name != "members") {
                let is_written = verdict
                    .changes
                    .iter()
                    .any(|change| change.attribute == name);
                let old = was.map(|was| columns.record(was));
                let old = old
                    .as_ref()
                    .map_or(&Value::Null, |old| columns.value(old, name));
                // A new group has a generated nickname.
                let is_own = was.is_none() && name == "mailNickname";
                assert!(
                    is_written || is_own || columns.value(&record, name) == old,
                    "{name}: {}",
                    said()
                );
            }
        }
        let id = copy["id"].as_str().unwrap();
        let copies = target.copies("users");
        let expected: BTreeSet<String> = verdict
            .members
            .members
            .iter()
            .filter_map(|user| copies.get(user)?["id"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(expected.len(), verdict.members.members.len(), "{}", said());
        let found = target.members(id);
        if verdict.created || (self.full && updates) {
            let before = self.members.get(id).and_then(Json::as_array);
            let before: BTreeSet<&str> = before
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .collect();
            let new: BTreeSet<&str> = found
                .iter()
                .map(String::as_str)
                .filter(|member| !before.contains(member))
                .collect();
            let added = verdict.members.added.iter();
            let added: BTreeSet<&str> = added
                .filter_map(|user| copies[user]["id"].as_str())
                .collect();
            assert_eq!(new, added, "{}", said());
        }
        if verdict.created {
            assert_eq!(found, expected, "{}", said());
        } else if self.full && updates {
            assert!(found.is_superset(&expected), "{found:?} {}", said());
        } else if self.full {
            let before = self.members.get(id).and_then(Json::as_array);
            assert_eq!(before.map_or(0, Vec::len), found.len(), "{}", said());
        }
    }
}
