//! Encodes and decodes values: MessagePack and JSON to [`Value`] and back, according to the type of the schema.
//!
//! It makes no decisions: a value that does not fit the type is a [`Fault`] with the path to it.

mod json;
mod msgpack;
mod packed;
mod type_json;

use std::fmt;

use proto::tfplugin6::{DynamicValue, RawState};
use terraform::{Diagnostic, Name, Path, Schema, Trail, Type, Value};

pub(super) use json::conform;
pub(super) use type_json::type_to_json;

/// A value that does not fit its type, or bytes that are not a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    path: Path,
    problem: String,
}

impl Fault {
    fn new(at: &Trail, problem: impl fmt::Display) -> Self {
        Self {
            path: at.path(),
            problem: problem.to_string(),
        }
    }

    /// Converts the fault to a diagnostic; `what` is the value that contains it.
    pub fn diagnostic(self, what: &str) -> Diagnostic {
        let place = match self.path.0.len() {
            0 => String::new(),
            _ => format!(" `{}`:", self.path),
        };
        let detail = format!(
            "The {what} does not fit the schema of this provider.{place} {}.",
            self.problem
        );
        let diagnostic = Diagnostic::error("Malformed value", detail);
        match self.path.0.len() {
            0 => diagnostic,
            _ => diagnostic.at(self.path),
        }
    }
}

/// The type of an object of `schema`.
pub fn object_type(schema: &Schema) -> Type {
    Type::Object(
        schema
            .attributes
            .iter()
            .map(|attribute| (Name::from(attribute.name), attribute.kind.value_type()))
            .collect(),
    )
}

/// Decodes a value from the CLI. No value at all is null.
///
/// # Errors
///
/// The bytes are not a value, or not one of this type.
pub fn decode(of: &Type, value: Option<&DynamicValue>) -> Result<Value, Fault> {
    match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(of, &value.msgpack),
        Some(value) if !value.json.is_empty() => {
            conform(of, json::decode(&value.json)?, &Trail::default())
        }
        _ => Ok(Value::Null),
    }
}

/// Encodes a wholly known value for the CLI, always in MessagePack. An unknown value has no JSON form, to which the CLI converts
/// everything at some point.
///
/// # Errors
///
/// The value is not of this type, or a part of it is unknown.
pub fn encode(of: &Type, value: &Value) -> Result<DynamicValue, Fault> {
    match first_unknown(value, &Trail::default()) {
        None => encode_with_unknowns(of, value),
        Some(path) => Err(Fault {
            path,
            problem: "The value is not known".to_owned(),
        }),
    }
}

/// Encodes a value for the few places where the protocol allows unknown values: planned objects, and results of functions with
/// unknown arguments.
///
/// # Errors
///
/// The value is not of this type.
pub fn encode_with_unknowns(of: &Type, value: &Value) -> Result<DynamicValue, Fault> {
    Ok(DynamicValue {
        msgpack: msgpack::encode(of, value)?.into(),
        json: Vec::new().into(),
    })
}

/// Returns the path of the first unknown part of a value. Elements of sets have no path of their own.
fn first_unknown(value: &Value, at: &Trail) -> Option<Path> {
    match value {
        Value::Unknown => Some(at.path()),
        Value::List(elements) => elements
            .iter()
            .enumerate()
            .find_map(|(index, element)| first_unknown(element, &at.index(index))),
        Value::Set(elements) => elements
            .iter()
            .find_map(|element| first_unknown(element, at)),
        Value::Map(members) => members
            .iter()
            .find_map(|(key, member)| first_unknown(member, &at.key(key))),
        Value::Object(members) => members
            .iter()
            .find_map(|(name, member)| first_unknown(member, &at.attribute(name))),
        Value::Dynamic(_, value) => first_unknown(value, at),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Decodes a stored object without a schema, because its own may no longer exist.
///
/// # Errors
///
/// The bytes are not JSON.
pub fn decode_raw(state: Option<&RawState>) -> Result<Value, Fault> {
    match state {
        Some(state) if !state.json.is_empty() => json::decode(&state.json),
        Some(state) if !state.flatmap.is_empty() => Err(Fault::new(
            &Trail::default(),
            "It was stored by Terraform 0.11 or earlier, before this provider existed",
        )),
        _ => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Value)]) -> Value {
        let named = members.iter().cloned();
        Value::Object(
            named
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn an_unknown_part_is_rejected_at_any_depth() {
        let text = || Box::new(Type::String);
        let nested = Type::Object([("c".into(), Type::String)].into());
        for (of, value, path) in [
            (Type::String, Value::Unknown, ""),
            (
                Type::List(text()),
                Value::List(vec!["a".into(), Value::Unknown]),
                "[1]",
            ),
            (Type::Set(text()), Value::set(vec![Value::Unknown]), ""),
            (
                Type::Map(text()),
                Value::Map([("k".to_owned(), Value::Unknown)].into()),
                "[\"k\"]",
            ),
            (
                Type::Dynamic,
                Value::Dynamic(text(), Box::new(Value::Unknown)),
                "",
            ),
            (
                Type::Object([("b".into(), Type::List(Box::new(nested)))].into()),
                object(&[("b", Value::List(vec![object(&[("c", Value::Unknown)])]))]),
                "b[0].c",
            ),
        ] {
            let fault = encode(&of, &value).unwrap_err();
            assert_eq!(fault.problem, "The value is not known");
            assert_eq!(fault.path.to_string(), path);
            assert!(encode_with_unknowns(&of, &value).is_ok());
        }
        assert!(encode(&Type::String, &"a".into()).is_ok());
        assert!(encode(&Type::String, &Value::Null).is_ok());
    }
}
