//! The guide "Getting started" with exactly its permissions: its configuration can be applied, and the commands work.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, FABRIKAM, project};
use crate::{run, seeded, set_up, without_sms};

/// The permissions of the source and the target in the guide's table that have one of these marks.
fn listed(marks: &[&str]) -> [BTreeSet<String>; 2] {
    let guide = std::fs::read_to_string(project("docs/guides/getting-started.md")).unwrap();
    let (_, table) = guide
        .split_once("| Permission | Source | Target |")
        .unwrap();
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for row in table.lines().skip(1).take_while(|row| row.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for (side, permissions) in found.iter_mut().enumerate() {
            if marks.contains(&cells[side + 2]) {
                permissions.insert(cells[1].trim_matches('`').to_owned());
            }
        }
    }
    found
}

#[test]
fn with_the_documented_permissions_the_guide_and_the_commands_work() {
    let needed = listed(&["yes"]);
    assert!(needed[0].len() >= 5 && needed[1].len() >= 3, "{needed:?}");
    let used = listed(&["if used"]);
    let looking_up = ["User.Read.All", "GroupMember.Read.All"];
    assert!(looking_up.iter().all(|name| used[0].contains(*name)));
    let emulator = seeded(|seed| {
        without_sms(seed);
        for (tenant, permissions) in needed.iter().enumerate() {
            let more = looking_up.map(str::to_owned);
            let more = more.into_iter().filter(|_| tenant == 0);
            let all: Vec<String> = permissions.iter().cloned().chain(more).collect();
            seed["tenants"][tenant]["apps"][0]["permissions"] = json!(all);
        }
    });
    let workspace = set_up(&emulator);
    for (tenant, permissions) in [CONTOSO, FABRIKAM].iter().zip(&needed) {
        let path = format!("tenants/{tenant}/apps/0");
        emulator.control("PATCH", &path, Some(&json!({ "permissions": permissions })));
    }
    let environment = emulator.environment();
    let out = workspace.folder.path().join("exported");
    let exported = run(&environment, &["export", "--out", out.to_str().unwrap()]);
    exported.ended(
        0,
        &[
            "to import",
            "MultiTenantOrganization.Read.All",
            "does not require this permission",
        ],
    );
    let written = std::fs::read_to_string(out.join("synchronization.tf")).unwrap();
    assert!(
        written.contains("crosstenant_provisioning_job"),
        "{written}"
    );

    run(&environment, &["check"]).ended(
        0,
        &[
            "Ready as far as can be determined",
            "not checked because of a missing permission",
            "? no permission license",
        ],
    );
    let found = run(&environment, &["check", "--json"]).ended(0, &[]).json();
    assert_eq!(found["ready"], Json::Bool(true));
}
