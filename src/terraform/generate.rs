//! Generates the minimal configuration that leaves an existing object as it is.

use super::{Attribute, Kind, Value};

/// Returns the configuration of `object`: without attributes that are read-only, deprecated, equal to their default, or local to
/// Terraform.
#[must_use]
pub fn generate(attributes: &[Attribute], object: &Value) -> Value {
    let Value::Object(members) = object else {
        return object.clone();
    };
    let mut config = members.clone();
    for attribute in attributes {
        if let Some(member) = config.get_mut(attribute.name) {
            *member = if is_left_out(attribute, member) {
                Value::Null
            } else {
                inside(&attribute.kind, member)
            };
        }
    }
    Value::Object(config)
}

fn is_left_out(attribute: &Attribute, value: &Value) -> bool {
    let rules = &attribute.rules;
    if rules.required {
        return false;
    }
    !rules.optional
        || rules.write_only
        || rules.deprecated.is_some()
        || rules.local
        || rules.default.as_ref() == Some(value)
        || rules.neutral.as_ref() == Some(value)
}

/// Returns a nested object that must be written, because its presence may have a meaning: if all its attributes have their
/// defaults, with these defaults.
fn part(attributes: &[Attribute], object: &Value) -> Value {
    let mut config = generate(attributes, object);
    let is_empty = config
        .as_object()
        .is_some_and(|members| members.values().all(Value::is_null));
    if is_empty {
        for attribute in attributes {
            if attribute.rules.default.is_some() && !attribute.rules.local {
                config.set_member(attribute.name, object.member(attribute.name).clone());
            }
        }
    }
    config
}

fn inside(kind: &Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Object(attributes), value) => part(attributes, value),
        (Kind::List(of), Value::List(elements)) => {
            Value::List(elements.iter().map(|element| inside(of, element)).collect())
        }
        (Kind::Set(of), Value::Set(elements)) => {
            Value::set(elements.iter().map(|element| inside(of, element)).collect())
        }
        (Kind::Map(of), Value::Map(elements)) => Value::Map(
            elements
                .iter()
                .map(|(key, element)| (key.clone(), inside(of, element)))
                .collect(),
        ),
        (_, value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rules, plan};

    fn attribute(name: &'static str, kind: Kind, rules: Rules) -> Attribute {
        Attribute::new(name, "Described.", kind, rules)
    }

    fn attributes() -> Vec<Attribute> {
        let part = || {
            Kind::Object(vec![
                attribute("choice", Kind::String, Rules::required()),
                attribute("on", Kind::Bool, Rules::with_default(true)),
                attribute("id", Kind::String, Rules::read_only()),
            ])
        };
        vec![
            attribute("name", Kind::String, Rules::required()),
            attribute("id", Kind::String, Rules::read_only()),
            attribute("limit", Kind::Number, Rules::with_default(500)),
            attribute("role", Kind::String, Rules::computed()),
            attribute("old", Kind::Bool, Rules::optional().deprecated("Gone.")),
            attribute("hidden", Kind::String, Rules::optional().write_only()),
            attribute("timeouts", Kind::String, Rules::optional().local()),
            attribute("part", part(), Rules::optional()),
            attribute("steps", Kind::List(Box::new(part())), Rules::optional()),
            attribute("members", Kind::Set(Box::new(part())), Rules::optional()),
            attribute("named", Kind::Map(Box::new(part())), Rules::optional()),
        ]
    }

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members.iter().cloned();
        Value::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    fn part(on: Value, id: Value) -> Value {
        object(&[("choice", "a".into()), ("on", on), ("id", id)])
    }

    fn whole(limit: i64, part: &Value) -> Value {
        object(&[
            ("name", "n".into()),
            ("id", "1".into()),
            ("limit", limit.into()),
            ("role", "r".into()),
            ("old", true.into()),
            ("hidden", Value::Null),
            ("timeouts", Value::Null),
            ("part", part.clone()),
            ("steps", Value::List(vec![part.clone()])),
            ("members", Value::set(vec![part.clone()])),
            ("named", Value::Map([("k".to_owned(), part.clone())].into())),
        ])
    }

    #[test]
    fn only_relevant_attributes_are_generated() {
        let config = generate(&attributes(), &whole(500, &part(true.into(), "2".into())));
        let bare = part(Value::Null, Value::Null);
        let expected = object(&[
            ("name", "n".into()),
            ("id", Value::Null),
            ("limit", Value::Null),
            ("role", "r".into()),
            ("old", Value::Null),
            ("hidden", Value::Null),
            ("timeouts", Value::Null),
            ("part", bare.clone()),
            ("steps", Value::List(vec![bare.clone()])),
            ("members", Value::set(vec![bare.clone()])),
            ("named", Value::Map([("k".to_owned(), bare)].into())),
        ]);
        assert_eq!(config, expected);
    }

    #[test]
    fn attributes_that_differ_from_the_default_are_generated() {
        let config = generate(&attributes(), &whole(7, &part(false.into(), "2".into())));
        assert_eq!(config.member("limit"), &7.into());
        assert_eq!(config.member("part").member("on"), &false.into());
    }

    #[test]
    fn a_nested_object_with_defaults_only_is_generated() {
        let flag = attribute("on", Kind::Bool, Rules::with_default(false));
        let attributes = [attribute(
            "part",
            Kind::Object(vec![flag]),
            Rules::optional(),
        )];
        let state = object(&[("part", object(&[("on", false.into())]))]);
        assert_eq!(generate(&attributes, &state), state);
        let without = object(&[("part", Value::Null)]);
        assert_eq!(generate(&attributes, &without), without);
    }

    #[test]
    fn the_generated_configuration_plans_no_change() {
        for state in [
            whole(500, &part(true.into(), "2".into())),
            whole(7, &part(false.into(), "2".into())),
        ] {
            let mut state = state;
            state.set_member("old", Value::Null);
            let config = generate(&attributes(), &state);
            assert_eq!(plan(&attributes(), &state, &config).value, state);
        }
    }
}
