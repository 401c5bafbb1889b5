//! Values as the CLI sends them and as states keep them: MessagePack and JSON.

use std::collections::BTreeMap;

use crosstenant::protocol::codec::{decode, decode_raw, encode, object_type};
use crosstenant::protocol::proto::tfplugin6::{DynamicValue, RawState};
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::{Provider, Type};

use crate::engine::object;
use crate::engine::scenarios::all;
use crate::harness::Target;
use crate::mutation::split;

/// The first line of an input is the name of a type and the form of the value, the rest is the value.
pub struct Values {
    types: BTreeMap<String, Type>,
}

/// Everything a type can be.
fn everything() -> Type {
    let member = |name: &str, of: Type| (name.to_owned(), of);
    let boxed = |of: Type| Box::new(of);
    let inner = Type::Object([member("number", Type::Number), member("text", Type::String)].into());
    Type::Object(
        [
            member("any", Type::Dynamic),
            member("list", Type::List(boxed(inner.clone()))),
            member("map", Type::Map(boxed(Type::List(boxed(Type::Dynamic))))),
            member("set", Type::Set(boxed(inner))),
            member("truth", Type::Bool),
            member(
                "tuple",
                Type::Tuple(vec![
                    Type::Number,
                    Type::Set(boxed(Type::String)),
                    Type::Dynamic,
                ]),
            ),
        ]
        .into(),
    )
}

impl Values {
    pub fn new() -> Self {
        let provider = CrossTenant::default();
        let mut types: BTreeMap<String, Type> = provider
            .resources()
            .iter()
            .map(|resource| {
                (
                    resource.type_name().to_owned(),
                    object_type(resource.schema()),
                )
            })
            .collect();
        types.insert("provider".to_owned(), object_type(provider.schema()));
        types.insert("everything".to_owned(), everything());
        types.insert("dynamic".to_owned(), Type::Dynamic);
        Self { types }
    }
}

impl Target for Values {
    const NAME: &'static str = "values";
    const HEADED: bool = true;

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let provider = CrossTenant::default();
        let mut samples = Vec::new();
        for scenario in all() {
            let schema = provider.resource(scenario.type_name).unwrap().schema();
            let value = object(&schema.attributes, &scenario.config);
            let encoded = encode(&object_type(schema), &value).unwrap();
            let head = |form: &str| format!("{} {form}\n", scenario.type_name).into_bytes();
            samples.push([head("msgpack"), encoded.msgpack.to_vec()].concat());
            samples.push([head("json"), scenario.config.to_string().into_bytes()].concat());
        }
        samples
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = [
            "msgpack",
            "json",
            "raw",
            "everything msgpack",
            "everything json",
            "dynamic json",
        ]
        .map(str::to_owned)
        .into();
        for of in self.types.values() {
            if let Type::Object(members) = of {
                words.extend(members.keys().cloned());
            }
        }
        words
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let (head, body) = split(input, true);
        let head = String::from_utf8_lossy(head).into_owned();
        let (name, form) = head.split_once(' ').unwrap_or((&head, ""));
        let Some(of) = self.types.get(name) else {
            return String::new();
        };
        let decoded = match form {
            "msgpack" => decode(
                of,
                Some(&DynamicValue {
                    msgpack: body.into(),
                    json: Vec::new().into(),
                }),
            ),
            "json" => decode(
                of,
                Some(&DynamicValue {
                    msgpack: Vec::new().into(),
                    json: body.into(),
                }),
            ),
            _ => decode_raw(Some(&RawState {
                json: body.into(),
                ..RawState::default()
            })),
        };
        let value = match decoded {
            Ok(value) => value,
            Err(fault) => return format!("{:?}", fault.diagnostic("value").detail),
        };
        if form == "msgpack" || form == "json" {
            let encoded = encode(of, &value).expect("what was decoded can be encoded");
            let again = decode(of, Some(&encoded)).expect("and decoded again");
            assert_eq!(again, value);
        }
        format!("{name} {form} {}", value.noun())
    }
}
