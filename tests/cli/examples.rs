//! Every example, applied, planned again, imported, destroyed; and the story of the demo.

use std::path::Path;

use serde_json::Value as Json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, clis, project, scenarios};

/// The ID with which an object in the state is imported, as the reference says.
pub fn import_id(type_name: &str, values: &Json) -> String {
    scenarios::of(type_name).id_of(values)
}

/// What a tenant holds that configurations make. The seed has none of it.
fn leftovers(emulator: &Emulator, tenant_id: &str, at_start: &Json) -> Vec<String> {
    let tenant = emulator.tenant(tenant_id);
    let collections = [
        "partners",
        "syncPolicies",
        "applications",
        "servicePrincipals",
        "assignments",
        "jobs",
    ];
    let mut found: Vec<String> = collections
        .iter()
        .filter(|name| tenant[**name] != at_start[**name])
        .map(|name| (*name).to_owned())
        .collect();
    for singleton in [
        "defaultPolicy",
        "accessPolicy",
        "authorizationPolicy",
        "externalIdentitiesPolicy",
        "partnerTemplate",
        "syncPolicyTemplate",
        "multiTenantOrganization",
        "organizationMembers",
        "joinRequest",
    ] {
        assert!(tenant.get(singleton).is_some(), "{singleton}");
        if tenant[singleton] != at_start[singleton] {
            found.push(singleton.to_owned());
        }
    }
    found
}

fn whole_life(cli: &str, folder: &Path) {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let emulator = Emulator::start();
    let before = [CONTOSO, FABRIKAM].map(|tenant| (tenant, emulator.tenant(tenant)));
    let workspace = Workspace::of(cli, emulator.environment(), "");
    for file in std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if file.extension().is_some_and(|ending| ending == "tf") {
            let text = std::fs::read_to_string(&file).unwrap();
            workspace.write(&file.file_name().unwrap().to_string_lossy(), &text);
        }
    }
    eprintln!("{cli}: {name}: applying");
    workspace.apply().succeeded();
    workspace.is_settled();

    let resources = workspace.resources();
    let imports = resources.iter().map(|(address, kind, values)| {
        format!(
            "import {{\n  to = {address}\n  id = {:?}\n}}\n",
            import_id(kind, values)
        )
    });
    let imports: String = imports.collect();
    let state = workspace.folder.path().join("terraform.tfstate");
    let kept = std::fs::read(&state).unwrap();
    std::fs::remove_file(&state).unwrap();
    workspace.write("imports.tf", &imports);
    let applied = workspace.apply();
    if !resources.is_empty() {
        applied.says(&[&format!(
            "{} imported, 0 added, 0 changed, 0 destroyed",
            resources.len()
        )]);
    }
    workspace.is_settled();
    std::fs::write(&state, kept).unwrap();
    std::fs::remove_file(workspace.folder.path().join("imports.tf")).unwrap();

    workspace.destroy().succeeded();
    // Partner settings that an organization made stay when it ends.
    let stays: &[&str] = if name == "crosstenant_multi_tenant_organization_join_request" {
        &["partners"]
    } else {
        &[]
    };
    for (tenant, at_start) in &before {
        assert_eq!(
            leftovers(&emulator, tenant, at_start),
            stays,
            "{name} left something in {tenant}"
        );
    }
}

fn folders(below: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(project(below))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn live_all(folders: &[std::path::PathBuf]) {
    for cli in clis() {
        for folder in folders {
            whole_life(cli, folder);
        }
    }
}

#[test]
fn resource_examples_live_and_leave_nothing() {
    live_all(&folders("examples/resources"));
}

#[test]
fn data_source_examples_can_be_read() {
    live_all(&folders("examples/data-sources"));
}

#[test]
fn the_two_tenants_example_lives_and_leaves_nothing() {
    live_all(&[project("examples/two-tenants")]);
}

/// What the README shows can be pasted.
#[test]
fn the_configuration_of_the_readme_lives_and_leaves_nothing() {
    let readme = std::fs::read_to_string(project("README.md")).unwrap();
    let (_, block) = readme.split_once("```terraform\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.tf"), block).unwrap();
    let formatted = Workspace::of(&clis()[0], std::collections::BTreeMap::new(), block);
    formatted.run(&["fmt", "-check"]).succeeded();
    live_all(&[folder.path().to_owned()]);
}

#[test]
fn examples_are_formatted_and_valid() {
    for cli in clis() {
        for below in [
            "examples/resources",
            "examples/data-sources",
            "examples/functions",
            "examples/actions",
            "examples",
        ] {
            for folder in folders(below) {
                let emulator_free = Workspace::of(cli, std::collections::BTreeMap::new(), "");
                emulator_free
                    .run(&["fmt", "-check", folder.to_str().unwrap()])
                    .succeeded();
            }
        }
    }
}

#[test]
fn the_first_users_arrive_in_the_target_tenant() {
    let emulator = Emulator::start();
    let text = std::fs::read_to_string(project("examples/two-tenants/main.tf")).unwrap();
    let workspace = Workspace::new(&emulator, &text);
    workspace.apply().succeeded();
    emulator.cycle();
    let tenant = emulator.tenant(FABRIKAM);
    let users = tenant["users"].as_object().unwrap().values();
    let mut arrived: Vec<&str> = users
        .filter(|user| {
            user["userPrincipalName"]
                .as_str()
                .unwrap()
                .contains("#EXT#")
        })
        .map(|user| user["displayName"].as_str().unwrap())
        .collect();
    arrived.sort_unstable();
    // The guest, the one who signs in by SMS, the member of a nested group and the contractor have not.
    assert_eq!(arrived, ["Ada Lovelace", "Alan Turing", "Grace Hopper"]);
    workspace.is_settled();
}
