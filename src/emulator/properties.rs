//! The properties that a request body may contain, and those that a response always contains.
//!
//! One description serves both: [`check`] refuses unknown, read-only and wrongly typed properties as Graph does, and [`complete`] adds the
//! nulls that Graph returns for properties that were never set.

use serde_json::{Map, Value};

use super::reply::Refusal;

/// The type of a property.
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    Guid,
    Time,
    /// Exactly one of these words.
    OneOf(&'static [&'static str]),
    /// A comma-separated selection of these words.
    Flags(&'static [&'static str]),
    Object(&'static [Field]),
    List(&'static Kind),
    /// Any value: a part of a document that the emulator does not interpret.
    Any,
}

/// Restrictions on setting a property.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Access {
    Write,
    /// Required when the object is created; cannot be changed.
    Key,
    /// Required when the object is created; can be changed.
    Required,
    ReadOnly,
    /// Exists in beta only.
    Beta,
    /// Read-only, and in beta only.
    BetaReadOnly,
}

/// One property.
pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
    access: Access,
}

/// A writable property.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        access: Access::Write,
    }
}

/// A property with a special rule.
pub(super) const fn ruled(name: &'static str, kind: Kind, access: Access) -> Field {
    Field { name, kind, access }
}

/// The operation of the request, and the version of Graph.
#[derive(Clone, Copy)]
pub(super) struct Intent {
    pub(super) creating: bool,
    pub(super) beta: bool,
}

/// Refuses a body that is not an object with these properties.
pub(super) fn check(body: &Value, shape: &[Field], intent: Intent) -> Result<(), Refusal> {
    let Some(object) = body.as_object() else {
        return Err(Refusal::gateway(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        ));
    };
    members(object, shape, intent, true)?;
    if intent.creating {
        for field in shape {
            if matches!(field.access, Access::Key | Access::Required)
                && object.get(field.name).is_none_or(Value::is_null)
            {
                return Err(Refusal::bad(format!(
                    "A value is required for property '{}' of resource.",
                    field.name
                )));
            }
        }
    }
    Ok(())
}

fn members(
    object: &Map<String, Value>,
    shape: &[Field],
    intent: Intent,
    top: bool,
) -> Result<(), Refusal> {
    for (name, value) in object {
        if name.contains('@') {
            continue; // Annotations such as @odata.type are ignored.
        }
        let known = shape.iter().find(|field| {
            field.name == name
                && (intent.beta || !matches!(field.access, Access::Beta | Access::BetaReadOnly))
        });
        let Some(field) = known else {
            return Err(Refusal::bad(format!("Invalid property '{name}'.")));
        };
        let fixed = match field.access {
            Access::ReadOnly | Access::BetaReadOnly => true,
            Access::Key => top && !intent.creating,
            _ => false,
        };
        if fixed {
            return Err(Refusal::bad(format!(
                "Property '{name}' is read-only and cannot be set."
            )));
        }
        value_of(name, value, &field.kind, intent)?;
    }
    Ok(())
}

fn value_of(name: &str, value: &Value, kind: &Kind, intent: Intent) -> Result<(), Refusal> {
    if value.is_null() {
        return Ok(()); // In Graph's descriptions, every property is nullable.
    }
    let right = match kind {
        Kind::Any => true,
        Kind::Bool => value.is_boolean(),
        Kind::Int => value.as_i64().is_some(),
        Kind::Text => value.is_string(),
        Kind::Guid => value.as_str().is_some_and(is_guid),
        Kind::Time => value
            .as_str()
            .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Kind::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        Kind::Flags(words) => value.as_str().is_some_and(|text| {
            text.is_empty() || text.split(',').all(|word| words.contains(&word.trim()))
        }),
        Kind::Object(shape) => match value.as_object() {
            Some(object) => return members(object, shape, intent, false),
            None => false,
        },
        Kind::List(item) => match value.as_array() {
            Some(items) => {
                return items
                    .iter()
                    .try_for_each(|entry| value_of(name, entry, item, intent));
            }
            None => false,
        },
    };
    if right {
        return Ok(());
    }
    Err(Refusal::bad(format!(
        "Invalid value specified for property '{name}' of resource."
    )))
}

/// The value with every property of the list; those that were not set are null.
pub(super) fn complete(
    object: &Map<String, Value>,
    shape: &[Field],
    beta: bool,
) -> Map<String, Value> {
    let mut full = Map::new();
    for field in shape {
        if !beta && matches!(field.access, Access::Beta | Access::BetaReadOnly) {
            continue;
        }
        let value = object.get(field.name).cloned().unwrap_or(Value::Null);
        full.insert(field.name.to_owned(), filled(value, &field.kind, beta));
    }
    full
}

fn filled(value: Value, kind: &Kind, beta: bool) -> Value {
    match (value, kind) {
        (Value::Object(inner), Kind::Object(shape)) => Value::Object(complete(&inner, shape, beta)),
        (Value::Array(items), Kind::List(item)) => items
            .into_iter()
            .map(|entry| filled(entry, item, beta))
            .collect(),
        (value, _) => value,
    }
}

/// Whether the text is a GUID in Microsoft's form: 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                c == '-'
            } else {
                c.is_ascii_hexdigit()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const INNER: &[Field] = &[
        field("on", Kind::Bool),
        ruled("preview", Kind::Bool, Access::Beta),
    ];
    const OUTER: &[Field] = &[
        ruled("id", Kind::Guid, Access::Key),
        ruled("state", Kind::Text, Access::ReadOnly),
        field("color", Kind::OneOf(&["red", "blue"])),
        field("inner", Kind::Object(INNER)),
        field("names", Kind::List(&Kind::Text)),
    ];
    const ID: &str = "0f0e0d0c-0b0a-4909-8807-060504030201";

    fn refused(body: &Value, creating: bool, beta: bool) -> Option<String> {
        check(body, OUTER, Intent { creating, beta })
            .err()
            .map(|refusal| refusal.message)
    }

    #[test]
    fn right_bodies_pass() {
        assert_eq!(
            refused(
                &json!({"id": ID, "color": null, "inner": {"on": true}, "names": ["a"], "@odata.type": "x"}),
                true,
                false
            ),
            None
        );
        assert_eq!(
            refused(&json!({"inner": {"preview": true}}), false, true),
            None
        );
    }

    #[test]
    fn wrong_bodies_are_refused_by_name() {
        for (body, creating, word) in [
            (json!({}), true, "'id'"),
            (json!({"id": "x"}), true, "'id'"),
            (json!({"id": ID}), false, "'id'"),
            (json!({"state": "on"}), false, "'state'"),
            (json!({"color": "green"}), false, "'color'"),
            (json!({"inner": {"off": true}}), false, "'off'"),
            (json!({"inner": {"preview": true}}), false, "'preview'"),
            (json!({"inner": {"on": "yes"}}), false, "'on'"),
            (json!({"names": [1]}), false, "'names'"),
            (json!({"names": "a"}), false, "'names'"),
        ] {
            let message = refused(&body, creating, false).unwrap_or_default();
            assert!(message.contains(word), "{body} gave '{message}'");
        }
        assert!(refused(&json!([]), true, false).is_some());
    }

    #[test]
    fn answers_are_completed_with_nulls() {
        let body = json!({"inner": {"on": true}});
        let full = complete(body.as_object().unwrap(), OUTER, false);
        assert_eq!(
            Value::Object(full),
            json!({"id": null, "state": null, "color": null, "inner": {"on": true}, "names": null})
        );
    }
}
