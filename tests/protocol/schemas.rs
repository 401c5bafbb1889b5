//! The schemas and metadata of the provider.

use std::collections::BTreeSet;

use crosstenant::proto::tfplugin6 as pb;
use prost::Message as _;

use crate::life::Cli;
use crate::wire::{Wire, map, pack};

/// The host reads at most this many bytes.
const LARGEST_SCHEMA: usize = 64 * 1024 * 1024;

async fn schema(cli: &mut Cli) -> pb::get_provider_schema::Response {
    let request = pb::get_provider_schema::Request {};
    cli.client
        .get_provider_schema(request)
        .await
        .unwrap()
        .into_inner()
}

/// A kind of schema in a provider.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Provider,
    Resource,
    DataSource,
    InSet,
}

fn is_type(json: &serde_json::Value, may_be_dynamic: bool) -> bool {
    let inner = |of: &serde_json::Value| is_type(of, may_be_dynamic);
    match json {
        serde_json::Value::String(name) => match name.as_str() {
            "string" | "number" | "bool" => true,
            "dynamic" => may_be_dynamic,
            _ => false,
        },
        serde_json::Value::Array(parts) if parts.len() == 2 => match parts[0].as_str() {
            Some("set") => is_type(&parts[1], false),
            Some("list" | "map") => inner(&parts[1]),
            Some("tuple") => parts[1].as_array().is_some_and(|of| of.iter().all(inner)),
            Some("object") => parts[1]
                .as_object()
                .is_some_and(|of| of.values().all(inner)),
            _ => false,
        },
        _ => false,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn check(attributes: &[pb::schema::Attribute], place: Place, at: &str) {
    let names: BTreeSet<_> = attributes.iter().map(|attribute| &attribute.name).collect();
    assert_eq!(names.len(), attributes.len(), "{at}: a name stands twice");
    for it in attributes {
        let at = format!("{at}.{}", it.name);
        assert!(is_name(&it.name), "{at}");
        assert_ne!(
            it.r#type.is_empty(),
            it.nested_type.is_none(),
            "{at}: one type"
        );
        assert!(
            it.required || it.optional || it.computed,
            "{at}: nobody sets it"
        );
        assert!(
            !(it.required && (it.optional || it.computed)),
            "{at}: contradiction"
        );
        assert!(it.deprecated || it.deprecation_message.is_empty(), "{at}");
        if it.write_only {
            assert!(place == Place::Resource && !it.computed, "{at}: write-only");
            assert!(it.sensitive, "{at}: write-only, yet shown");
        }
        match &it.nested_type {
            None => {
                let json = serde_json::from_slice(&it.r#type).unwrap();
                assert!(is_type(&json, place != Place::InSet), "{at}: {json}");
            }
            Some(nested) => {
                use pb::schema::object::NestingMode;
                assert_ne!(nested.nesting(), NestingMode::Invalid, "{at}");
                assert!(!nested.attributes.is_empty(), "{at}");
                let place = if nested.nesting() == NestingMode::Set {
                    Place::InSet
                } else {
                    place
                };
                check(&nested.attributes, place, &at);
            }
        }
    }
}

fn check_schema(schema: &pb::Schema, place: Place, at: &str, reserved: &[&str]) {
    assert!(schema.version >= 0, "{at}");
    let block = schema.block.as_ref().unwrap();
    assert!(
        block.block_types.is_empty(),
        "{at}: nested attributes serve better"
    );
    for attribute in &block.attributes {
        assert!(
            !reserved.contains(&attribute.name.as_str()),
            "{at}.{}",
            attribute.name
        );
    }
    check(&block.attributes, place, at);
}

fn check_all(schema: &pb::get_provider_schema::Response, prefix: &str) {
    let meta = [
        "connection",
        "count",
        "depends_on",
        "for_each",
        "lifecycle",
        "provider",
        "provisioner",
    ];
    assert!(schema.diagnostics.is_empty());
    let provider = schema.provider.as_ref().unwrap();
    check_schema(provider, Place::Provider, "provider", &["alias", "version"]);
    for (schemas, place) in [
        (&schema.resource_schemas, Place::Resource),
        (&schema.data_source_schemas, Place::DataSource),
    ] {
        assert!(!schemas.is_empty());
        for (name, schema) in schemas {
            assert!(name.starts_with(prefix), "{name}");
            check_schema(schema, place, name, &meta);
        }
    }
}

#[tokio::test]
async fn the_schema_follows_the_rules_of_the_host() {
    let own = schema(&mut Cli::provider().await).await;
    check_all(&own, "crosstenant_");
    assert!(own.encoded_len() < LARGEST_SCHEMA);
    check_all(&schema(&mut Cli::fixture().await).await, "fixture_");
}

#[tokio::test]
async fn nested_attributes_come_in_all_four_modes() {
    use pb::schema::object::NestingMode;
    let schema = schema(&mut Cli::fixture().await).await;
    let thing = schema.resource_schemas["fixture_thing"]
        .block
        .clone()
        .unwrap();
    let mode = |name: &str| {
        let attribute = thing.attributes.iter().find(|it| it.name == name).unwrap();
        attribute
            .nested_type
            .as_ref()
            .map(pb::schema::Object::nesting)
    };
    assert_eq!(mode("part"), Some(NestingMode::Single));
    assert_eq!(mode("steps"), Some(NestingMode::List));
    assert_eq!(mode("named"), Some(NestingMode::Map));
    assert_eq!(mode("members"), Some(NestingMode::Set));
    assert_eq!(mode("matrix"), None);
}

#[tokio::test]
async fn the_metadata_match_the_schema() {
    let mut cli = Cli::provider().await;
    let request = pb::get_metadata::Request {};
    let metadata = cli.client.get_metadata(request).await.unwrap().into_inner();
    let schema = schema(&mut cli).await;
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    let resources: BTreeSet<_> = metadata.resources.iter().map(|it| &it.type_name).collect();
    assert_eq!(resources, schema.resource_schemas.keys().collect());
    let sources: BTreeSet<_> = metadata
        .data_sources
        .iter()
        .map(|it| &it.type_name)
        .collect();
    assert_eq!(sources, schema.data_source_schemas.keys().collect());
}

#[tokio::test]
async fn no_call_requires_the_schema_first() {
    // The host knows the types from an earlier process.
    let known = schema(&mut Cli::provider().await).await;
    for (type_name, schema) in known.resource_schemas {
        let mut cli = Cli::provider().await;
        let attributes = &schema.block.unwrap().attributes;
        let config = map(attributes.iter().map(|it| {
            let value = if it.required {
                crate::wire::unknown()
            } else {
                Wire::Nil
            };
            (it.name.as_str(), value)
        }));
        let request = pb::plan_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: pack(&Wire::Nil),
            proposed_new_state: pack(&config),
            config: pack(&config),
            ..Default::default()
        };
        let plan = cli
            .client
            .plan_resource_change(request)
            .await
            .unwrap()
            .into_inner();
        assert!(
            plan.diagnostics.is_empty(),
            "{type_name}: {:?}",
            plan.diagnostics
        );
        assert!(plan.planned_state.is_some());
    }
}

#[tokio::test]
async fn every_attribute_is_described() {
    fn check(attributes: &[pb::schema::Attribute], at: &str) {
        for it in attributes {
            let at = format!("{at}.{}", it.name);
            assert!(it.description.len() > 10, "{at}: {:?}", it.description);
            assert_eq!(it.description_kind(), pb::StringKind::Markdown, "{at}");
            let secret = ["secret", "password", "token", "certificate"]
                .iter()
                .any(|word| it.name.ends_with(word));
            assert!(
                it.sensitive || !secret || it.r#type != "\"string\"",
                "{at} is shown"
            );
            if let Some(nested) = &it.nested_type {
                check(&nested.attributes, &at);
            }
        }
    }
    let schema = schema(&mut Cli::provider().await).await;
    let all = schema
        .resource_schemas
        .iter()
        .chain(&schema.data_source_schemas);
    let own = ("provider".to_owned(), schema.provider.clone().unwrap());
    for (name, schema) in all.chain([(&own.0, &own.1)]) {
        let block = schema.block.as_ref().unwrap();
        assert!(!block.description.is_empty(), "{name}");
        check(&block.attributes, name);
    }
}
