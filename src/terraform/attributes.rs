//! The `attributes!` macro, which declares the schema, the typed model and the documentation of an object at once.

use std::collections::BTreeMap;

use super::{Attribute, Kind, Name, Object, Rules, Value};

/// A struct declared with [`crate::attributes!`].
pub trait Attributes: Sized + Send + Sync + 'static {
    /// The description of the object in Markdown: its doc comment.
    const DESCRIPTION: &'static str;

    /// The attributes, in the order of their declaration.
    fn attributes() -> Vec<Attribute>;

    /// Reads the struct from an object. An unknown or missing attribute is `None`, or empty if the type has no `None`: an
    /// imported object has only its identifying attributes, and validation has already checked the required ones.
    ///
    /// # Errors
    ///
    /// The attribute that does not fit, and the reason.
    fn from_object(object: &Object) -> Result<Self, String>;

    /// Returns the object with every attribute present.
    fn to_object(&self) -> Object;
}

/// A type that an attribute can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an attribute",
    label = "not an attribute type",
    note = "use bool, i64, String, Vec<_>, Set<_>, BTreeMap<String, _>, Value, Option<_>, or a struct declared with `attributes!`"
)]
pub trait AttributeType: Sized {
    /// The kind of its values.
    fn kind() -> Kind;

    /// The default rules: required, unless the type is an `Option`.
    fn rules() -> Rules {
        Rules::required()
    }

    /// Reads it from a value.
    ///
    /// # Errors
    ///
    /// Returns what was expected.
    fn from_value(value: &Value) -> Result<Self, String>;

    /// Converts it to a value.
    fn to_value(&self) -> Value;
}

/// Unordered elements without duplicates.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Set<T>(pub Vec<T>);

/// The message for a value of the wrong kind.
#[must_use]
pub fn expected(what: &str, value: &Value) -> String {
    format!("expected {what}, got {}", value.noun())
}

