//! Lists as `terraform query` asks for them.

use std::time::Duration;

use crosstenant::protocol::proto::tfplugin6 as pb;
use crosstenant::terraform::{
    BoxFuture, Capabilities, Diagnostics, Finding, ListRequest, Listing, Schema, Taker, Value,
    validate,
};
use tokio_stream::StreamExt as _;

use crate::actions::example;
use crate::host::PATIENCE;
use crate::identity::named;
use crate::life::{Cli, TYPE};
use crate::live::{asking, signed_in};
use crate::support::{CONTOSO, Emulator, FABRIKAM};
use crate::wire::{Wire, get, map, object_of, pack, text, told, unpack};

/// The fixture's list: there is always one more.
pub struct Endless {
    pub schema: Schema,
    pub object: Value,
}

/// Says when a listing ends, however it does.
struct Watched(u32);

impl Drop for Watched {
    fn drop(&mut self) {
        tracing::info!(target: "crosstenant", "The list ended after {} objects.", self.0);
    }
}

impl Listing for Endless {
    fn type_name(&self) -> &'static str {
        TYPE
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(&self.schema.attributes, config, Capabilities::default())
    }

    fn list<'a>(&'a self, _: ListRequest, taker: &'a dyn Taker) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            let mut watched = Watched(0);
            loop {
                watched.0 += 1;
                let mut object = self.object.clone();
                object.set_member("name", watched.0.to_string().into());
                object.set_member("id", "x".into());
                let finding = Finding {
                    display_name: format!("Number {}", watched.0),
                    object,
                    diagnostics: Vec::new(),
                };
                if !taker.take(finding).await {
                    return Vec::new();
                }
            }
        })
    }
}

fn request(type_name: &str, config: &Wire, limit: i64, whole: bool) -> pb::list_resource::Request {
    pb::list_resource::Request {
        type_name: type_name.to_owned(),
        config: pack(config),
        include_resource_object: whole,
        limit,
    }
}

async fn all(cli: &mut Cli, request: pb::list_resource::Request) -> Vec<pb::list_resource::Event> {
    let stream = cli.client.list_resource(request).await.unwrap();
    let read = stream.into_inner().map(Result::unwrap).collect();
    tokio::time::timeout(PATIENCE, read).await.unwrap()
}

