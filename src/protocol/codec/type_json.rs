//! The JSON form of types, which is used in schemas and with dynamic values.

use serde_json::Value as Json;

use terraform::{Kind, Name, Type, Value};

/// Encodes a type, for example as `["list","string"]`.
pub(crate) fn type_to_json(of: &Type) -> Json {
    let pair = |name: &str, inner: Json| Json::Array(vec![name.into(), inner]);
    match of {
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::Dynamic => "dynamic".into(),
        Type::List(of) => pair("list", type_to_json(of)),
        Type::Set(of) => pair("set", type_to_json(of)),
        Type::Map(of) => pair("map", type_to_json(of)),
        Type::Tuple(of) => pair("tuple", of.iter().map(type_to_json).collect()),
        Type::Object(members) => pair(
            "object",
            members
                .iter()
                .map(|(name, of)| (name.to_string(), type_to_json(of)))
                .collect(),
        ),
    }
}

/// Decodes a type; `None` if `json` is not one.
pub(super) fn type_from_json(json: &Json) -> Option<Type> {
    match json {
        Json::String(name) => match name.as_str() {
            "bool" => Some(Type::Bool),
            "number" => Some(Type::Number),
            "string" => Some(Type::String),
            "dynamic" => Some(Type::Dynamic),
            _ => None,
        },
        // An optional third element lists the optional attributes of an object; the second contains them as well.
        Json::Array(parts) => match (parts.first()?.as_str()?, parts.get(1)?) {
            ("list", of) => Some(Type::List(Box::new(type_from_json(of)?))),
            ("set", of) => Some(Type::Set(Box::new(type_from_json(of)?))),
            ("map", of) => Some(Type::Map(Box::new(type_from_json(of)?))),
            ("tuple", Json::Array(of)) => Some(Type::Tuple(
                of.iter().map(type_from_json).collect::<Option<_>>()?,
            )),
            ("object", Json::Object(members)) => Some(Type::Object(
                members
                    .iter()
                    .map(|(name, of)| Some((Name::shared(name), type_from_json(of)?)))
                    .collect::<Option<_>>()?,
            )),
            _ => None,
        },
        _ => None,
    }
}

/// Infers the type of a value in a dynamic attribute that has no type of its own.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Null | Value::Unknown | Value::Dynamic(..) => Kind::Dynamic.value_type(),
        Value::List(elements) | Value::Set(elements) => {
            Type::Tuple(elements.iter().map(type_of).collect())
        }
        Value::Map(members) | Value::Object(members) => Type::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), type_of(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_round_trips() {
        for text in [
            r#""bool""#,
            r#"["list",["set","number"]]"#,
            r#"["map","dynamic"]"#,
            r#"["tuple",["string","bool"]]"#,
            r#"["object",{"a":"string","b":["list",["object",{}]]}]"#,
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            let of = type_from_json(&json).unwrap();
            assert_eq!(type_to_json(&of).to_string(), text);
        }
    }

    #[test]
    fn input_that_is_not_a_type_is_rejected() {
        for text in [
            r#""text""#,
            r#"["list"]"#,
            r#"["tuple","string"]"#,
            r#"["object",{"a":1}]"#,
            "[]",
            "3",
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(type_from_json(&json), None, "{text}");
        }
        let optional: Json = serde_json::from_str(r#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert!(type_from_json(&optional).is_some());
    }
}
