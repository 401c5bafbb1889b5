//! What identifies an object: beside every state, the same before and after everything.

use crosstenant::proto::tfplugin6 as pb;
use serde_json::json;

use crate::life::{Cli, TYPE, apply_request};
use crate::support::scenarios;
use crate::wire::{Wire, errors, get, map, pack, set, text, thing, told, unpack};

/// The identity in an answer; nil where there is none.
pub fn named(identity: Option<&pb::ResourceIdentityData>) -> Wire {
    unpack(identity.and_then(|it| it.identity_data.as_ref()))
}

pub async fn import(
    cli: &mut Cli,
    type_name: &str,
    id: &str,
    identity: Option<&Wire>,
) -> pb::import_resource_state::Response {
    let request = pb::import_resource_state::Request {
        type_name: type_name.to_owned(),
        id: id.to_owned(),
        identity: identity.map(|identity| pb::ResourceIdentityData {
            identity_data: pack(identity),
        }),
        ..Default::default()
    };
    let answer = cli.client.import_resource_state(request).await;
    answer.unwrap().into_inner()
}

pub async fn schemas(cli: &mut Cli) -> pb::get_resource_identity_schemas::Response {
    let request = pb::get_resource_identity_schemas::Request {};
    let answer = cli.client.get_resource_identity_schemas(request).await;
    answer.unwrap().into_inner()
}

fn identity(name: &str, id: Wire) -> Wire {
    map([("id", id), ("name", text(name))])
}

