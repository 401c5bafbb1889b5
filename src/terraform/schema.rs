//! Schemas of resources, data sources and the provider block.

use std::borrow::Cow;

use super::{Check, Name, Type, Value};

/// The schema of a resource, a data source or the provider.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The version, which increases when stored objects need an upgrade.
    pub version: i64,
    /// The description in Markdown; the first paragraph of the reference page.
    pub description: Cow<'static, str>,
    /// The attributes, in the order of the reference page.
    pub attributes: Vec<Attribute>,
}

/// The kind of an attribute's value.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A boolean.
    Bool,
    /// Any number.
    Number,
    /// A string.
    String,
    /// Any type.
    Dynamic,
    /// An ordered list; of objects: nested attributes.
    List(Box<Kind>),
    /// An unordered set; of objects: nested attributes.
    Set(Box<Kind>),
    /// A map; of objects: nested attributes.
    Map(Box<Kind>),
    /// A single nested attribute.
    Object(Vec<Attribute>),
}

/// An attribute: its name, its kind and its rules.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name in HCL.
    pub name: &'static str,
    /// The description in Markdown.
    pub description: Cow<'static, str>,
    /// The kind of the value.
    pub kind: Kind,
    /// The rules.
    pub rules: Rules,
}

/// The rules of an attribute: who sets it, and the effect of a change.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol has exactly these independent switches"
)]
pub struct Rules {
    /// Must be configured.
    pub required: bool,
    /// May be configured.
    pub optional: bool,
    /// The provider may set it.
    pub computed: bool,
    /// Hidden in the output of the CLI.
    pub sensitive: bool,
    /// Never stored.
    pub write_only: bool,
    /// The deprecation message.
    pub deprecated: Option<&'static str>,
    /// The default value.
    pub default: Option<Value>,
    /// The value that is equivalent to omitting it, if null is stored then.
    pub neutral: Option<Value>,
    /// If omitted, the attribute is not managed.
    pub left_alone: bool,
    /// If omitted, the setting in the service is kept and shown in the state.
    pub observed: bool,
    /// A change forces a replacement.
    pub replaces: bool,
    /// Becomes unknown whenever the object changes; other computed values survive updates.
    pub volatile: bool,
    /// Used by Terraform only, and never sent.
    pub local: bool,
    /// Handled by separate calls: not part of the request and response bodies of the object.
    pub apart: bool,
    /// Is a property of the beta version of the API only.
    pub beta: bool,
    /// The name in JSON, if it is not the camel case of the attribute's name.
    pub json_name: Option<&'static str>,
    /// Whether the case is ignored.
    pub caseless: bool,
    /// Whether two strings are equivalent, if that is more than being equal.
    pub same_if: Option<fn(&str, &str) -> bool>,
    /// The checks of the value.
    pub checks: Vec<Check>,
}

impl Rules {
    /// Must be configured.
    #[must_use]
    pub fn required() -> Self {
        Self {
            required: true,
            ..Self::default()
        }
    }

    /// Optional; null if omitted.
    #[must_use]
    pub fn optional() -> Self {
        Self {
            optional: true,
            ..Self::default()
        }
    }

    /// Optional; if omitted, the provider sets it.
    #[must_use]
    pub fn computed() -> Self {
        Self {
            optional: true,
            computed: true,
            ..Self::default()
        }
    }

    /// Only the provider sets it.
    #[must_use]
    pub fn read_only() -> Self {
        Self {
            computed: true,
            ..Self::default()
        }
    }

    /// Optional; defaults to `value`.
    #[must_use]
    pub fn with_default(value: impl Into<Value>) -> Self {
        Self {
            default: Some(value.into()),
            ..Self::computed()
        }
    }

