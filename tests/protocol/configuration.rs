//! Validation of configurations, before any operation.

use crosstenant::proto::tfplugin6 as pb;

use crate::life::{Cli, TYPE};
use crate::wire::{
    Wire, all_unknown, errors, list, map, object_of, pack, part, text, thing, told, unknown,
};

const MODERN: pb::ClientCapabilities = pb::ClientCapabilities {
    deferral_allowed: false,
    write_only_attributes_allowed: true,
    store_planned_private: false,
    computed_blocks_allowed: false,
};

async fn validate(cli: &mut Cli, type_name: &str, config: &Wire) -> Vec<pb::Diagnostic> {
    let request = pb::validate_resource_config::Request {
        type_name: type_name.to_owned(),
        config: pack(config),
        client_capabilities: Some(MODERN),
    };
    let answer = cli.client.validate_resource_config(request).await.unwrap();
    answer.into_inner().diagnostics
}

/// The diagnostics for an object of the fixture.
async fn said(cli: &mut Cli, members: &[(&str, Wire)]) -> Vec<String> {
    let mut all = vec![("name", text("a"))];
    all.extend_from_slice(members);
    told(&validate(cli, TYPE, &thing(all)).await)
}

async fn schema(cli: &mut Cli) -> pb::get_provider_schema::Response {
    let request = pb::get_provider_schema::Request {};
    cli.client
        .get_provider_schema(request)
        .await
        .unwrap()
        .into_inner()
}

fn attributes(schema: &pb::Schema) -> &[pb::schema::Attribute] {
    &schema.block.as_ref().unwrap().attributes
}

#[tokio::test]
async fn an_unknown_type_is_an_error_and_no_crash() {
    let mut cli = Cli::provider().await;
    let type_name = "crosstenant_no_such_thing".to_owned();
    let found = validate(&mut cli, &type_name, &Wire::Nil).await;
    assert_eq!(told(&found), [": Unknown resource type"]);
    let client = &mut cli.client;
    let plan = pb::plan_resource_change::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let plan = client
        .plan_resource_change(plan)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&plan.diagnostics), [": Unknown resource type"]);
    let apply = pb::apply_resource_change::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let apply = client
        .apply_resource_change(apply)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&apply.diagnostics), [": Unknown resource type"]);
    let read = pb::read_resource::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let read = client.read_resource(read).await.unwrap().into_inner();
    assert_eq!(told(&read.diagnostics), [": Unknown resource type"]);
    let upgrade = pb::upgrade_resource_state::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let upgrade = client
        .upgrade_resource_state(upgrade)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&upgrade.diagnostics), [": Unknown resource type"]);
    let import = pb::import_resource_state::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let import = client
        .import_resource_state(import)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&import.diagnostics), [": Unknown resource type"]);
    let moved = pb::move_resource_state::Request {
        target_type_name: type_name.clone(),
        ..Default::default()
    };
    let moved = client
        .move_resource_state(moved)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&moved.diagnostics), [": Unknown resource type"]);
    let source = pb::read_data_source::Request {
        type_name: type_name.clone(),
        ..Default::default()
    };
    let source = client.read_data_source(source).await.unwrap().into_inner();
    assert_eq!(told(&source.diagnostics), [": Unknown data source"]);
    let source = pb::validate_data_resource_config::Request {
        type_name,
        ..Default::default()
    };
    let source = client
        .validate_data_resource_config(source)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told(&source.diagnostics), [": Unknown data source"]);
}

