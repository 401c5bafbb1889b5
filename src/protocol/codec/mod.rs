//! Values on the wire: MessagePack and JSON to [`Value`] and back, guided by the schema's type.
//!
//! Decides nothing: what does not fit the type is a [`Fault`] with the path to it.

mod json;
mod msgpack;
mod type_json;

use std::fmt;

use super::proto::tfplugin6::{DynamicValue, RawState};
use crate::terraform::{Diagnostic, Path, Schema, Type, Value};

pub(super) use json::conform;
pub(super) use type_json::type_to_json;

/// A value that does not fit its type, or bytes that are no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    path: Path,
    problem: String,
}

impl Fault {
    fn new(path: &Path, problem: impl fmt::Display) -> Self {
        Self {
            path: path.clone(),
            problem: problem.to_string(),
        }
    }

    /// The fault as a message to the user; `what` is the value it was found in.
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

/// The type of a whole object of `schema`.
pub fn object_type(schema: &Schema) -> Type {
    Type::Object(
        schema
            .attributes
            .iter()
            .map(|attribute| (attribute.name.to_owned(), attribute.kind.value_type()))
            .collect(),
    )
}

/// What the CLI sent. Nothing at all is null.
///
/// # Errors
///
/// The bytes are no value, or none of this type.
pub fn decode(of: &Type, value: Option<&DynamicValue>) -> Result<Value, Fault> {
    match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(of, &value.msgpack),
        Some(value) if !value.json.is_empty() => {
            conform(of, json::decode(&value.json)?, &Path::default())
        }
        _ => Ok(Value::Null),
    }
}

/// What the CLI is sent: always MessagePack.
///
/// # Errors
///
/// The value is not of this type.
pub fn encode(of: &Type, value: &Value) -> Result<DynamicValue, Fault> {
    Ok(DynamicValue {
        msgpack: msgpack::encode(of, value)?.into(),
        json: Vec::new().into(),
    })
}

/// A stored object, decoded without a schema: its own may be long gone.
///
/// # Errors
///
/// The bytes are no JSON.
pub fn decode_raw(state: Option<&RawState>) -> Result<Value, Fault> {
    match state {
        Some(state) if !state.json.is_empty() => json::decode(&state.json),
        Some(state) if !state.flatmap.is_empty() => Err(Fault::new(
            &Path::default(),
            "It was stored by Terraform 0.11 or earlier, before this provider existed",
        )),
        _ => Ok(Value::Null),
    }
}