    /// A change forces a replacement.
    #[must_use]
    pub fn replaces(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Null if omitted, and equivalent to `value` then. An import, which has no configuration, stores `value`, and then neither
    /// way to write it plans a change.
    #[must_use]
    pub fn neutral(mut self, value: impl Into<Value>) -> Self {
        self.computed = true;
        self.neutral = Some(value.into());
        self
    }

    /// If omitted, the attribute is not managed.
    #[must_use]
    pub fn left_alone(mut self) -> Self {
        self.left_alone = true;
        self
    }

    /// If omitted, the setting of an existing object is kept and shown in the state. A new object gets the default.
    #[must_use]
    pub fn observed(mut self) -> Self {
        self.computed = true;
        self.observed = true;
        self
    }

    /// Hidden in the output of the CLI.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Never stored, neither in a plan nor in the state, and hidden in the output.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self.sensitive()
    }

    /// Deprecated, for this reason.
    #[must_use]
    pub fn deprecated(mut self, reason: &'static str) -> Self {
        self.deprecated = Some(reason);
        self
    }

    /// Becomes unknown whenever the object changes.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Used by Terraform only, and never sent.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Handled by separate calls of the resource: it is not part of the request and response bodies of the object.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// Marks a property of the beta version of the API only. What an answer of another version lacks stays as it is stored.
    #[must_use]
    pub fn beta(mut self) -> Self {
        self.beta = true;
        self
    }

    /// Goes by another name in JSON.
    #[must_use]
    pub fn named(mut self, json_name: &'static str) -> Self {
        self.json_name = Some(json_name);
        self
    }

    /// Must satisfy `check`.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Must be a GUID; the case is ignored.
    #[must_use]
    pub fn guid(mut self) -> Self {
        self.caseless = true;
        self.check(Check::Guid)
    }

    /// Two strings that are equivalent by `same` are not a change, and the present spelling is kept.
    #[must_use]
    pub fn same_if(mut self, same: fn(&str, &str) -> bool) -> Self {
        self.same_if = Some(same);
        self
    }

    /// Whether two strings are equivalent for this attribute.
    pub(super) fn are_same(&self, one: &str, other: &str) -> bool {
        one == other
            || (self.caseless && one.eq_ignore_ascii_case(other))
            || self.same_if.is_some_and(|same| same(one, other))
    }

    /// Must be one of `allowed`.
    #[must_use]
    pub fn one_of(self, allowed: &'static [&'static str]) -> Self {
        self.check(Check::OneOf(allowed))
    }
}

impl Attribute {
    /// Creates an attribute with the default rules of its type.
    #[must_use]
    pub fn new(
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        kind: Kind,
        rules: Rules,
    ) -> Self {
        Self {
            name,
            description: description.into(),
            kind,
            rules,
        }
    }

    /// The name in JSON.
    #[must_use]
    pub fn json_name(&self) -> String {
        self.rules
            .json_name
            .map_or_else(|| camel_case(self.name), str::to_owned)
    }
}

fn camel_case(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.chars() {
        match character {
            '_' => upper = true,
            letter if upper => {
                result.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => result.push(letter),
        }
    }
    result
}

impl Kind {
    /// The type of the values of this kind.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::Dynamic => Type::Dynamic,
            Self::List(of) => Type::List(Box::new(of.value_type())),
            Self::Set(of) => Type::Set(Box::new(of.value_type())),
            Self::Map(of) => Type::Map(Box::new(of.value_type())),
            Self::Object(attributes) => Type::Object(
                attributes
                    .iter()
                    .map(|attribute| (Name::from(attribute.name), attribute.kind.value_type()))
                    .collect(),
            ),
        }
    }

    /// The attributes of the nested objects, if there are any.
    #[must_use]
    pub fn nested(&self) -> Option<&[Attribute]> {
        match self {
            Self::Object(attributes) => Some(attributes),
            Self::List(of) | Self::Set(of) | Self::Map(of) => match of.as_ref() {
                Self::Object(attributes) => Some(attributes),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Schema {
    /// Returns the attribute called `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// Returns an object of this schema with all attributes null.
    #[must_use]
    pub fn empty_object(&self) -> Value {
        Value::Object(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name, Value::Null))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_names_are_camel_case() {
        let attribute = |name, rules| Attribute::new(name, "x", Kind::Bool, rules).json_name();
        assert_eq!(
            attribute("is_mfa_accepted", Rules::optional()),
            "isMfaAccepted"
        );
        assert_eq!(attribute("odd", Rules::optional().named("oDD")), "oDD");
    }
}
