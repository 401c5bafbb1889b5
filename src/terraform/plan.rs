//! What would be done, as a pure function of schema, prior state and configuration.
//!
//! The CLI proposes: configured values, prior values for computed attributes left out, null elsewhere. The plan adds defaults,
//! leaves out what must not be stored, keeps spellings that mean the same, and says what is not known until apply.

use super::{Attribute, Kind, Object, Path, Value, keep_spelling};

/// An object as it would be, and the changes that would make another object of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Null to destroy.
    pub value: Value,
    /// Attributes whose change cannot be made in place. Empty for a new object.
    pub requires_replace: Vec<Path>,
}

/// Plans one object. `prior` is null where none exists, `config` and `proposed` are null to destroy it.
#[must_use]
pub fn plan(attributes: &[Attribute], prior: &Value, config: &Value, proposed: &Value) -> Planned {
    let (Value::Object(configured), Value::Object(proposed)) = (config, proposed) else {
        return Planned::default();
    };
    let wanted = Value::Object(with_defaults(attributes, configured, proposed));
    let wanted = keep_spelling(attributes, prior, wanted);
    let value = match wanted {
        unchanged if unchanged == *prior => unchanged,
        Value::Object(members) => {
            Value::Object(with_unknowns(attributes, prior, configured, members))
        }
        other => other,
    };
    let mut requires_replace = Vec::new();
    replaced(
        attributes,
        prior,
        &value,
        &Path::default(),
        &mut requires_replace,
    );
    Planned {
        value,
        requires_replace,
    }
}

/// Defaults where nothing is configured; null where nothing may be stored.
fn with_defaults(attributes: &[Attribute], config: &Object, proposed: &Object) -> Object {
    let decide = |attribute: &Attribute| {
        let configured = config.get(attribute.name).unwrap_or(&Value::Null);
        if attribute.rules.write_only {
            return Value::Null;
        }
        if let (Value::Null, Some(default)) = (configured, &attribute.rules.default) {
            return default.clone();
        }
        let wanted = proposed.get(attribute.name).cloned().unwrap_or_default();
        inside(&attribute.kind, configured, wanted, &with_defaults)
    };
    attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), decide(attribute)))
        .collect()
}

/// Applies `change` to every object inside `wanted` that stands in the configuration as well.
fn inside(
    kind: &Kind,
    config: &Value,
    wanted: Value,
    change: &dyn Fn(&[Attribute], &Object, &Object) -> Object,
) -> Value {
    let Some(nested) = kind.nested() else {
        return wanted;
    };
    let one = |config: &Value, wanted: &Value| match (config, wanted) {
        (Value::Object(config), Value::Object(wanted)) => {
            Value::Object(change(nested, config, wanted))
        }
        (_, wanted) => wanted.clone(),
    };
    match (config, &wanted) {
        (Value::Object(_), Value::Object(_)) => one(config, &wanted),
        (Value::List(config), Value::List(elements)) if config.len() == elements.len() => {
            Value::List(
                config
                    .iter()
                    .zip(elements)
                    .map(|(config, wanted)| one(config, wanted))
                    .collect(),
            )
        }
        (Value::Map(config), Value::Map(elements)) => Value::Map(
            elements
                .iter()
                .map(|(key, wanted)| {
                    (
                        key.clone(),
                        one(config.get(key).unwrap_or(&Value::Null), wanted),
                    )
                })
                .collect(),
        ),
        // Elements of a set are found again by what is configured in them.
        (Value::Set(config), Value::Set(elements)) => Value::set(
            elements
                .iter()
                .map(|wanted| {
                    one(
                        config
                            .iter()
                            .find(|config| stands_for(nested, config, wanted))
                            .unwrap_or(wanted),
                        wanted,
                    )
                })
                .collect(),
        ),
        _ => wanted,
    }
}

/// Whether `wanted` is what the CLI made of `config`: the same in everything that is configured.
fn stands_for(nested: &[Attribute], config: &Value, wanted: &Value) -> bool {
    nested.iter().all(|attribute| match config.member(attribute.name) {
        Value::Null => !matches!(wanted.member(attribute.name), known if !attribute.rules.computed && !known.is_null()),
        configured => configured == wanted.member(attribute.name),
    })
}

