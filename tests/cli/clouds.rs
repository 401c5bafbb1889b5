//! A pair of tenants in two Microsoft clouds: the example with its own seed, and each setting that can be missing.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::steps::{arrived, example, output};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, project};

/// An emulator with the example's seed after one change. Jobs run only when a test runs a cycle.
fn emulator(change: impl FnOnce(&mut Json)) -> Emulator {
    let text = std::fs::read_to_string(project("examples/other-cloud/seed.json")).unwrap();
    let mut seed: Json = serde_json::from_str(&text).unwrap();
    change(&mut seed);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    started(file.path())
}

fn started(seed: &Path) -> Emulator {
    Emulator::with(seed, &["--first-cycle", "1h"])
}

fn text() -> String {
    example("other-cloud")
}

#[test]
fn users_are_synchronized_across_clouds_by_an_imported_configuration() {
    let emulator = started(&project("examples/other-cloud/seed.json"));
    let workspace = Workspace::new(&emulator, &text());
    workspace.apply().succeeded();
    assert_eq!(output(&workspace, "problems"), json!([]));
    emulator.cycle();
    assert_eq!(arrived(&emulator), ["Ada Lovelace", "Grace Hopper"]);
    let tenant = emulator.tenant(FABRIKAM);
    let users = tenant["users"].as_object().unwrap();
    assert!(
        users.values().all(|user| user["_manager"].is_null()),
        "no manager"
    );
    workspace.is_settled();
    // Groups are skipped, regardless of the policies.
    let jobs = emulator.tenant(CONTOSO)["jobs"].clone();
    assert_eq!(
        jobs.as_array().unwrap().len(),
        1,
        "the imported job: {jobs}"
    );
}

#[test]
fn each_missing_check_box_has_its_own_error() {
    let without_box = emulator(|seed| {
        seed["tenants"][1]
            .as_object_mut()
            .unwrap()
            .remove("crossCloudFrom");
    });
    let workspace = Workspace::new(&without_box, &text());
    workspace.apply().failed().says(&[
        "AzureActiveDirectoryTokenExpired",
        "Microsoft cloud",
        "across_clouds = true",
    ]);

    let same_cloud =
        emulator(|seed| seed["tenants"][0]["configurations"][0]["acrossClouds"] = json!(false));
    let workspace = Workspace::new(&same_cloud, &text());
    workspace.apply().failed().says(&[
        "ExternalTenantNotFound",
        "across Microsoft",
        "Create it in the portal",
    ]);
}

#[test]
fn creating_a_configuration_across_clouds_is_refused_with_the_portal_step() {
    let emulator = started(&project("examples/other-cloud/seed.json"));
    let workspace = Workspace::new(
        &emulator,
        &crate::both(
            "resource \"crosstenant_synchronization_configuration\" \"it\" {\n  provider = crosstenant.source\n  \
             display_name = \"Contoso to Northwind\"\n  across_clouds = true\n}\n",
        ),
    );
    workspace.plan().failed().says(&[
        "A configuration across clouds cannot be created",
        "across Microsoft clouds",
        "import {",
    ]);
}
