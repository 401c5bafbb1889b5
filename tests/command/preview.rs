//! `preview`: what is live, what a plan would do, one user's story, limits, and what no name can write.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM};
use crate::{CONFIGURATION, run, seeded, set_up, without_sms};

/// What a preview says of one user.
fn of<'d>(document: &'d Json, name: &str) -> &'d Json {
    let users = document["configurations"][0]["users"].as_array().unwrap();
    users
        .iter()
        .find(|user| user["user_principal_name"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {document:#}"))
}

fn preview(emulator: &Emulator, arguments: &[&str], code: i32) -> Json {
    let all = [&["preview", "--json"][..], arguments].concat();
    run(&emulator.environment(), &all).ended(code, &[]).json()
}

#[test]
fn what_is_live_is_previewed_and_comes_true() {
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
    assert!(after["unverified"]["match-by-name"].is_string());
}

#[test]
fn a_plan_says_who_leaves_and_a_limit_stops_it() {
    let emulator = seeded(without_sms);
    let workspace = set_up(&emulator);
    emulator.cycle();
    let plan = |arguments: &[&str]| {
        workspace
            .run(&[&["plan", "-out", "plan"][..], arguments].concat())
            .succeeded();
        let shown = workspace.run(&["show", "-json", "plan"]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &shown.succeeded().stdout).unwrap();
        file
    };
    let nothing = plan(&[]);
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
    let destroyed = plan(&["-var", r#"users=["grace@contoso.example"]"#]);
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
fn one_user_has_a_story() {
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
fn an_address_that_somebody_holds_is_a_collision() {
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
fn what_cannot_be_previewed_is_said() {
    // Names are data.
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
