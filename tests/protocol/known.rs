//! Identities of planned, imported and moved objects are whole or absent, for every resource: CLIs print them as JSON, where
//! unknown has no form, and a single unknown part hides the whole plan from the user.

use std::collections::BTreeMap;

use crosstenant::proto::tfplugin6 as pb;

use crate::identity::{import, named, schemas};
use crate::imports::id_of;
use crate::life::Cli;
use crate::support::CONTOSO;
use crate::support::peers;
use crate::support::scenarios;
use crate::wire::{Wire, all_unknown, get, list, map, object_of, pack, set, text, unknown, unpack};

pub const GUID: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "66666666-7777-8888-9999-aaaaaaaaaaaa";

pub type Attributes = Vec<pb::schema::Attribute>;

/// The attributes of every resource.
pub async fn resources(cli: &mut Cli) -> BTreeMap<String, Attributes> {
    let request = pb::get_provider_schema::Request {};
    let schema = cli.client.get_provider_schema(request).await.unwrap();
    let all = schema.into_inner().resource_schemas.into_iter();
    all.map(|(name, schema)| (name, schema.block.unwrap().attributes))
        .collect()
}

/// A value of the attribute's type with `leaf` for each string.
pub fn filled(attribute: &pb::schema::Attribute, leaf: &Wire) -> Wire {
    use pb::schema::object::NestingMode;
    if let Some(nested) = &attribute.nested_type {
        let inner = object_of(&nested.attributes, &|attribute| filled(attribute, leaf));
        return match nested.nesting() {
            NestingMode::List | NestingMode::Set => list([inner]),
            // A key that every map of objects takes.
            NestingMode::Map => map([("crossTenantMigration", inner)]),
            _ => inner,
        };
    }
    let of = String::from_utf8(attribute.r#type.to_vec()).unwrap();
    match of.as_str() {
        r#""string""# => leaf.clone(),
        r#""number""# => crate::wire::number(1),
        r#""bool""# => true.into(),
        r#"["list","string"]"# | r#"["set","string"]"# => list([leaf.clone()]),
        r#"["map","string"]"# => map([("key", leaf.clone())]),
        other => panic!("{} is of type {other}", attribute.name),
    }
}

pub fn configured(attributes: &Attributes, leaf: &Wire, only_required: bool) -> Wire {
    object_of(attributes, &|attribute| {
        let wanted = attribute.required || (attribute.optional && !only_required);
        if wanted {
            filled(attribute, leaf)
        } else {
            Wire::Nil
        }
    })
}

/// Every configuration of a resource that differs in what is known.
fn configurations(attributes: &Attributes) -> Vec<Wire> {
    vec![
        configured(attributes, &text(GUID), true),
        configured(attributes, &text(GUID), false),
        configured(attributes, &unknown(), true),
        configured(attributes, &unknown(), false),
        all_unknown(attributes, false),
        all_unknown(attributes, true),
    ]
}

/// Whether an identity contains either this attribute or another one.
fn has_alternative(name: &str) -> bool {
    let rows = scenarios::all();
    let mut pairs = rows.iter().filter_map(scenarios::Scenario::alternatives);
    pairs.any(|pair| pair.contains(&name))
}

/// Whether the identity is there. A part of one is a failure.
fn is_whole(identity: Option<&pb::ResourceIdentityData>, at: &str) -> bool {
    let Some(identity) = identity else {
        return false;
    };
    let value = named(Some(identity));
    for (name, part) in value.as_map().unwrap() {
        let name = name.as_str().unwrap();
        // Of two alternatives one is there.
        assert!(
            part.is_str() || part.is_nil() && has_alternative(name),
            "{at}: {name} is {part}"
        );
    }
    true
}

pub async fn plan(
    cli: &mut Cli,
    type_name: &str,
    prior: &Wire,
    config: &Wire,
    private: &[u8],
) -> pb::plan_resource_change::Response {
    let request = pb::plan_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: pack(prior),
        proposed_new_state: pack(config),
        config: pack(config),
        prior_private: private.to_vec().into(),
        ..Default::default()
    };
    let answer = cli.client.plan_resource_change(request).await;
    answer.unwrap().into_inner()
}

/// Signed in to nobody: plans that need no tenant are made all the same, and the tenant is known.
pub async fn configured_provider(tenant_id: &str) -> Cli {
    let mut cli = Cli::provider().await;
    let request = pb::get_provider_schema::Request {};
    let schema = cli.client.get_provider_schema(request).await.unwrap();
    let block = schema.into_inner().provider.unwrap().block.unwrap();
    let config = object_of(
        &block.attributes,
        &|attribute| match attribute.name.as_str() {
            "tenant_id" => text(tenant_id),
            "client_id" => text(GUID),
            "client_secret" => text("not used"),
            "graph_endpoint" | "login_endpoint" => text("http://127.0.0.1:9"),
            "max_retries" => 0.into(),
            _ => Wire::Nil,
        },
    );
    let request = pb::configure_provider::Request {
        terraform_version: "1.15.5".to_owned(),
        config: pack(&config),
        client_capabilities: None,
    };
    let answer = cli.client.configure_provider(request).await.unwrap();
    assert_eq!(answer.into_inner().diagnostics, []);
    cli
}

