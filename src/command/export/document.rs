//! A configuration as a structure: files, blocks, expressions. How it is spelled, as HCL or as JSON, is for others to say.

use serde_json::Value as Json;

/// A whole configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    /// Its files, none of them empty.
    pub(super) files: Vec<File>,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    /// Its name without the ending.
    pub(super) name: &'static str,
    /// What it is about.
    pub(super) about: &'static str,
    /// What is in it.
    pub(super) blocks: Vec<Block>,
}

/// One block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    /// A line for people, in any characters.
    pub(super) comment: Option<String>,
    /// `resource`, `data`, `import` and so on.
    pub(super) kind: &'static str,
    /// Its labels.
    pub(super) labels: Vec<String>,
    /// Its arguments, in the order in which they are written.
    pub(super) arguments: Vec<(String, Expression)>,
    /// Blocks in it.
    pub(super) blocks: Vec<Block>,
}

/// What an argument is set to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A text, a number or a truth value, meant literally.
    Literal(Json),
    /// The value of an attribute elsewhere, such as `crosstenant_partner_policy.contoso.partner_tenant_id`.
    Reference(String),
    /// An object or a provider itself and not a value of it, as `provider`, `to` and `depends_on` take.
    Address(String),
    /// Several values.
    List(Vec<Element>),
    /// Values by name.
    Object(Vec<(String, Expression)>),
    /// What a function makes of values.
    Call(&'static str, Vec<Expression>),
    /// A map of nothing by each of several values.
    Each(Box<Expression>),
}

/// One of several values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    /// The value.
    pub(super) value: Expression,
    /// A word for people, in any characters.
    pub(super) comment: Option<String>,
}

impl Expression {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Literal(Json::String(text.into()))
    }

    /// Several values without a word about any.
    pub(super) fn list(values: impl IntoIterator<Item = Self>) -> Self {
        let plain = |value| Element {
            value,
            comment: None,
        };
        Self::List(values.into_iter().map(plain).collect())
    }
}

impl From<&Json> for Expression {
    fn from(json: &Json) -> Self {
        match json {
            Json::Array(elements) => Self::list(elements.iter().map(Self::from)),
            Json::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.into()))
                    .collect(),
            ),
            scalar => Self::Literal(scalar.clone()),
        }
    }
}
