//! The provider's RPCs, without a transport: requests written as JSON.

use std::sync::Arc;

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::proto::tfplugin6::provider_server::Provider as _;
use crosstenant::protocol::Rpcs;
use crosstenant::resources::CrossTenant;
use serde_json::Value as Json;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::StreamExt as _;
use tonic::{Request, Status};

use crate::fuzz::harness::Tried;

/// A runtime on the thread of the target, so that its panics are attributed to it.
pub fn runtime(target: &str) -> Runtime {
    let mut builder = Builder::new_current_thread();
    let builder = builder.thread_name(format!("fuzz-{target}"));
    builder.enable_all().build().unwrap()
}

/// The RPCs of a provider.
pub fn rpcs(provider: CrossTenant) -> Rpcs {
    Rpcs::new(
        Arc::new(provider),
        "registry.terraform.io/crosstenant/crosstenant",
    )
}

/// A value as the CLI may send it. A string contains raw bytes of JSON, which may be invalid.
pub fn value(json: &Json) -> Option<pb::DynamicValue> {
    (!json.is_null()).then(|| pb::DynamicValue {
        msgpack: Vec::new().into(),
        json: raw(json).into(),
    })
}

pub fn raw(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    }
}

fn stored(json: &Json) -> Option<pb::RawState> {
    (!json.is_null()).then(|| pb::RawState {
        json: raw(json).into(),
        ..pb::RawState::default()
    })
}

fn identity(json: &Json) -> Option<pb::ResourceIdentityData> {
    let identity_data = value(json);
    (!json.is_null()).then_some(pb::ResourceIdentityData { identity_data })
}

/// Parts that every request may have.
struct Parts<'j>(&'j Json);

impl Parts<'_> {
    fn text(&self, name: &str) -> String {
        let json = &self.0[name];
        json.as_str()
            .map_or_else(|| json.to_string(), str::to_owned)
    }

    fn value(&self, name: &str) -> Option<pb::DynamicValue> {
        value(&self.0[name])
    }

    fn bytes(&self, name: &str) -> prost::bytes::Bytes {
        match &self.0[name] {
            Json::Null => prost::bytes::Bytes::new(),
            json => raw(json).into(),
        }
    }

    fn number(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_default()
    }

    /// Every capability of a CLI, none of them, or no capabilities at all.
    fn capabilities(&self) -> Option<pb::ClientCapabilities> {
        let lenient = self.0["capable"].as_bool()?;
        Some(pb::ClientCapabilities {
            deferral_allowed: lenient,
            write_only_attributes_allowed: lenient,
            ..pb::ClientCapabilities::default()
        })
    }
}

/// Checks that the provider does not report a crash.
fn judged(said: &str, size: usize) -> Tried {
    if said.contains("crashed") {
        return Err(said.to_owned());
    }
    Ok(size)
}

fn answered<T: prost::Message + std::fmt::Debug>(
    answer: Result<tonic::Response<T>, Status>,
) -> Tried {
    match answer {
        Ok(answer) => {
            let answer = answer.into_inner();
            judged(&format!("{answer:?}"), answer.encoded_len())
        }
        Err(status) => judged(status.message(), status.message().len()),
    }
}

/// Maximum length of a stream.
const EVENTS: usize = 2_000;

