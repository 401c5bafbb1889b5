//! Values as CLIs send them: MessagePack or JSON.

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::proto::tfplugin6::provider_server::Provider as _;
use crosstenant::protocol::Rpcs;
use crosstenant::resources::CrossTenant;
use prost::Message as _;
use tonic::Request;

use crate::fuzz::harness::{Attempt, Target, Tried};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::{rpcs, runtime};

pub const MSGPACK: Target = Target {
    name: "msgpack",
    what: "the decoder of values in MessagePack, and what plans make of them",
    rounds: 1_000,
    form: Form::Bytes,
    open: || open("msgpack", packed),
};

pub const JSON: Target = Target {
    name: "json",
    what: "the decoder of values and stored objects in JSON, and what plans make of them",
    rounds: 700,
    form: Form::Json(""),
    open: || open("json", written),
};

/// Resources with attributes of every kind.
const TYPES: [&str; 3] = [
    "crosstenant_synchronization_schema",
    "crosstenant_partner_policy",
    "crosstenant_app_role_assignments",
];

fn packed(input: &[u8]) -> pb::DynamicValue {
    pb::DynamicValue {
        msgpack: input.to_vec().into(),
        ..pb::DynamicValue::default()
    }
}

fn written(input: &[u8]) -> pb::DynamicValue {
    pb::DynamicValue {
        json: input.to_vec().into(),
        ..pb::DynamicValue::default()
    }
}

fn open(name: &str, wrap: fn(&[u8]) -> pb::DynamicValue) -> Attempt {
    let (runtime, rpcs) = (runtime(name), rpcs(CrossTenant::default()));
    Box::new(move |input| runtime.block_on(attempt(&rpcs, &wrap(input), input)))
}

async fn attempt(rpcs: &Rpcs, value: &pb::DynamicValue, input: &[u8]) -> Tried {
    let mut size = of_any_type(rpcs, value).await?;
    for type_name in TYPES {
        size += stored(rpcs, type_name, input).await?;
        size += planned(rpcs, type_name, value).await?;
    }
    // Half of the output repeats for each type.
    Ok(size / 2)
}

/// A value of dynamic type.
async fn of_any_type(rpcs: &Rpcs, value: &pb::DynamicValue) -> Tried {
    let expression = written(b"\"[name]\"");
    let request = pb::call_function::Request {
        name: "evaluate_expression".to_owned(),
        arguments: vec![expression, value.clone()],
    };
    let answer = rpcs.call_function(Request::new(request)).await;
    Ok(answer
        .map_err(|status| status.to_string())?
        .into_inner()
        .encoded_len())
}

async fn stored(rpcs: &Rpcs, type_name: &str, input: &[u8]) -> Tried {
    let request = pb::upgrade_resource_state::Request {
        type_name: type_name.to_owned(),
        version: 0,
        raw_state: Some(pb::RawState {
            json: input.to_vec().into(),
            ..pb::RawState::default()
        }),
    };
    let answer = rpcs.upgrade_resource_state(Request::new(request)).await;
    Ok(answer
        .map_err(|status| status.to_string())?
        .into_inner()
        .encoded_len())
}

/// A plan that creates it. The provider can read its own output.
async fn planned(rpcs: &Rpcs, type_name: &str, value: &pb::DynamicValue) -> Tried {
    let request = pb::plan_resource_change::Request {
        type_name: type_name.to_owned(),
        config: Some(value.clone()),
        proposed_new_state: Some(value.clone()),
        ..pb::plan_resource_change::Request::default()
    };
    let answer = rpcs.plan_resource_change(Request::new(request)).await;
    let plan = answer.map_err(|status| status.to_string())?.into_inner();
    let size = plan.encoded_len();
    let is_made = plan.diagnostics.iter().all(|said| said.severity != 1);
    let Some(planned) = plan.planned_state.filter(|_| is_made) else {
        return Ok(size);
    };
    let request = pb::validate_resource_config::Request {
        type_name: type_name.to_owned(),
        config: Some(planned),
        client_capabilities: None,
    };
    let answer = rpcs.validate_resource_config(Request::new(request)).await;
    let said = answer.map_err(|status| status.to_string())?.into_inner();
    match said
        .diagnostics
        .iter()
        .find(|said| said.summary == "Malformed value")
    {
        Some(said) => Err(format!(
            "{type_name} cannot read its own plan: {}",
            said.detail
        )),
        None => Ok(size),
    }
}

/// An object as CLIs send it.
pub fn packed_object(json: &serde_json::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack(json)).unwrap();
    bytes
}

fn pack(json: &serde_json::Value) -> rmpv::Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => rmpv::Value::Nil,
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => number.as_i64().unwrap_or_default().into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => rmpv::Value::Array(items.iter().map(pack).collect()),
        Json::Object(members) => rmpv::Value::Map(
            members
                .iter()
                .map(|(name, value)| (name.as_str().into(), pack(value)))
                .collect(),
        ),
    }
}
