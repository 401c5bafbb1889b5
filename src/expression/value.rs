//! What an expression yields.

use std::collections::BTreeMap;

use super::mistake::EvalError;

/// A value, before or after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value. Graph writes nothing then.
    Null,
    /// Text; also a date, as `M/d/yyyy h:mm:ss tt` in UTC.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// The values of an attribute with many.
    List(Vec<String>),
}

/// The attributes of the source object. One that is missing is null.
pub(super) type Attributes = BTreeMap<String, Value>;

/// What computing leads to.
pub(super) type Outcome = Result<Value, EvalError>;

/// How true and false are written.
pub(super) const fn boolean(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

impl Value {
    /// As text; a list is written with semicolons, for messages only.
    pub(super) fn bare(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => boolean(*truth).to_owned(),
            Self::List(items) => items.join(";"),
        }
    }

    /// Whether it is null, or an empty text or list.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Integer(_) | Self::Boolean(_) => false,
        }
    }

    /// Its meaning as a condition; none for a value that is not one.
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