/// How many objects the fixture's list offered before it ended.
async fn offered(cli: &Cli) -> u32 {
    let ended = async {
        loop {
            let said = cli.plugin.errors();
            if let Some((_, rest)) = said.split_once("The list ended after ") {
                return rest.split(' ').next().unwrap().parse().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap()
}

#[tokio::test]
async fn a_list_ends_at_its_limit_and_with_its_reader() {
    let nothing = map([("note", Wire::Nil)]);
    let mut cli = Cli::fixture().await;
    let events = all(&mut cli, request(TYPE, &nothing, 3, false)).await;
    let names: Vec<_> = events
        .iter()
        .map(|event| event.display_name.as_str())
        .collect();
    assert_eq!(names, ["Number 1", "Number 2", "Number 3"]);
    assert_eq!(offered(&cli).await, 3, "no more than wanted is looked for");

    let mut cli = Cli::fixture().await;
    let stream = cli
        .client
        .list_resource(request(TYPE, &nothing, 0, false))
        .await;
    let mut stream = stream.unwrap().into_inner();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(get(&named(first.identity.as_ref()), "name"), &text("1"));
    drop(stream);
    // What was under way when the reader left fills the connection's buffers at the most.
    assert!(offered(&cli).await < 10_000);
}

#[tokio::test]
async fn a_list_without_what_it_needs_is_refused() {
    let mut cli = Cli::provider().await;
    let nothing = map([("service_principal_id", Wire::Nil)]);
    let asked = pb::validate_list_resource_config::Request {
        type_name: "crosstenant_provisioning_job".to_owned(),
        config: pack(&nothing),
        ..Default::default()
    };
    let answer = cli
        .client
        .validate_list_resource_config(asked)
        .await
        .unwrap();
    let found = told(&answer.into_inner().diagnostics);
    assert!(
        found.len() == 1 && found[0].starts_with("service_principal_id: "),
        "{found:?}"
    );
    let events = all(
        &mut cli,
        request("crosstenant_no_such", &Wire::Nil, 1, false),
    )
    .await;
    assert_eq!(told(&events[0].diagnostic), [": Unknown list resource"]);
    assert_eq!((events.len(), &events[0].identity), (1, &None));
    // Not configured: an error that ends the list.
    let events = all(
        &mut cli,
        request("crosstenant_partner_policy", &map([]), 1, false),
    )
    .await;
    assert_eq!((events.len(), told(&events[0].diagnostic).len()), (1, 1));
}

#[tokio::test]
async fn every_list_belongs_to_a_resource_with_an_identity() {
    for mut cli in [Cli::provider().await, Cli::fixture().await] {
        let identities = crate::identity::schemas(&mut cli).await.identity_schemas;
        let asked = pb::get_provider_schema::Request {};
        let schema = cli
            .client
            .get_provider_schema(asked)
            .await
            .unwrap()
            .into_inner();
        let asked = pb::get_metadata::Request {};
        let metadata = cli.client.get_metadata(asked).await.unwrap().into_inner();
        assert!(!metadata.list_resources.is_empty());
        assert_eq!(
            metadata.list_resources.len(),
            schema.list_resource_schemas.len()
        );
        for listed in metadata.list_resources {
            let name = &listed.type_name;
            assert!(schema.list_resource_schemas.contains_key(name), "{name}");
            assert!(schema.resource_schemas.contains_key(name), "{name}");
            assert!(identities.contains_key(name), "{name}");
        }
    }
}

/// What is listed in the source tenant of an applied example.
fn listed(
    emulator: &Emulator,
    type_name: &str,
    within: &[(&str, &str)],
    whole: bool,
) -> Vec<pb::list_resource::Event> {
    asking(async {
        let mut cli = signed_in(emulator, CONTOSO).await;
        let asked = pb::get_provider_schema::Request {};
        let schema = cli
            .client
            .get_provider_schema(asked)
            .await
            .unwrap()
            .into_inner();
        let block = schema.list_resource_schemas[type_name]
            .block
            .clone()
            .unwrap();
        let config = object_of(&block.attributes, &|attribute| {
            let value = within.iter().find(|(name, _)| *name == attribute.name);
            value.map_or(Wire::Nil, |(_, value)| text(value))
        });
        all(&mut cli, request(type_name, &config, 100, whole)).await
    })
}

const LISTS: [(&str, &str); 5] = [
    ("crosstenant_partner_policy", ""),
    ("crosstenant_sync_policy", ""),
    ("crosstenant_synchronization_configuration", ""),
    ("crosstenant_app_role_assignment", "resource_object_id"),
    ("crosstenant_provisioning_job", "service_principal_id"),
];

#[test]
fn what_exists_is_listed_with_its_identity() {
    let (emulator, workspace) = example("crosstenant_provision_on_demand");
    let principal = workspace.values("crosstenant_synchronization_configuration");
    let principal = principal["service_principal_id"].as_str().unwrap();
    for (type_name, within) in LISTS {
        emulator.forget();
        let events = listed(&emulator, type_name, &[(within, principal)], false);
        // Contoso, the source, has no synchronization policy.
        let expected = usize::from(type_name != "crosstenant_sync_policy");
        assert_eq!(events.len(), expected, "{type_name}: {events:?}");
        for event in events {
            assert_eq!(told(&event.diagnostic), [""; 0], "{type_name}");
            let identity = named(event.identity.as_ref());
            assert_eq!(get(&identity, "tenant_id"), &text(CONTOSO), "{type_name}");
            assert!(
                event.display_name.contains(char::is_alphabetic),
                "{type_name}"
            );
            assert_eq!(event.resource_object, None, "{type_name}");
        }
        let requests = emulator.graph_requests();
        assert!(requests.len() <= 2, "{type_name}: {requests:?}");
    }
}

#[test]
fn tenants_of_an_organization_are_listed_without_the_own_one() {
    let (emulator, _workspace) = example("crosstenant_multi_tenant_organization_join_request");
    let type_name = "crosstenant_multi_tenant_organization_tenant";
    let events = listed(&emulator, type_name, &[], true);
    let names: Vec<&str> = events
        .iter()
        .map(|event| event.display_name.as_str())
        .collect();
    assert_eq!(names, ["Fabrikam"], "{events:?}");
    let identity = named(events[0].identity.as_ref());
    assert_eq!(get(&identity, "member_tenant_id"), &text(FABRIKAM));
    let object = unpack(events[0].resource_object.as_ref());
    assert_eq!(get(&object, "state"), &text("active"));
}

#[test]
fn whole_objects_come_on_request_only() {
    let (emulator, workspace) = example("crosstenant_provision_on_demand");
    let made = workspace.resources();
    let principal = workspace.values("crosstenant_synchronization_configuration");
    let principal = principal["service_principal_id"].as_str().unwrap();
    for (type_name, within) in LISTS {
        for event in listed(&emulator, type_name, &[(within, principal)], true) {
            assert_eq!(told(&event.diagnostic), [""; 0], "{type_name}");
            let object = unpack(event.resource_object.as_ref());
            let identity = named(event.identity.as_ref());
            for (name, value) in identity.as_map().unwrap() {
                assert_eq!(get(&object, name.as_str().unwrap()), value, "{type_name}");
            }
            let same = made.iter().find(|(_, kind, values)| {
                let is_same = |name: &Wire, value: &Wire| {
                    values[name.as_str().unwrap()].as_str() == value.as_str()
                };
                kind == type_name
                    && identity
                        .as_map()
                        .unwrap()
                        .iter()
                        .all(|(name, value)| is_same(name, value))
            });
            let (_, _, values) = same.unwrap_or_else(|| panic!("{type_name}: {identity}"));
            for (name, value) in values.as_object().unwrap() {
                if let Some(text) = value.as_str() {
                    assert_eq!(
                        get(&object, name).as_str(),
                        Some(text),
                        "{type_name}.{name}"
                    );
                }
            }
        }
    }
}
