//! Compares the target tenant after a cycle with the preview.

use std::cell::Cell;

use crosstenant::preview::{
    Change, Configuration, Outcome, Preview, Record, Skip, Value, Verdict, When,
};
use serde_json::{Map, Value as Json};

use super::with_manager;
use super::world::Side;

thread_local! {
    static PAIR: Cell<u64> = const { Cell::new(0) };
}

/// Sets the pair that failures name from now on.
pub(super) fn now(pair: u64) {
    PAIR.with(|now| now.set(pair));
}

/// The current pair, for failures.
pub(super) fn pair() -> u64 {
    PAIR.with(Cell::get)
}

/// The target tenant before the cycle.
pub(super) struct Before {
    users: Map<String, Json>,
    copies: Map<String, Json>,
}

/// Properties that a cycle may write in addition to mappings: a redeemed invitation, and deletion and restoration.
const NOTES: [&str; 5] = [
    "externalUserState",
    "externalUserStateChangeDateTime",
    "deletedDateTime",
    "@odata.type",
    "_deletedBySync",
];

fn plain(user: &Json) -> Json {
    let mut user = user.clone();
    let members = user.as_object_mut().unwrap();
    for note in NOTES {
        members.shift_remove(note);
    }
    members.retain(|_, value| !value.is_null());
    user
}

struct After<'a> {
    verdict: &'a Verdict,
    configuration: &'a Configuration,
    copies: &'a Map<String, Json>,
    buried: &'a Map<String, Json>,
    log: Vec<&'a Json>,
}

impl Before {
    pub(super) fn of(target: &Side) -> Self {
        Self {
            users: target.now["users"].as_object().unwrap().clone(),
            copies: target.copies("users"),
        }
    }

    pub(super) fn compare(
        &self,
        preview: &Preview,
        configuration: &Configuration,
        source: &Side,
        target: &Side,
    ) {
        let (copies, buried) = (target.copies("users"), target.copies("deletedItems"));
        let log = source.now["provisioningLog"].as_array().unwrap();
        for verdict in &preview.users {
            let after = After {
                verdict,
                configuration,
                copies: &copies,
                buried: &buried,
                log: log
                    .iter()
                    .filter(|entry| entry["sourceIdentity"]["id"] == *verdict.source)
                    .collect(),
            };
            let copy = self.copies.get(&*verdict.source);
            if preview.quarantined {
                assert_eq!(
                    copy.map(plain),
                    copies.get(&*verdict.source).map(plain),
                    "{}",
                    after.said()
                );
            } else {
                after.check(copy);
            }
        }
        self.nobody_else(preview, target);
    }

    /// Users without a verdict are unchanged.
    fn nobody_else(&self, preview: &Preview, target: &Side) {
        for (id, user) in &self.users {
            let source = user["_source"]["userId"].as_str();
            if source.is_some_and(|source| {
                preview
                    .users
                    .iter()
                    .any(|verdict| &*verdict.source == source)
            }) {
                continue;
            }
            let now = target.now["users"].get(id).map(plain);
            assert_eq!(
                now,
                Some(plain(user)),
                "pair {}: nobody spoke of {id}",
                PAIR.with(Cell::get)
            );
        }
    }
}

