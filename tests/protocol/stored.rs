//! Values from elsewhere: stored by earlier versions, moved from other types, imported, looked up.

use crosstenant::proto::tfplugin6 as pb;
use serde_json::json;

use crate::life::{Cli, TYPE};
use crate::wire::{Wire, errors, get, object_of, pack, text, thing, told, unpack};

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn raw(json: &serde_json::Value) -> Option<pb::RawState> {
    Some(pb::RawState {
        json: json.to_string().into(),
        flatmap: std::collections::HashMap::default(),
    })
}

async fn upgrade(
    cli: &mut Cli,
    type_name: &str,
    version: i64,
    raw_state: Option<pb::RawState>,
) -> pb::upgrade_resource_state::Response {
    let request = pb::upgrade_resource_state::Request {
        type_name: type_name.to_owned(),
        version,
        raw_state,
    };
    cli.client
        .upgrade_resource_state(request)
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn an_object_of_this_version_stays_what_it_is() {
    let mut cli = Cli::fixture().await;
    let stored = json!({
        "name": "a", "limit": 7, "number": 0.1, "tags": ["y", "x"], "of_a_later_version": [1],
        "named": { "k": { "choice": "a", "on": true } },
        "any": { "type": ["list", "string"], "value": ["v"] },
    });
    let answer = upgrade(&mut cli, TYPE, 1, raw(&stored)).await;
    assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
    let state = unpack(answer.upgraded_state.as_ref());
    let inner = crate::wire::part(text("a"), true.into(), Wire::Nil, Wire::Nil);
    let any = crate::wire::list([
        Wire::Binary(br#"["list","string"]"#.to_vec()),
        crate::wire::list([text("v")]),
    ]);
    let expected = thing([
        ("name", text("a")),
        ("limit", crate::wire::number(7)),
        ("number", text("0.1")),
        ("tags", crate::wire::list([text("x"), text("y")])),
        ("named", crate::wire::map([("k", inner)])),
        ("any", any),
    ]);
    for attribute in crate::fixture::attributes() {
        let (is, should_be) = (get(&state, attribute.name), get(&expected, attribute.name));
        if attribute.name == "named" {
            assert_eq!(get(get(is, "k"), "choice"), &text("a"));
        } else {
            assert_eq!(is, should_be, "{}", attribute.name);
        }
    }
}

#[tokio::test]
async fn every_resource_takes_its_own_version_and_ignores_what_it_does_not_know() {
    let mut cli = Cli::provider().await;
    let request = pb::get_provider_schema::Request {};
    let schema = cli
        .client
        .get_provider_schema(request)
        .await
        .unwrap()
        .into_inner();
    assert!(!schema.resource_schemas.is_empty());
    for (type_name, schema) in schema.resource_schemas {
        let stored = raw(&json!({ "no_such_attribute": { "x": 1 } }));
        let answer = upgrade(&mut cli, &type_name, schema.version, stored.clone()).await;
        assert!(
            answer.diagnostics.is_empty(),
            "{type_name}: {:?}",
            answer.diagnostics
        );
        let nothing = object_of(&schema.block.unwrap().attributes, &|_| Wire::Nil);
        assert_eq!(answer.upgraded_state, pack(&nothing), "{type_name}");
        // Every version that was ever released can be read, and no newer one.
        for version in 0..schema.version {
            let answer = upgrade(&mut cli, &type_name, version, stored.clone()).await;
            assert!(
                answer.diagnostics.is_empty(),
                "{type_name}, version {version}"
            );
        }
        let answer = upgrade(&mut cli, &type_name, schema.version + 1, stored).await;
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{type_name}");
        assert_eq!(answer.upgraded_state, None);
    }
}

#[tokio::test]
async fn an_older_version_is_brought_up_to_date() {
    let mut cli = Cli::fixture().await;
    let answer = upgrade(&mut cli, TYPE, 0, raw(&json!({ "title": "a" }))).await;
    let state = unpack(answer.upgraded_state.as_ref());
    assert_eq!(get(&state, "name"), &text("a"));
    let answer = upgrade(&mut cli, TYPE, 7, raw(&json!({ "name": "a" }))).await;
    assert_eq!(told(&answer.diagnostics), [": No such version"]);
    let answer = upgrade(&mut cli, TYPE, 1, raw(&json!({ "limit": "many" }))).await;
    assert_eq!(told(&answer.diagnostics), ["limit: Malformed value"]);
    let flat = pb::RawState {
        json: Vec::new().into(),
        flatmap: [("name".to_owned(), "a".to_owned())].into(),
    };
    let answer = upgrade(&mut cli, TYPE, 0, Some(flat)).await;
    assert_eq!(told(&answer.diagnostics), [": Malformed value"]);
    let answer = upgrade(&mut cli, TYPE, 1, None).await;
    assert_eq!(errors(&answer.diagnostics).len(), 1);
}

#[tokio::test]
async fn a_move_needs_no_configuration_and_a_known_source() {
    let mut cli = Cli::fixture().await;
    let mut request = pb::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/example/other".to_owned(),
        source_type_name: "other_thing".to_owned(),
        source_schema_version: 3,
        source_state: raw(&json!({ "title": "a", "more": true })),
        target_type_name: TYPE.to_owned(),
        ..Default::default()
    };
    let answer = cli
        .client
        .move_resource_state(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(answer.diagnostics.is_empty());
    assert_eq!(
        get(&unpack(answer.target_state.as_ref()), "name"),
        &text("a")
    );
    request.source_type_name = "yet_another".to_owned();
    let answer = cli
        .client
        .move_resource_state(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(errors(&answer.diagnostics).len(), 1);
    assert_eq!(answer.target_state, None);

    let mut cli = Cli::provider().await;
    let metadata = cli
        .client
        .get_metadata(pb::get_metadata::Request {})
        .await
        .unwrap();
    for resource in metadata.into_inner().resources {
        request.target_type_name.clone_from(&resource.type_name);
        let answer = cli
            .client
            .move_resource_state(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            errors(&answer.diagnostics).len(),
            1,
            "{}",
            resource.type_name
        );
    }
}

#[tokio::test]
async fn an_import_names_the_object_or_the_form_of_its_id() {
    let mut cli = Cli::fixture().await;
    let mut request = pb::import_resource_state::Request {
        type_name: TYPE.to_owned(),
        id: "a".to_owned(),
        ..Default::default()
    };
    let answer = cli
        .client
        .import_resource_state(request.clone())
        .await
        .unwrap()
        .into_inner();
    let [imported] = &answer.imported_resources[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(imported.type_name, TYPE);
    assert_eq!(imported.private, "i");
    assert_eq!(get(&unpack(imported.state.as_ref()), "name"), &text("a"));
    request.id = "a/b".to_owned();
    let answer = cli
        .client
        .import_resource_state(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        told(&answer.diagnostics),
        [": The ID must have the form `<name>`"]
    );
    let mut cli = Cli::provider().await;
    let metadata = cli
        .client
        .get_metadata(pb::get_metadata::Request {})
        .await
        .unwrap();
    for resource in metadata.into_inner().resources {
        let request = pb::import_resource_state::Request {
            type_name: resource.type_name.clone(),
            id: "this is/no id/of anything/at all".to_owned(),
            ..Default::default()
        };
        let answer = cli
            .client
            .import_resource_state(request)
            .await
            .unwrap()
            .into_inner();
        let found = errors(&answer.diagnostics);
        assert_eq!(found.len(), 1, "{}", resource.type_name);
        assert!(found[0].detail.contains("form"), "{}", found[0].detail);
        assert!(answer.imported_resources.is_empty());
    }
}

#[tokio::test]
async fn a_lookup_is_known_or_an_error() {
    let mut cli = Cli::fixture().await;
    assert_eq!(cli.greeting("hello").await, text("hello"));
    assert_eq!(
        cli.greeting("another").await,
        text("another"),
        "replaces what was configured"
    );
    let found = cli.look_up("x").await;
    assert!(found.diagnostics.is_empty());
    assert_eq!(get(&unpack(found.state.as_ref()), "name"), &text("x"));
    let missing = cli.look_up("missing").await;
    assert_eq!(told(&missing.diagnostics), ["name: There is no `missing`"]);
}