/// Sends a request, whose kind is its member `rpc`.
#[allow(clippy::too_many_lines, reason = "a table")]
pub async fn call(rpcs: &Rpcs, json: &Json) -> Tried {
    let parts = Parts(json);
    let type_name = parts.text("type");
    let config = parts.value("config");
    match json["rpc"].as_str().unwrap_or_default() {
        "validate_provider" => {
            let request = pb::validate_provider_config::Request { config };
            answered(rpcs.validate_provider_config(Request::new(request)).await)
        }
        "configure" => {
            let request = pb::configure_provider::Request {
                terraform_version: parts.text("version"),
                config,
                client_capabilities: parts.capabilities(),
            };
            answered(rpcs.configure_provider(Request::new(request)).await)
        }
        "validate" => {
            let request = pb::validate_resource_config::Request {
                type_name,
                config,
                client_capabilities: parts.capabilities(),
            };
            answered(rpcs.validate_resource_config(Request::new(request)).await)
        }
        "upgrade" => {
            let request = pb::upgrade_resource_state::Request {
                type_name,
                version: parts.number("version"),
                raw_state: stored(&json["state"]),
            };
            answered(rpcs.upgrade_resource_state(Request::new(request)).await)
        }
        "upgrade_identity" => {
            let request = pb::upgrade_resource_identity::Request {
                type_name,
                version: parts.number("version"),
                raw_identity: stored(&json["identity"]),
            };
            answered(rpcs.upgrade_resource_identity(Request::new(request)).await)
        }
        "read" => {
            let request = pb::read_resource::Request {
                type_name,
                current_state: parts.value("state"),
                private: parts.bytes("private"),
                client_capabilities: parts.capabilities(),
                current_identity: identity(&json["identity"]),
                ..pb::read_resource::Request::default()
            };
            answered(rpcs.read_resource(Request::new(request)).await)
        }
        "plan" => {
            let request = pb::plan_resource_change::Request {
                type_name,
                prior_state: parts.value("state"),
                proposed_new_state: parts.value("proposed"),
                config,
                prior_private: parts.bytes("private"),
                client_capabilities: parts.capabilities(),
                prior_identity: identity(&json["identity"]),
                ..pb::plan_resource_change::Request::default()
            };
            answered(rpcs.plan_resource_change(Request::new(request)).await)
        }
        "apply" => {
            let request = pb::apply_resource_change::Request {
                type_name,
                prior_state: parts.value("state"),
                planned_state: parts.value("proposed"),
                config,
                planned_private: parts.bytes("private"),
                planned_identity: identity(&json["identity"]),
                ..pb::apply_resource_change::Request::default()
            };
            answered(rpcs.apply_resource_change(Request::new(request)).await)
        }
        "import" => {
            let request = pb::import_resource_state::Request {
                type_name,
                id: json["id"].as_str().unwrap_or_default().to_owned(),
                client_capabilities: parts.capabilities(),
                identity: identity(&json["identity"]),
            };
            answered(rpcs.import_resource_state(Request::new(request)).await)
        }
        "generate" => {
            let state = parts.value("state");
            let request = pb::generate_resource_config::Request { type_name, state };
            answered(rpcs.generate_resource_config(Request::new(request)).await)
        }
        "move" => {
            let request = pb::move_resource_state::Request {
                source_provider_address: parts.text("address"),
                source_type_name: parts.text("from"),
                source_schema_version: parts.number("version"),
                source_state: stored(&json["state"]),
                target_type_name: type_name,
                source_private: parts.bytes("private"),
                source_identity: stored(&json["identity"]),
                ..pb::move_resource_state::Request::default()
            };
            answered(rpcs.move_resource_state(Request::new(request)).await)
        }
        "validate_data" => {
            let request = pb::validate_data_resource_config::Request { type_name, config };
            answered(
                rpcs.validate_data_resource_config(Request::new(request))
                    .await,
            )
        }
        "read_data" => {
            let request = pb::read_data_source::Request {
                type_name,
                config,
                client_capabilities: parts.capabilities(),
                ..pb::read_data_source::Request::default()
            };
            answered(rpcs.read_data_source(Request::new(request)).await)
        }
        "function" => {
            let arguments = json["arguments"].as_array().into_iter().flatten();
            let request = pb::call_function::Request {
                name: type_name,
                arguments: arguments.filter_map(value).collect(),
            };
            answered(rpcs.call_function(Request::new(request)).await)
        }
        "validate_action" => {
            let request = pb::validate_action_config::Request { type_name, config };
            answered(rpcs.validate_action_config(Request::new(request)).await)
        }
        "plan_action" => {
            let request = pb::plan_action::Request {
                action_type: type_name,
                config,
                client_capabilities: parts.capabilities(),
            };
            answered(rpcs.plan_action(Request::new(request)).await)
        }
        "validate_list" => {
            let request = pb::validate_list_resource_config::Request {
                type_name,
                config,
                include_resource_object: parts.value("include"),
                limit: parts.value("limit"),
            };
            answered(
                rpcs.validate_list_resource_config(Request::new(request))
                    .await,
            )
        }
        "invoke_action" => {
            let request = pb::invoke_action::Request {
                action_type: type_name,
                config,
                client_capabilities: parts.capabilities(),
            };
            match rpcs.invoke_action(Request::new(request)).await {
                Ok(answer) => streamed(answer.into_inner()).await,
                Err(status) => judged(status.message(), 0),
            }
        }
        "list" => {
            let request = pb::list_resource::Request {
                type_name,
                config,
                include_resource_object: json["include"].as_bool().unwrap_or_default(),
                limit: parts.number("limit"),
            };
            match rpcs.list_resource(Request::new(request)).await {
                Ok(answer) => streamed(answer.into_inner()).await,
                Err(status) => judged(status.message(), 0),
            }
        }
        // The name itself was mutated.
        _ => Ok(0),
    }
}

async fn streamed<T: prost::Message + std::fmt::Debug>(
    mut stream: impl tokio_stream::Stream<Item = Result<T, Status>> + Unpin,
) -> Tried {
    let mut size = 0;
    for _ in 0..EVENTS {
        match stream.next().await {
            None => break,
            Some(Ok(event)) => size += judged(&format!("{event:?}"), event.encoded_len())?,
            Some(Err(status)) => size += judged(status.message(), 0)?,
        }
    }
    Ok(size)
}
