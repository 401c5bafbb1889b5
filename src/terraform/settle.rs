//! Computes the state to store after a call, from the plan, the prior state and the response of the service.

use super::{Attribute, Kind, Value};

/// Returns the state after a successful apply: the planned value if it is known, the actual one otherwise.
///
/// Services respond late and use their own spelling. Real drift is found by the next refresh.
#[must_use]
pub fn settle(planned: &Value, actual: &Value) -> Value {
    match (planned, actual) {
        (Value::Unknown, Value::Unknown) => Value::Null,
        (Value::Unknown, actual) => actual.clone(),
        (Value::Object(planned), actual) => Value::Object(
            planned
                .iter()
                .map(|(name, planned)| (name.clone(), settle(planned, actual.member(name))))
                .collect(),
        ),
        (Value::Map(planned), actual) => Value::Map(
            planned
                .iter()
                .map(|(key, planned)| (key.clone(), settle(planned, actual.member(key))))
                .collect(),
        ),
        (Value::List(planned), actual) => {
            let answer = |index: usize| {
                actual
                    .as_elements()
                    .and_then(|actual| actual.get(index))
                    .unwrap_or(&Value::Null)
            };
            Value::List(
                planned
                    .iter()
                    .enumerate()
                    .map(|(index, planned)| settle(planned, answer(index)))
                    .collect(),
            )
        }
        (Value::Set(elements), Value::Set(_))
            if !planned.is_wholly_known() && !elements.is_empty() =>
        {
            actual.clone()
        }
        (Value::Set(elements), _) => Value::set(
            elements
                .iter()
                .map(|planned| settle(planned, &Value::Null))
                .collect(),
        ),
        (planned, _) => planned.clone(),
    }
}

/// Returns `actual` with the spelling of `before` wherever both are equivalent.
#[must_use]
pub fn keep_spelling(attributes: &[Attribute], before: &Value, actual: Value) -> Value {
    match (before, actual) {
        (Value::Object(_), Value::Object(mut members)) => {
            for attribute in attributes {
                if let Some(value) = members.get_mut(attribute.name) {
                    *value = spelled(
                        attribute,
                        before.member(attribute.name),
                        std::mem::take(value),
                    );
                }
            }
            Value::Object(members)
        }
        (_, actual) => actual,
    }
}

fn spelled(attribute: &Attribute, before: &Value, actual: Value) -> Value {
    if let (Value::String(before), Value::String(now)) = (before, &actual)
        && attribute.rules.are_same(before, now)
    {
        return Value::String(before.clone());
    }
    spelled_inside(&attribute.kind, before, actual)
}

fn spelled_inside(kind: &Kind, before: &Value, actual: Value) -> Value {
    let Some(nested) = kind.nested() else {
        return actual;
    };
    match (before, actual) {
        (Value::Object(_), actual @ Value::Object(_)) => keep_spelling(nested, before, actual),
        (Value::List(before), Value::List(actual)) => {
            let earlier = |index: usize| before.get(index).unwrap_or(&Value::Null);
            let elements = actual.into_iter().enumerate();
            Value::List(
                elements
                    .map(|(index, element)| keep_spelling(nested, earlier(index), element))
                    .collect(),
            )
        }
        (Value::Map(_), Value::Map(actual)) => Value::Map(
            actual
                .into_iter()
                .map(|(key, element)| {
                    let element = keep_spelling(nested, before.member(&key), element);
                    (key, element)
                })
                .collect(),
        ),
        // An element of a set takes the spelling of the equivalent element.
        (Value::Set(before), Value::Set(actual)) => Value::set(
            actual
                .into_iter()
                .map(|element| {
                    let same = |earlier: &&Value| {
                        keep_spelling(nested, earlier, element.clone()) == **earlier
                    };
                    before.iter().find(same).cloned().unwrap_or(element)
                })
                .collect(),
        ),
        (_, actual) => actual,
    }
}

#[cfg(test)]
mod tests {
    use crate::*;

    fn object(members: &[(&str, Value)]) -> Value {
        Value::Object(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn known_planned_values_take_precedence() {
        let planned = object(&[
            ("a", "x".into()),
            ("id", Value::Unknown),
            ("gone", Value::Unknown),
            ("none", Value::Null),
        ]);
        let actual = object(&[
            ("a", "X".into()),
            ("id", "1".into()),
            ("gone", Value::Unknown),
            ("none", "made up".into()),
        ]);
        let expected = object(&[
            ("a", "x".into()),
            ("id", "1".into()),
            ("gone", Value::Null),
            ("none", Value::Null),
        ]);
        assert_eq!(settle(&planned, &actual), expected);
    }

    #[test]
    fn no_unknown_value_is_stored() {
        let planned = Value::List(vec![
            object(&[("id", Value::Unknown)]),
            Value::set(vec![Value::Unknown]),
        ]);
        assert!(settle(&planned, &Value::Null).is_wholly_known());
        assert!(settle(&planned, &Value::List(Vec::new())).is_wholly_known());
    }

    attributes! {
        /// Holds GUIDs.
        pub struct Holder {
            /// One.
            guid: Option<String> = optional().guid(),
            /// Several.
            members: Option<Set<Member>>,
        }

        /// Is a GUID.
        pub struct Member {
            /// It.
            guid: String = required().guid(),
        }

        /// Has a text in which blanks do not count.
        pub struct Spaced {
            /// It.
            text: String = required().same_if(|one, other| one.replace(' ', "") == other.replace(' ', "")),
        }
    }

    #[test]
    fn a_custom_rule_defines_equivalence() {
        let object = |text: &str| object(&[("text", text.into())]);
        let attributes = Spaced::attributes();
        assert_eq!(
            keep_spelling(&attributes, &object("a b"), object("ab")),
            object("a b")
        );
        for (config, expected) in [("a  b", "a b"), ("a c", "a c")] {
            let planned = plan(&attributes, &object("a b"), &object(config));
            assert_eq!(planned.value, object(expected));
        }
    }

    #[test]
    fn the_spelling_of_the_configuration_is_kept() {
        let upper = "AAAAAAAA-0000-0000-0000-000000000000";
        let holder = |guid: &str, members: &[&str]| {
            let members = members
                .iter()
                .map(|guid| Member {
                    guid: (*guid).to_owned(),
                })
                .collect();
            Holder {
                guid: Some(guid.to_owned()),
                members: Some(Set(members)),
            }
            .to_value()
        };
        let lower = upper.to_lowercase();
        let actual = holder(&lower, &["bbbbbbbb-0000-0000-0000-000000000000", &lower]);
        let kept = keep_spelling(&Holder::attributes(), &holder(upper, &[upper]), actual);
        assert_eq!(
            kept,
            holder(upper, &["bbbbbbbb-0000-0000-0000-000000000000", upper])
        );
    }
}
