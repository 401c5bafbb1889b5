//! What Terraform keeps beside an object without looking at it: JSON, so that people can read it.
//!
//! The CLI hands it from read to plan, from plan to apply and back to read. What is not known here is kept as it is.

use serde::{Deserialize, Serialize};

use graph::Written;
use terraform::{self, Attribute, Value};

/// The data kept beside one object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// The object is being imported and was not read yet: there must be one.
    #[serde(skip_serializing_if = "is_false")]
    pub imported: bool,
    /// The object was moved here and was not read yet: only its name is known.
    #[serde(skip_serializing_if = "is_false")]
    pub unread: bool,
    /// A plan looked at an existing object. Missing where a tainted object is replaced: the CLI plans that as if there was
    /// nothing before.
    #[serde(skip_serializing_if = "is_false")]
    pub existing: bool,
    /// The tenant that the change was planned for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Attributes that an import stored although no configuration had decided them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
    /// Attributes with the rule `observed` that the last configuration set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configured: Vec<String>,
    /// What was written to Graph for this object lately.
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
    /// What is kept beside an imported object.
    pub fn imported() -> Self {
        Self {
            imported: true,
            ..Self::default()
        }
    }

    /// What is kept beside a moved object.
    pub fn unread() -> Self {
        Self {
            unread: true,
            ..Self::default()
        }
    }

    /// Nothing, and anything that is not ours, counts as nothing kept.
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Nothing but the name of the object is known.
    pub fn is_named_only(&self) -> bool {
        self.imported || self.unread
    }

    /// The same after the object was read.
    pub fn after_read(self) -> Self {
        Self {
            imported: false,
            unread: false,
            ..self
        }
    }

    /// The same for a change in `tenant_id`, of an object that exists or of a new one.
    pub fn planned(self, tenant_id: Option<String>, existing: bool) -> Self {
        Self {
            existing,
            tenant_id: tenant_id.or(self.tenant_id.clone()),
            ..self
        }
    }

    /// The same where `config` is about to be applied: what it sets is decided.
    pub fn decided_by(mut self, config: &Value) -> Self {
        self.undecided.retain(|name| config.member(name).is_null());
        self
    }

    /// The same where `config` is about to be applied: the observed attributes that it sets are no longer those of others.
    pub fn configured_by(self, attributes: &[Attribute], config: &Value) -> Self {
        let set = attributes
            .iter()
            .filter(|it| it.rules.observed && !config.member(it.name).is_null());
        Self {
            configured: set.map(|it| it.name.to_owned()).collect(),
            ..self
        }
    }

    /// The same after an operation that made these writes.
    pub fn stamped(self, written: Vec<Written>) -> Self {
        let mut all = written;
        // That an object is new is still so after a change of it.
        let is_new = |one: &Written| {
            let same = |other: &Written| other.path == one.path && other.change == one.change;
            !all.iter().any(same)
        };
        let earlier: Vec<Written> = self.written.into_iter().filter(is_new).collect();
        all.extend(earlier);
        Self {
            written: all,
            ..self
        }
    }

    /// As the CLI keeps it.
    pub fn write(&self) -> terraform::Private {
        // Cannot fail: the keys are strings.
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
        assert_eq!(second.written, [written("/a", 2), written("/b", 1)]);
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
