//! Random schemas, and values that conform to them.

use std::fmt;

use crosstenant::terraform::{Attribute, Kind, Object, Rules, Type, Value};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// One random situation.
#[derive(Clone)]
pub struct Case {
    pub attributes: Vec<Attribute>,
    /// May contain unknown values.
    pub config: Value,
    /// Another configuration of the same schema.
    pub other: Value,
    /// A stored object, which need not come from `config`.
    pub state: Value,
    /// A completely known configuration, from which the unknown values of `config` are resolved.
    pub resolution: Value,
}

pub fn case() -> impl Strategy<Value = Case> {
    attributes(2, false).prop_flat_map(|attributes| {
        let values = (
            config(&attributes, true),
            config(&attributes, true),
            state(&attributes),
            config(&attributes, false),
        );
        (Just(attributes), values).prop_map(|(attributes, (config, other, state, resolution))| {
            Case {
                attributes,
                config,
                other,
                state,
                resolution,
            }
        })
    })
}

impl fmt::Debug for Case {
    /// Short enough to read in a failure.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = shown_all(&self.attributes);
        writeln!(formatter, "\n  schema     {schema}")?;
        writeln!(formatter, "  config     {}", shown(&self.config))?;
        writeln!(formatter, "  other      {}", shown(&self.other))?;
        writeln!(formatter, "  state      {}", shown(&self.state))?;
        writeln!(formatter, "  resolution {}", shown(&self.resolution))
    }
}

/// The same attributes, but inside sets all values are case-sensitive.
pub fn without_spelling(attributes: &[Attribute], in_set: bool) -> Vec<Attribute> {
    let inside = |kind: &Kind, in_set: bool| match kind {
        Kind::Object(nested) => Kind::Object(without_spelling(nested, in_set)),
        kind => kind.clone(),
    };
    let one = |it: &Attribute| {
        let kind = match &it.kind {
            Kind::List(of) => Kind::List(Box::new(inside(of, in_set))),
            Kind::Map(of) => Kind::Map(Box::new(inside(of, in_set))),
            Kind::Set(of) => Kind::Set(Box::new(inside(of, true))),
            kind => inside(kind, in_set),
        };
        let mut rules = it.rules.clone();
        rules.caseless &= !in_set;
        Attribute::new(it.name, "", kind, rules)
    };
    attributes.iter().map(one).collect()
}

fn shown_all(attributes: &[Attribute]) -> String {
    let each = attributes.iter().map(|it| {
        let rules = &it.rules;
        let flags = [
            (rules.required, " required"),
            (rules.optional, " optional"),
            (rules.computed, " computed"),
            (rules.default.is_some(), " default"),
            (rules.write_only, " write-only"),
            (rules.replaces, " replaces"),
            (rules.volatile, " volatile"),
            (rules.caseless, " caseless"),
        ];
        let flags: String = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| *flag)
            .collect();
        format!("{}: {}{flags}", it.name, shown_kind(&it.kind))
    });
    format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
}

fn shown_kind(kind: &Kind) -> String {
    match kind {
        Kind::Object(attributes) => shown_all(attributes),
        Kind::List(of) => format!("list of {}", shown_kind(of)),
        Kind::Set(of) => format!("set of {}", shown_kind(of)),
        Kind::Map(of) => format!("map of {}", shown_kind(of)),
        plain => format!("{plain:?}"),
    }
}

