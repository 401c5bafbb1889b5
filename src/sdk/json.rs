//! Converts attributes to Graph's JSON and back, based on the schema alone.

use serde_json::{Map, Value as Json};

use terraform::{Attribute, Kind, Number, Object, Value};

/// Returns the body that creates or replaces `value`: all set attributes except those that only Graph can set.
pub fn body(attributes: &[Attribute], value: &Value) -> Json {
    let mut body = everything(attributes, value);
    if let Json::Object(members) = &mut body {
        members.retain(|_, value| !value.is_null());
    }
    body
}

/// Returns the body that turns `prior` into `planned`: the top-level members that differ, each complete; null clears a member.
///
/// Whether Graph merges or replaces complex values in a PATCH is not documented, so they are always sent whole.
pub fn changes(attributes: &[Attribute], prior: &Value, planned: &Value) -> Json {
    let differs =
        |attribute: &&Attribute| prior.member(attribute.name) != planned.member(attribute.name);
    let members = attributes
        .iter()
        .filter(|attribute| is_sent(attribute))
        .filter(differs);
    Json::Object(
        members
            .map(|attribute| member(attribute, planned.member(attribute.name)))
            .collect(),
    )
}

/// Adds to `body` the members of `all` that `which` also has.
pub fn add(body: &mut Json, all: &Json, which: &Json) {
    for (name, _) in which.as_object().into_iter().flatten() {
        if let Some(value) = all.get(name) {
            body[name.as_str()] = value.clone();
        }
    }
}

/// Returns all attributes that can be sent; unset ones are null.
pub fn everything(attributes: &[Attribute], value: &Value) -> Json {
    let members = attributes.iter().filter(|attribute| is_sent(attribute));
    Json::Object(
        members
            .map(|attribute| member(attribute, value.member(attribute.name)))
            .collect(),
    )
}

/// Whether `found` equals `stored` in all attributes that can be sent.
pub fn agree(attributes: &[Attribute], stored: &Value, found: Value) -> bool {
    let found = terraform::keep_spelling(attributes, stored, found);
    attributes
        .iter()
        .filter(|attribute| is_written(attribute))
        .all(|attribute| found.member(attribute.name) == stored.member(attribute.name))
}

fn is_written(attribute: &Attribute) -> bool {
    !attribute.rules.local && (attribute.rules.required || attribute.rules.optional)
}

/// Whether it is a member of the object's request bodies.
pub(crate) fn is_sent(attribute: &Attribute) -> bool {
    is_written(attribute) && !attribute.rules.apart
}

fn member(attribute: &Attribute, value: &Value) -> (String, Json) {
    (attribute.json_name(), to_json(&attribute.kind, value))
}

fn to_json(kind: &Kind, value: &Value) -> Json {
    match (kind, value) {
        (_, Value::Bool(truth)) => Json::Bool(*truth),
        (_, Value::Number(number)) => number.to_string().parse().map_or(Json::Null, Json::Number),
        (_, Value::String(text)) => Json::String(text.clone()),
        (Kind::List(of) | Kind::Set(of), Value::List(elements) | Value::Set(elements)) => {
            Json::Array(
                elements
                    .iter()
                    .map(|element| to_json(of, element))
                    .collect(),
            )
        }
        (Kind::Map(of), Value::Map(elements)) => Json::Object(
            elements
                .iter()
                .map(|(key, element)| (key.to_string(), to_json(of, element)))
                .collect(),
        ),
        (Kind::Object(attributes), Value::Object(_)) => body(attributes, value),
        // Unknown and null values are left to Graph.
        _ => Json::Null,
    }
}

/// A response whose structure differs from the documented one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexpectedShape {
    /// The path of the member, with dots.
    pub member: String,
    /// The expected and the actual value.
    pub problem: String,
}

/// Reads an object from Graph's response. Missing members are null, unknown members are ignored.
pub fn read(attributes: &[Attribute], answer: &Json) -> Result<Value, UnexpectedShape> {
    let empty = Map::new();
    let members = answer.as_object().unwrap_or(&empty);
    let mut object = Object::new();
    for attribute in attributes {
        let name = attribute.json_name();
        let value = match members.get(&name) {
            Some(json) if !attribute.rules.local && !attribute.rules.apart => {
                from_json(&attribute.kind, json).map_err(|unexpected| unexpected.inside(&name))?
            }
            _ => Value::Null,
        };
        object.insert(attribute.name, value);
    }
    Ok(Value::Object(object))
}

impl UnexpectedShape {
    fn new(expected: &str, json: &Json) -> Self {
        let mut got = json.to_string();
        if got.chars().count() > 60 {
            got = got.chars().take(60).chain("…".chars()).collect();
        }
        Self {
            member: String::new(),
            problem: format!("expected {expected}, got {got}"),
        }
    }

