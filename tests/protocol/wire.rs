//! Values as the CLI encodes them, written manually: nothing is shared with the provider's own codec.

use std::collections::BTreeMap;

use crosstenant::proto::tfplugin6 as pb;
pub use rmpv::Value as Wire;

pub fn text(text: &str) -> Wire {
    text.into()
}

/// A number as the provider encodes it.
pub fn number(number: i64) -> Wire {
    text(&number.to_string())
}

pub fn unknown() -> Wire {
    Wire::Ext(0, vec![0])
}

pub fn list(elements: impl IntoIterator<Item = Wire>) -> Wire {
    Wire::Array(elements.into_iter().collect())
}

/// A map or an object, with its keys in order, as the CLI encodes them.
pub fn map<'a>(members: impl IntoIterator<Item = (&'a str, Wire)>) -> Wire {
    let members: BTreeMap<_, _> = members.into_iter().collect();
    Wire::Map(
        members
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect(),
    )
}

/// An object of the fixture with these attributes set and all others null.
pub fn thing<'a>(members: impl IntoIterator<Item = (&'a str, Wire)>) -> Wire {
    let names = crate::fixture::attributes();
    let mut object = map(names.iter().map(|attribute| (attribute.name, Wire::Nil)));
    for (name, value) in members {
        set(&mut object, name, value);
    }
    object
}

/// A part of an object of the fixture.
pub fn part(choice: Wire, on: Wire, id: Wire, label: Wire) -> Wire {
    map([("choice", choice), ("on", on), ("id", id), ("label", label)])
}

pub fn set(object: &mut Wire, name: &str, value: Wire) {
    let Wire::Map(members) = object else {
        panic!("not an object: {object}")
    };
    let member = members
        .iter_mut()
        .find(|(key, _)| key.as_str() == Some(name));
    member.unwrap_or_else(|| panic!("no attribute {name}")).1 = value;
}

pub fn get<'a>(object: &'a Wire, name: &str) -> &'a Wire {
    let members = object
        .as_map()
        .unwrap_or_else(|| panic!("not an object: {object}"));
    let member = members.iter().find(|(key, _)| key.as_str() == Some(name));
    &member.unwrap_or_else(|| panic!("no attribute {name}")).1
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
pub fn pack(value: &Wire) -> Option<pb::DynamicValue> {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, value).unwrap();
    Some(pb::DynamicValue {
        msgpack: msgpack.into(),
        json: Vec::new().into(),
    })
}

/// A missing value counts as null.
pub fn unpack(value: Option<&pb::DynamicValue>) -> Wire {
    match value {
        Some(value) if !value.msgpack.is_empty() => {
            let mut bytes: &[u8] = &value.msgpack;
            let unpacked = rmpv::decode::read_value(&mut bytes).unwrap();
            assert!(bytes.is_empty());
            unpacked
        }
        _ => Wire::Nil,
    }
}

/// `path: summary`, for each error or warning.
pub fn told(diagnostics: &[pb::Diagnostic]) -> Vec<String> {
    use pb::attribute_path::step::Selector;
    let step = |step: &pb::attribute_path::Step| match step.selector.as_ref().unwrap() {
        Selector::AttributeName(name) => format!(".{name}"),
        Selector::ElementKeyString(key) => format!("[{key:?}]"),
        Selector::ElementKeyInt(index) => format!("[{index}]"),
    };
    diagnostics
        .iter()
        .map(|diagnostic| {
            let path: String = diagnostic
                .attribute
                .iter()
                .flat_map(|path| path.steps.iter().map(step))
                .collect();
            format!("{}: {}", path.trim_start_matches('.'), diagnostic.summary)
        })
        .collect()
}

pub fn errors(diagnostics: &[pb::Diagnostic]) -> Vec<&pb::Diagnostic> {
    diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity() == pb::diagnostic::Severity::Error)
        .collect()
}

/// A value for each attribute of `schema`.
pub fn object_of(
    attributes: &[pb::schema::Attribute],
    value: &dyn Fn(&pb::schema::Attribute) -> Wire,
) -> Wire {
    map(attributes
        .iter()
        .map(|attribute| (attribute.name.as_str(), value(attribute))))
}

/// A valid key of this map of objects; keys are never unknown.
fn key_of(map: &str) -> &'static str {
    match map {
        "principals" => "a1000000-0000-4000-8000-000000000001",
        _ => "crossTenantMigration",
    }
}

/// Unknown values for everything that can be configured: attributes as a whole, or with `deep` each leaf of one nested object.
pub fn all_unknown(attributes: &[pb::schema::Attribute], deep: bool) -> Wire {
    use pb::schema::object::NestingMode;
    object_of(attributes, &|attribute| {
        if attribute.computed && !attribute.optional {
            return Wire::Nil;
        }
        match &attribute.nested_type {
            Some(nested) if deep => {
                let inner = all_unknown(&nested.attributes, true);
                match nested.nesting() {
                    NestingMode::List | NestingMode::Set => list([inner]),
                    NestingMode::Map => map([(key_of(&attribute.name), inner)]),
                    _ => inner,
                }
            }
            _ => unknown(),
        }
    })
}
