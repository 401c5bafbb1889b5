//! The values of expressions.

use std::collections::BTreeMap;

use super::error::EvalError;

/// A value of an attribute or of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value, for which Graph writes nothing.
    Null,
    /// A string; also a date, as `M/d/yyyy h:mm:ss tt` in UTC.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
    /// The values of a multi-valued attribute.
    List(Vec<String>),
}

/// The attributes of the source object. A missing one is null.
pub(super) type Attributes = BTreeMap<String, Value>;

/// The result of an evaluation.
pub(super) type Outcome = Result<Value, EvalError>;

/// The spelling of booleans.
pub(super) const fn boolean(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

impl Value {
    /// Returns the value as a string; a list is joined with semicolons, for messages only.
    pub(super) fn bare(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => boolean(*truth).to_owned(),
            Self::List(items) => items.join(";"),
        }
    }

    /// Whether it is null, or an empty string or list.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Integer(_) | Self::Boolean(_) => false,
        }
    }

    /// Returns the value as a condition; `None` if it is not one.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            Self::Integer(number) => Some(*number != 0),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Self::Text(text) => text.trim().parse::<i64>().ok().map(|number| number != 0),
            Self::Null | Self::List(_) => None,
        }
    }
}
