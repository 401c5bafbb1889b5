//! Two tenants configured in every way there is.

use std::collections::BTreeSet;

use crosstenant::resources::{CrossTenant, SERVED};
use crosstenant::sdk::Export;
use crosstenant::sdk::served::Served;
use crosstenant::terraform::Provider as _;
use serde_json::{Value as Json, json};

use crate::export::world::{Place, is_adopted, seeded};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, clis, demo_seed};

const NORTHWIND: &str = "d0000000-0000-4000-8000-000000000001";

/// Two groups of the same name, enough users for a set, and a third tenant.
fn many(seed: &mut Json) {
    let tenants = seed["tenants"].as_array_mut().unwrap();
    tenants.push(json!({ "tenantId": NORTHWIND, "displayName": "Northwind \u{202e}sredarT\u{202c}", "domains": ["northwind.example"] }));
    for (last, name) in [("a", "Namesakes"), ("b", "Namesakes")] {
        let id = format!("b1000000-0000-4000-8000-00000000000{last}");
        let groups = tenants[0]["groups"].as_array_mut().unwrap();
        groups.push(json!({ "id": id, "displayName": name }));
    }
    let users = tenants[0]["users"].as_array_mut().unwrap();
    for number in 0..25 {
        users.push(json!({ "id": format!("c2000000-0000-4000-8000-{number:012}"), "displayName": format!("User {number}"),
            "userPrincipalName": format!("user{number}@contoso.example") }));
    }
}

fn configured(cli: &str) -> (Emulator, Workspace) {
    let emulator = seeded(many);
    let main = include_str!("every_way.tf")
        .replace("CONTOSO", CONTOSO)
        .replace("FABRIKAM", FABRIKAM)
        .replace("NORTHWIND", NORTHWIND);
    let made = Workspace::of(cli, emulator.environment(), &main);
    made.apply().succeeded();
    // What joining the organization has changed is part of what exists.
    made.run(&[
        "apply",
        "-refresh-only",
        "-auto-approve",
        "-input=false",
        "-no-color",
    ])
    .succeeded();
    (emulator, made)
}

/// What the state holds, as text to sort and compare by, and beside it the settings that mean the same whether they are left out or
/// written: an import stores what is there, a creation what was written.
fn objects(workspace: &Workspace) -> Vec<(String, Vec<(&'static str, Json)>)> {
    let provider = CrossTenant::default();
    let mut objects: Vec<_> = workspace
        .resources()
        .into_iter()
        .map(|(_, kind, mut values)| {
            let schema = provider.resource(&kind).unwrap().schema();
            let members = values.as_object_mut().unwrap();
            let mut neutral = Vec::new();
            for attribute in &schema.attributes {
                let name = attribute.name;
                if attribute.rules.neutral.is_some() {
                    neutral.push((name, members.remove(name).unwrap()));
                } else if attribute.rules.local && name != "tenant_id" {
                    members.remove(name);
                }
            }
            (format!("{kind} {values}"), neutral)
        })
        .collect();
    objects.sort_by(|one, other| one.0.cmp(&other.0));
    objects
}

#[track_caller]
fn are_the_same(adopted: &Workspace, made: &Workspace, written: &str) {
    let (adopted, made) = (objects(adopted), objects(made));
    let texts = |all: &[(String, _)]| all.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&adopted), texts(&made), "{written}");
    for ((object, adopted), (_, made)) in adopted.iter().zip(&made) {
        for ((name, adopted), (_, made)) in adopted.iter().zip(made) {
            assert!(
                made.is_null() || adopted == made,
                "{name} of {object}: {adopted}, {made}"
            );
        }
    }
}