/// A value on one line.
pub fn shown(value: &Value) -> String {
    let list = |elements: &[Value]| elements.iter().map(shown).collect::<Vec<_>>().join(", ");
    let members = |members: &Object| {
        let each = members
            .iter()
            .map(|(name, value)| format!("{name}: {}", shown(value)));
        each.collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown => "?".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(elements) => format!("[{}]", list(elements)),
        Value::Set(elements) => format!("set({})", list(elements)),
        Value::Map(of) => format!("map({})", members(of)),
        Value::Object(of) => format!("{{{}}}", members(of)),
        Value::Dynamic(_, value) => format!("any({})", shown(value)),
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Sets cannot contain values of any type or values that are never stored.
fn attributes(depth: u32, in_set: bool) -> BoxedStrategy<Vec<Attribute>> {
    vec(attribute(depth, in_set), 1..=NAMES.len())
        .prop_map(|shapes| {
            NAMES
                .into_iter()
                .zip(shapes)
                .map(|(name, (kind, rules))| Attribute::new(name, "", kind, rules))
                .collect()
        })
        .boxed()
}

fn attribute(depth: u32, in_set: bool) -> BoxedStrategy<(Kind, Rules)> {
    kind(depth, in_set)
        .prop_flat_map(move |kind| (Just(kind.clone()), rules(&kind, in_set)))
        .boxed()
}

fn kind(depth: u32, in_set: bool) -> BoxedStrategy<Kind> {
    let text = || Box::new(Kind::String);
    let plain = prop_oneof![
        4 => Just(Kind::String),
        1 => Just(Kind::Bool),
        1 => Just(Kind::Number),
        1 => Just(Kind::List(text())),
        1 => Just(Kind::Set(text())),
        1 => Just(Kind::Map(text())),
    ];
    let any = if in_set { Kind::String } else { Kind::Dynamic };
    if depth == 0 {
        return prop_oneof![6 => plain, 1 => Just(any)].boxed();
    }
    let nested = |in_set| attributes(depth - 1, in_set).prop_map(Kind::Object);
    prop_oneof![
        6 => plain,
        1 => Just(any),
        1 => nested(in_set),
        1 => nested(in_set).prop_map(|of| Kind::List(Box::new(of))),
        1 => nested(in_set).prop_map(|of| Kind::Map(Box::new(of))),
        2 => nested(true).prop_map(|of| Kind::Set(Box::new(of))),
    ]
    .boxed()
}

fn rules(kind: &Kind, in_set: bool) -> BoxedStrategy<Rules> {
    let is_text = matches!(kind, Kind::String);
    let with_default = if is_text {
        Rules::with_default("x")
    } else {
        Rules::computed()
    };
    let with_neutral = if is_text {
        Rules::optional().neutral("x")
    } else {
        Rules::computed()
    };
    let hidden = if in_set {
        Rules::optional()
    } else {
        Rules::optional().write_only()
    };
    let observed = if in_set {
        Rules::optional()
    } else {
        Rules::optional().observed()
    };
    let who = prop_oneof![
        2 => Just(Rules::required()),
        3 => Just(Rules::optional()),
        3 => Just(Rules::computed()),
        2 => Just(Rules::read_only()),
        2 => Just(with_default),
        1 => Just(with_neutral),
        1 => Just(observed),
        1 => Just(hidden),
    ];
    (who, 0..4, 0..4, 0..3)
        .prop_map(move |(mut rules, replaces, volatile, caseless)| {
            rules.replaces = replaces == 0;
            rules.volatile = volatile == 0 && rules.computed;
            rules.caseless = caseless == 0 && is_text;
            rules
        })
        .boxed()
}

/// A configuration as the CLI passes it.
fn config(attributes: &[Attribute], unknown: bool) -> BoxedStrategy<Value> {
    object(attributes, &move |attribute| {
        let rules = &attribute.rules;
        let value = value(&attribute.kind, unknown, &move |nested| {
            config(nested, unknown)
        });
        match (rules.required, rules.optional) {
            (true, _) => value,
            (_, true) => absent_or(value),
            _ => Just(Value::Null).boxed(),
        }
    })
}

/// A value that may be stored.
fn state(attributes: &[Attribute]) -> BoxedStrategy<Value> {
    object(attributes, &|attribute| {
        let value = value(&attribute.kind, false, &state);
        match (attribute.rules.write_only, attribute.rules.required) {
            (true, _) => Just(Value::Null).boxed(),
            (_, true) => value,
            _ => absent_or(value),
        }
    })
}

fn absent_or(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    weighted(0.6, value)
        .prop_map(Option::unwrap_or_default)
        .boxed()
}

fn object(
    attributes: &[Attribute],
    member: &dyn Fn(&Attribute) -> BoxedStrategy<Value>,
) -> BoxedStrategy<Value> {
    let names: Vec<_> = attributes.iter().map(|it| it.name.to_owned()).collect();
    let members: Vec<_> = attributes.iter().map(member).collect();
    members
        .prop_map(move |members| Value::Object(names.iter().cloned().zip(members).collect()))
        .boxed()
}

/// A value that is not null. There are few, so that equal values are frequent, and some differ only in case.
fn value(
    kind: &Kind,
    unknown: bool,
    nested: &dyn Fn(&[Attribute]) -> BoxedStrategy<Value>,
) -> BoxedStrategy<Value> {
    let text = || prop_oneof![Just("x"), Just("X"), Just("y")].prop_map(Value::from);
    let of = |kind| value(kind, unknown, nested);
    let known = match kind {
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::Number => (0_i64..2).prop_map(Value::from).boxed(),
        Kind::String => text().boxed(),
        Kind::Dynamic => text()
            .prop_map(|text| Value::Dynamic(Box::new(Type::String), Box::new(text)))
            .boxed(),
        Kind::Object(attributes) => nested(attributes),
        Kind::List(kind) => vec(of(kind), 0..3).prop_map(Value::List).boxed(),
        Kind::Set(kind) => vec(of(kind), 0..4).prop_map(Value::set).boxed(),
        Kind::Map(kind) => (weighted(0.7, of(kind)), weighted(0.5, of(kind)))
            .prop_map(|(one, other)| {
                let members = [("k", one), ("l", other)];
                let present = |(key, value): (&str, Option<Value>)| Some((key.to_owned(), value?));
                Value::Map(members.into_iter().filter_map(present).collect())
            })
            .boxed(),
    };
    if unknown {
        return prop_oneof![6 => known, 1 => Just(Value::Unknown)].boxed();
    }
    known
}

/// `config` with known values in place of all unknown values.
pub fn known(attributes: &[Attribute], config: &Value) -> Value {
    resolved(attributes, config, &Value::Null)
}

/// `config` with all unknown values replaced by those in `resolution`.
pub fn resolved(attributes: &[Attribute], config: &Value, resolution: &Value) -> Value {
    let member = |attribute: &Attribute| {
        let (value, from) = (
            config.member(attribute.name),
            resolution.member(attribute.name),
        );
        let value = match value {
            Value::Unknown if from.is_null() && !attribute.rules.required => Value::Null,
            value => filled(&attribute.kind, value, from, &resolved),
        };
        (attribute.name.to_owned(), value)
    };
    Value::Object(attributes.iter().map(member).collect())
}

/// The service's response after a change: a value for everything that is computed, and any value for the rest. It adds no elements to sets,
/// because they could not be distinguished from other elements.
pub fn answer(attributes: &[Attribute], planned: &Value, noise: &Value) -> Value {
    let member = |attribute: &Attribute| {
        let (value, noise) = (planned.member(attribute.name), noise.member(attribute.name));
        let value = match (&attribute.kind, value) {
            (_, Value::Unknown) if noise.is_null() && !attribute.rules.required => Value::Null,
            (Kind::Set(_), value) => filled(&attribute.kind, value, noise, &resolved),
            (_, value) if value.is_wholly_known() => noise.clone(),
            (kind, value) => filled(kind, value, noise, &answer),
        };
        (attribute.name.to_owned(), value)
    };
    Value::Object(attributes.iter().map(member).collect())
}

/// `value` with all unknown values taken from `from`, or generated if that has none.
fn filled(
    kind: &Kind,
    value: &Value,
    from: &Value,
    inside: &dyn Fn(&[Attribute], &Value, &Value) -> Value,
) -> Value {
    let element = |index: usize| {
        let elements = from.as_elements().unwrap_or_default();
        elements.get(index).unwrap_or(&Value::Null)
    };
    let elements = |of: &Kind, elements: &[Value]| -> Vec<Value> {
        let each = elements.iter().enumerate();
        each.map(|(index, value)| filled(of, value, element(index), inside))
            .collect()
    };
    match (kind, value) {
        (_, Value::Unknown) if from.is_null() => sample(kind),
        (_, Value::Unknown) => from.clone(),
        (Kind::Object(attributes), Value::Object(_)) => inside(attributes, value, from),
        (Kind::List(of), Value::List(list)) => Value::List(elements(of, list)),
        (Kind::Set(of), Value::Set(set)) => Value::set(elements(of, set)),
        (Kind::Map(of), Value::Map(map)) => Value::Map(
            map.iter()
                .map(|(key, value)| (key.clone(), filled(of, value, from.member(key), inside)))
                .collect(),
        ),
        (_, value) => value.clone(),
    }
}

/// Any known value.
fn sample(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => true.into(),
        Kind::Number => 1.into(),
        Kind::String => "made".into(),
        Kind::Dynamic => Value::Dynamic(Box::new(Type::Bool), Box::new(true.into())),
        Kind::List(_) => Value::List(Vec::new()),
        Kind::Set(_) => Value::set(Vec::new()),
        Kind::Map(_) => Value::Map(Object::new()),
        Kind::Object(attributes) => {
            let member = |it: &Attribute| {
                let value = if it.rules.required {
                    sample(&it.kind)
                } else {
                    Value::Null
                };
                (it.name.to_owned(), value)
            };
            Value::Object(attributes.iter().map(member).collect())
        }
    }
}
