//! Hostile inputs: values over gRPC, import IDs, seeds of the emulator.

use crosstenant::emulator::{self, Options};
use crosstenant::proto::tfplugin6 as pb;
use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value as Json;

use crate::dice::Dice;
use crate::engine::seed;
use crate::host::Launch;

/// Random bytes over gRPC in `cargo test`; a hundred times as many with `CROSSTENANT_CHAOS`.
fn rounds(few: u32) -> u32 {
    match std::env::var_os("CROSSTENANT_CHAOS") {
        Some(_) => few * 50,
        None => few,
    }
}

fn random_bytes(dice: &mut Dice) -> Vec<u8> {
    let length = dice.below(200);
    match dice.below(4) {
        // Random bytes.
        0 => (0..length).map(|_| dice.roll().to_le_bytes()[0]).collect(),
        // A map with many entries, truncated or complete.
        1 => {
            let mut bytes = vec![0xde, 0xff, 0xff];
            bytes.extend((0..length).map(|_| dice.roll().to_le_bytes()[0] & 0xbf));
            bytes
        }
        // Deep nesting.
        2 => vec![0x91; dice.below(200_000)],
        // A wrong length prefix.
        _ => {
            let heads: [u8; 6] = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9, 0xdc];
            vec![heads[dice.below(6)], 0xff, 0xff, 0xff, 0xff, 0xc0]
        }
    }
}

fn random_json(dice: &mut Dice) -> Vec<u8> {
    match dice.below(4) {
        0 => (0..dice.below(100))
            .map(|_| dice.roll().to_le_bytes()[0])
            .collect(),
        1 => "[".repeat(dice.below(100_000)).into_bytes(),
        2 => format!("{{\"id\":{}}}", "9".repeat(dice.below(50_000))).into_bytes(),
        _ => {
            let mut text = seed().to_string().into_bytes();
            let at = dice.below(text.len());
            text[at] = dice.roll().to_le_bytes()[0];
            text.truncate(1 + dice.below(text.len()));
            text
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_over_grpc_breaks_the_provider() {
    let mut plugin = Launch::provider().without_tls().start().await;
    let mut client = plugin.client().await;
    let provider = CrossTenant::default();
    let names: Vec<String> = provider
        .resources()
        .iter()
        .map(|resource| resource.type_name().to_owned())
        .collect();
    let dice = &mut Dice(7);
    let count = rounds(400);
    for _ in 0..count {
        let type_name = names[dice.below(names.len())].clone();
        let value = |dice: &mut Dice| {
            let (msgpack, json) = match dice.below(2) {
                0 => (random_bytes(dice), Vec::new()),
                _ => (Vec::new(), random_json(dice)),
            };
            Some(pb::DynamicValue {
                msgpack: msgpack.into(),
                json: json.into(),
            })
        };
        // Any response is correct, including a refusal, but there must be one.
        match dice.below(5) {
            0 => {
                let request = pb::validate_resource_config::Request {
                    type_name,
                    config: value(dice),
                    ..Default::default()
                };
                let _ = client.validate_resource_config(request).await;
            }
            1 => {
                let request = pb::plan_resource_change::Request {
                    type_name,
                    prior_state: value(dice),
                    proposed_new_state: value(dice),
                    config: value(dice),
                    ..Default::default()
                };
                let _ = client.plan_resource_change(request).await;
            }
            2 => {
                let request = pb::read_resource::Request {
                    type_name,
                    current_state: value(dice),
                    private: random_bytes(dice).into(),
                    ..Default::default()
                };
                let _ = client.read_resource(request).await;
            }
            3 => {
                let raw = pb::RawState {
                    json: random_json(dice).into(),
                    ..Default::default()
                };
                let request = pb::upgrade_resource_state::Request {
                    type_name,
                    version: i64::from_le_bytes(dice.roll().to_le_bytes()) % 3,
                    raw_state: Some(raw),
                };
                let _ = client.upgrade_resource_state(request).await;
            }
            _ => {
                let request = pb::import_resource_state::Request {
                    type_name,
                    id: String::from_utf8_lossy(&random_json(dice)).into_owned(),
                    ..Default::default()
                };
                let _ = client.import_resource_state(request).await;
            }
        }
    }
    let metadata = client.get_metadata(pb::get_metadata::Request {}).await;
    assert!(metadata.is_ok(), "the provider still answers");
    let process = plugin.child.id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let mib = line
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024;
    assert!(mib < 300, "{mib} MiB");
    assert!(!plugin.errors().contains("panic: "), "{}", plugin.errors());
    assert!(plugin.shut_down().await.success());
    if std::env::var_os("CROSSTENANT_CHAOS").is_none() {
        let text = format!("{count} requests with broken values to the binary over gRPC.");
        crate::reliability::says("wire", &text);
    }
    eprintln!(
        "hostile inputs: {count} requests with broken values over gRPC, peak memory of the provider {mib} MiB"
    );
}

#[test]
fn any_text_may_be_tried_as_an_import_id() {
    let provider = CrossTenant::default();
    let guid = "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    let forms = [
        format!("{guid}(/{guid}){{0,3}}"),
        format!("/?(servicePrincipals/)?{guid}/(appRoleAssignedTo|synchronization/jobs)/.{{0,40}}"),
    ];
    let form = |text: &str| proptest::string::string_regex(text).unwrap();
    let texts = prop_oneof![
        any::<String>(),
        form(&forms[0]),
        form(&forms[1]),
        form("[/ ]{0,30}")
    ];
    let mut runner = TestRunner::new(Config {
        cases: rounds(300),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&texts, |id| {
            for resource in provider.resources() {
                let imported = futures::executor::block_on(resource.import(id.clone()));
                if let Ok(imported) = imported {
                    prop_assert!(imported.state.is_wholly_known());
                }
            }
            Ok(())
        })
        .unwrap();
    eprintln!(
        "hostile inputs: {} import IDs for each of {} resources",
        rounds(300),
        provider.resources().len()
    );
}

/// All pointers into a document.
fn places(json: &Json, at: String, found: &mut Vec<String>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                places(value, format!("{at}/{name}"), found);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

#[tokio::test]
async fn no_seed_breaks_the_emulator() {
    let original = seed();
    let mut found = Vec::new();
    places(&original, String::new(), &mut found);
    let dice = &mut Dice(11);
    let (mut started, mut refused) = (0, 0);
    for _ in 0..rounds(300) {
        let mut seed = original.clone();
        for _ in 0..=dice.below(3) {
            let place = &found[dice.below(found.len())];
            let values = [
                Json::Null,
                7.into(),
                "x".into(),
                true.into(),
                Json::Array(vec![]),
                serde_json::json!({ "a": [] }),
                (-1).into(),
                "".into(),
            ];
            if let Some(value) = seed.pointer_mut(place) {
                *value = values[dice.below(values.len())].clone();
            }
        }
        let mut text = seed.to_string();
        if dice.below(8) == 0 {
            let cut = dice.below(text.len());
            text = text.chars().take(cut).collect();
        }
        match emulator::start(Options::new(text)).await {
            Ok(_) => started += 1,
            Err(why) => {
                assert!(!why.is_empty());
                refused += 1;
            }
        }
    }
    eprintln!(
        "hostile inputs: {} seeds of the emulator, {started} taken, {refused} refused",
        started + refused
    );
}