/// Unknown where only apply can tell. `prior` is null for an object, at any depth, that does not exist yet.
fn with_unknowns(
    attributes: &[Attribute],
    prior: &Value,
    config: &Object,
    wanted: Object,
) -> Object {
    let exists = !prior.is_null();
    let mut result = wanted;
    for attribute in attributes {
        let configured = config.get(attribute.name).unwrap_or(&Value::Null);
        let Some(value) = result.get_mut(attribute.name) else {
            continue;
        };
        if configured.is_null() {
            let rules = &attribute.rules;
            if rules.computed && rules.default.is_none() && (!exists || rules.volatile) {
                *value = Value::Unknown;
            }
            continue;
        }
        let prior = prior.member(attribute.name);
        *value = unknowns_inside(&attribute.kind, prior, configured, std::mem::take(value));
    }
    result
}

fn unknowns_inside(kind: &Kind, prior: &Value, config: &Value, wanted: Value) -> Value {
    let Some(nested) = kind.nested() else {
        return wanted;
    };
    let one = |prior: &Value, config: &Value, wanted: Value| match (config, wanted) {
        (Value::Object(config), Value::Object(wanted)) => {
            Value::Object(with_unknowns(nested, prior, config, wanted))
        }
        (_, wanted) => wanted,
    };
    match (config, wanted) {
        (Value::Object(_), wanted @ Value::Object(_)) => one(prior, config, wanted),
        (Value::List(config), Value::List(elements)) if config.len() == elements.len() => {
            let before = |index: usize| {
                prior
                    .as_elements()
                    .and_then(|prior| prior.get(index))
                    .unwrap_or(&Value::Null)
            };
            let planned = config.iter().zip(elements).enumerate();
            Value::List(
                planned
                    .map(|(index, (config, wanted))| one(before(index), config, wanted))
                    .collect(),
            )
        }
        (Value::Map(config), Value::Map(elements)) => Value::Map(
            elements
                .into_iter()
                .map(|(key, wanted)| {
                    let planned = one(
                        prior.member(&key),
                        config.get(&key).unwrap_or(&Value::Null),
                        wanted,
                    );
                    (key, planned)
                })
                .collect(),
        ),
        (Value::Set(config), Value::Set(elements)) => {
            let before = |wanted: &Value| {
                prior
                    .as_elements()
                    .into_iter()
                    .flatten()
                    .find(|prior| *prior == wanted)
            };
            let written = |wanted: &Value| {
                config
                    .iter()
                    .find(|config| stands_for(nested, config, wanted))
            };
            let planned = elements.into_iter().map(|wanted| {
                match (before(&wanted).cloned(), written(&wanted)) {
                    (prior, Some(config)) => one(&prior.unwrap_or_default(), config, wanted),
                    (_, None) => wanted,
                }
            });
            Value::set(planned.collect())
        }
        (_, wanted) => wanted,
    }
}