    fn inside(mut self, name: &str) -> Self {
        self.member = if self.member.is_empty() {
            name.to_owned()
        } else {
            format!("{name}.{}", self.member)
        };
        self
    }
}

fn from_json(kind: &Kind, json: &Json) -> Result<Value, UnexpectedShape> {
    match (kind, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Kind::Bool, Json::Bool(truth)) => Ok(Value::Bool(*truth)),
        (Kind::Number, Json::Number(number)) => number
            .to_string()
            .parse::<Number>()
            .map(Value::Number)
            .map_err(|_| UnexpectedShape::new("a number", json)),
        (Kind::String, Json::String(text)) => Ok(Value::String(text.clone())),
        (Kind::List(of), Json::Array(elements)) => elements
            .iter()
            .map(|element| from_json(of, element))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (Kind::Set(of), Json::Array(elements)) => elements
            .iter()
            .map(|element| from_json(of, element))
            .collect::<Result<_, _>>()
            .map(Value::set),
        (Kind::Map(of), Json::Object(elements)) => elements
            .iter()
            .map(|(key, element)| {
                Ok((
                    key.clone(),
                    from_json(of, element).map_err(|unexpected| unexpected.inside(key))?,
                ))
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Kind::Object(attributes), Json::Object(_)) => {
            let object = read(attributes, json)?;
            // Graph writes an unset complex value as null or as an object of nulls; both mean the same.
            let unset = object
                .as_object()
                .is_some_and(|members| members.values().all(Value::is_null));
            Ok(if unset { Value::Null } else { object })
        }
        (Kind::Bool, json) => Err(UnexpectedShape::new("a bool", json)),
        (Kind::Number, json) => Err(UnexpectedShape::new("a number", json)),
        (Kind::String, json) => Err(UnexpectedShape::new("a string", json)),
        (Kind::List(_) | Kind::Set(_), json) => Err(UnexpectedShape::new("an array", json)),
        (_, json) => Err(UnexpectedShape::new("an object", json)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use terraform::{
        AttributeType, Attributes, Set, attributes, default, key, optional, read_only,
    };

    attributes! {
        /// An object of Graph's.
        pub struct Thing {
            /// Names it.
            tenant_id: String = key(),
            /// Only Graph sets it.
            made_by: Option<String> = read_only(),
            /// Only Terraform knows it.
            purge: Option<bool> = default(false).local(),
            /// Has an odd name.
            odd: Option<bool> = optional().named("isODD"),
            /// Parts.
            some_parts: Option<Set<Part>>,
        }

        /// A part.
        pub struct Part {
            /// Kind of the target.
            target_type: String,
            /// How many.
            how_many: Option<i64>,
        }
    }

    fn thing() -> Thing {
        let parts = ["b", "a"].map(|target_type| Part {
            target_type: target_type.into(),
            how_many: None,
        });
        Thing {
            tenant_id: "t".into(),
            made_by: Some("g".into()),
            purge: Some(true),
            odd: None,
            some_parts: Some(Set(parts.into())),
        }
    }

    #[test]
    fn a_body_says_what_is_set_and_nothing_else() {
        let expected =
            json!({ "tenantId": "t", "someParts": [{ "targetType": "a" }, { "targetType": "b" }] });
        assert_eq!(body(&Thing::attributes(), &thing().to_value()), expected);
    }

    #[test]
    fn a_change_is_sent_whole_and_a_removal_as_null() {
        let after = Thing {
            some_parts: None,
            odd: Some(true),
            purge: None,
            ..thing()
        };
        let body = changes(&Thing::attributes(), &thing().to_value(), &after.to_value());
        assert_eq!(body, json!({ "isODD": true, "someParts": null }));
    }

    #[test]
    fn answers_are_read_by_the_same_names() {
        let answer = json!({ "tenantId": "t", "madeBy": "g", "purge": true, "new": 1, "isODD": null,
            "someParts": [{ "targetType": "a", "howMany": 30 }] });
        let value = read(&Thing::attributes(), &answer).unwrap();
        assert_eq!(value.member("purge"), &Value::Null);
        assert_eq!(
            value.member("some_parts").as_elements().unwrap()[0].member("how_many"),
            &Value::from(30)
        );
    }

    #[test]
    fn an_odd_answer_is_named() {
        let unexpected = read(
            &Thing::attributes(),
            &json!({ "someParts": [{ "targetType": 7 }] }),
        )
        .unwrap_err();
        assert_eq!(
            (unexpected.member.as_str(), unexpected.problem.as_str()),
            ("someParts.targetType", "expected a string, got 7")
        );
    }
}
