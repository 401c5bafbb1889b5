//! The JSON form of values, as stored in state files. It is decoded without a schema first, and then conformed to one.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization as _;

use super::{Fault, type_json};
use terraform::{Name, Number, Object, Trail, Type, Value};

/// Decodes JSON without a schema: arrays become lists, objects become objects.
pub(super) fn decode(bytes: &[u8]) -> Result<Value, Fault> {
    let stored: Stored = serde_json::from_slice(bytes)
        .map_err(|error| Fault::new(&Trail::default(), format!("It is not JSON: {error}")))?;
    Ok(stored.0)
}

/// Deserializes directly into a value; JSON values in between would take several times the memory.
struct Stored(Value);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Reading).map(Self)
    }
}

struct Reading;

/// `serde_json` passes a number that does not fit into a short integer as an object with this member, so that no digit is lost.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(normalized(text).into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Stored(element)) = parts.next_element()? {
            elements.push(element);
        }
        Ok(Value::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(name)) = parts.next_key()? {
            if members.is_empty() && name == NUMBER {
                let digits: String = parts.next_value()?;
                let number = parsed(&digits).map_err(A::Error::custom)?;
                return Ok(Value::Number(number));
            }
            let Stored(member) = parts.next_value()?;
            members.push((name, member));
        }
        Ok(Value::Object(members.into_iter().collect()))
    }
}

struct Key(Name);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_str(Naming).map(Self)
    }
}

struct Naming;

impl Visitor<'_> for Naming {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
        Ok(Name::shared(&normalized(text)))
    }
}

/// Returns Unicode normal form C, in which the CLI compares strings.
pub(super) fn normalized(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// More digits than any number has; parsing decimal digits takes quadratic time.
const LONGEST_NUMBER: usize = 40_000;

pub(super) fn number_from(text: &str, at: &Trail) -> Result<Number, Fault> {
    parsed(text).map_err(|problem| Fault::new(at, problem))
}

fn parsed(text: &str) -> Result<Number, &'static str> {
    if text.len() > LONGEST_NUMBER {
        return Err("The number has too many digits");
    }
    text.parse().map_err(|_| "A number was expected")
}

/// Converts `value`, decoded without a schema, to the type `of`.
///
/// Lenient, as required for stored objects: attributes that are not in the type are dropped, and missing attributes are null.
pub(crate) fn conform(of: &Type, value: Value, at: &Trail) -> Result<Value, Fault> {
    match (of, value) {
        (_, value @ (Value::Null | Value::Unknown))
        | (Type::Bool, value @ Value::Bool(_))
        | (Type::Number, value @ Value::Number(_))
        | (Type::String, value @ Value::String(_))
        | (Type::Dynamic, value @ Value::Dynamic(..)) => Ok(value),
        (Type::Dynamic, Value::Object(members)) => dynamic(members, at),
        (Type::List(of), Value::List(elements) | Value::Set(elements)) => Ok(Value::List(
            elements
                .into_iter()
                .enumerate()
                .map(|(index, element)| conform(of, element, &at.index(index)))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Set(of), Value::List(elements) | Value::Set(elements)) => Ok(Value::set(
            elements
                .into_iter()
                .map(|element| conform(of, element, at))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Tuple(of), Value::List(elements)) if of.len() == elements.len() => Ok(Value::List(
            of.iter()
                .zip(elements)
                .enumerate()
                .map(|(index, (of, element))| conform(of, element, &at.index(index)))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Map(of), Value::Object(members) | Value::Map(members)) => Ok(Value::Map(
            members
                .into_iter()
                .map(|(key, member)| {
                    let member = conform(of, member, &at.key(&key))?;
                    Ok((key, member))
                })
                .collect::<Result<_, Fault>>()?,
        )),
        (Type::Object(of), Value::Object(mut members) | Value::Map(mut members)) => {
            let mut result = Vec::with_capacity(of.len());
            for (name, of) in of {
                let member = members.get_mut(name).map(std::mem::take);
                let member = conform(of, member.unwrap_or_default(), &at.attribute(name))?;
                result.push((name.clone(), member));
            }
            Ok(Value::Object(result.into_iter().collect()))
        }
        (of, value) => Err(Fault::new(
            at,
            format!("Expected {}, got {}", noun(of), value.noun()),
        )),
    }
}

/// Decodes `{"type": …, "value": …}`.
fn dynamic(mut members: Object, at: &Trail) -> Result<Value, Fault> {
    let of = members
        .get("type")
        .and_then(|of| type_json::type_from_json(&to_json(of)))
        .ok_or_else(|| Fault::new(at, "A value of any type must come with its type"))?;
    let value = conform(&of, members.remove("value").unwrap_or_default(), at)?;
    Ok(Value::Dynamic(Box::new(of), Box::new(value)))
}

/// Only for types, which consist of strings, arrays and objects.
fn to_json(value: &Value) -> Json {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::List(elements) => elements.iter().map(to_json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.to_string(), to_json(member)))
            .collect(),
        _ => Json::Null,
    }
}

/// The name for a value of the type in a message.
pub(super) fn noun(of: &Type) -> &'static str {
    match of {
        Type::Bool => "a bool",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Dynamic => "a value with its type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Tuple(_) => "a list of fixed length",
        Type::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Type)]) -> Type {
        Type::Object(
            members
                .iter()
                .map(|(name, of)| (Name::shared(name), of.clone()))
                .collect(),
        )
    }

    fn read(of: &Type, json: &str) -> Result<Value, Fault> {
        conform(of, decode(json.as_bytes())?, &Trail::default())
    }

    #[test]
    fn stored_objects_are_decoded_leniently() {
        let of = object(&[
            ("name", Type::String),
            ("tags", Type::Set(Box::new(Type::String))),
            ("notes", Type::Map(Box::new(Type::Number))),
            ("new", Type::Bool),
        ]);
        let value = read(
            &of,
            r#"{"name":"e\u0301","tags":["b","a","b"],"notes":{"x":0.1},"gone":[1]}"#,
        )
        .unwrap();
        assert_eq!(value.member("name"), &Value::from("\u{e9}"));
        assert_eq!(
            value.member("tags"),
            &Value::set(vec!["a".into(), "b".into()])
        );
        assert_eq!(
            value.member("notes").member("x"),
            &Value::Number("0.1".parse().unwrap())
        );
        assert_eq!(value.member("new"), &Value::Null);
        assert_eq!(value.as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_reported() {
        let of = object(&[("parts", Type::List(Box::new(object(&[("on", Type::Bool)]))))]);
        let fault = read(&of, r#"{"parts":[{"on":true},{"on":"yes"}]}"#).unwrap_err();
        assert_eq!(fault.path.to_string(), "parts[1].on");
        assert_eq!(fault.problem, "Expected a bool, got a string");
        assert!(
            decode(b"{")
                .unwrap_err()
                .problem
                .starts_with("It is not JSON")
        );
        let deep = "[".repeat(1_000_000);
        assert!(decode(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_dynamic_value_contains_its_type() {
        let value = read(
            &Type::Dynamic,
            r#"{"type":["list","number"],"value":[123456789012345678901234567890]}"#,
        )
        .unwrap();
        let number = "123456789012345678901234567890".parse().unwrap();
        assert_eq!(
            value,
            Value::Dynamic(
                Box::new(Type::List(Box::new(Type::Number))),
                Box::new(Value::List(vec![Value::Number(number)]))
            )
        );
        assert!(read(&Type::Dynamic, r#"{"value":1}"#).is_err());
    }
}