#[tokio::test]
async fn every_resource_has_an_identity_that_is_part_of_it() {
    for mut cli in [Cli::provider().await, Cli::fixture().await] {
        let identities = schemas(&mut cli).await;
        assert!(identities.diagnostics.is_empty());
        let request = pb::get_provider_schema::Request {};
        let schema = cli.client.get_provider_schema(request).await.unwrap();
        for (type_name, schema) in schema.into_inner().resource_schemas {
            let identity = identities.identity_schemas.get(&type_name);
            let identity = identity.unwrap_or_else(|| panic!("{type_name} has no identity"));
            assert!(identity.version >= 0);
            assert!(
                identity
                    .identity_attributes
                    .iter()
                    .any(|it| it.required_for_import)
            );
            for attribute in &identity.identity_attributes {
                let at = format!("{type_name}.{}", attribute.name);
                assert_ne!(
                    attribute.required_for_import, attribute.optional_for_import,
                    "{at}"
                );
                assert_eq!(attribute.r#type, "\"string\"", "{at}");
                assert!(!attribute.description.is_empty(), "{at}");
                let attributes = &schema.block.as_ref().unwrap().attributes;
                let same = attributes.iter().find(|it| it.name == attribute.name);
                let same = same.unwrap_or_else(|| panic!("{at} is no attribute"));
                assert_eq!(same.r#type, attribute.r#type, "{at}");
            }
        }
    }
}

#[tokio::test]
async fn it_is_the_same_from_plan_to_plan() {
    let mut cli = Cli::fixture().await;
    let mut config = thing([("name", text("a"))]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    assert_eq!(plan.planned_identity, None, "a part of it is unknown");
    let planned = unpack(plan.planned_state.as_ref());
    let applied = cli.apply(&Wire::Nil, &planned, &config, b"").await;
    let made = identity("a", text("made"));
    assert_eq!(named(applied.new_identity.as_ref()), made);
    let state = unpack(applied.new_state.as_ref());
    let read = cli.read(&state, b"").await;
    assert_eq!(named(read.new_identity.as_ref()), made);

    set(&mut config, "limit", crate::wire::number(7));
    let plan = cli.plan(&state, &config, b"").await;
    assert_eq!(named(plan.planned_identity.as_ref()), made);
    set(&mut config, "note", text("gone"));
    let gone = cli.lead(&state, &config).await;
    let read = cli.read(&gone, b"").await;
    assert!(read.diagnostics.is_empty());
    assert_eq!(read.new_identity, None);
    let plan = cli.plan(&state, &Wire::Nil, b"").await;
    assert_eq!(plan.planned_identity, None);
}

#[tokio::test]
async fn a_failure_keeps_the_identity() {
    let mut cli = Cli::fixture().await;
    let state = thing([
        ("name", text("a")),
        ("id", text("x")),
        ("note", text("panic")),
    ]);
    let kept = pb::ResourceIdentityData {
        identity_data: pack(&identity("a", text("x"))),
    };
    let request = pb::read_resource::Request {
        type_name: TYPE.to_owned(),
        current_state: pack(&state),
        current_identity: Some(kept.clone()),
        ..Default::default()
    };
    let read = cli
        .client
        .read_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(errors(&read.diagnostics).len(), 1);
    assert_eq!(read.new_identity, Some(kept.clone()));

    let config = thing([("name", text("a")), ("note", text("panic"))]);
    for (planned, fate) in [(&state, "update"), (&Wire::Nil, "deletion")] {
        let mut request = apply_request(&state, planned, &config, b"");
        if fate == "deletion" {
            // An object that does not fit the schema cannot be deleted.
            request.config = pack(&text("not an object"));
        }
        let applied = cli.client.apply_resource_change(request).await.unwrap();
        let applied = applied.into_inner();
        assert_eq!(errors(&applied.diagnostics).len(), 1, "{fate}");
        assert_eq!(applied.new_state, pack(&state), "{fate}");
        assert_eq!(applied.new_identity, Some(kept.clone()), "{fate}");
    }
    let applied = cli.apply(&Wire::Nil, &state, &config, b"").await;
    assert_eq!(unpack(applied.new_state.as_ref()), Wire::Nil);
    assert_eq!(applied.new_identity, None, "nothing is known to exist");
}

/// A creation that fails half-way is stored with its identity, as it is after one that succeeds.
#[tokio::test]
async fn a_creation_that_fails_half_way_has_an_identity() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("note", text("half"))]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    let planned = unpack(plan.planned_state.as_ref());
    let applied = cli.apply(&Wire::Nil, &planned, &config, b"").await;
    assert_eq!(told(&applied.diagnostics), [": Only half was done"]);
    let made = identity("a", text("made"));
    assert_eq!(named(applied.new_identity.as_ref()), made);
}

/// What was done is stored even where the provider leaves a part of it unknown, which is its own mistake and said so.
#[tokio::test]
async fn unknown_values_after_apply_are_stored_as_null_with_an_error() {
    let mut cli = Cli::fixture().await;
    let config = thing([("name", text("a")), ("note", text("unsettled"))]);
    let plan = cli.plan(&Wire::Nil, &config, b"").await;
    let planned = unpack(plan.planned_state.as_ref());
    let applied = cli.apply(&Wire::Nil, &planned, &config, b"").await;
    assert_eq!(told(&applied.diagnostics), ["id: Malformed value"]);
    let detail = &applied.diagnostics[0].detail;
    assert!(detail.contains("`id`: The value is not known"), "{detail}");
    let state = unpack(applied.new_state.as_ref());
    assert_eq!(get(&state, "name"), &text("a"));
    assert_eq!(get(&state, "id"), &Wire::Nil);
    assert_eq!(applied.new_identity, None);
}

#[tokio::test]
async fn an_object_is_imported_by_what_identifies_it() {
    let mut cli = Cli::fixture().await;
    for id in [Wire::Nil, text("made")] {
        let answer = import(&mut cli, TYPE, "", Some(&identity("a", id))).await;
        let [imported] = &answer.imported_resources[..] else {
            panic!("{answer:?}")
        };
        let state = unpack(imported.state.as_ref());
        assert_eq!(
            (get(&state, "name"), get(&state, "id")),
            (&text("a"), &text("made"))
        );
        assert_eq!(
            named(imported.identity.as_ref()),
            identity("a", text("made"))
        );
    }
    // By its ID not all of it is known yet.
    let answer = import(&mut cli, TYPE, "a", None).await;
    assert_eq!(answer.imported_resources[0].identity, None);
}

/// Which job is meant is found out when it is read, and only then is the identity complete.
#[tokio::test]
async fn a_job_is_named_by_its_service_principal_alone() {
    let mut cli = Cli::provider().await;
    let principal = text("11111111-2222-3333-4444-555555555555");
    let rows = scenarios::all();
    let of_jobs: Vec<_> = rows
        .iter()
        .filter(|row| row.import.len() == 2 && row.forms.contains(&"<service_principal_id>"))
        .collect();
    assert_eq!(of_jobs.len(), 3, "job, its state and its schema");
    for row in of_jobs {
        let (type_name, job) = (row.type_name, row.import[1]);
        let identity = map([
            ("service_principal_id", principal.clone()),
            (job, Wire::Nil),
            ("tenant_id", Wire::Nil),
        ]);
        let answer = import(&mut cli, type_name, "", Some(&identity)).await;
        assert_eq!(told(&answer.diagnostics), [""; 0], "{type_name}");
        let imported = &answer.imported_resources[0];
        let state = unpack(imported.state.as_ref());
        assert_eq!(get(&state, "service_principal_id"), &principal);
        assert!(get(&state, job).is_nil() && imported.identity.is_none());
    }
}

#[tokio::test]
async fn an_identity_that_fits_nothing_is_refused() {
    let mut cli = Cli::provider().await;
    for (type_name, schema) in schemas(&mut cli).await.identity_schemas {
        let attributes = &schema.identity_attributes;
        let nothing = map(attributes.iter().map(|it| (it.name.as_str(), Wire::Nil)));
        let answer = import(&mut cli, &type_name, "", Some(&nothing)).await;
        let required = attributes
            .iter()
            .filter(|it| it.required_for_import)
            .count();
        let incomplete = vec![": Incomplete identity".to_owned(); required];
        assert_eq!(told(&answer.diagnostics), incomplete, "{type_name}");
        assert!(answer.imported_resources.is_empty());
    }
    let odd = map([("partner_tenant_id", text("x")), ("tenant_id", Wire::Nil)]);
    let answer = import(&mut cli, "crosstenant_sync_policy", "", Some(&odd)).await;
    assert_eq!(told(&answer.diagnostics), [": Invalid identity"]);
    let malformed = map([("partner_tenant_id", text("x"))]);
    let answer = import(&mut cli, "crosstenant_sync_policy", "", Some(&malformed)).await;
    assert_eq!(told(&answer.diagnostics).len(), 1);
}

async fn upgrade(
    cli: &mut Cli,
    type_name: &str,
    version: i64,
    stored: &serde_json::Value,
) -> pb::upgrade_resource_identity::Response {
    let request = pb::upgrade_resource_identity::Request {
        type_name: type_name.to_owned(),
        version,
        raw_identity: Some(pb::RawState {
            json: stored.to_string().into(),
            ..Default::default()
        }),
    };
    let answer = cli.client.upgrade_resource_identity(request).await;
    answer.unwrap().into_inner()
}

#[tokio::test]
async fn an_older_identity_is_brought_up_to_date() {
    let mut cli = Cli::fixture().await;
    let old = upgrade(&mut cli, TYPE, 0, &json!({ "title": "a", "id": "x" })).await;
    assert!(old.diagnostics.is_empty(), "{:?}", old.diagnostics);
    let expected = identity("a", text("x"));
    assert_eq!(named(old.upgraded_identity.as_ref()), expected);
    let same = json!({ "name": "a", "id": "x", "of_a_later_version": 1 });
    let same = upgrade(&mut cli, TYPE, 1, &same).await;
    assert_eq!(named(same.upgraded_identity.as_ref()), expected);
    let later = upgrade(&mut cli, TYPE, 2, &json!({ "name": "a" })).await;
    assert_eq!(told(&later.diagnostics), [": No such version"]);

    let mut cli = Cli::provider().await;
    for (type_name, schema) in schemas(&mut cli).await.identity_schemas {
        let same = upgrade(
            &mut cli,
            &type_name,
            schema.version,
            &json!({ "tenant_id": "x" }),
        )
        .await;
        assert!(same.diagnostics.is_empty(), "{type_name}");
        assert!(same.upgraded_identity.is_some());
        let later = upgrade(&mut cli, &type_name, schema.version + 1, &json!({})).await;
        assert_eq!(errors(&later.diagnostics).len(), 1, "{type_name}");
    }
}

/// What identifies the objects of every resource, and the version, are as the table of scenarios says. An identity that gains an attribute
/// needs a new version: OpenTofu refuses a stored one that lacks an attribute, and only a new version makes it ask for an upgrade.
#[tokio::test]
async fn an_identity_changes_with_its_version_only() {
    let mut cli = Cli::provider().await;
    let mut found: Vec<_> = schemas(&mut cli)
        .await
        .identity_schemas
        .into_iter()
        .map(|(type_name, schema)| {
            let attributes = schema.identity_attributes.into_iter();
            let mut names: Vec<_> = attributes.map(|it| it.name).collect();
            names.sort();
            (type_name, schema.version, names)
        })
        .collect();
    found.sort();
    let mut expected: Vec<_> = scenarios::all()
        .iter()
        .map(|row| {
            let names: Vec<_> = row.identity().into_iter().map(str::to_owned).collect();
            (row.type_name.to_owned(), row.identity_version, names)
        })
        .collect();
    expected.sort();
    assert_eq!(found, expected);
}

/// The provider knows its tenant; the rest is completed by the read that follows.
#[tokio::test]
async fn a_stored_identity_without_a_tenant_gets_it() {
    use crate::support::CONTOSO;
    let mut cli = crate::known::configured_provider(CONTOSO).await;
    for (type_name, _) in schemas(&mut cli).await.identity_schemas {
        let answer = upgrade(&mut cli, &type_name, 0, &json!({})).await;
        assert!(answer.diagnostics.is_empty(), "{type_name}");
        let upgraded = named(answer.upgraded_identity.as_ref());
        assert_eq!(get(&upgraded, "tenant_id"), &text(CONTOSO), "{type_name}");
        let kept = json!({ "tenant_id": "another" });
        let answer = upgrade(&mut cli, &type_name, 0, &kept).await;
        let upgraded = named(answer.upgraded_identity.as_ref());
        assert_eq!(get(&upgraded, "tenant_id"), &text("another"), "{type_name}");
    }
}
