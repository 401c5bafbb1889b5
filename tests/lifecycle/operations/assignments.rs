//! The resource for all assignments.

use std::collections::BTreeSet;

use serde_json::json;

use crate::operations::{ADA, COLLABORATORS, GRACE, GUEST, asked, configured, user, with_users};
use crate::support::{CONTOSO, Emulator, Workspace};

const TYPE: &str = "crosstenant_app_role_assignments";

fn set(ids: &[impl AsRef<str>], more: &str) -> String {
    let ids: Vec<String> = ids
        .iter()
        .map(|id| format!("{:?} = {{}}", id.as_ref()))
        .collect();
    configured(&format!(
        "resource \"{TYPE}\" \"it\" {{\n  provider = crosstenant.source\n  resource_object_id = \
         crosstenant_synchronization_configuration.it.service_principal_id\n  principals = {{ {} }}\n  {more}\n}}\n",
        ids.join(", ")
    ))
}

/// The assigned principals according to Graph.
fn assigned(emulator: &Emulator) -> BTreeSet<String> {
    let assignments = emulator.tenant(CONTOSO)["assignments"].clone();
    let principal = |one: &serde_json::Value| one["principalId"].as_str().unwrap().to_owned();
    assignments
        .as_object()
        .unwrap()
        .values()
        .map(principal)
        .collect()
}

/// The assigned principals according to the state.
fn stored(workspace: &Workspace) -> BTreeSet<String> {
    let principals = workspace.values(TYPE)["principals"].clone();
    let ids = principals.as_object().unwrap().keys();
    ids.map(|id| id.to_lowercase()).collect()
}

fn path(workspace: &Workspace) -> String {
    let values = workspace.values(TYPE);
    let principal = values["resource_object_id"].as_str().unwrap();
    format!("/v1.0/servicePrincipals/{principal}/appRoleAssignedTo")
}