/// What no secret of ours may appear in: all that was written and said.
fn no_secret_in(texts: &[&str]) {
    let seed = std::fs::read_to_string(demo_seed()).unwrap();
    let seed: Json = serde_json::from_str(&seed).unwrap();
    let secrets = seed["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| tenant["apps"][0]["secrets"][0].as_str().unwrap());
    for secret in secrets.chain(["eyJ", "Bearer"]) {
        for text in texts {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn everything_is_imported_and_nothing_changed() {
    for cli in clis() {
        let (emulator, made) = configured(cli);
        let place = Place::new(&emulator);
        emulator.forget();
        let run = place.export(&["--save", "saved.json"]);
        run.ended(0);
        let written: String = place.written().into_iter().map(|(_, text)| text).collect();
        let saved = std::fs::read_to_string(place.path("saved.json")).unwrap();
        no_secret_in(&[&written, &saved, &run.stdout, &run.stderr]);
        let writes = emulator.journal().into_iter().filter(|one| {
            let is_batch = one["path"].as_str().unwrap().ends_with("$batch");
            let is_sign_in = one["path"].as_str().unwrap().ends_with("/token");
            one["method"] != "GET" && !is_batch && !is_sign_in
        });
        assert_eq!(writes.count(), 0, "an export only reads");

        let adopted = place.workspace(cli);
        adopted.run(&["fmt", "-check", "-diff"]).succeeded();
        is_adopted(&adopted, run.count());
        are_the_same(&adopted, &made, &written);

        let again = place.export(&[
            "--force",
            "--format",
            "json",
            "--offline-from",
            "saved.json",
        ]);
        again.ended(0);
        assert_eq!(again.count(), run.count());
        let adopted = place.workspace(cli);
        is_adopted(&adopted, again.count());
        are_the_same(&adopted, &made, "");
    }
}

#[test]
fn every_type_that_can_exist_is_exported() {
    let (emulator, _made) = configured(&clis()[0]);
    let place = Place::new(&emulator);
    place.export(&[]).ended(0);
    let written: String = place.written().into_iter().map(|(_, text)| text).collect();
    let exported: BTreeSet<&str> = written
        .lines()
        .filter_map(|line| {
            line.strip_prefix("resource \"crosstenant_")?
                .split('"')
                .next()
        })
        .collect();
    let provider = CrossTenant::default();
    let resources = provider.resources();
    let all = resources
        .iter()
        .map(|one| one.type_name().trim_start_matches("crosstenant_"));
    let missing: BTreeSet<&str> = all.filter(|name| !exported.contains(name)).collect();
    // A resource that is not exported usually says why.
    let facts = SERVED.iter().filter_map(Served::facts);
    let others = facts.filter(|it| matches!(it.export, Export::No(_) | Export::OnRequest(_)));
    assert_eq!(missing, others.map(|facts| facts.name).collect());
}

#[test]
fn references_stand_in_place_of_ids() {
    let (emulator, _made) = configured(&clis()[0]);
    let place = Place::new(&emulator);
    place.export(&[]).ended(0);
    let written = place.written();
    let text = |name: &str| &written.iter().find(|(file, _)| file == name).unwrap().1;
    for (file, expected) in [
        (
            "partners.tf",
            "partner_tenant_id  = crosstenant_partner_policy.contoso.partner_tenant_id",
        ),
        (
            "partners.tf",
            "target = data.crosstenant_user.alan_turing.id",
        ),
        (
            "partners.tf",
            "target = data.crosstenant_group.fabrikam_advisers.id",
        ),
        (
            "settings.tf",
            "{ target = data.crosstenant_group.fabrikam_collaborators.id",
        ),
        (
            "synchronization.tf",
            "target_tenant_id              = crosstenant_trust_settings.fabrikam.partner_tenant_id",
        ),
        (
            "synchronization.tf",
            "job_id               = crosstenant_provisioning_job.contoso_to_fabrikam.id",
        ),
        (
            "assignments.tf",
            "principal_object_id = data.crosstenant_user.ada_lovelace.id",
        ),
        (
            "assignments.tf",
            "data.crosstenant_users.contoso_to_fabrikam.ids",
        ),
        (
            "assignments.tf",
            "\"b1000000-0000-4000-8000-00000000000a\", # Namesakes",
        ),
        (
            "organization.tf",
            "depends_on       = [crosstenant_multi_tenant_organization.contoso_and_its_companies]",
        ),
        (
            "principals.tf",
            "user_principal_name = \"grace@contoso.example\"",
        ),
        ("tenants.tf", "domain_name = \"northwind.example\""),
        ("tenants.tf", "# Northwind \\u202EsredarT\\u202C"),
    ] {
        assert!(
            text(file).contains(expected),
            "{expected:?} is missing in {file}:\n{}",
            text(file)
        );
    }
    for id in [CONTOSO, FABRIKAM, NORTHWIND] {
        for (name, text) in &written {
            let may = ["imports.tf", "providers.tf"].contains(&name.as_str());
            assert!(may || !text.contains(id), "{id} in {name}:\n{text}");
        }
    }
}
