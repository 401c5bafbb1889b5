//! The JSON form of values, as stored in state files. Without a schema at first, then conformed to one.

use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization as _;

use super::{Fault, type_json};
use crate::terraform::{Number, Object, Path, Type, Value};

/// Reads JSON without a schema: arrays become lists, objects become objects.
pub(super) fn decode(bytes: &[u8]) -> Result<Value, Fault> {
    let json: Json = serde_json::from_slice(bytes)
        .map_err(|error| Fault::new(&Path::default(), format!("It is not JSON: {error}")))?;
    from_json(json, &Path::default())
}

fn from_json(json: Json, at: &Path) -> Result<Value, Fault> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => Value::Number(number_from(number.as_str(), at)?),
        Json::String(text) => Value::String(normalized(&text)),
        Json::Array(elements) => Value::List(
            elements
                .into_iter()
                .enumerate()
                .map(|(index, element)| from_json(element, &at.index(index)))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| {
                    let member = from_json(member, &at.attribute(&name))?;
                    Ok((normalized(&name), member))
                })
                .collect::<Result<_, Fault>>()?,
        ),
    })
}

/// Unicode normal form C, which is what the CLI compares in.
pub(super) fn normalized(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfc().collect()
}

/// Longer than any number that is written out; reading decimal digits takes quadratic time.
const LONGEST_NUMBER: usize = 40_000;

pub(super) fn number_from(text: &str, at: &Path) -> Result<Number, Fault> {
    if text.len() > LONGEST_NUMBER {
        return Err(Fault::new(at, "The number has too many digits"));
    }
    text.parse()
        .map_err(|_| Fault::new(at, "A number was expected"))
}

/// Makes `value`, decoded without a schema, a value of the type `of`.
///
/// Lenient as stored objects need it: attributes that are not in the type are dropped, attributes that are missing are null.
pub(in crate::protocol) fn conform(of: &Type, value: Value, at: &Path) -> Result<Value, Fault> {
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
            let mut result = Object::new();
            for (name, of) in of {
                let member = members.remove(name).unwrap_or_default();
                result.insert(name.clone(), conform(of, member, &at.attribute(name))?);
            }
            Ok(Value::Object(result))
        }
        (of, value) => Err(Fault::new(
            at,
            format!("Expected {}, got {}", noun(of), value.noun()),
        )),
    }
}

/// `{"type": …, "value": …}`.
fn dynamic(mut members: Object, at: &Path) -> Result<Value, Fault> {
    let of = members
        .get("type")
        .and_then(|of| type_json::type_from_json(&to_json(of)))
        .ok_or_else(|| Fault::new(at, "A value of any type must come with its type"))?;
    let value = conform(&of, members.remove("value").unwrap_or_default(), at)?;
    Ok(Value::Dynamic(Box::new(of), Box::new(value)))
}

/// Only for types, which hold texts, arrays and objects.
fn to_json(value: &Value) -> Json {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::List(elements) => elements.iter().map(to_json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), to_json(member)))
            .collect(),
        _ => Json::Null,
    }
}

/// What to call a value of the type in a message.
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
                .map(|(name, of)| ((*name).to_owned(), of.clone()))
                .collect(),
        )
    }

    fn read(of: &Type, json: &str) -> Result<Value, Fault> {
        conform(of, decode(json.as_bytes())?, &Path::default())
    }

    #[test]
    fn stored_objects_are_read_leniently() {
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
    fn what_does_not_fit_is_named() {
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
    fn a_value_of_any_type_brings_its_type() {
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
