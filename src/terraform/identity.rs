//! Resource identities, which identify an object permanently, regardless of its other changes.
//!
//! All identifying attributes are strings, and also attributes of the resource, so an identity is a part of the object.

use std::borrow::Cow;

use super::{Attribute, Name, Object, Type, Value};

/// The attributes that identify the objects of a resource.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The version, which increases when stored identities need an upgrade.
    pub version: i64,
    /// The attributes, in the order of the documentation.
    pub attributes: Vec<IdentityAttribute>,
}

/// An identifying attribute.
#[derive(Clone, Debug)]
pub struct IdentityAttribute {
    /// The name, as in the resource.
    pub name: &'static str,
    /// The description for the author of an `import` block.
    pub description: Cow<'static, str>,
    /// Whether an import requires it; otherwise the provider can determine it.
    pub required: bool,
    /// Whether another attribute can replace it, so that it may be null.
    pub alternative: bool,
    /// Whether the case is ignored. If so, it is stored in lower case, so that all spellings are the same identity.
    pub caseless: bool,
}

impl IdentityAttribute {
    /// Creates an identifying attribute from an attribute of the resource.
    #[must_use]
    pub fn from(attribute: &Attribute, required: bool) -> Self {
        Self {
            name: attribute.name,
            description: attribute.description.clone(),
            required,
            alternative: false,
            caseless: attribute.rules.caseless,
        }
    }
}

impl Identity {
    /// The type of an identity.
    #[must_use]
    pub fn value_type(&self) -> Type {
        let member = |attribute: &IdentityAttribute| (Name::from(attribute.name), Type::String);
        Type::Object(self.attributes.iter().map(member).collect())
    }

    /// Returns the identity of `object`; null if the object does not exist yet or a part of its identity is missing.
    #[must_use]
    pub fn of(&self, object: &Value) -> Value {
        let mut members = Object::new();
        for attribute in &self.attributes {
            let value = match object.member(attribute.name) {
                Value::Null if !attribute.alternative => return Value::Null,
                Value::String(text) if attribute.caseless => text.to_lowercase().into(),
                value => value.clone(),
            };
            members.insert(attribute.name, value);
        }
        Value::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        let attribute = |name, caseless| IdentityAttribute {
            name,
            description: "".into(),
            required: true,
            alternative: false,
            caseless,
        };
        Identity {
            version: 0,
            attributes: vec![attribute("guid", true), attribute("id", false)],
        }
    }

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members.iter().cloned();
        Value::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn an_identity_ignores_the_spelling() {
        let stored = object(&[
            ("guid", "ABC".into()),
            ("id", "X.y".into()),
            ("other", true.into()),
        ]);
        let expected = object(&[("guid", "abc".into()), ("id", "X.y".into())]);
        assert_eq!(identity().of(&stored), expected);
    }

    #[test]
    fn an_incomplete_identity_is_null() {
        assert_eq!(identity().of(&Value::Null), Value::Null);
        assert_eq!(
            identity().of(&object(&[("guid", "a".into()), ("id", Value::Null)])),
            Value::Null
        );
        let planned = object(&[("guid", "a".into()), ("id", Value::Unknown)]);
        assert_eq!(identity().of(&planned), planned);
    }

    #[test]
    fn one_of_two_alternatives_may_be_null() {
        let mut identity = identity();
        identity.attributes[1].alternative = true;
        let stored = object(&[("guid", "a".into()), ("id", Value::Null)]);
        assert_eq!(identity.of(&stored), stored);
    }
}
