//! The types a value can have.

use std::collections::BTreeMap;

use super::Name;

/// A type, as it stands in a schema or travels beside a dynamic value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// True or false.
    Bool,
    /// Any number.
    Number,
    /// Text.
    String,
    /// Whatever the value says of itself.
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
