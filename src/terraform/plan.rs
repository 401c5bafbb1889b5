//! Computes the planned object, as a pure function of schema, prior state and configuration.
//!
//! It consists of configured values, with the present spelling if that is equivalent; defaults; prior values for other attributes
//! that the service decides; and unknown values for what is known only after apply. The CLI also sends a merge of its own, which
//! is not used: it drops computed objects that the service filled in.

use super::{Attribute, Kind, Object, Path, Trail, Value};

/// A planned object, and the changes that force its replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Null to destroy.
    pub value: Value,
    /// Changed attributes that cannot be updated in place. Empty for a new object.
    pub requires_replace: Vec<Path>,
}

/// Plans one object. `prior` is null if it does not exist, and `config` is null to destroy it.
#[must_use]
pub fn plan(attributes: &[Attribute], prior: &Value, config: &Value) -> Planned {
    let Value::Object(config) = config else {
        return Planned::default();
    };
    let unchanged = object(attributes, prior, config, Rest::Stays);
    let value = if unchanged == *prior {
        unchanged
    } else {
        object(attributes, prior, config, Rest::MayFollow)
    };
    let mut requires_replace = Vec::new();
    replaced(
        attributes,
        prior,
        &value,
        &Trail::default(),
        &mut requires_replace,
    );
    Planned {
        value,
        requires_replace,
    }
}

/// How to plan the computed attributes of an existing object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Nothing changes, so they keep their values.
    Stays,
    /// Something changes, so volatile ones become unknown.
    MayFollow,
    /// The prior object is uncertain, so all become unknown.
    IsUnknown,
}

impl Rest {
    fn is_unknown(self, volatile: bool) -> bool {
        self == Self::IsUnknown || (self == Self::MayFollow && volatile)
    }
}

/// Plans an object at any depth. `prior` is null if it does not exist yet.
fn object(attributes: &[Attribute], prior: &Value, config: &Object, rest: Rest) -> Value {
    let member = |attribute: &Attribute| {
        let configured = config.get(attribute.name).unwrap_or(&Value::Null);
        let value = member(attribute, prior, configured, rest);
        (attribute.name, value)
    };
    Value::Object(attributes.iter().map(member).collect())
}

fn member(attribute: &Attribute, object: &Value, config: &Value, rest: Rest) -> Value {
    let rules = &attribute.rules;
    let prior = object.member(attribute.name);
    if rules.write_only {
        return Value::Null;
    }
    let depends_on_prior = rules.observed || rules.neutral.is_some();
    let wanted = match (config, &rules.default) {
        (Value::Null, _) if depends_on_prior && rest == Rest::IsUnknown => Value::Unknown,
        (Value::Null, _) if rules.observed && !prior.is_null() => prior.clone(),
        (Value::Null, Some(default)) => default.clone(),
        (Value::Null, None) if rules.observed => Value::Null,
        (Value::Null, None) if rules.neutral.is_some() => match &rules.neutral {
            Some(neutral) if neutral == prior => prior.clone(),
            _ => Value::Null,
        },
        (Value::Null, None) if !rules.computed => Value::Null,
        (Value::Null, None) if object.is_null() || rest.is_unknown(rules.volatile) => {
            Value::Unknown
        }
        (Value::Null, None) => prior.clone(),
        (config, _) => inside(&attribute.kind, prior, config, rest),
    };
    if same(attribute, prior, &wanted) {
        return prior.clone();
    }
    wanted
}

/// Whether two values are equivalent.
fn same(attribute: &Attribute, prior: &Value, wanted: &Value) -> bool {
    match (prior, wanted) {
        (Value::String(prior), Value::String(wanted)) => attribute.rules.are_same(prior, wanted),
        _ => prior == wanted,
    }
}

