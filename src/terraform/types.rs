//! The types of values.

use std::collections::BTreeMap;

use super::Name;

/// A type, as used in a schema or with a dynamic value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A boolean.
    Bool,
    /// Any number.
    Number,
    /// A string.
    String,
    /// Any type; the value has its own.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Unordered elements of one type.
    Set(Box<Type>),
    /// Elements of one type by key.
    Map(Box<Type>),
    /// A fixed number of elements, each of its own type.
    Tuple(Vec<Type>),
    /// Members by name.
    Object(BTreeMap<Name, Type>),
}
