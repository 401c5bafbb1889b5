//! Values of attributes, as compact as possible: there are millions of them.

use std::fmt;

use serde_json::Value as Json;

/// The value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// No value, for which nothing is written.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A string.
    Text(Box<str>),
    /// Several strings.
    List(Box<[Box<str>]>),
    /// Another source user, by object ID: the value is that user's copy in the target.
    Reference(Box<str>),
}

impl Value {
    /// Converts a value from Graph. Objects are not values of attributes.
    #[must_use]
    pub fn of(json: &Json) -> Self {
        match json {
            Json::Bool(truth) => Self::Bool(*truth),
            Json::String(text) => Self::Text(text.as_str().into()),
            Json::Number(number) => Self::Text(number.to_string().into()),
            Json::Array(items) => {
                let texts = items.iter().filter_map(Json::as_str);
                Self::List(texts.map(Into::into).collect())
            }
            Json::Null | Json::Object(_) => Self::Null,
        }
    }

    /// Creates a string.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is nothing to write: null or the empty string, which Graph does not distinguish.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Bool(_) | Self::Reference(_) => false,
        }
    }

    /// Returns the value as a string; lists are joined with commas.
    #[must_use]
    pub fn bare(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(truth) => truth.to_string(),
            Self::Text(text) | Self::Reference(text) => text.to_string(),
            Self::List(items) => items.join(","),
        }
    }

    /// Converts to JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Text(text) | Self::Reference(text) => Json::String(text.to_string()),
            Self::List(items) => items.iter().map(ToString::to_string).collect(),
        }
    }

    /// Converts to a value for the evaluation of an expression.
    pub(super) fn for_expression(&self) -> expression::Value {
        match self {
            Self::Null => expression::Value::Null,
            Self::Bool(truth) => expression::Value::Boolean(*truth),
            Self::Text(text) | Self::Reference(text) => expression::Value::Text(text.to_string()),
            Self::List(items) => {
                expression::Value::List(items.iter().map(ToString::to_string).collect())
            }
        }
    }

    /// Converts the result of an expression.
    pub(super) fn of_expression(value: expression::Value) -> Self {
        match value {
            expression::Value::Null => Self::Null,
            expression::Value::Text(text) => Self::Text(text.into()),
            expression::Value::Integer(number) => Self::Text(number.to_string().into()),
            expression::Value::Boolean(truth) => Self::Bool(truth),
            expression::Value::List(items) => {
                Self::List(items.into_iter().map(Into::into).collect())
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("(none)"),
            other => f.write_str(&other.bare()),
        }
    }
}