/// Returns the configured value, with the objects in it planned individually.
fn inside(kind: &Kind, prior: &Value, config: &Value, rest: Rest) -> Value {
    let Some(nested) = kind.nested() else {
        return config.clone();
    };
    // The prior element of a set is certain only if all elements are known, or if there were none.
    let had_any = prior.as_elements().is_some_and(|before| !before.is_empty());
    let rest = match config {
        Value::Set(_) if had_any && !config.is_wholly_known() => Rest::IsUnknown,
        _ => rest,
    };
    let one = |prior: &Value, config: &Value| match config {
        Value::Object(config) => object(nested, prior, config, rest),
        unknown => unknown.clone(),
    };
    match config {
        Value::List(elements) => {
            let before = prior.as_elements().unwrap_or_default();
            let each = elements.iter().enumerate();
            Value::List(
                each.map(|(index, config)| one(before.get(index).unwrap_or(&Value::Null), config))
                    .collect(),
            )
        }
        Value::Map(elements) => {
            let each = elements.iter();
            Value::Map(
                each.map(|(key, config)| (key.clone(), one(prior.member(key), config)))
                    .collect(),
            )
        }
        Value::Set(elements) => {
            let before = prior.as_elements().unwrap_or_default();
            let pairs = pairs(nested, before, elements);
            Value::set(
                pairs
                    .into_iter()
                    .map(|(prior, config)| one(prior, config))
                    .collect(),
            )
        }
        config => one(prior, config),
    }
}

/// Pairs the elements of a set with their prior elements; null for new ones.
///
/// Elements have no path: they are matched by their configured attributes, as many as possible.
fn pairs<'a>(
    nested: &[Attribute],
    before: &'a [Value],
    config: &'a [Value],
) -> Vec<(&'a Value, &'a Value)> {
    let fits = |prior: usize, element: usize| can_be(nested, &before[prior], &config[element]);
    let mut owners = vec![None; before.len()];
    for element in 0..config.len() {
        claim(element, &mut owners, &mut vec![false; before.len()], &fits);
    }
    let prior = |element: usize| owners.iter().position(|owner| *owner == Some(element));
    config
        .iter()
        .enumerate()
        .map(|(index, element)| (prior(index).map_or(&Value::Null, |at| &before[at]), element))
        .collect()
}

/// Finds a prior element for `element`, if necessary by moving another match to a prior element that fits as well (augmenting
/// path).
fn claim(
    element: usize,
    owners: &mut [Option<usize>],
    asked: &mut [bool],
    fits: &impl Fn(usize, usize) -> bool,
) -> bool {
    for prior in 0..owners.len() {
        if asked[prior] || !fits(prior, element) {
            continue;
        }
        asked[prior] = true;
        if owners[prior].is_none_or(|owner| claim(owner, owners, asked, fits)) {
            owners[prior] = Some(element);
            return true;
        }
    }
    false
}

/// Whether the stored element can result from the configured one.
fn can_be(nested: &[Attribute], prior: &Value, config: &Value) -> bool {
    nested.iter().all(|attribute| {
        let rules = &attribute.rules;
        let (prior, config) = (prior.member(attribute.name), config.member(attribute.name));
        match (config, &rules.default) {
            _ if rules.write_only => true,
            (Value::Null, _) if rules.observed => true,
            (Value::Null, Some(default)) => same(attribute, prior, default),
            (Value::Null, None) if rules.computed => true,
            _ => same(attribute, prior, config) || can_be_inside(&attribute.kind, prior, config),
        }
    })
}

fn can_be_inside(kind: &Kind, prior: &Value, config: &Value) -> bool {
    let Some(nested) = kind.nested() else {
        return false;
    };
    let one = |prior: &Value, config: &Value| {
        matches!(config, Value::Object(_)) && can_be(nested, prior, config)
    };
    match (prior, config) {
        (Value::Object(_), config) => one(prior, config),
        (Value::List(prior), Value::List(config)) => {
            prior.len() == config.len() && prior.iter().zip(config).all(|(p, c)| one(p, c))
        }
        (Value::Map(prior), Value::Map(config)) => {
            prior.keys().eq(config.keys()) && config.iter().all(|(key, c)| one(&prior[key], c))
        }
        (Value::Set(prior), Value::Set(config)) => {
            prior.len() == config.len() && config.iter().all(|c| prior.iter().any(|p| one(p, c)))
        }
        _ => false,
    }
}