#[test]
fn only_the_difference_is_written_and_others_are_shown() {
    let emulator = with_users(10);
    let workspace = Workspace::new(&emulator, &set(&[ADA, COLLABORATORS], ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let values = workspace.values(TYPE);
    assert_eq!(
        (&values["user_count"], &values["group_count"]),
        (&json!(1), &json!(1))
    );

    // Another spelling is the same principal.
    workspace.write("main.tf", &set(&[&ADA.to_uppercase(), COLLABORATORS], ""));
    workspace.is_settled();

    // Another administrator assigns a user: the plan shows the removal.
    let body = json!({ "principalId": user(3), "resourceId": values["resource_object_id"], "appRoleId": values["app_role_id"] });
    assert_eq!(
        emulator
            .as_admin(CONTOSO, "POST", &path(&workspace), Some(&body))
            .0,
        201
    );
    workspace
        .plan()
        .succeeded()
        .says(&[&format!("- \"{}\"", user(3)), "0 to add, 1 to change"]);

    workspace.write("main.tf", &set(&[ADA, GRACE, COLLABORATORS], ""));
    emulator.forget();
    workspace.apply().succeeded();
    assert_eq!(
        assigned(&emulator),
        BTreeSet::from([ADA, GRACE, COLLABORATORS].map(str::to_owned))
    );
    let (posts, deletes) = (
        asked(&emulator, "POST", "/appRoleAssignedTo"),
        emulator
            .journal()
            .iter()
            .filter(|entry| entry["method"] == "DELETE")
            .count(),
    );
    assert_eq!((posts, deletes), (1, 1));
    workspace.is_settled();
    workspace.destroy().succeeded();
    assert!(assigned(&emulator).is_empty());
}

#[test]
fn assignments_of_others_are_never_removed_by_a_creation() {
    let emulator = Emulator::start();
    let single = |id: &str| {
        configured(&format!(
            "resource \"crosstenant_app_role_assignment\" \"it\" {{\n  provider = crosstenant.source\n  principal_object_id = \
             \"{id}\"\n  resource_object_id = crosstenant_synchronization_configuration.it.service_principal_id\n}}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &single(GRACE));
    workspace.apply().succeeded();
    workspace
        .run(&["state", "rm", "crosstenant_app_role_assignment.it"])
        .succeeded();
    workspace.write("main.tf", &set(&[ADA], ""));
    let outcome = workspace.apply();
    outcome.failed().says(&[
        "Other principals are already assigned",
        GRACE,
        "import {",
        "to = crosstenant_app_role_assignments.NAME",
    ]);
    assert_eq!(assigned(&emulator), BTreeSet::from([GRACE.to_owned()]));

    // The fix in the error: after the import, the plan shows the removal.
    let principal = workspace.values("crosstenant_synchronization_configuration");
    let id = principal["service_principal_id"].as_str().unwrap();
    workspace
        .run(&["import", "-no-color", &format!("{TYPE}.it"), id])
        .succeeded();
    workspace
        .plan()
        .succeeded()
        .says(&[&format!("- \"{GRACE}\""), &format!("+ \"{ADA}\"")]);
    workspace.apply().succeeded();
    workspace.is_settled();
    // Existing assignments that are configured are adopted.
    std::fs::remove_file(workspace.folder.path().join("terraform.tfstate")).unwrap();
    workspace.write(
        "imports.tf",
        &format!(
            "import {{\n  to = crosstenant_synchronization_configuration.it\n  id = \"{id}\"\n}}\n"
        ),
    );
    emulator.forget();
    workspace.apply().succeeded().says(&["1 imported, 1 added"]);
    assert_eq!(asked(&emulator, "POST", "/appRoleAssignedTo"), 0);
}

#[test]
fn one_wrong_principal_among_fifty_is_named_and_the_rest_assigned() {
    let emulator = with_users(50);
    let wrong = "dddddddd-0000-4000-8000-000000000000";
    let mut ids: Vec<String> = (0..49).map(user).collect();
    ids.push(wrong.to_owned());
    let brief = "timeouts = { create = \"4s\", update = \"4s\" }";
    let workspace = Workspace::new(&emulator, &set(&ids, brief));
    let outcome = workspace.apply();
    outcome.failed().says(&[
        "1 of 50 principals could not be assigned",
        wrong,
        "Request_BadRequest",
    ]);
    let (_, error) = outcome.text.split_once("could not be assigned").unwrap();
    assert!(!error.contains(&user(7)), "{error}");
    assert_eq!(assigned(&emulator).len(), 49);
    assert_eq!(stored(&workspace), assigned(&emulator));

    // The failed creation is replaced without removing assignments.
    ids.pop();
    workspace.write("main.tf", &set(&ids, ""));
    emulator.forget();
    workspace.apply().succeeded();
    workspace.is_settled();
    let journal = emulator.journal();
    assert!(journal.iter().all(|entry| entry["method"] != "DELETE"));
    assert_eq!(asked(&emulator, "POST", "/appRoleAssignedTo"), 0);

    // The same in an update, where nothing is tainted.
    let mut more = ids[1..].to_vec();
    more.extend([user(49), wrong.to_owned()]);
    workspace.write("main.tf", &set(&more, brief));
    workspace
        .apply()
        .failed()
        .says(&["1 of 50 principals could not be assigned", wrong]);
    assert_eq!(stored(&workspace), assigned(&emulator));
    assert!(assigned(&emulator).contains(&user(49)) && !assigned(&emulator).contains(&user(0)));
    more.pop();
    workspace.write("main.tf", &set(&more, ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    // A destroy after a failed creation leaves nothing behind.
    workspace.run(&["taint", &format!("{TYPE}.it")]).succeeded();
    workspace.destroy().succeeded();
    assert!(assigned(&emulator).is_empty());
}

#[test]
fn throttled_and_lost_items_are_assigned_once() {
    let emulator = with_users(120);
    let ids: Vec<String> = (0..120).map(user).collect();
    let workspace = Workspace::new(&emulator, &configured(""));
    workspace.apply().succeeded();
    emulator.fault(&json!([
        { "method": "POST", "path": "*/appRoleAssignedTo", "kind": "throttle", "retry_after": 1, "after": 30, "count": 25 },
        { "method": "POST", "path": "*/appRoleAssignedTo", "kind": "status", "status": 503, "after": 40, "count": 5 },
        { "method": "POST", "path": "/v1.0/$batch", "kind": "reset_after", "after": 1, "count": 1 },
    ]));
    workspace.write("main.tf", &set(&ids, ""));
    workspace.apply().succeeded();
    assert_eq!(assigned(&emulator).len(), 120);
    workspace.is_settled();
}

#[test]
fn a_thousand_take_sixty_requests_and_their_plan_three() {
    let emulator = with_users(1000);
    let ids: Vec<String> = (0..1000).map(user).collect();
    let workspace = Workspace::new(&emulator, &configured(""));
    workspace.apply().succeeded();
    workspace.write("main.tf", &set(&ids, ""));
    emulator.forget();
    workspace
        .run(&["apply", "-refresh=false", "-auto-approve", "-no-color"])
        .succeeded();
    let calls = emulator.graph_requests().len();
    assert!(calls <= 60, "{calls}");
    assert_eq!(assigned(&emulator).len(), 1000);
    emulator.forget();
    workspace.is_settled();
    let listings = asked(&emulator, "GET", "/appRoleAssignedTo");
    assert_eq!(listings, 2, "a page holds 999");
    emulator.forget();
    workspace.write("main.tf", &set(&ids[..990], ""));
    workspace.apply().succeeded();
    assert_eq!(assigned(&emulator).len(), 990);
}

#[test]
fn ineffective_assignments_are_warned_about_in_the_plan() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &set(&[GUEST, COLLABORATORS, ADA], ""));
    workspace.plan().succeeded().says(&[
        "Guests are not synchronized",
        "Linus (Guest)",
        "Nested groups are not synchronized",
        "Fabrikam collaborators contains",
    ]);
    workspace.write("main.tf", &set(&[GUEST], ""));
    workspace
        .plan()
        .succeeded()
        .says(&["No internal user is assigned"]);
    workspace.write("main.tf", &set(&[""; 0], ""));
    workspace
        .plan()
        .succeeded()
        .says(&["No users will be synchronized"]);
    workspace.write("main.tf", &set(&[ADA], ""));
    let plan = workspace.plan();
    for warning in [
        "Guests are",
        "Nested groups",
        "No internal",
        "No users will",
    ] {
        assert!(!plan.text.contains(warning), "{}", plan.text);
    }
}

#[test]
fn a_service_principal_that_is_gone_takes_its_assignments_along() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &set(&[ADA], ""));
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_synchronization_configuration");
    let application = format!(
        "/v1.0/applications/{}",
        values["application_id"].as_str().unwrap()
    );
    assert_eq!(
        emulator.as_admin(CONTOSO, "DELETE", &application, None).0,
        204
    );
    workspace
        .plan()
        .succeeded()
        .says(&["2 to add, 0 to change, 0 to destroy"]);
    workspace
        .run(&["destroy", "-refresh=false", "-auto-approve", "-no-color"])
        .succeeded();
}

/// An older state: version 0 had the object IDs as a set.
#[test]
fn a_state_with_the_set_is_converted_without_changing_assignments() {
    let emulator = with_users(10);
    let workspace = Workspace::new(&emulator, &set(&[ADA, COLLABORATORS], ""));
    workspace.apply().succeeded();
    let file = workspace.folder.path().join("terraform.tfstate");
    let mut state: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut resources = state["resources"].as_array_mut().unwrap().iter_mut();
    let instance = &mut resources
        .find(|one| one["type"] == TYPE)
        .expect("it is in the state")["instances"][0];
    assert_eq!(instance["schema_version"], 1);
    instance["schema_version"] = json!(0);
    let attributes = instance["attributes"].as_object_mut().unwrap();
    let principals = attributes.remove("principals").unwrap();
    let ids: Vec<&String> = principals.as_object().unwrap().keys().collect();
    attributes.insert("principal_object_ids".to_owned(), json!(ids));
    std::fs::write(&file, state.to_string()).unwrap();
    emulator.forget();
    workspace.is_settled();
    workspace.apply().succeeded();
    assert_eq!(
        workspace.values(TYPE)["principals"],
        json!({ ADA: { "note": null }, COLLABORATORS: { "note": null } })
    );
    let writes = emulator.graph_requests();
    let writes: Vec<&String> = writes
        .iter()
        .filter(|line| line.starts_with("DELETE"))
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
    assert_eq!(assigned(&emulator).len(), 2);
    // A note is stored, and leads to no request.
    let noted = set(&[ADA, COLLABORATORS], "").replace(
        &format!("{ADA:?} = {{}}"),
        &format!("{ADA:?} = {{ note = \"Ada\" }}"),
    );
    workspace.write("main.tf", &noted);
    emulator.forget();
    workspace.apply().succeeded().says(&["note"]);
    let sent = emulator.journal();
    let reads = |one: &serde_json::Value| {
        let path = one["path"].as_str().unwrap();
        one["method"] == "GET" || path.ends_with("/$batch") || !path.starts_with("/v1.0")
    };
    assert!(sent.iter().all(reads), "{sent:#?}");
    workspace.is_settled();
    assert_eq!(workspace.values(TYPE)["principals"][ADA]["note"], "Ada");
}
