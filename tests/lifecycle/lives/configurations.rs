//! Configurations derived from the schema: everything that users may write, with every empty form.

use crosstenant::terraform::{Attribute, Check, Kind, Name, Number, Object, Value};

use crate::dice::Dice;

/// Values of strings: IDs that exist or do not exist, and usual texts.
const TEXTS: [&str; 4] = ["", "Some text", "a b", "Ünïcödé \u{1F600}"];
const GUIDS: [&str; 3] = [
    "a1000000-0000-4000-8000-000000000001",
    "b1000000-0000-4000-8000-000000000001",
    "11111111-2222-3333-4444-555555555555",
];

/// `base` with up to three parts replaced by other values, including empty ones: with more changes, hardly any configuration would be
/// valid. Required keys are not changed.
pub fn varied(attributes: &[Attribute], base: &Value, dice: &mut Dice) -> Value {
    let mut config = base.clone();
    for _ in 0..=dice.below(3) {
        let attribute = dice.pick(attributes);
        let value = member(attribute, base.member(attribute.name), dice);
        config.set_member(attribute.name, value);
    }
    config
}

fn member(attribute: &Attribute, base: &Value, dice: &mut Dice) -> Value {
    let rules = &attribute.rules;
    if rules.computed && !rules.optional {
        return Value::Null;
    }
    if attribute.name == "timeouts" || (rules.required && rules.replaces) {
        return base.clone();
    }
    match dice.below(6) {
        0 if !rules.required => Value::Null,
        1 => empty(&attribute.kind),
        2..=4 if !base.is_null() && attribute.kind.nested().is_some() => {
            inside(&attribute.kind, base, dice)
        }
        _ => random(&attribute.kind, &rules.checks, dice),
    }
}

/// A variation of the object.
fn inside(kind: &Kind, base: &Value, dice: &mut Dice) -> Value {
    match kind {
        Kind::Object(nested) => varied(nested, base, dice),
        Kind::Map(of) => match (base, of.as_ref()) {
            (Value::Map(members), Kind::Object(nested)) => {
                let one =
                    |(key, value): (&Name, &Value)| (key.clone(), varied(nested, value, dice));
                Value::Map(members.iter().map(one).collect())
            }
            _ => base.clone(),
        },
        _ => base.clone(),
    }
}

/// The empty form that is not null.
fn empty(kind: &Kind) -> Value {
    match kind {
        Kind::String => "".into(),
        Kind::List(_) => Value::List(Vec::new()),
        Kind::Set(_) => Value::set(Vec::new()),
        Kind::Map(_) => Value::Map(Object::new()),
        Kind::Object(attributes) => Value::Object(
            attributes
                .iter()
                .map(|attribute| (attribute.name.to_owned(), Value::Null))
                .collect(),
        ),
        Kind::Bool => false.into(),
        Kind::Number => Value::Number(Number::from(0_i64)),
        Kind::Dynamic => Value::Null,
    }
}

fn random(kind: &Kind, checks: &[Check], dice: &mut Dice) -> Value {
    let elements = |of: &Kind, dice: &mut Dice| -> Vec<Value> {
        (0..dice.below(3))
            .map(|_| random(of, checks, dice))
            .collect()
    };
    match kind {
        Kind::String => text(checks, dice).into(),
        Kind::Bool => dice.once_in(2).into(),
        Kind::Number => {
            let least = checks.iter().find_map(|check| match check {
                Check::AtLeast(least) | Check::Between(least, _) => Some(*least),
                _ => None,
            });
            let more = i64::try_from(dice.below(3)).unwrap();
            Value::Number(Number::from(least.unwrap_or(0) + more))
        }
        Kind::List(of) => Value::List(elements(of, dice)),
        Kind::Set(of) => Value::set(elements(of, dice)),
        Kind::Map(of) => {
            let values = elements(of, dice).into_iter().enumerate();
            Value::Map(
                values
                    .map(|(key, value)| (format!("k{key}"), value))
                    .collect(),
            )
        }
        Kind::Object(attributes) => {
            let members = attributes.iter().map(|attribute| {
                let rules = &attribute.rules;
                let is_left_out = !rules.required && dice.once_in(2);
                let value = if is_left_out || (rules.computed && !rules.optional) {
                    Value::Null
                } else if dice.once_in(4) {
                    empty(&attribute.kind)
                } else {
                    random(&attribute.kind, &rules.checks, dice)
                };
                (attribute.name.to_owned(), value)
            });
            Value::Object(members.collect())
        }
        Kind::Dynamic => Value::Null,
    }
}

fn text(checks: &[Check], dice: &mut Dice) -> String {
    for check in checks {
        match check {
            Check::OneOf(allowed) => return (*dice.pick(allowed)).to_owned(),
            Check::Guid => {
                let guid = *dice.pick(&GUIDS);
                return if dice.once_in(2) {
                    guid.to_uppercase()
                } else {
                    guid.to_owned()
                };
            }
            Check::Email => return "somebody@contoso.example".to_owned(),
            Check::Duration => return "1s".to_owned(),
            Check::Domain => return "contoso.example".to_owned(),
            _ => {}
        }
    }
    (*dice.pick(&TEXTS)).to_owned()
}

/// `config` with some parts unknown, as if they came from resources that do not exist yet.
pub fn with_unknowns(attributes: &[Attribute], config: &Value, dice: &mut Dice) -> Value {
    let members = attributes.iter().map(|attribute| {
        let value = config.member(attribute.name);
        let value = if value.is_null() || attribute.name == "timeouts" {
            value.clone()
        } else if dice.once_in(3) {
            Value::Unknown
        } else if let (Value::Object(_), Kind::Object(nested)) = (value, &attribute.kind) {
            with_unknowns(nested, value, dice)
        } else {
            value.clone()
        };
        (attribute.name.to_owned(), value)
    });
    Value::Object(members.collect())
}

/// `config` without attributes that exist only in Terraform, which an import cannot know.
pub fn without_local(attributes: &[Attribute], config: &Value) -> Value {
    let members = attributes.iter().map(|attribute| {
        let is_local = attribute.rules.local || attribute.name == "timeouts";
        let value = config.member(attribute.name);
        let value = match (&attribute.kind, value) {
            _ if is_local => Value::Null,
            (Kind::Map(of), Value::Map(entries)) => match &**of {
                Kind::Object(nested) => {
                    let entry =
                        |(key, one): (&Name, &Value)| (key.clone(), without_local(nested, one));
                    Value::Map(entries.iter().map(entry).collect())
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        };
        (attribute.name.to_owned(), value)
    });
    Value::Object(members.collect())
}