#[tokio::test]
async fn a_planned_identity_is_whole_or_absent() {
    for mut cli in [Cli::provider().await, configured_provider(CONTOSO).await] {
        for (type_name, attributes) in resources(&mut cli).await {
            for config in configurations(&attributes) {
                let at = format!("creation of {type_name} with {config}");
                let created = plan(&mut cli, &type_name, &Wire::Nil, &config, b"").await;
                is_whole(created.planned_identity.as_ref(), &at);
                for before in [GUID, OTHER] {
                    let mut prior =
                        object_of(&attributes, &|attribute| filled(attribute, &text(before)));
                    if attributes.iter().any(|it| it.name == "tenant_id") {
                        set(&mut prior, "tenant_id", text(CONTOSO));
                    }
                    let at = format!("change of {type_name} to {config}");
                    let changed = plan(&mut cli, &type_name, &prior, &config, b"{}").await;
                    is_whole(changed.planned_identity.as_ref(), &at);
                    let private = changed.planned_private.to_vec();
                    let replaced = plan(&mut cli, &type_name, &Wire::Nil, &config, &private).await;
                    is_whole(replaced.planned_identity.as_ref(), &at);
                }
            }
        }
    }
}

/// An update that leaves the identifying attributes alone has an identity: it would otherwise be lost from the state.
#[tokio::test]
async fn an_update_in_place_keeps_its_identity() {
    let mut cli = configured_provider(CONTOSO).await;
    let identities = schemas(&mut cli).await.identity_schemas;
    for (type_name, attributes) in resources(&mut cli).await {
        let mut prior = object_of(&attributes, &|attribute| filled(attribute, &text(GUID)));
        set(&mut prior, "tenant_id", text(CONTOSO));
        let mut config = configured(&attributes, &text(GUID), false);
        if attributes
            .iter()
            .any(|it| it.name == "tenant_id" && it.optional)
        {
            set(&mut config, "tenant_id", text(CONTOSO));
        }
        let changed = plan(&mut cli, &type_name, &prior, &config, b"{}").await;
        let planned = unpack(changed.planned_state.as_ref());
        let is_known = identities[&type_name]
            .identity_attributes
            .iter()
            .all(|it| get(&planned, &it.name).is_str());
        let there = is_whole(changed.planned_identity.as_ref(), &type_name);
        assert_eq!(there, is_known, "{type_name}");
        assert!(there || !changed.requires_replace.is_empty(), "{type_name}");
    }
}

#[tokio::test]
async fn the_identity_of_an_imported_object_is_whole_or_absent() {
    for mut cli in [Cli::provider().await, configured_provider(CONTOSO).await] {
        for (type_name, attributes) in resources(&mut cli).await {
            let values: serde_json::Map<_, _> = attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), GUID.into()))
                .collect();
            let ids = scenarios::of(&type_name).all_forms();
            for id in ids
                .iter()
                .filter_map(|form| id_of(form, &values.clone().into()))
            {
                let answer = import(&mut cli, &type_name, &id, None).await;
                for imported in &answer.imported_resources {
                    is_whole(imported.identity.as_ref(), &format!("{type_name} {id}"));
                }
            }
            let identity = &schemas(&mut cli).await.identity_schemas[&type_name];
            for only_required in [false, true] {
                let identity = map(identity.identity_attributes.iter().map(|it| {
                    let is_set = it.required_for_import || !only_required;
                    let value = match it.name.as_str() {
                        "tenant_id" => CONTOSO,
                        "kind" => "partner",
                        _ => GUID,
                    };
                    let value = if is_set { text(value) } else { Wire::Nil };
                    (it.name.as_str(), value)
                }));
                let answer = import(&mut cli, &type_name, "", Some(&identity)).await;
                let Some(imported) = answer.imported_resources.first() else {
                    // Neither or both of two alternatives.
                    let row = scenarios::of(&type_name);
                    assert!(row.alternative.is_some(), "{type_name}");
                    assert!(!answer.diagnostics.is_empty());
                    continue;
                };
                let there = is_whole(imported.identity.as_ref(), &type_name);
                assert!(there || only_required, "{type_name}");
            }
        }
    }
}

#[tokio::test]
async fn the_identity_of_a_moved_object_is_whole_or_absent() {
    for mut cli in [Cli::provider().await, configured_provider(CONTOSO).await] {
        let mut moved = 0;
        for (type_name, attributes) in resources(&mut cli).await {
            let values: serde_json::Map<_, _> = attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), GUID.into()))
                .collect();
            for peer in peers::of(&type_name, &values.into()) {
                let request = pb::move_resource_state::Request {
                    source_provider_address: format!("registry.terraform.io/{}", peer.provider),
                    source_type_name: peer.type_name.to_owned(),
                    source_schema_version: peer.version,
                    source_state: Some(pb::RawState {
                        json: peer.state.to_string().into(),
                        ..Default::default()
                    }),
                    target_type_name: type_name.clone(),
                    ..Default::default()
                };
                let answer = cli.client.move_resource_state(request).await.unwrap();
                let answer = answer.into_inner();
                is_whole(answer.target_identity.as_ref(), &type_name);
                moved += usize::from(answer.target_state.is_some());
            }
        }
        assert!(moved > 5, "{moved}");
    }
}
