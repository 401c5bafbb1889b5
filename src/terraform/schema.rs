//! What a resource, a data source or the provider's own block may contain.

use std::borrow::Cow;

use super::{Check, Name, Type, Value};

/// The attributes of a resource, a data source or the provider.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Raised whenever stored objects need an upgrade.
    pub version: i64,
    /// Markdown; the first paragraph of the reference page.
    pub description: Cow<'static, str>,
    /// In the order of the reference page.
    pub attributes: Vec<Attribute>,
}

/// The shape of an attribute's value.
#[derive(Clone, Debug)]
pub enum Kind {
    /// True or false.
    Bool,
    /// Any number.
    Number,
    /// Text.
    String,
    /// Any type.
    Dynamic,
    /// Ordered; of objects: nested attributes.
    List(Box<Kind>),
    /// Unordered; of objects: nested attributes.
    Set(Box<Kind>),
    /// By key; of objects: nested attributes.
    Map(Box<Kind>),
    /// Nested attributes, once.
    Object(Vec<Attribute>),
}

/// One attribute: its name, its shape, and the rules it follows.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// As written in HCL.
    pub name: &'static str,
    /// Markdown, for the person who writes HCL.
    pub description: Cow<'static, str>,
    /// The shape of the value.
    pub kind: Kind,
    /// Who sets it and what follows from a change.
    pub rules: Rules,
}

/// Who sets an attribute, and what follows from a change.
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
    /// Hidden in the CLI's output.
    pub sensitive: bool,
    /// Never stored.
    pub write_only: bool,
    /// Why it should not be used any more.
    pub deprecated: Option<&'static str>,
    /// What it is when left out.
    pub default: Option<Value>,
    /// What leaving it out amounts to, where nothing is stored then.
    pub neutral: Option<Value>,
    /// Left out, it is nobody's business here: others may change it.
    pub left_alone: bool,
    /// Left out, others decide it, and the state shows what they decided.
    pub observed: bool,
    /// A change makes another object.
    pub replaces: bool,
    /// Becomes unknown whenever anything changes; otherwise a computed value survives updates.
    pub volatile: bool,
    /// Is about Terraform only and never sent.
    pub local: bool,
    /// Is kept in calls of its own: in no body and no answer about the object.
    pub apart: bool,
    /// The name in JSON, where it is not the attribute's in camel case.
    pub json_name: Option<&'static str>,
    /// Whether case makes no difference.
    pub caseless: bool,
    /// Whether two texts mean the same, where that is more than being equal.
    pub same_if: Option<fn(&str, &str) -> bool>,
    /// What a value must look like.
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

    /// May be left out; then it is null.
    #[must_use]
    pub fn optional() -> Self {
        Self {
            optional: true,
            ..Self::default()
        }
    }

    /// May be left out; then the provider decides.
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

    /// May be left out; then it is `value`.
    #[must_use]
    pub fn with_default(value: impl Into<Value>) -> Self {
        Self {
            default: Some(value.into()),
            ..Self::computed()
        }
    }

    /// A change makes another object.
    #[must_use]
    pub fn replaces(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Left out, it is null, and an object with `value` is as it should be. So an import, which cannot know what the configuration
    /// will say, stores `value`, and both ways to write it plan nothing.
    #[must_use]
    pub fn neutral(mut self, value: impl Into<Value>) -> Self {
        self.computed = true;
        self.neutral = Some(value.into());
        self
    }

    /// Left out, it is left as it is, whatever others make of it.
    #[must_use]
    pub fn left_alone(mut self) -> Self {
        self.left_alone = true;
        self
    }

    /// Left out, an existing object keeps whatever others have set, and the state shows it. A new object has the default.
    #[must_use]
    pub fn observed(mut self) -> Self {
        self.computed = true;
        self.observed = true;
        self
    }

    /// Hidden in the CLI's output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Never stored, neither in a plan nor in the state. Hidden as well.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self.sensitive()
    }

    /// Should not be used any more, and why.
    #[must_use]
    pub fn deprecated(mut self, reason: &'static str) -> Self {
        self.deprecated = Some(reason);
        self
    }

    /// Becomes unknown whenever anything about the object changes.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Is about Terraform only and never sent.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Is kept in calls of its own, which the resource makes: it is in no body and no answer about the object.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// Goes by another name in JSON.
    #[must_use]
    pub fn named(mut self, json_name: &'static str) -> Self {
        self.json_name = Some(json_name);
        self
    }

    /// Must pass `check`.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Must be a GUID; upper and lower case are the same.
    #[must_use]
    pub fn guid(mut self) -> Self {
        self.caseless = true;
        self.check(Check::Guid)
    }

    /// A text that means the same by `same` is not a change, and keeps the spelling it had.
    #[must_use]
    pub fn same_if(mut self, same: fn(&str, &str) -> bool) -> Self {
        self.same_if = Some(same);
        self
    }

    /// Whether two texts mean the same to this attribute.
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
    /// An attribute with the rules that its type implies.
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

    /// What it is called in JSON.
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

    /// The attributes of the objects in it, where it holds objects.
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
    /// The attribute called `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// An object of this schema with nothing set.
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
    fn graph_calls_it_so() {
        let attribute = |name, rules| Attribute::new(name, "x", Kind::Bool, rules).json_name();
        assert_eq!(
            attribute("is_mfa_accepted", Rules::optional()),
            "isMfaAccepted"
        );
        assert_eq!(attribute("odd", Rules::optional().named("oDD")), "oDD");
    }
}