#[tokio::test]
async fn unsupported_calls_are_unimplemented() {
    let mut cli = Cli::provider().await;
    let request = pb::close_ephemeral_resource::Request::default();
    let status = cli
        .client
        .close_ephemeral_resource(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
}

#[tokio::test]
async fn an_unknown_provider_configuration_is_not_an_error() {
    let mut cli = Cli::provider().await;
    let provider = schema(&mut cli).await.provider.unwrap();
    let config = pack(&all_unknown(attributes(&provider), true));
    let request = pb::validate_provider_config::Request { config };
    let answer = cli.client.validate_provider_config(request).await.unwrap();
    assert_eq!(told(&errors_of(&answer.into_inner().diagnostics)), [""; 0]);
}

fn errors_of(diagnostics: &[pb::Diagnostic]) -> Vec<pb::Diagnostic> {
    errors(diagnostics).into_iter().cloned().collect()
}

#[tokio::test]
async fn an_unknown_credential_is_a_clear_error_and_no_crash() {
    let mut cli = Cli::provider().await;
    let provider = schema(&mut cli).await.provider.unwrap();
    let config = pack(&all_unknown(attributes(&provider), true));
    let request = pb::configure_provider::Request {
        terraform_version: "1.14.0".to_owned(),
        config,
        client_capabilities: None,
    };
    let answer = cli
        .client
        .configure_provider(request)
        .await
        .unwrap()
        .into_inner();
    let found = errors(&answer.diagnostics);
    assert!(!found.is_empty());
    assert!(
        found.iter().all(|error| error.attribute.is_some()),
        "{found:?}"
    );
    cli.client
        .get_metadata(pb::get_metadata::Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn an_unknown_configuration_is_not_an_error() {
    let mut cli = Cli::provider().await;
    let schema = schema(&mut cli).await;
    assert!(!schema.resource_schemas.is_empty());
    for (type_name, schema) in &schema.resource_schemas {
        for deep in [false, true] {
            let config = all_unknown(attributes(schema), deep);
            let found = errors_of(&validate(&mut cli, type_name, &config).await);
            assert_eq!(told(&found), [""; 0], "{type_name}");
        }
    }
}

#[tokio::test]
async fn an_unknown_lookup_is_not_an_error() {
    let mut cli = Cli::provider().await;
    let schema = schema(&mut cli).await;
    assert!(!schema.data_source_schemas.is_empty());
    for (type_name, schema) in &schema.data_source_schemas {
        let request = pb::validate_data_resource_config::Request {
            type_name: type_name.clone(),
            config: pack(&all_unknown(attributes(schema), true)),
        };
        let answer = cli
            .client
            .validate_data_resource_config(request)
            .await
            .unwrap();
        assert_eq!(
            told(&errors_of(&answer.into_inner().diagnostics)),
            [""; 0],
            "{type_name}"
        );
    }
}

#[tokio::test]
async fn read_only_attributes_cannot_be_configured() {
    let mut cli = Cli::fixture().await;
    let inner = part(text("a"), Wire::Nil, text("x"), Wire::Nil);
    let found = said(&mut cli, &[("id", text("x")), ("steps", list([inner]))]).await;
    assert_eq!(
        found,
        ["id: `id` is read-only", "steps[0].id: `id` is read-only"]
    );

    let mut cli = Cli::provider().await;
    for (type_name, schema) in schema(&mut cli).await.resource_schemas {
        for wrong in attributes(&schema)
            .iter()
            .filter(|it| it.computed && !it.optional)
        {
            let mut config = all_unknown(attributes(&schema), false);
            crate::wire::set(&mut config, &wrong.name, sample(wrong));
            let found = told(&validate(&mut cli, &type_name, &config).await);
            assert_eq!(
                found,
                [format!("{0}: `{0}` is read-only", wrong.name)],
                "{type_name}"
            );
        }
    }
}

/// A known value of the attribute's type.
fn sample(attribute: &pb::schema::Attribute) -> Wire {
    match attribute.r#type.as_ref() {
        b"\"bool\"" => true.into(),
        b"\"number\"" => 1.into(),
        b"\"string\"" => text("x"),
        map if map.starts_with(b"[\"map\"") => Wire::Map(Vec::new()),
        _ => list([]),
    }
}

#[tokio::test]
async fn required_attributes_cannot_be_null() {
    let mut cli = Cli::fixture().await;
    let inner = || part(Wire::Nil, Wire::Nil, Wire::Nil, Wire::Nil);
    let members = [
        ("name", Wire::Nil),
        ("part", inner()),
        ("named", map([("k", inner())])),
        ("members", list([inner()])),
    ];
    let expected = [
        "name: Missing `name`",
        "part.choice: Missing `choice`",
        "named[\"k\"].choice: Missing `choice`",
        "members: Missing `choice`",
    ];
    assert_eq!(said(&mut cli, &members).await, expected);

    let mut cli = Cli::provider().await;
    for (type_name, schema) in schema(&mut cli).await.resource_schemas {
        let config = object_of(attributes(&schema), &|_| Wire::Nil);
        let found = told(&validate(&mut cli, &type_name, &config).await);
        for required in attributes(&schema).iter().filter(|it| it.required) {
            let missing = format!("{0}: Missing `{0}`", required.name);
            assert!(found.contains(&missing), "{type_name}: {found:?}");
        }
    }
}

#[tokio::test]
async fn deprecated_attributes_warn_once() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("old", true.into())]);
    let found = validate(&mut cli, TYPE, &config).await;
    assert_eq!(told(&found), ["old: `old` is deprecated"]);
    assert!(errors(&found).is_empty());
}

#[tokio::test]
async fn a_cli_that_would_store_write_only_values_is_refused() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("hidden", text("x"))]);
    assert!(validate(&mut cli, TYPE, &config).await.is_empty());
    let request = pb::validate_resource_config::Request {
        type_name: TYPE.to_owned(),
        config: pack(&config),
        client_capabilities: None,
    };
    let answer = cli
        .client
        .validate_resource_config(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        told(&answer.diagnostics),
        ["hidden: `hidden` needs a newer CLI"]
    );
    assert_eq!(errors(&answer.diagnostics).len(), 1);
}

#[tokio::test]
async fn every_message_names_the_place() {
    let mut cli = Cli::fixture().await;
    let wrong = || part(text("c"), unknown(), Wire::Nil, Wire::Nil);
    let right = || part(text("a"), unknown(), Wire::Nil, Wire::Nil);
    let members = [
        ("guid", text("x")),
        ("part", wrong()),
        ("steps", list([right(), wrong()])),
        ("named", map([("one", right()), ("two words", wrong())])),
        ("members", list([wrong()])),
    ];
    let expected = [
        "guid: Invalid `guid`",
        "part.choice: Invalid `choice`",
        "steps[1].choice: Invalid `choice`",
        "named[\"two words\"].choice: Invalid `choice`",
        "members: Invalid `choice`",
    ];
    assert_eq!(said(&mut cli, &members).await, expected);
}
