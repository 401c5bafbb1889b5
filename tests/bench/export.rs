//! Export of large tenants: 200 partners in each, 20 configurations and 5,000 assignments in one of them; and the plan of the export.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::graph::Configuration;
use crate::support::{CONTOSO, Emulator, Workspace, demo_seed};
use crate::{LATENCY, Measured, ROUNDS, TABLE, Watch, binary, id, megabytes, milliseconds};

const PARTNERS: usize = 200;
const CONFIGURATIONS: usize = 20;
const ASSIGNMENTS: usize = 5_000;

fn other(number: usize) -> String {
    format!("d4000000-0000-4000-8000-{number:012}")
}

/// Seed of two tenants with many partners each, the first of which also has many users.
fn seed(folder: &Path) -> std::path::PathBuf {
    let text = std::fs::read_to_string(demo_seed()).unwrap();
    let mut seed: Json = serde_json::from_str(&text).unwrap();
    let tenants = seed["tenants"].as_array_mut().unwrap();
    for tenant in tenants.iter_mut() {
        tenant["apps"][0]["permissions"] = json!("*");
        let partner = |number| {
            json!({ "tenantId": other(number), "inboundTrust": { "isMfaAccepted": true, "isCompliantDeviceAccepted": false,
                "isHybridAzureADJoinedDeviceAccepted": false } })
        };
        tenant["partners"] = (0..PARTNERS).map(partner).collect();
        let policy = |number| json!({ "tenantId": other(number), "userSyncInbound": { "isSyncAllowed": true } });
        tenant["syncPolicies"] = (0..PARTNERS).map(policy).collect();
    }
    let users = tenants[0]["users"].as_array_mut().unwrap();
    for number in 0..ASSIGNMENTS {
        users.push(
            json!({ "id": id(number), "userPrincipalName": format!("user{number}@contoso.example"),
            "displayName": format!("User {number}") }),
        );
    }
    for number in 0..PARTNERS {
        let domain = format!("partner{number}.example");
        tenants.push(json!({ "tenantId": other(number), "displayName": format!("Partner {number}"), "domains": [domain] }));
    }
    let path = folder.join("seed.json");
    std::fs::write(&path, seed.to_string()).unwrap();
    path
}

fn configure(emulator: &Emulator) {
    let notifications =
        json!({ "Enabled": false, "DeleteThresholdEnabled": true, "DeleteThresholdValue": 500 });
    let mut assignments = Map::new();
    for number in 0..CONFIGURATIONS {
        let name = format!("Contoso to partner {number}");
        let made = Configuration::make(emulator, &name);
        made.job(emulator, &other(number), false, &notifications);
        let each = ASSIGNMENTS / CONFIGURATIONS;
        for user in number * each..(number + 1) * each {
            assignments.insert(
                format!("assignment-{user}"),
                json!({ "id": format!("assignment-{user}"), "appRoleId": made.role, "principalId": id(user), "principalType": "User",
                    "principalDisplayName": format!("User {user}"), "resourceId": made.id, "resourceDisplayName": name,
                    "createdDateTime": "2026-01-01T00:00:00Z", "deletedDateTime": null }),
            );
        }
    }
    let body = json!({ "assignments": assignments });
    emulator.control("PATCH", &format!("tenants/{CONTOSO}"), Some(&body));
}

/// Exports, and measures the command in the same way as [`Measured`] measures the CLI.
fn export(emulator: &Emulator, out: &Path) -> Measured {
    let mut measured = Measured::default();
    for _ in 0..ROUNDS {
        let _ = std::fs::remove_dir_all(out);
        emulator.control("DELETE", "requests", None);
        let watch = Watch::start();
        let started = Instant::now();
        let output = std::process::Command::new(binary())
            .args(["export", "--out"])
            .arg(out)
            .envs(emulator.environment())
            .output()
            .unwrap();
        measured.times.push(milliseconds(started.elapsed()));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (memory, _) = watch.stop();
        measured.count(emulator, memory);
    }
    measured
}

pub fn section() -> String {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::with(&seed(folder.path()), &["--latency", LATENCY]);
    configure(&emulator);
    let out = folder.path().join("out");
    let exported = export(&emulator, &out);

    let workspace = Workspace::new(&emulator, "");
    let mut imports = 0;
    for file in std::fs::read_dir(&out).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        imports += text.matches("\nimport {\n").count();
        workspace.write(&file.file_name().to_string_lossy(), &text);
    }
    let (mut plan, mut settled) = (Measured::default(), Measured::default());
    plan.run(&emulator, &workspace, &["plan", "-input=false"]);
    workspace.plan().says(&[&format!(
        "Plan: {imports} to import, 0 to add, 0 to change, 0 to destroy."
    )]);
    workspace.apply().succeeded();
    settled.run(
        &emulator,
        &workspace,
        &["plan", "-input=false", "-detailed-exitcode"],
    );
    let sizes = std::fs::read_dir(&out)
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len());
    let size = megabytes(sizes.sum());
    format!(
        "\n## Exporting large tenants\n\n`export` of two tenants with {PARTNERS} partners each, {CONFIGURATIONS} configurations and \
         {ASSIGNMENTS} assignments, {LATENCY} simulated latency: {imports} objects, {size:.1} MB of HCL. The first plan imports them \
         all and changes nothing, and after the apply there is nothing to do.\n\n{TABLE}{}{}{}",
        exported.row("export"),
        plan.row("first plan"),
        settled.row("plan after the apply")
    )
}
