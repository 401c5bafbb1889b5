//! The private data that Terraform stores with an object: JSON, so that it is readable.
//!
//! The CLI passes it from read to plan, from plan to apply and back to read. Unknown members are kept.

use serde::{Deserialize, Serialize};

use graph::Written;
use terraform::{self, Attribute, Value};

/// The private data of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// The object is being imported and was not read yet. If the read does not find it, that is an error.
    #[serde(skip_serializing_if = "is_false")]
    pub imported: bool,
    /// The object was moved here and was not read yet. Only its key is known.
    #[serde(skip_serializing_if = "is_false")]
    pub unread: bool,
    /// A plan was made for an existing object. False if a tainted object is replaced: the CLI plans that like a creation.
    #[serde(skip_serializing_if = "is_false")]
    pub existing: bool,
    /// The tenant for which the change was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Attributes that an import stored although no configuration has set or omitted them yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
    /// Attributes with the rule `observed` that the last configuration set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configured: Vec<String>,
    /// Recent writes to Graph for this object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Written>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_false(truth: &bool) -> bool {
    !truth
}

impl Private {
    /// Returns the private data of an imported object.
    pub fn imported() -> Self {
        Self {
            imported: true,
            ..Self::default()
        }
    }

    /// Returns the private data of a moved object.
    pub fn unread() -> Self {
        Self {
            unread: true,
            ..Self::default()
        }
    }

    /// Parses private data. Empty and foreign data count as no data.
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Whether only the key of the object is known.
    pub fn is_named_only(&self) -> bool {
        self.imported || self.unread
    }

    /// Returns the data after the object was read.
    pub fn after_read(self) -> Self {
        Self {
            imported: false,
            unread: false,
            ..self
        }
    }

    /// Returns the data for a planned change in `tenant_id`, of an existing or a new object.
    pub fn planned(self, tenant_id: Option<String>, existing: bool) -> Self {
        Self {
            existing,
            tenant_id: tenant_id.or(self.tenant_id.clone()),
            ..self
        }
    }

    /// Returns the data for the application of `config`: the attributes that it sets are decided.
    pub fn decided_by(mut self, config: &Value) -> Self {
        self.undecided.retain(|name| config.member(name).is_null());
        self
    }

    /// Returns the data for the application of `config`: it takes over the observed attributes that it sets.
    pub fn configured_by(self, attributes: &[Attribute], config: &Value) -> Self {
        let set = attributes
            .iter()
            .filter(|it| it.rules.observed && !config.member(it.name).is_null());
        Self {
            configured: set.map(|it| it.name.to_owned()).collect(),
            ..self
        }
    }

    /// Returns the data after an operation that made these writes.
    pub fn stamped(self, written: Vec<Written>) -> Self {
        // An object that was created recently still counts as new after it was changed.
        let is_repeated = |one: &Written| {
            let same = |other: &Written| other.path == one.path && other.change == one.change;
            written.iter().any(same)
        };
        let mut all = self.written;
        all.retain(|one| !is_repeated(one));
        // In their order, because several can have the same second.
        all.extend(written);
        Self {
            written: all,
            ..self
        }
    }

    /// Serializes the data for the CLI.
    pub fn write(&self) -> terraform::Private {
        // Serialization cannot fail: the keys are strings.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::Change;

    fn written(path: &str, at: u64) -> Written {
        Written {
            path: path.to_owned(),
            change: Change::Created,
            at,
        }
    }

    #[test]
    fn a_later_write_takes_the_place_of_an_earlier_one() {
        let first = Private::default().stamped(vec![written("/a", 1), written("/b", 1)]);
        let second = first.stamped(vec![written("/a", 2)]);
        assert_eq!(second.written, [written("/b", 1), written("/a", 2)]);
    }

    /// Otherwise, the next run would wait for an object that this one deleted within the second of its creation.
    #[test]
    fn writes_of_the_same_second_keep_their_order() {
        let deleted = Written {
            change: Change::Deleted,
            ..written("/a", 1)
        };
        let first = Private::default().stamped(vec![written("/a", 1)]);
        let second = first.stamped(vec![deleted.clone()]);
        assert_eq!(second.written, [written("/a", 1), deleted]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for private in [
            Private::default(),
            Private::imported(),
            Private::unread(),
            Private::default().planned(Some("t".to_owned()), true),
            Private::default().stamped(vec![written("/a", 1_700_000_000)]),
        ] {
            assert_eq!(Private::read(&private.write()), private);
        }
        assert_eq!(Private::default().write(), b"{}");
    }

    #[test]
    fn what_an_earlier_version_kept_is_understood() {
        assert_eq!(Private::read(b"{}"), Private::default());
        assert_eq!(Private::read(b""), Private::default());
        assert_eq!(Private::read(b"no JSON"), Private::default());
        assert!(Private::read(br#"{"imported":true}"#).imported);
        assert!(Private::read(br#"{"unread":true}"#).unread);
    }

    #[test]
    fn what_a_later_version_keeps_is_passed_on() {
        let later = br#"{"imported":true,"stamp":{"at":1}}"#;
        assert_eq!(
            Private::read(later).after_read().write(),
            br#"{"stamp":{"at":1}}"#
        );
    }

    #[test]
    fn a_plan_without_a_tenant_keeps_the_one_before() {
        let planned = Private::default().planned(Some("a".to_owned()), false);
        let again = planned.planned(None, true);
        assert_eq!(again.tenant_id.as_deref(), Some("a"));
        assert!(again.existing);
    }
}