/// Collects the changed attributes, at any depth that has an address, that cannot change in place.
fn replaced(
    attributes: &[Attribute],
    prior: &Value,
    planned: &Value,
    at: &Path,
    found: &mut Vec<Path>,
) {
    if !matches!((prior, planned), (Value::Object(_), Value::Object(_))) {
        return;
    }
    for attribute in attributes {
        let (before, after) = (prior.member(attribute.name), planned.member(attribute.name));
        let here = at.attribute(attribute.name);
        if before == after {
            continue;
        }
        if attribute.rules.replaces {
            found.push(here);
            continue;
        }
        let Some(nested) = attribute.kind.nested() else {
            continue;
        };
        match (before, after) {
            (Value::Object(_), Value::Object(_)) => replaced(nested, before, after, &here, found),
            (Value::List(before), Value::List(after)) => {
                for (index, (before, after)) in before.iter().zip(after).enumerate() {
                    replaced(nested, before, after, &here.index(index), found);
                }
            }
            (Value::Map(before), Value::Map(after)) => {
                for (key, before) in before {
                    replaced(
                        nested,
                        before,
                        after.get(key).unwrap_or(&Value::Null),
                        &here.key(key),
                        found,
                    );
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::terraform::*;

    attributes! {
        /// An object with an attribute for every rule.
        pub struct Sample {
            /// Names it.
            name: String = key(),
            /// A GUID.
            guid: Option<String> = replaces().guid(),
            /// Made by the service, once.
            id: Option<String> = read_only(),
            /// Made by the service, each time.
            seen: Option<String> = read_only().volatile(),
            /// With a default.
            limit: Option<i64> = default(500),
            /// Left out means none.
            note: Option<String>,
            /// Never stored.
            secret: Option<String> = optional().write_only(),
            /// Parts.
            part: Option<Part>,
        }

        /// A part.
        pub struct Part {
            /// With a default.
            on: Option<bool> = default(true),
            /// Made by the service.
            id: Option<String> = read_only(),
        }
    }

    fn object(members: &[(&str, Value)]) -> Value {
        let mut result = Schema {
            version: 0,
            description: String::new(),
            attributes: Sample::attributes(),
        }
        .empty_object();
        for (name, value) in members {
            result.set_member(name, value.clone());
        }
        result
    }

    fn existing() -> Value {
        object(&[
            ("name", "a".into()),
            ("guid", "aaaaaaaa-0000-0000-0000-000000000000".into()),
            ("id", "1".into()),
            ("seen", "today".into()),
            ("limit", 500.into()),
            ("note", "n".into()),
        ])
    }

    fn planned(prior: &Value, config: &Value, proposed: &Value) -> Planned {
        plan(&Sample::attributes(), prior, config, proposed)
    }

    #[test]
    fn a_new_object_is_unknown_only_where_the_service_decides() {
        let config = object(&[("name", "a".into()), ("secret", "s".into())]);
        let plan = planned(&Value::Null, &config, &config);
        let expected = [
            ("name", "a".into()),
            ("id", Value::Unknown),
            ("seen", Value::Unknown),
            ("limit", 500.into()),
        ];
        assert_eq!(
            plan,
            Planned {
                value: object(&expected),
                requires_replace: Vec::new()
            }
        );
    }

    #[test]
    fn nothing_changed_means_nothing_planned_whatever_the_spelling() {
        let mut config = object(&[("name", "a".into()), ("note", "n".into())]);
        config.set_member("guid", "AAAAAAAA-0000-0000-0000-000000000000".into());
        let mut proposed = existing();
        proposed.set_member("guid", config.member("guid").clone());
        assert_eq!(planned(&existing(), &config, &proposed).value, existing());
    }

    #[test]
    fn a_change_makes_only_the_volatile_unknown() {
        let config = object(&[
            ("name", "a".into()),
            ("guid", existing().member("guid").clone()),
        ]);
        let mut proposed = existing();
        proposed.set_member("note", Value::Null);
        let mut expected = proposed.clone();
        expected.set_member("seen", Value::Unknown);
        assert_eq!(
            planned(&existing(), &config, &proposed),
            Planned {
                value: expected,
                requires_replace: Vec::new()
            }
        );
    }

    #[test]
    fn a_default_comes_back_when_its_argument_is_removed() {
        let mut prior = existing();
        prior.set_member("limit", 7.into());
        let config = object(&[("name", "a".into()), ("note", "n".into())]);
        assert_eq!(
            planned(&prior, &config, &prior).value.member("limit"),
            &Value::from(500)
        );
    }

    #[test]
    fn a_key_that_changes_replaces() {
        let config = object(&[("name", "b".into()), ("note", "n".into())]);
        let mut proposed = existing();
        proposed.set_member("name", "b".into());
        proposed.set_member("guid", Value::Null);
        let paths = planned(&existing(), &config, &proposed).requires_replace;
        assert_eq!(paths, [Path::root("name"), Path::root("guid")]);
    }

    #[test]
    fn parts_follow_the_same_rules() {
        let part = |on: Value, id: Value| {
            Value::Object(Object::from([("on".to_owned(), on), ("id".to_owned(), id)]))
        };
        let config = object(&[
            ("name", "a".into()),
            ("part", part(Value::Null, Value::Null)),
        ]);
        let value = planned(&Value::Null, &config, &config).value;
        assert_eq!(value.member("part"), &part(true.into(), Value::Unknown));
    }

    #[test]
    fn destroying_plans_nothing() {
        assert_eq!(
            planned(&existing(), &Value::Null, &Value::Null),
            Planned::default()
        );
    }
}
