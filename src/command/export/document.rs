//! A configuration as a structure of files, blocks and expressions, independent of the syntax (HCL or JSON).

use serde_json::Value as Json;

/// A whole configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    /// Its files, none of which is empty.
    pub(super) files: Vec<File>,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    /// The name without the extension.
    pub(super) name: &'static str,
    /// A description of the content.
    pub(super) about: &'static str,
    /// The blocks of the file.
    pub(super) blocks: Vec<Block>,
}

/// One block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    /// A comment; may contain any characters.
    pub(super) comment: Option<String>,
    /// `resource`, `data`, `import` and so on.
    pub(super) kind: &'static str,
    /// The labels.
    pub(super) labels: Vec<String>,
    /// The arguments, in the order of the output.
    pub(super) arguments: Vec<(String, Expression)>,
    /// Nested blocks.
    pub(super) blocks: Vec<Block>,
}

/// The value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A string, a number or a boolean, taken literally.
    Literal(Json),
    /// The value of an attribute of another object, such as `crosstenant_partner_policy.contoso.partner_tenant_id`.
    Reference(String),
    /// The address of an object or provider, as in `provider`, `to` and `depends_on`.
    Address(String),
    /// A list.
    List(Vec<Element>),
    /// An object.
    Object(Vec<(String, Expression)>),
    /// A function call.
    Call(&'static str, Vec<Expression>),
    /// A map with an empty object for each value of a list.
    Each(Box<Expression>),
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    /// The value.
    pub(super) value: Expression,
    /// A comment; may contain any characters.
    pub(super) comment: Option<String>,
}

impl Expression {
    /// A string.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Literal(Json::String(text.into()))
    }

    /// A list without comments.
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