impl After<'_> {
    fn said(&self) -> String {
        let log: Vec<String> = self
            .log
            .iter()
            .map(|entry| {
                format!(
                    "{} {} {}",
                    entry["provisioningAction"],
                    entry["provisioningStatusInfo"],
                    entry["provisioningSteps"][1]["details"],
                )
            })
            .collect();
        format!(
            "pair {}: {:#?}\nthe log: {}",
            PAIR.with(Cell::get),
            self.verdict,
            log.join("\n")
        )
    }

    fn copy(&self) -> Option<&Json> {
        self.copies.get(&*self.verdict.source)
    }

    fn record(&self, user: &Json) -> Record {
        self.configuration
            .target_columns()
            .record(&with_manager(user))
    }

    fn code(&self, code: &str) -> bool {
        self.log.iter().any(|entry| {
            let error = &entry["provisioningStatusInfo"]["errorInformation"]["errorCode"];
            *error == *code
        })
    }

    fn check(&self, before: Option<&Json>) {
        let said = || self.said();
        let unchanged = || assert_eq!(self.copy().map(plain), before.map(plain), "{}", said());
        match &self.verdict.outcome {
            Outcome::Create(changes) => {
                assert!(before.is_none(), "{}", said());
                let copy = self
                    .copy()
                    .unwrap_or_else(|| panic!("not created: {}", said()));
                self.mapped(copy, changes);
            }
            Outcome::Update {
                changes,
                when: When::NextCycle,
                ..
            } => {
                self.changed(
                    before.unwrap_or_else(|| panic!("was not there: {}", said())),
                    changes,
                );
            }
            Outcome::Restore(changes) => {
                let copy = self
                    .copy()
                    .unwrap_or_else(|| panic!("not restored: {}", said()));
                assert_eq!(
                    copy["id"].as_str(),
                    self.verdict.target.as_deref(),
                    "{}",
                    said()
                );
                for change in changes {
                    self.arrived(copy, change);
                }
            }
            Outcome::Leave(_) => {
                assert!(self.copy().is_none(), "still there: {}", said());
                let gone = self.buried.get(&*self.verdict.source);
                assert!(
                    gone.is_some_and(|gone| gone["_deletedBySync"] == true),
                    "{}",
                    said()
                );
            }
            Outcome::Collide(_) => {
                unchanged();
                assert!(self.code("ObjectConflict"), "{}", said());
            }
            Outcome::Skip(why) => {
                unchanged();
                self.skipped(why);
            }
            Outcome::Nothing { .. } | Outcome::Keep(..) | Outcome::Update { .. } => unchanged(),
        }
    }

    /// The log contains the same reason, if it has an entry: it names each reason once.
    fn skipped(&self, why: &Skip) {
        let Some(entry) = self.log.last() else { return };
        let code = &entry["provisioningStatusInfo"]["errorInformation"]["errorCode"];
        if let Some(expected) = why.code() {
            assert_eq!(code, expected, "{}", self.said());
        }
        let details = &entry["provisioningSteps"][1]["details"];
        match why {
            Skip::Filtered(clause) => {
                let results = details["ScopeEvaluationResult"].as_str().unwrap();
                let results: Json = serde_json::from_str(results).unwrap();
                assert_eq!(results[clause], false, "{}", self.said());
            }
            Skip::MappingFails { .. } => {
                assert_eq!(code, "AttributeMappingFailed", "{}", self.said());
            }
            _ => {}
        }
    }

    /// Every mapped attribute of a new copy.
    fn mapped(&self, copy: &Json, changes: &[Change]) {
        for change in changes {
            self.arrived(copy, change);
        }
        let record = self.record(copy);
        for mapping in &self.configuration.users.attributes {
            let name = mapping.target();
            let is_written = changes
                .iter()
                .any(|change| self.configuration.attribute(change) == name);
            // New users have these properties without any mapping.
            if is_written || matches!(name, "userType" | "accountEnabled") {
                continue;
            }
            let value = self.configuration.target_columns().value(&record, name);
            assert!(value.is_empty(), "{name} is {value}: {}", self.said());
        }
    }

    /// Exactly these changes.
    fn changed(&self, before: &Json, changes: &[Change]) {
        let copy = self
            .copy()
            .unwrap_or_else(|| panic!("gone: {}", self.said()));
        assert_eq!(copy["id"], before["id"], "{}", self.said());
        for change in changes {
            self.arrived(copy, change);
        }
        let (old, new) = (self.record(before), self.record(copy));
        let columns = self.configuration.target_columns();
        for name in columns.names().filter(|name| !NOTES.contains(name)) {
            if changes
                .iter()
                .any(|change| self.configuration.attribute(change) == name)
            {
                continue;
            }
            assert_eq!(
                columns.value(&new, name),
                columns.value(&old, name),
                "{name}: {}",
                self.said()
            );
        }
    }

    fn arrived(&self, copy: &Json, change: &Change) {
        let name = self.configuration.attribute(change);
        let record = self.record(copy);
        let found = self.configuration.target_columns().value(&record, name);
        let expected = match &change.after {
            // A manager who is created in the same cycle is identified by its source user until then.
            Value::Reference(id) => {
                let arrived = self.copies.get(&**id).and_then(|user| user["id"].as_str());
                Value::Reference(arrived.unwrap_or(id).into())
            }
            other => other.clone(),
        };
        assert_eq!(*found, expected, "{name}: {}", self.said());
    }
}
