//! The provider with two emulated tenants behind it, asked by gRPC what only newer CLIs than the local one ask.

use std::future::Future;
use std::path::PathBuf;

use crosstenant::proto::tfplugin6 as pb;
use serde_json::Value as Json;

use crate::host::Launch;
use crate::identity::{import, named};
use crate::imports::id_of;
use crate::life::Cli;
use crate::support::{CONTOSO, Emulator, Workspace, project, scenarios};
use crate::wire::{Wire, get, map, pack, text, told, unpack};

/// Runs what asks by gRPC. The emulator is asked outside of it.
pub fn asking<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// A CLI whose provider signs in to one of the tenants of `emulator`.
pub async fn signed_in(emulator: &Emulator, tenant_id: &str) -> Cli {
    let mut launch = Launch::provider();
    for (name, value) in emulator.environment() {
        launch = launch.env(&name, &value);
    }
    let mut cli = Cli::of(launch).await;
    let request = pb::get_provider_schema::Request {};
    let schema = cli.client.get_provider_schema(request).await.unwrap();
    let provider = schema.into_inner().provider.unwrap().block.unwrap();
    let prefix = if tenant_id == CONTOSO {
        "SOURCE"
    } else {
        "TARGET"
    };
    let config = crate::wire::object_of(&provider.attributes, &|attribute| {
        if attribute.name == "environment_prefix" {
            text(prefix)
        } else {
            Wire::Nil
        }
    });
    let request = pb::configure_provider::Request {
        terraform_version: "1.14.0".to_owned(),
        config: pack(&config),
        client_capabilities: None,
    };
    let answer = cli.client.configure_provider(request).await.unwrap();
    assert_eq!(told(&answer.into_inner().diagnostics), [""; 0]);
    cli
}

/// A value as JSON, which the provider understands as well.
#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn json(value: &Json) -> Option<pb::DynamicValue> {
    Some(pb::DynamicValue {
        msgpack: Vec::new().into(),
        json: value.to_string().into(),
    })
}

pub async fn read(
    cli: &mut Cli,
    type_name: &str,
    current_state: Option<pb::DynamicValue>,
) -> pb::read_resource::Response {
    let request = pb::read_resource::Request {
        type_name: type_name.to_owned(),
        current_state,
        ..Default::default()
    };
    let read = cli
        .client
        .read_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&read.diagnostics), [""; 0], "{type_name}");
    read
}

/// Imports what an applied example made by its identity, has its configuration written, and imports it by every form of its ID.
async fn adopt(cli: &mut Cli, type_name: &str, values: &Json) {
    let stored = read(cli, type_name, json(values)).await;
    let identity = named(stored.new_identity.as_ref());
    assert_eq!(
        get(&identity, "tenant_id").as_str(),
        values["tenant_id"].as_str()
    );

    let without_tenant = identity.as_map().unwrap().iter().map(|(name, value)| {
        let name = name.as_str().unwrap();
        let is_needed = name != "tenant_id" || identity.as_map().unwrap().len() == 1;
        (name, if is_needed { value.clone() } else { Wire::Nil })
    });
    let answer = import(cli, type_name, "", Some(&map(without_tenant))).await;
    assert_eq!(told(&answer.diagnostics), [""; 0], "{type_name}");
    let imported = &answer.imported_resources[0];
    assert_eq!(named(imported.identity.as_ref()), identity, "{type_name}");
    let found = read(cli, type_name, imported.state.clone()).await;
    assert_eq!(named(found.new_identity.as_ref()), identity, "{type_name}");
    assert!(!unpack(found.new_state.as_ref()).is_nil(), "{type_name}");
    generated(cli, type_name, found.new_state.clone()).await;
    for id in scenarios::of(type_name)
        .all_forms()
        .iter()
        .filter_map(|form| id_of(form, values))
    {
        let answer = import(cli, type_name, &id, None).await;
        assert_eq!(told(&answer.diagnostics), [""; 0], "{type_name} {id}");
        let state = answer.imported_resources[0].state.clone();
        let same = read(cli, type_name, state).await;
        assert_eq!(
            unpack(same.new_state.as_ref()),
            unpack(found.new_state.as_ref()),
            "{type_name} {id}"
        );
    }
}

/// The configuration that the provider writes for an object validates and changes nothing.
pub async fn generated(cli: &mut Cli, type_name: &str, state: Option<pb::DynamicValue>) {
    let request = pb::generate_resource_config::Request {
        type_name: type_name.to_owned(),
        state: state.clone(),
    };
    let answer = cli.client.generate_resource_config(request).await.unwrap();
    let config = answer.into_inner().config;
    let request = pb::validate_resource_config::Request {
        type_name: type_name.to_owned(),
        config: config.clone(),
        client_capabilities: None,
    };
    let answer = cli.client.validate_resource_config(request).await.unwrap();
    assert_eq!(
        told(&answer.into_inner().diagnostics),
        [""; 0],
        "{type_name}"
    );
    let request = pb::plan_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: state.clone(),
        proposed_new_state: config.clone(),
        config: config.clone(),
        ..Default::default()
    };
    let plan = cli.client.plan_resource_change(request).await.unwrap();
    let plan = plan.into_inner();
    assert_eq!(told(&plan.diagnostics), [""; 0], "{type_name}");
    let (planned, state) = (unpack(plan.planned_state.as_ref()), unpack(state.as_ref()));
    assert_eq!(planned, state, "{type_name}: {}", unpack(config.as_ref()));
    assert!(get(&unpack(config.as_ref()), "timeouts").is_nil());
}

pub fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(project("examples/resources")).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[test]
fn every_example_is_adopted_by_its_identity() {
    let mut seen = std::collections::BTreeSet::new();
    for folder in examples() {
        let emulator = Emulator::start();
        let text = std::fs::read_to_string(folder.join("resource.tf")).unwrap();
        let workspace = Workspace::new(&emulator, &text);
        workspace.apply().succeeded();
        for (address, type_name, values) in workspace.resources() {
            if seen.insert(type_name.clone()) {
                eprintln!("{address}");
                let tenant = values["tenant_id"].as_str().unwrap();
                asking(async {
                    let mut cli = signed_in(&emulator, tenant).await;
                    adopt(&mut cli, &type_name, &values).await;
                });
            }
        }
    }
    assert_eq!(seen.len(), examples().len());
}