/// Collects the changed attributes that force a replacement, at any depth that has a path.
fn replaced(
    attributes: &[Attribute],
    prior: &Value,
    planned: &Value,
    at: &Trail,
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
            found.push(here.path());
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
    use crate::*;

    attributes! {
        /// An object with an attribute for every rule.
        pub struct Sample {
            /// Names it.
            name: String = key(),
            /// A GUID.
            guid: Option<String> = optional().replaces().guid(),
            /// Made by the service, once.
            id: Option<String> = read_only(),
            /// Made by the service, each time.
            seen: Option<String> = read_only().volatile(),
            /// With a default.
            limit: Option<i64> = default(500),
            /// If omitted, there is none.
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
            description: "".into(),
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

    fn planned(prior: &Value, config: &Value) -> Planned {
        plan(&Sample::attributes(), prior, config)
    }

    #[test]
    fn a_new_object_is_unknown_only_where_the_service_decides() {
        let config = object(&[("name", "a".into()), ("secret", "s".into())]);
        let plan = planned(&Value::Null, &config);
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
    fn plan_is_empty_for_any_spelling_of_the_same_configuration() {
        let mut config = object(&[("name", "a".into()), ("note", "n".into())]);
        config.set_member("guid", "AAAAAAAA-0000-0000-0000-000000000000".into());
        assert_eq!(planned(&existing(), &config).value, existing());
    }

    #[test]
    fn a_change_makes_only_volatile_attributes_unknown() {
        let config = object(&[
            ("name", "a".into()),
            ("guid", existing().member("guid").clone()),
        ]);
        let mut expected = existing();
        expected.set_member("note", Value::Null);
        expected.set_member("seen", Value::Unknown);
        assert_eq!(
            planned(&existing(), &config),
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
            planned(&prior, &config).value.member("limit"),
            &Value::from(500)
        );
    }

    #[test]
    fn a_changed_key_forces_a_replacement() {
        let config = object(&[("name", "b".into()), ("note", "n".into())]);
        let paths = planned(&existing(), &config).requires_replace;
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
        let value = planned(&Value::Null, &config).value;
        assert_eq!(value.member("part"), &part(true.into(), Value::Unknown));
    }

    attributes! {
        /// Elements without an address.
        pub struct Crowd {
            /// Its members.
            members: Option<Set<Member>>,
        }

        /// One of them.
        pub struct Member {
            /// The user that it applies to.
            name: String = required(),
            /// Mark that others may have set.
            mark: Option<bool> = default(false).observed(),
        }
    }

    /// While the name is unknown, so are the element and its observed settings.
    #[test]
    fn observed_settings_are_unknown_while_the_element_is() {
        let crowd = |name: Value, mark: Value| {
            let member = [("name".to_owned(), name), ("mark".to_owned(), mark)];
            let members = Value::set(vec![Value::Object(Object::from(member))]);
            Value::Object(Object::from([("members".to_owned(), members)]))
        };
        let planned = |prior: &Value, name: Value| {
            plan(&Crowd::attributes(), prior, &crowd(name, Value::Null)).value
        };
        let prior = crowd("a".into(), true.into());
        assert_eq!(planned(&prior, "a".into()), prior);
        assert_eq!(
            planned(&prior, Value::Unknown),
            crowd(Value::Unknown, Value::Unknown)
        );
        assert_eq!(
            planned(&Value::Null, Value::Unknown),
            crowd(Value::Unknown, false.into())
        );
    }

    #[test]
    fn destroying_plans_null() {
        assert_eq!(planned(&existing(), &Value::Null), Planned::default());
    }
}