impl AttributeType for bool {
    fn kind() -> Kind {
        Kind::Bool
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null | Value::Unknown => Ok(false),
            value => value.as_bool().ok_or_else(|| expected("a bool", value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl AttributeType for i64 {
    fn kind() -> Kind {
        Kind::Number
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null | Value::Unknown => Ok(0),
            Value::Number(number) => number
                .as_i64()
                .ok_or_else(|| format!("expected a whole number, got {number}")),
            other => Err(expected("a number", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

impl AttributeType for String {
    fn kind() -> Kind {
        Kind::String
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null | Value::Unknown => Ok(String::new()),
            value => value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| expected("a string", value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl AttributeType for Value {
    fn kind() -> Kind {
        Kind::Dynamic
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }

    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: AttributeType> AttributeType for Option<T> {
    fn kind() -> Kind {
        T::kind()
    }

    fn rules() -> Rules {
        Rules::optional()
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null | Value::Unknown => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

fn elements<T: AttributeType>(what: &str, value: &Value) -> Result<Vec<T>, String> {
    if value.is_null() || value.is_unknown() {
        return Ok(Vec::new());
    }
    let elements = value.as_elements().ok_or_else(|| expected(what, value))?;
    elements.iter().map(T::from_value).collect()
}

impl<T: AttributeType> AttributeType for Vec<T> {
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        elements("a list", value)
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(T::to_value).collect())
    }
}

impl<T: AttributeType> AttributeType for Set<T> {
    fn kind() -> Kind {
        Kind::Set(Box::new(T::kind()))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        elements("a set", value).map(Set)
    }

    fn to_value(&self) -> Value {
        Value::set(self.0.iter().map(T::to_value).collect())
    }
}

impl<T: AttributeType> AttributeType for BTreeMap<String, T> {
    fn kind() -> Kind {
        Kind::Map(Box::new(T::kind()))
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        if value.is_null() || value.is_unknown() {
            return Ok(Self::new());
        }
        let members = value.as_object().ok_or_else(|| expected("a map", value))?;
        members
            .iter()
            .map(|(key, value)| Ok((key.to_string(), T::from_value(value)?)))
            .collect()
    }

    fn to_value(&self) -> Value {
        Value::Map(
            self.iter()
                .map(|(key, value)| (Name::shared(key), value.to_value()))
                .collect(),
        )
    }
}

/// Declares an object once: as a Rust struct, as a schema, and as its documentation.
///
/// Doc comments are the published descriptions and are mandatory. A field whose type is an `Option` may be omitted in HCL; rules
/// after `=` express what the type cannot: `read_only()`, `computed()`, `default(…)`, `key()`.
#[macro_export]
macro_rules! attributes {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $( $(#[doc = $text:literal])* $field:ident : $kind:ty $(= $rules:expr)? ),* $(,)?
        }
    )+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        #[allow(
            unreachable_pub,
            clippy::struct_field_names,
            reason = "a model is as visible as its module, and its fields have Graph's names"
        )]
        pub struct $name { $( $(#[doc = $text])* pub $field: $kind, )* }

        impl $crate::AlwaysRequired for $name {}

        impl $crate::Attributes for $name {
            const DESCRIPTION: &'static str = {
                const TEXT: &str = $crate::doc!($($doc),+);
                $crate::check_description(TEXT);
                TEXT
            };

            fn attributes() -> Vec<$crate::Attribute> {
                vec![ $( $crate::Attribute::new(
                    stringify!($field),
                    $crate::attributes!(@text $field $($text)*),
                    <$kind as $crate::AttributeType>::kind(),
                    $crate::attributes!(@rules $kind $(, $rules)?),
                ) ),* ]
            }

            fn from_object(object: &$crate::Object) -> Result<Self, String> {
                // A struct may have no fields.
                let _ = object;
                Ok(Self { $( $field: object
                    .get(stringify!($field))
                    .map_or_else(
                        || <$kind as $crate::AttributeType>::from_value(&$crate::Value::Null),
                        <$kind as $crate::AttributeType>::from_value,
                    )
                    .map_err(|problem| format!("{}: {problem}", stringify!($field)))?, )* })
            }

            fn to_object(&self) -> $crate::Object {
                let members: Vec<(&'static str, $crate::Value)> = vec![ $( (
                    stringify!($field),
                    $crate::AttributeType::to_value(&self.$field),
                ) ),* ];
                members.into_iter().collect()
            }
        }

        impl $crate::AttributeType for $name {
            fn kind() -> $crate::Kind {
                $crate::Kind::Object(<Self as $crate::Attributes>::attributes())
            }

            fn from_value(value: &$crate::Value) -> Result<Self, String> {
                if value.is_null() || value.is_unknown() {
                    return <Self as $crate::Attributes>::from_object(&$crate::Object::new());
                }
                let object = value.as_object().ok_or_else(|| $crate::expected("an object", value))?;
                <Self as $crate::Attributes>::from_object(object)
            }

            fn to_value(&self) -> $crate::Value {
                $crate::Value::Object(<Self as $crate::Attributes>::to_object(self))
            }
        }
    )+ };
    (@rules $kind:ty) => { <$kind as $crate::AttributeType>::rules() };
    (@rules $kind:ty, $rules:expr) => { $crate::rules_of::<$kind, _>($rules) };
    (@text $field:ident) => {
        compile_error!(concat!(
            "`", stringify!($field), "`: write a doc comment, which is the published description"
        ))
    };
    (@text $field:ident $($text:literal)+) => {{
        const TEXT: &str = $crate::doc!($($text),+);
        const _: () = $crate::check_description(TEXT);
        TEXT
    }};
    ($(#[$attribute:meta])* pub struct $name:ident $($rest:tt)*) => {
        compile_error!(concat!(
            "`", stringify!($name), "`: write a doc comment above the struct, and each field as \
            `/// Description.` `name: Type = rule,`"
        ));
    };
}

#[cfg(test)]
mod tests {
    use crate::*;

    attributes! {
        /// A thing.
        pub struct Thing {
            /// Names it.
            name: String = key(),
            /// Says how many,
            /// in two lines.
            count: Option<i64> = default(3),
            /// Parts of it.
            parts: Option<Set<Part>>,
        }

        /// A part.
        pub struct Part {
            /// Whether it is there.
            here: bool,
        }
    }

    #[test]
    fn a_declaration_is_schema_and_model_at_once() {
        let attributes = Thing::attributes();
        assert!(attributes[0].rules.required && attributes[0].rules.replaces);
        assert_eq!(attributes[1].description, "Says how many,\nin two lines.");
        assert_eq!(attributes[1].rules.default, Some(Value::from(3)));
        assert!(attributes[2].rules.optional && attributes[2].kind.nested().is_some());
        let thing = Thing {
            name: "x".into(),
            count: None,
            parts: Some(Set(vec![Part { here: true }])),
        };
        assert_eq!(Thing::from_object(&thing.to_object()), Ok(thing));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_reported() {
        let object = Object::from([("name".to_owned(), Value::Bool(true))]);
        assert_eq!(
            Thing::from_object(&object).unwrap_err(),
            "name: expected a string, got a bool"
        );
    }
}
