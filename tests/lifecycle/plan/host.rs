//! The checks that the CLI makes on plans and on the resulting state.

use crosstenant::terraform::{Attribute, Kind, Path, Value};

use super::random::shown;

/// The result of a check.
pub type Verdict = Result<(), String>;

/// Whether the value is an object with exactly these attributes, each of its type.
pub fn conform_object(attributes: &[Attribute], value: &Value) -> Verdict {
    let Value::Object(members) = value else {
        return Err(format!("no object: {}", shown(value)));
    };
    if members.len() != attributes.len() {
        return Err(format!("other attributes: {members:?}"));
    }
    attributes.iter().try_for_each(|attribute| {
        let member = members.get(attribute.name).ok_or(attribute.name)?;
        conform(&attribute.kind, member).map_err(|problem| format!("{}: {problem}", attribute.name))
    })
}

fn conform(kind: &Kind, value: &Value) -> Verdict {
    match (kind, value) {
        (_, Value::Null | Value::Unknown)
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::String, Value::String(_))
        | (Kind::Dynamic, Value::Dynamic(..)) => Ok(()),
        (Kind::List(of), Value::List(elements)) => {
            elements.iter().try_for_each(|it| conform(of, it))
        }
        (Kind::Set(of), Value::Set(elements)) => {
            if Value::set(elements.clone()) != *value {
                return Err("not built as a set".to_owned());
            }
            elements.iter().try_for_each(|it| conform(of, it))
        }
        (Kind::Map(of), Value::Map(members)) => members.values().try_for_each(|it| conform(of, it)),
        (Kind::Object(attributes), Value::Object(_)) => conform_object(attributes, value),
        (kind, value) => Err(format!("{kind:?} got {}", shown(value))),
    }
}

/// Whether the CLI accepts this plan.
pub fn valid(attributes: &[Attribute], prior: &Value, config: &Value, planned: &Value) -> Verdict {
    members(attributes, prior, config, planned, &Path::default())
}

fn members(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    at: &Path,
) -> Verdict {
    attributes.iter().try_for_each(|attribute| {
        let name = attribute.name;
        let (prior, config, planned) = (
            prior.member(name),
            config.member(name),
            planned.member(name),
        );
        value(attribute, prior, config, planned, &at.attribute(name))
    })
}

fn value(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    at: &Path,
) -> Verdict {
    let refused = |why: &str| {
        Err(format!(
            "{at}: {why}: {} planned as {}",
            shown(config),
            shown(planned)
        ))
    };
    if attribute.rules.write_only {
        return if planned.is_null() {
            Ok(())
        } else {
            refused("write-only")
        };
    }
    let as_configured = planned == config;
    let as_before = planned == prior && !prior.is_null() && !config.is_null();
    if as_configured || as_before || (config.is_null() && attribute.rules.computed) {
        return Ok(());
    }
    if config.is_null() {
        return refused("not configured and not computed");
    }
    match attribute.kind.nested() {
        Some(nested) => inside(nested, prior, config, planned, at),
        None => refused("neither as configured nor as before"),
    }
}

fn inside(
    nested: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    at: &Path,
) -> Verdict {
    let element = |prior: &Value, config: &Value, planned: &Value, at: &Path| match planned {
        planned if planned == config => Ok(()),
        Value::Object(_) => members(nested, prior, config, planned, at),
        _ => Err(format!(
            "{at}: {} planned as {}",
            shown(config),
            shown(planned)
        )),
    };
    match (config, planned) {
        (Value::Object(_), Value::Object(_)) => members(nested, prior, config, planned, at),
        (Value::List(wanted), Value::List(elements)) if wanted.len() == elements.len() => {
            let before = prior.as_elements().unwrap_or_default();
            wanted
                .iter()
                .zip(elements)
                .enumerate()
                .try_for_each(|(index, (wanted, planned))| {
                    let before = before.get(index).unwrap_or(&Value::Null);
                    element(before, wanted, planned, &at.index(index))
                })
        }
        (Value::Map(wanted), Value::Map(elements)) if wanted.keys().eq(elements.keys()) => {
            wanted.iter().try_for_each(|(key, wanted)| {
                element(prior.member(key), wanted, &elements[key], &at.key(key))
            })
        }
        (Value::Set(wanted), Value::Set(elements)) => {
            let before = prior.as_elements().unwrap_or_default();
            let fits = |wanted: &Value, planned: &Value| {
                let mut before = before.iter().chain([&Value::Null]);
                before.any(|before| element(before, wanted, planned, at).is_ok())
            };
            correlate(wanted, elements, fits).map_err(|problem| format!("{at}: {problem}"))
        }
        _ => Err(format!(
            "{at}: {} planned as {}",
            shown(config),
            shown(planned)
        )),
    }
}

/// Whether the elements of two sets correspond: every element has a counterpart, and there are no new ones.
fn correlate(one: &[Value], other: &[Value], fits: impl Fn(&Value, &Value) -> bool) -> Verdict {
    let list = |elements: &[Value]| shown(&Value::List(elements.to_vec()));
    if other.len() > one.len() {
        return Err(format!(
            "the set grows from {} to {}",
            list(one),
            list(other)
        ));
    }
    let lonely = one
        .iter()
        .find(|it| !other.iter().any(|partner| fits(it, partner)));
    let stranger = other
        .iter()
        .find(|it| !one.iter().any(|partner| fits(partner, it)));
    match lonely.or(stranger) {
        Some(element) => Err(format!(
            "{element:?} has no partner among {one:?} and {other:?}"
        )),
        None => Ok(()),
    }
}

/// Whether every known value in `planned` is the same in `actual`.
pub fn agree(planned: &Value, actual: &Value) -> Verdict {
    match (planned, actual) {
        (Value::Unknown, _) => Ok(()),
        (Value::Object(one), Value::Object(other)) | (Value::Map(one), Value::Map(other))
            if one.keys().eq(other.keys()) =>
        {
            one.iter().try_for_each(|(name, planned)| {
                agree(planned, &other[name]).map_err(|problem| format!("{name}: {problem}"))
            })
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .try_for_each(|(planned, actual)| agree(planned, actual)),
        (Value::Set(one), Value::Set(other)) => {
            correlate(one, other, |planned, actual| agree(planned, actual).is_ok())
        }
        (planned, actual) if planned == actual => Ok(()),
        _ => Err(format!("{} became {}", shown(planned), shown(actual))),
    }
}
