//! Lists as `terraform query` asks for them.

use std::collections::BTreeSet;
use std::time::Duration;

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::terraform::{
    BoxFuture, Capabilities, Diagnostics, ListEntry, ListRequest, ListResource, ListSink, Schema,
    Value, validate,
};
use serde_json::json;
use tokio_stream::StreamExt as _;

use crate::actions::example;
use crate::host::PATIENCE;
use crate::identity::named;
use crate::life::{Cli, TYPE};
use crate::live::{asking, signed_in};
use crate::support::scenarios::{self, Listed};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};
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
        tracing::info!(target: "resources", "The list ended after {} objects.", self.0);
    }
}

impl ListResource for Endless {
    fn type_name(&self) -> &'static str {
        TYPE
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(&self.schema.attributes, config, Capabilities::default())
    }

    fn list<'a>(&'a self, _: ListRequest, sink: &'a dyn ListSink) -> BoxFuture<'a, Diagnostics> {
        Box::pin(async move {
            let mut watched = Watched(0);
            loop {
                watched.0 += 1;
                let mut object = self.object.clone();
                object.set_member("name", watched.0.to_string().into());
                object.set_member("id", "x".into());
                let entry = ListEntry {
                    display_name: format!("Number {}", watched.0),
                    object,
                    diagnostics: Vec::new(),
                };
                if !sink.take(entry).await {
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
    limit: i64,
) -> Vec<pb::list_resource::Event> {
    listed_in(CONTOSO, emulator, type_name, within, whole, limit)
}

fn listed_in(
    tenant: &str,
    emulator: &Emulator,
    type_name: &str,
    within: &[(&str, &str)],
    whole: bool,
    limit: i64,
) -> Vec<pb::list_resource::Event> {
    asking(async {
        let mut cli = signed_in(emulator, tenant).await;
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
        all(&mut cli, request(type_name, &config, limit, whole)).await
    })
}

/// The list resources of existing objects, with the argument that limits each to one configuration.
fn narrowed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = scenarios::all().into_iter();
    rows.filter_map(|row| match row.listing {
        Listed::Found { within, .. } => Some((row.type_name, within)),
        _ => None,
    })
}

#[test]
fn what_exists_is_listed_with_its_identity() {
    let (emulator, workspace) = example("crosstenant_provision_on_demand");
    let principal = workspace.values("crosstenant_synchronization_configuration");
    let principal = principal["service_principal_id"].as_str().unwrap();
    for row in scenarios::all() {
        let Listed::Found {
            within,
            count,
            requests: most,
        } = row.listing
        else {
            continue;
        };
        let name = row.type_name;
        emulator.forget();
        let events = listed(&emulator, name, &[(within, principal)], false, 100);
        assert_eq!(events.len(), count, "{name}: {events:?}");
        for event in events {
            assert_eq!(told(&event.diagnostic), [""; 0], "{name}");
            let identity = named(event.identity.as_ref());
            assert_eq!(get(&identity, "tenant_id"), &text(CONTOSO), "{name}");
            assert!(event.display_name.contains(char::is_alphabetic), "{name}");
            assert_eq!(event.resource_object, None, "{name}");
        }
        let requests = emulator.graph_requests();
        assert!(requests.len() <= most, "{name}: {requests:?}");
    }
}

#[test]
fn no_more_is_looked_up_than_is_wanted() {
    let emulator = Emulator::start();
    for number in 0..45 {
        let partner = json!({ "tenantId": format!("d4000000-0000-4000-8000-{number:012}") });
        let path = "/v1.0/policies/crossTenantAccessPolicy/partners";
        let (status, answer) = emulator.as_admin(CONTOSO, "POST", path, Some(&partner));
        assert_eq!(status, 201, "{answer}");
    }
    for (limit, most) in [(5, 2), (100, 4)] {
        emulator.forget();
        let found = listed(&emulator, "crosstenant_partner_policy", &[], false, limit);
        assert_eq!(found.len(), 45.min(usize::try_from(limit).unwrap()));
        let requests = emulator.graph_requests();
        assert_eq!(requests.len(), most, "{requests:?}");
    }
}

/// Every resource is listed, but those of which a tenant has one, and those that are not objects of their own.
#[tokio::test]
async fn what_there_can_be_several_of_can_be_listed() {
    let mut cli = Cli::provider().await;
    let asked = pb::get_metadata::Request {};
    let metadata = cli.client.get_metadata(asked).await.unwrap().into_inner();
    let listed: BTreeSet<_> = metadata
        .list_resources
        .iter()
        .map(|it| it.type_name.as_str())
        .collect();
    let rows = scenarios::all();
    let tested = rows.iter().filter(|row| row.is_listed());
    assert_eq!(listed, tested.map(|row| row.type_name).collect());
    let identities = crate::identity::schemas(&mut cli).await.identity_schemas;
    for row in &rows {
        let identity = &identities[row.type_name].identity_attributes;
        let is_alone = identity.len() == 1 && identity[0].name == "tenant_id";
        let is_once = matches!(row.listing, Listed::Once);
        assert_eq!(is_once, is_alone, "{}", row.type_name);
    }
}

/// Deleted policies are offered by what identifies them, whole or not.
#[test]
fn deleted_policies_are_listed() {
    let emulator = Emulator::start();
    let path = "/v1.0/policies/crossTenantAccessPolicy/partners";
    let partner = json!({ "tenantId": FABRIKAM });
    assert_eq!(
        emulator.as_admin(CONTOSO, "POST", path, Some(&partner)).0,
        201
    );
    let one = format!("{path}/{FABRIKAM}");
    assert_eq!(emulator.as_admin(CONTOSO, "DELETE", &one, None).0, 204);
    for (kind, whole, expected) in [
        ("partner", false, 1),
        ("partner", true, 1),
        ("synchronization", false, 0),
    ] {
        let events = listed(
            &emulator,
            "crosstenant_restored_policy",
            &[("kind", kind)],
            whole,
            10,
        );
        assert_eq!(events.len(), expected, "{kind}: {events:?}");
        for event in events {
            assert_eq!(told(&event.diagnostic), [""; 0]);
            let identity = named(event.identity.as_ref());
            assert_eq!(get(&identity, "partner_tenant_id"), &text(FABRIKAM));
            assert_eq!(get(&identity, "kind"), &text("partner"));
        }
    }
}

/// Whether an object is the one with that identity.
fn is_same(identity: &Wire, values: &serde_json::Value) -> bool {
    let is_same =
        |name: &Wire, value: &Wire| values[name.as_str().unwrap()].as_str() == value.as_str();
    let mut members = identity.as_map().unwrap().iter();
    members.all(|(name, value)| is_same(name, value))
}

#[test]
fn whole_objects_come_on_request_only() {
    for (name, within) in narrowed() {
        if name == "crosstenant_sms_sign_in" {
            continue; // Its example switches it off, so that nobody is listed: see below.
        }
        let (emulator, workspace) = example(name);
        let made = workspace.resources();
        let principal = made
            .iter()
            .find_map(|(_, _, values)| values["service_principal_id"].as_str())
            .unwrap_or_default();
        for tenant in [CONTOSO, FABRIKAM] {
            let mine: Vec<_> = made
                .iter()
                .filter(|(_, kind, values)| *kind == name && values["tenant_id"] == tenant)
                .collect();
            if mine.is_empty() {
                continue;
            }
            let found = listed_in(tenant, &emulator, name, &[(within, principal)], true, 100);
            assert_eq!(found.len(), mine.len(), "{name}");
            for event in found {
                assert_eq!(told(&event.diagnostic), [""; 0], "{name}");
                let object = unpack(event.resource_object.as_ref());
                let identity = named(event.identity.as_ref());
                let mut same = mine
                    .iter()
                    .filter(|(_, _, values)| is_same(&identity, values));
                let (_, _, values) = same.next().unwrap_or_else(|| panic!("{name}: {identity}"));
                for (attribute, value) in values.as_object().unwrap() {
                    if let Some(text) = value.as_str() {
                        let found = get(&object, attribute).as_str();
                        assert_eq!(found, Some(text), "{name}.{attribute}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_more_is_read_than_is_wanted() {
    let (emulator, workspace) = example("crosstenant_app_role_assignment");
    let principal = workspace.values("crosstenant_synchronization_configuration");
    let within = [(
        "resource_object_id",
        principal["service_principal_id"].as_str().unwrap(),
    )];
    let all = listed(
        &emulator,
        "crosstenant_app_role_assignment",
        &within,
        false,
        0,
    );
    assert_eq!(all.len(), 2);
    emulator.forget();
    let one = listed(
        &emulator,
        "crosstenant_app_role_assignment",
        &within,
        false,
        1,
    );
    assert_eq!(one.len(), 1);
    let requests = emulator.graph_requests();
    assert_eq!(requests.len(), 1, "one page of one object: {requests:?}");
}

/// A tenant whose group of collaborators has `member` in it, and `more` users whom nobody assigned yet.
fn crowded(member: &str, more: usize) -> (tempfile::NamedTempFile, Vec<String>) {
    let seed = std::fs::read_to_string(demo_seed()).unwrap();
    let mut seed: serde_json::Value = serde_json::from_str(&seed).unwrap();
    let contoso = &mut seed["tenants"][0];
    assert_eq!(contoso["tenantId"], CONTOSO);
    contoso["groups"][0]["members"] = json!([member]);
    let id = |number: usize| format!("c1000000-0000-4000-8000-{number:012}");
    let user = |number: usize| json!({ "id": id(number), "userPrincipalName": format!("u{number}@contoso.example"), "displayName": "Many" });
    let users = contoso["users"].as_array_mut().unwrap();
    users.extend((0..more).map(user));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    (file, (0..more).map(id).collect())
}

/// Edsger is assigned twice, as himself and as a member of a group that comes a page later, and is found once.
#[test]
fn who_would_be_skipped_is_listed_once() {
    let (edsger, group) = (
        "a1000000-0000-4000-8000-000000000005",
        "b1000000-0000-4000-8000-000000000001",
    );
    let (seed, others) = crowded("edsger@contoso.example", 100);
    let emulator = Emulator::with(seed.path(), &[]);
    let main = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  environment_prefix = "SOURCE"
}
resource "crosstenant_synchronization_configuration" "it" {
  display_name = "Contoso to Fabrikam"
}
"#;
    let workspace = Workspace::new(&emulator, main);
    workspace.apply().succeeded();
    let made = workspace.values("crosstenant_synchronization_configuration");
    let principal = made["service_principal_id"].as_str().unwrap();
    let path = format!("/v1.0/servicePrincipals/{principal}/appRoleAssignedTo");
    let everybody = std::iter::once(edsger)
        .chain(others.iter().map(String::as_str))
        .chain(std::iter::once(group));
    for id in everybody {
        let body =
            json!({ "principalId": id, "resourceId": principal, "appRoleId": made["app_role_id"] });
        let (status, answer) = emulator.as_admin(CONTOSO, "POST", &path, Some(&body));
        assert_eq!(status, 201, "{answer}");
    }
    emulator.forget();
    let within = [("service_principal_id", principal)];
    let found = listed(&emulator, "crosstenant_sms_sign_in", &within, true, 100);
    let pages = emulator.graph_requests();
    let pages = pages.iter().filter(|one| one.contains("appRoleAssignedTo"));
    assert_eq!(pages.count(), 2);
    let names: Vec<_> = found
        .iter()
        .map(|event| event.display_name.as_str())
        .collect();
    assert_eq!(names, ["Edsger Dijkstra (edsger@contoso.example)"]);
    let object = unpack(found[0].resource_object.as_ref());
    assert_eq!(get(&object, "enabled"), &true.into());
}

/// A value as configuration in JSON, without what is null.
fn written(value: &Wire) -> Option<serde_json::Value> {
    Some(match value {
        Wire::Nil => return None,
        Wire::Boolean(truth) => json!(truth),
        Wire::String(text) => {
            // What looks like a template is none.
            let text = text
                .as_str()
                .unwrap()
                .replace("${", "$${")
                .replace("%{", "%%{");
            json!(text)
        }
        Wire::Array(elements) => elements.iter().filter_map(written).collect(),
        Wire::Map(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().unwrap().to_owned(), written(value)?)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        number => serde_json::from_str(&number.to_string()).unwrap(),
    })
}

/// What `terraform query -generate-config-out` writes for everything that the lists find in a tenant: resources with the
/// configuration that the provider generates, and import blocks. Those are by ID, which the local CLI understands.
fn queried(
    emulator: &Emulator,
    (tenant, alias): (&str, &str),
    principal: &str,
) -> (usize, serde_json::Value) {
    let (mut resources, mut imports) = (serde_json::Map::new(), Vec::new());
    for (type_name, within) in narrowed() {
        let name = type_name.trim_start_matches("crosstenant_");
        // Two would manage the same: who is assigned, and whether a job runs.
        let is_double = ["app_role_assignments", "provisioning_job_state"].contains(&name);
        // The application in the target tenant may read policies only.
        let is_policy = ["partner_policy", "trust_settings", "sync_policy"].contains(&name);
        if is_double || (tenant == FABRIKAM && !is_policy) {
            continue;
        }
        let within = [(within, principal)];
        for event in listed_in(tenant, emulator, type_name, &within, true, 100) {
            assert_eq!(told(&event.diagnostic), [""; 0], "{name}");
            let config = asking(generate(emulator, tenant, type_name, event.resource_object));
            let mut config = written(&config).unwrap();
            config["provider"] = format!("crosstenant.{alias}").into();
            let label = format!("found_{alias}_{}", imports.len());
            let identity = written(&named(event.identity.as_ref())).unwrap();
            let id = scenarios::of(type_name).id_of(&identity);
            imports.push(json!({ "to": format!("{type_name}.{label}"), "id": id }));
            let of_type = resources.entry(type_name).or_insert_with(|| json!({}));
            of_type[label] = config;
        }
    }
    (
        imports.len(),
        json!({ "resource": resources, "import": imports }),
    )
}

async fn generate(
    emulator: &Emulator,
    tenant: &str,
    type_name: &str,
    state: Option<pb::DynamicValue>,
) -> Wire {
    let mut cli = signed_in(emulator, tenant).await;
    let request = pb::generate_resource_config::Request {
        type_name: type_name.to_owned(),
        state,
    };
    let answer = cli.client.generate_resource_config(request).await.unwrap();
    let answer = answer.into_inner();
    assert_eq!(told(&answer.diagnostics), [""; 0], "{type_name}");
    unpack(answer.config.as_ref())
}

#[test]
fn what_a_query_finds_is_configuration_that_plans_nothing_but_the_import() {
    let (emulator, made) = example("crosstenant_synchronization_schema");
    let principal = made.values("crosstenant_synchronization_configuration");
    let principal = principal["service_principal_id"].as_str().unwrap();
    let providers = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}
"#;
    let adopted = Workspace::new(&emulator, providers);
    let mut count = 0;
    for side in [(CONTOSO, "source"), (FABRIKAM, "target")] {
        let (found, config) = queried(&emulator, side, principal);
        adopted.write(&format!("{}.tf.json", side.1), &config.to_string());
        count += found;
    }
    let resources = made.resources().into_iter();
    let jobs = |kind: &str| kind == "crosstenant_provisioning_job_state";
    let expected = resources.filter(|(_, kind, _)| !jobs(kind)).count();
    assert_eq!(count, expected, "all that there is");
    let expected = format!("Plan: {count} to import, 0 to add, 0 to change, 0 to destroy.");
    adopted.plan().succeeded().says(&[&expected]);
    adopted.apply().succeeded();
    adopted.is_settled();
}
