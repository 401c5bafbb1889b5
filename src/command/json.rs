//! Converts values of Terraform to JSON, for `--json`.

use serde_json::{Map, Number, Value as Json};

use terraform::Value;

/// The value as `terraform output -json` would write it. Unknown values become null.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(number) => Json::Number(Number::from_string_unchecked(number.to_string())),
        Value::String(text) => Json::String(text.clone()),
        Value::List(elements) | Value::Set(elements) => elements.iter().map(json).collect(),
        Value::Map(members) | Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.to_string(), json(value)));
            Json::Object(members.collect::<Map<_, _>>())
        }
        Value::Dynamic(_, value) => json(value),
    }
}

/// The string value of a member, if it has one.
pub(super) fn text(value: &Value, member: &str) -> Option<String> {
    value.member(member).as_str().map(str::to_owned)
}

/// The integer value of a member, if it has one.
pub(super) fn number(value: &Value, member: &str) -> Option<i64> {
    match value.member(member) {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// A JSON document, indented for readability.
pub(super) fn document(json: &Json) -> String {
    format!("{json:#}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json as expected;

    use super::*;

    #[test]
    fn values_keep_their_shape() {
        let value = Value::Object(
            [
                ("text".to_owned(), Value::from("a")),
                ("number".to_owned(), Value::from(3)),
                (
                    "list".to_owned(),
                    Value::List(vec![true.into(), Value::Unknown]),
                ),
            ]
            .into(),
        );
        assert_eq!(
            json(&value),
            expected!({ "text": "a", "number": 3, "list": [true, null] })
        );
        assert_eq!(
            (text(&value, "text"), text(&value, "number")),
            (Some("a".to_owned()), None)
        );
        assert_eq!(
            (number(&value, "number"), number(&value, "text")),
            (Some(3), None)
        );
    }
}
