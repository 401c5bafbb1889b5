//! Values of attributes: null, unknown, or known.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use super::{Name, Object, Type};

/// A value of Terraform's type system.
///
/// Sets are built with [`Value::set`], which sorts their elements, so that equal sets are equal values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Value {
    /// Null.
    #[default]
    Null,
    /// A value that is known only after apply.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A number of any size and precision.
    Number(Number),
    /// A string in Unicode normal form C.
    String(String),
    /// Ordered elements. Tuples are lists as well.
    List(Vec<Value>),
    /// Unordered elements. Use [`Value::set`].
    Set(Vec<Value>),
    /// Elements by key.
    Map(Object),
    /// Members by attribute name; every attribute of the schema is present.
    Object(Object),
    /// A value with its own type.
    Dynamic(Box<Type>, Box<Value>),
}

impl Value {
    /// Creates a set of `elements` in any order; known duplicates are dropped.
    #[must_use]
    pub fn set(mut elements: Vec<Value>) -> Self {
        elements.sort();
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self::Set(elements)
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is unknown as a whole. Parts of a known value may still be unknown.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether nothing in this value is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(elements) | Self::Set(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(members) | Self::Object(members) => {
                members.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(_, value) => value.is_wholly_known(),
            _ => true,
        }
    }

    /// The string, if this is a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is a known bool.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The members, if this is a known object or map.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) | Self::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, if this is a known list or set.
    #[must_use]
    pub fn as_elements(&self) -> Option<&[Value]> {
        match self {
            Self::List(elements) | Self::Set(elements) => Some(elements),
            _ => None,
        }
    }

    /// The member called `name`; null if there is none, and unknown if this whole value is unknown.
    #[must_use]
    pub fn member(&self, name: &str) -> &Value {
        match self {
            Self::Unknown => &Self::Unknown,
            Self::Object(members) | Self::Map(members) => members.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// Replaces one member of a known object; other values are left unchanged.
    pub fn set_member(&mut self, name: &str, value: Value) {
        if let Self::Object(members) | Self::Map(members) = self {
            match members.get_mut(name) {
                Some(member) => *member = value,
                None => drop(members.insert(Name::shared(name), value)),
            }
        }
    }

    /// The name of this kind of value in a message.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown => "a value not known yet",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Dynamic(..) => "a value of any type",
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Number::from(number))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

/// A decimal number, exact at any length, so that `0.1` and thirty digits are preserved.
///
/// Boxed, because otherwise every value would be as large.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(Box<BigDecimal>);

/// Not a number, or one with an absurd exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

/// The most decimal places on either side: printing a larger number would exhaust the memory.
const MOST_PLACES: i64 = 10_000;

impl Number {
    /// The number as an `i64`, if it is an integer that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        let (digits, places) = self.0.normalized().into_bigint_and_exponent();
        if places > 0 {
            return None;
        }
        let scale = u32::try_from(-places).ok().filter(|scale| *scale < 20)?;
        let whole = digits * BigInt::from(10).pow(scale);
        i64::try_from(whole).ok()
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Box::new(BigDecimal::from(number)))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(Box::new(BigDecimal::from(number)))
    }
}

impl TryFrom<f64> for Number {
    type Error = NotANumber;

    fn try_from(number: f64) -> Result<Self, NotANumber> {
        BigDecimal::try_from(number)
            .map(|exact| Self(Box::new(exact.normalized())))
            .map_err(|_| NotANumber)
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let exact = BigDecimal::from_str(text).map_err(|_| NotANumber)?;
        let (digits, places) = exact.as_bigint_and_exponent();
        if places.abs() > MOST_PLACES || digits.bits() > 64 * 1024 {
            return Err(NotANumber);
        }
        Ok(Self(Box::new(exact.normalized())))
    }
}

impl fmt::Display for Number {
    /// Prints plain decimal digits, never an exponent.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        for text in [
            "0.1",
            "123456789012345678901234567890",
            "-0.000000000000000000001",
            "7",
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        assert_eq!("1.50".parse::<Number>(), "1.5".parse::<Number>());
        assert_eq!("1e3".parse::<Number>().unwrap().as_i64(), Some(1000));
        assert_eq!("1.5".parse::<Number>().unwrap().as_i64(), None);
        assert_eq!("1e99999999".parse::<Number>(), Err(NotANumber));
    }

    #[test]
    fn sets_have_no_order() {
        let one = Value::set(vec!["b".into(), "a".into(), "b".into()]);
        assert_eq!(one, Value::set(vec!["a".into(), "b".into()]));
        assert_eq!(
            Value::set(vec![Value::Unknown, Value::Unknown])
                .as_elements()
                .map(<[_]>::len),
            Some(2)
        );
    }

    #[test]
    fn members_of_an_unknown_object_are_unknown() {
        assert_eq!(Value::Unknown.member("a"), &Value::Unknown);
        assert_eq!(Value::Null.member("a"), &Value::Null);
    }
}
