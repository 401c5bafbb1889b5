//! `preview` of groups: which group of the target tenant is the copy, and its verdict, for the current configuration and for a plan.

use serde_json::{Value as Json, json};

use crate::preview::{planned, preview};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, project};
use crate::{run, seeded, without_sms};

/// The example that copies groups, in two tenants whose groups can be read; nothing is applied yet.
fn with_groups(change: impl FnOnce(&mut Json)) -> (Emulator, Workspace) {
    let emulator = seeded(|seed| {
        without_sms(seed);
        let permissions = seed["tenants"][1]["apps"][0]["permissions"].as_array_mut();
        permissions.unwrap().push(json!("GroupMember.Read.All"));
        change(seed);
    });
    let text = std::fs::read_to_string(project("examples/groups/main.tf")).unwrap();
    let workspace = Workspace::new(&emulator, &text.replace("\"../pair\"", "\"./pair\""));
    std::fs::create_dir(workspace.folder.path().join("pair")).unwrap();
    let pair = std::fs::read_to_string(project("examples/pair/main.tf")).unwrap();
    workspace.write("pair/main.tf", &pair);
    workspace.run(&["get"]).succeeded();
    (emulator, workspace)
}

/// The log has no entries about a configuration that does not exist yet: the only group with the name that the plan maps is assumed to be
/// the copy.
#[test]
fn a_plan_finds_the_copy_of_a_group_by_its_name() {
    const COPY: &str = "b9000000-0000-4000-8000-000000000001";
    const OTHER: &str = "b9000000-0000-4000-8000-000000000003";
    const NAME: &str = "Fabrikam collaborators (Contoso)";
    let (emulator, workspace) = with_groups(|seed| {
        seed["tenants"][1]["groups"] = json!([
            { "id": COPY, "displayName": NAME, "description": "Older" },
            { "displayName": "Fabrikam collaborators", "description": "Not renamed" },
        ]);
    });
    let plan = planned(&workspace, &[]);
    let found = || preview(&emulator, &["--plan", plan.path().to_str().unwrap()], 0);
    let one = found();
    let group = &one["configurations"][0]["groups"][0];
    assert_eq!(
        (&group["outcome"], &group["target_id"]),
        (&json!("update"), &json!(COPY)),
        "{one:#}"
    );
    assert_eq!(group["unverified"], json!(["copy-by-name"]), "{one:#}");
    assert!(
        one["unverified"]["copy-by-name"].is_string(),
        "the assumption is explained: {one:#}"
    );
    let description = json!({ "attribute": "description", "before": "Older", "after": "People who work with Fabrikam" });
    let changes = group["changes"].as_array().unwrap();
    assert!(changes.contains(&description), "{one:#}");
    // The name does not identify one of two groups.
    let other =
        json!({ "id": OTHER, "displayName": NAME, "securityEnabled": true, "groupTypes": [] });
    let groups = json!({ "groups": { OTHER: other } });
    emulator.control("PATCH", &format!("tenants/{FABRIKAM}"), Some(&groups));
    let two = found();
    let group = &two["configurations"][0]["groups"][0];
    assert_eq!(
        (&group["outcome"], &group["target_id"]),
        (&json!("create"), &Json::Null),
        "{two:#}"
    );
}

#[test]
fn copies_of_groups_are_created_then_changed() {
    let (emulator, workspace) = with_groups(|_| ());
    workspace.apply().succeeded();
    let group = |found: &Json| found["configurations"][0]["groups"][0].clone();
    let before = group(&preview(&emulator, &[], 0));
    assert_eq!(
        (&before["outcome"], &before["target_id"]),
        (&json!("create"), &Json::Null),
        "{before:#}"
    );
    emulator.cycle();
    let same = group(&preview(&emulator, &[], 0));
    assert_eq!(same["outcome"], "nothing", "{same:#}");
    assert!(same["target_id"].is_string(), "{same:#}");
    // One member leaves the group, another one joins, and the group is renamed.
    let staff = "b1000000-0000-4000-8000-000000000001";
    let change = json!({ "members": { staff: ["a1000000-0000-4000-8000-000000000001", "a1000000-0000-4000-8000-000000000004"] },
        "groups": { staff: { "displayName": "Fabrikam friends" } } });
    emulator.control("PATCH", &format!("tenants/{CONTOSO}"), Some(&change));
    let after = group(&preview(&emulator, &[], 0));
    assert_eq!(after["outcome"], "update", "{after:#}");
    assert_eq!(
        after["changes"][0]["after"], "Fabrikam friends (Contoso)",
        "{after:#}"
    );
    assert_eq!(
        after["members_added"],
        json!(["a1000000-0000-4000-8000-000000000001"]),
        "{after:#}"
    );
    let environment = emulator.environment();
    run(&environment, &["preview", "--format", "markdown"])
        .ended(0, &["<summary>Groups (1)</summary>", "1 member joins"]);
    emulator.cycle();
    let target = emulator.tenant(FABRIKAM);
    let copy = &target["groups"][after["target_id"].as_str().unwrap()];
    assert_eq!(copy["displayName"], "Fabrikam friends (Contoso)");
}
