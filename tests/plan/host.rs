//! What the CLI does with plans: its merge before, its checks after.

use crosstenant::terraform::{Attribute, Kind, Path, Value};

use super::random::shown;

/// What a check found.
pub type Verdict = Result<(), String>;

/// Configured values; else prior values of computed attributes; else null.
pub fn proposed(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Object(_)) {
        return config.clone();
    }
    let member = |attribute: &Attribute| {
        let (before, wanted) = (prior.member(attribute.name), config.member(attribute.name));
        let value = if attribute.rules.computed && wanted.is_null() {
            // Something in it that only a user can have written: so it was configured, and is not any more.
            let written = attribute.rules.optional && holds_written(&attribute.kind, before);
            if written { Value::Null } else { before.clone() }
        } else {
            merged(&attribute.kind, before, wanted)
        };
        (attribute.name.to_owned(), value)
    };
    Value::Object(attributes.iter().map(member).collect())
}

fn holds_written(kind: &Kind, value: &Value) -> bool {
    let Some(nested) = kind.nested() else {
        return false;
    };
    let object = |value: &Value| {
        nested.iter().any(|attribute| {
            let member = value.member(attribute.name);
            !member.is_null()
                && (!attribute.rules.computed || holds_written(&attribute.kind, member))
        })
    };
    match value {
        Value::List(elements) | Value::Set(elements) => elements.iter().any(object),
        Value::Map(elements) => elements.values().any(object),
        value => object(value),
    }
}

fn merged(kind: &Kind, before: &Value, wanted: &Value) -> Value {
    let Some(nested) = kind.nested() else {
        return wanted.clone();
    };
    match wanted {
        Value::Object(_) => proposed(nested, before, wanted),
        Value::List(elements) => {
            let before = before.as_elements().unwrap_or_default();
            let earlier = |index: usize| before.get(index).unwrap_or(&Value::Null);
            let each = elements.iter().enumerate();
            Value::List(
                each.map(|(index, it)| proposed(nested, earlier(index), it))
                    .collect(),
            )
        }
        Value::Map(elements) => Value::Map(
            elements
                .iter()
                .map(|(key, it)| (key.clone(), proposed(nested, before.member(key), it)))
                .collect(),
        ),
        Value::Set(elements) => {
            // Each prior element can stand for one configured element only.
            let mut left: Vec<&Value> = before.as_elements().unwrap_or_default().iter().collect();
            let mut merge = |element: &Value| {
                let same = left
                    .iter()
                    .position(|before| could_be(nested, before, element));
                let before = same.map_or(&Value::Null, |same| left.remove(same));
                proposed(nested, before, element)
            };
            Value::set(elements.iter().map(&mut merge).collect())
        }
        _ => wanted.clone(),
    }
}

/// Whether the stored element can have come from the configured one: it differs in computed attributes left out only.
fn could_be(nested: &[Attribute], before: &Value, element: &Value) -> bool {
    nested.iter().all(|attribute| {
        let (before, wanted) = (
            before.member(attribute.name),
            element.member(attribute.name),
        );
        if wanted.is_null() && attribute.rules.computed {
            return true;
        }
        match (attribute.kind.nested(), before, wanted) {
            (Some(nested), Value::Object(_), Value::Object(_)) => could_be(nested, before, wanted),
            (Some(nested), Value::List(one), Value::List(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(before, wanted)| could_be(nested, before, wanted))
            }
            (Some(nested), Value::Set(one), Value::Set(other)) => {
                one.len() == other.len()
                    && other
                        .iter()
                        .all(|wanted| one.iter().any(|it| could_be(nested, it, wanted)))
            }
            (Some(nested), Value::Map(one), Value::Map(other)) => {
                one.keys().eq(other.keys())
                    && one
                        .iter()
                        .all(|(key, before)| could_be(nested, before, &other[key]))
            }
            _ => before == wanted,
        }
    })
}

/// Whether the value is an object of these attributes: all of them and no others, each of its type.
pub fn conform_object(attributes: &[Attribute], value: &Value) -> Verdict {
    let Value::Object(members) = value else {
        return Err(format!("no object: {}", shown(value)));
    };
    if members.len() != attributes.len() {
        return Err(format!("other attributes: {:?}", members.keys()));
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

/// Whether the CLI takes this plan.
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

/// Whether the elements of two sets can stand for each other: every one has a partner, and none has come up.
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

/// Whether everything definite in `planned` is the same in `actual`.
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
