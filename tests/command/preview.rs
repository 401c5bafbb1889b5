//! `preview`: the current configuration, a plan, one user, limits, progress, and unusual names.

use serde_json::{Value as Json, json};

use crate::support::terminal::Session;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};
use crate::{CONFIGURATION, command, run, seeded, set_up, without_sms};

/// The verdict of a preview about one user.
pub fn of<'d>(document: &'d Json, name: &str) -> &'d Json {
    let users = document["configurations"][0]["users"].as_array().unwrap();
    users
        .iter()
        .find(|user| user["user_principal_name"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {document:#}"))
}

pub fn preview(emulator: &Emulator, arguments: &[&str], code: i32) -> Json {
    let all = [&["preview", "--json"][..], arguments].concat();
    run(&emulator.environment(), &all).ended(code, &[]).json()
}

#[test]
fn a_preview_of_the_current_configuration_matches_the_next_cycle() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let before = preview(&emulator, &[], 0);
    let counts = &before["configurations"][0]["counts"];
    let created = counts["created"].as_u64().unwrap();
    assert!(created > 0, "{before:#}");
    assert_eq!(counts["leaving"], 0);
    let ada = of(&before, "ada@contoso.example");
    assert_eq!(ada["outcome"], "create");
    let changes = ada["changes"].as_array().unwrap();
    let name = changes
        .iter()
        .find(|one| one["attribute"] == "displayName")
        .unwrap();
    assert_eq!(
        (&name["before"], &name["after"]),
        (&Json::Null, &json!("Ada Lovelace"))
    );
    emulator.cycle();
    let target = emulator.tenant(FABRIKAM);
    let users = target["users"].as_object().unwrap().values();
    let arrived = users
        .filter(|user| user["creationType"] == "Invitation")
        .count();
    assert_eq!(arrived as u64, created, "what was said is what came");
    let after = preview(&emulator, &[], 0);
    let counts = &after["configurations"][0]["counts"];
    assert_eq!(counts["created"], 0, "{after:#}");
    assert_eq!(counts["unchanged"].as_u64(), Some(created), "{after:#}");
    assert!(
        after["unverified"]["match-by-name"].is_null(),
        "the log says who is who: {after:#}"
    );
}

/// Removes Ada's assignment without Terraform.
fn unassign_ada(emulator: &Emulator) {
    let assignments = emulator.tenant(CONTOSO)["assignments"].clone();
    let all = assignments.as_object().unwrap();
    let (id, _) = all
        .iter()
        .find(|(_, one)| one["principalId"] == "a1000000-0000-4000-8000-000000000001")
        .unwrap();
    let patch = json!({ "assignments": { id.as_str(): null } });
    emulator.control("PATCH", &format!("tenants/{CONTOSO}"), Some(&patch));
}

#[test]
fn users_unassigned_since_the_last_cycle_are_shown_as_leaving() {
    let emulator = seeded(without_sms);
    set_up(&emulator);
    emulator.cycle();
    unassign_ada(&emulator);
    let found = preview(&emulator, &["--max-leaving", "0"], 3);
    let ada = of(&found, "ada@contoso.example");
    assert_eq!(ada["outcome"], "leave", "{found:#}");
    assert_eq!(
        found["configurations"][0]["counts"]["leaving"], 1,
        "{found:#}"
    );
    // Shows a user who is not assigned.
    let environment = emulator.environment();
    run(&environment, &["preview", "--user", "ada@contoso.example"])
        .ended(0, &["Leaving", "Assigned: not assigned"]);
}

#[test]
fn without_the_log_users_are_matched_by_name() {
    let emulator = seeded(|seed| {
        without_sms(seed);
        let permissions = seed["tenants"][0]["apps"][0]["permissions"].as_array_mut();
        let is_log = |one: &Json| *one == "ProvisioningLog.Read.All" || *one == "AuditLog.Read.All";
        permissions.unwrap().retain(|one| !is_log(one));
    });
    set_up(&emulator);
    emulator.cycle();
    unassign_ada(&emulator);
    let guessed = preview(&emulator, &["--max-leaving", "0"], 0);
    let found = &guessed["configurations"][0];
    let counts = &found["counts"];
    assert_eq!(
        (&counts["leaving"], &counts["perhaps_leaving"]),
        (&json!(0), &json!(1)),
        "{guessed:#}"
    );
    let notes = found["notes"].to_string();
    assert!(notes.contains("ProvisioningLog.Read.All"), "{notes}");
}

#[test]
fn a_user_without_a_license_is_marked_and_counted() {
    let emulator = seeded(|seed| {
        without_sms(seed);
        seed["tenants"][0]["users"][0]["assignedPlans"] = json!([]);
    });
    set_up(&emulator);
    let found = preview(&emulator, &[], 0);
    let ada = of(&found, "ada@contoso.example");
    assert_eq!(ada["outcome"], "create");
    assert!(
        ada["unverified"]
            .to_string()
            .contains("users-without-license"),
        "{ada:#}"
    );
    let alan = of(&found, "alan@contoso.example");
    assert!(
        !alan["unverified"]
            .to_string()
            .contains("users-without-license"),
        "{alan:#}"
    );
    let notes = found["configurations"][0]["notes"].to_string();
    assert!(
        notes.contains("4 users are in scope, 3 of them with a license"),
        "{notes}"
    );
}

#[test]
fn twenty_users_of_a_section_are_shown_and_all_on_demand() {
    const MORE: usize = 25;
    let name = |number: usize| format!("more{number}@contoso.example");
    let emulator = seeded(|seed| {
        without_sms(seed);
        let source = &mut seed["tenants"][0];
        for number in 0..MORE {
            let user = json!({ "id": format!("c5000000-0000-4000-8000-{number:012}"), "userPrincipalName": name(number),
                "displayName": format!("More {number}"), "mail": name(number) });
            source["users"].as_array_mut().unwrap().push(user);
            let members = source["groups"][0]["members"].as_array_mut();
            members.unwrap().push(json!(name(number)));
        }
    });
    set_up(&emulator);
    let shown = |arguments: &[&str]| {
        let said = run(&emulator.environment(), &[&["preview"], arguments].concat());
        let said = said.ended(0, &[]);
        let named = (0..MORE).filter(|number| said.out.contains(&name(*number)));
        (named.count(), said.out.contains("--all shows them"))
    };
    let (some, is_told) = shown(&[]);
    assert!(some < MORE && is_told, "{some}");
    assert_eq!(shown(&["--all"]), (MORE, false));
}

/// The plan of a workspace, as input of `preview --plan`.
pub fn planned(workspace: &Workspace, arguments: &[&str]) -> tempfile::NamedTempFile {
    workspace
        .run(&[&["plan", "-out", "plan"][..], arguments].concat())
        .succeeded();
    let shown = workspace.run(&["show", "-json", "plan"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &shown.succeeded().stdout).unwrap();
    file
}

#[test]
fn progress_is_for_terminals() {
    const READING: &str = "Reading both tenants for \"Contoso to Fabrikam\" ...";
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let environment = emulator.environment();
    let piped = run(&environment, &["preview"]);
    piped.ended(0, &["ada@contoso.example"]);
    assert_eq!(piped.err, "");
    assert!(!piped.out.contains("Reading"), "{}", piped.out);
    // The progress is printed before the first user is read, not together with the result.
    emulator.fault(&json!([{ "method": "GET", "path": "/v1.0/users*", "kind": "delay", "delay_ms": 1500, "count": 1 }]));
    let mut session = Session::start(command(&environment, &["preview"]));
    let seen = session.wait_for(READING).seen();
    assert!(!seen.contains("ada@contoso.example"), "{seen}");
    let (code, seen) = session.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("ada@contoso.example"), "{seen}");
}

#[test]
fn the_preview_of_a_plan_counts_leaving_users_up_to_a_limit() {
    let emulator = seeded(without_sms);
    let workspace = set_up(&emulator);
    emulator.cycle();
    let nothing = planned(&workspace, &[]);
    let nothing = nothing.path().to_str().unwrap();
    let quiet = preview(
        &emulator,
        &[
            "--plan",
            nothing,
            "--max-leaving",
            "0",
            "--max-arriving",
            "0",
        ],
        0,
    );
    assert_eq!(quiet["configurations"][0]["of"], "plan");
    assert_eq!(quiet["exceeded"], json!([]));
    let destroyed = planned(&workspace, &["-var", r#"users=["grace@contoso.example"]"#]);
    let destroyed = destroyed.path().to_str().unwrap();
    let found = preview(&emulator, &["--plan", destroyed, "--max-leaving", "0"], 3);
    let ada = of(&found, "ada@contoso.example");
    assert_eq!(ada["outcome"], "leave", "{found:#}");
    // Ada, and Edsger, who has no SMS sign-in here.
    assert_eq!(
        found["configurations"][0]["counts"]["leaving"], 2,
        "{found:#}"
    );
    assert_eq!(found["exceeded"].as_array().unwrap().len(), 1);
    let environment = emulator.environment();
    run(
        &environment,
        &["preview", "--plan", destroyed, "--max-leaving", "5%"],
    )
    .ended(
        3,
        &[
            "ada@contoso.example",
            "2 soft-deleted",
            "--max-leaving 5% allows 0",
        ],
    );
    let markdown = run(
        &environment,
        &["preview", "--plan", destroyed, "--format", "markdown"],
    );
    markdown.ended(
        0,
        &[
            "## Synchronization preview",
            "| User | Why, and what changes |",
        ],
    );
    assert!(
        !markdown.out.contains(" ada@contoso"),
        "nobody is mentioned: {}",
        markdown.out
    );
}

#[test]
fn one_user_is_shown_in_detail() {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let environment = emulator.environment();
    run(&environment, &["preview", "--user", "ada@contoso.example"]).ended(
        0,
        &[
            "ada@contoso.example",
            "Assigned: assigned directly",
            "Ada Lovelace",
            "No copy in the target tenant",
        ],
    );
    emulator.cycle();
    run(&environment, &["preview", "--user", "ada@contoso.example"])
        .ended(0, &["In the provisioning log", "create", "success"]);
    let told = preview(&emulator, &["--user", "ada@contoso.example"], 0);
    let log = &of(&told, "ada@contoso.example")["log"];
    assert_eq!(
        (&log[0]["action"], &log[0]["status"]),
        (&json!("create"), &json!("success")),
        "{told:#}"
    );
    run(
        &environment,
        &["preview", "--user", "nobody@contoso.example"],
    )
    .ended(2, &["nobody@contoso.example", CONTOSO]);
}

#[test]
fn an_address_that_is_taken_is_a_collision() {
    let emulator = seeded(|seed| {
        seed["tenants"][1]["users"][0]["mail"] = json!("ADA@contoso.example");
    });
    set_up(&emulator);
    let found = preview(&emulator, &[], 0);
    let ada = of(&found, "ada@contoso.example");
    assert_eq!(ada["outcome"], "collision");
    assert!(
        ada["reason"]
            .as_str()
            .unwrap()
            .contains("nadia@fabrikam.example"),
        "{ada}"
    );
}

#[test]
fn parts_that_cannot_be_previewed_are_noted() {
    // Names are treated as data.
    let emulator = seeded(|seed| {
        seed["tenants"][0]["users"][0]["displayName"] = json!("<b>\u{1b}[31m|x");
    });
    let environment = emulator.environment();
    run(&environment, &["preview"]).ended(2, &["no configuration whose job leads to", FABRIKAM]);
    set_up(&emulator);
    run(&environment, &["preview", "--configuration", "Nobody"])
        .ended(2, &["Nobody", CONFIGURATION]);
    run(&environment, &["preview", "--plan", "/does/not/exist"])
        .ended(2, &["/does/not/exist", "terraform show -json"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{ \"values\": {} }").unwrap();
    run(
        &environment,
        &["preview", "--plan", file.path().to_str().unwrap()],
    )
    .ended(2, &["no resource_changes"]);
    run(&environment, &["preview", "--max-leaving", "many"]).ended(2, &["a share such as 5%"]);
    let said = run(&environment, &["preview", "--user", "ada@contoso.example"]);
    assert!(!said.out.contains('\u{1b}'), "{:?}", said.out);
}
