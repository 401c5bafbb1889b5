//! `status`: the states of a job, and jobs that cannot be read.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, FABRIKAM};
use crate::{CONFIGURATION, admin, quarantine, run, seeded, set_up};

#[test]
fn a_job_is_shown_in_every_state() {
    let emulator = seeded(|_| ());
    let workspace = set_up(&emulator);
    let environment = emulator.environment();
    run(&environment, &["status"]).ended(
        0,
        &[
            &format!("Source tenant {CONTOSO}"),
            CONFIGURATION,
            "… initial cycle",
        ],
    );

    emulator.cycle();
    run(&environment, &["status"]).ended(
        0,
        &[
            "✓ running",
            "finished",
            "succeeded, 3 written",
            "3 User to User",
        ],
    );
    let found = run(&environment, &["status", "--json"])
        .ended(0, &[])
        .json();
    assert_eq!(
        (&found["quarantined"], &found["tenant_id"]),
        (&json!(false), &json!(CONTOSO))
    );
    let job = &found["jobs"][0];
    assert_eq!(
        (&job["configuration"], &job["scope"]),
        (&json!(CONFIGURATION), &json!("assigned"))
    );
    assert_eq!(job["target_tenant_id"], FABRIKAM);
    assert_eq!(
        (&job["job"]["state"], &job["job"]["progress"]),
        (&json!("active"), &json!(100))
    );

    let values = workspace.values("crosstenant_provisioning_job");
    let text = |name: &str| values[name].as_str().unwrap().to_owned();
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}",
        text("service_principal_id"),
        text("id")
    );
    admin(&emulator, CONTOSO, "POST", &format!("{path}/pause"), None);
    run(&environment, &["status"]).ended(0, &["– paused"]);
    admin(&emulator, CONTOSO, "POST", &format!("{path}/start"), None);

    quarantine(&emulator);
    let id = text("service_principal_id");
    for chosen in [CONFIGURATION, id.as_str()] {
        run(&environment, &["status", "--configuration", chosen]).ended(
            1,
            &[
                "✗ quarantined",
                "In quarantine since",
                "What to do: Check `crosstenant_readiness` in both tenants",
            ],
        );
    }
    let found = run(&environment, &["status", "--json"])
        .ended(1, &[])
        .json();
    assert_eq!(found["quarantined"], true);
    assert_eq!(
        found["jobs"][0]["job"]["quarantine"]["reason"],
        "encountered_quarantine_exception"
    );

    run(&environment, &["status", "--configuration", "Nobody"])
        .ended(2, &["\"Nobody\"", "It has \"Contoso to Fabrikam\"."]);
    // A job that cannot be read does not hide the others.
    emulator.fault(&json!([{ "method": "GET", "path": "*/synchronization/jobs/*", "kind": "status", "status": 403, "count": 9 }]));
    let found = run(&environment, &["status", "--json"])
        .ended(2, &[])
        .json();
    assert_eq!(
        (&found["quarantined"], &found["jobs"][0]["job"]),
        (&Json::Null, &Json::Null)
    );
    assert!(
        found["jobs"][0]["error"].as_str().unwrap().contains("403"),
        "{found}"
    );
}

#[test]
fn a_configuration_without_a_job_is_not_an_error() {
    let emulator = seeded(|_| ());
    let environment = emulator.environment();
    run(&environment, &["status"]).ended(0, &["The tenant has no configuration"]);
    // The template of cross-tenant synchronization.
    let path = "/v1.0/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate";
    let name = "Bare \u{1b}[31m";
    admin(
        &emulator,
        CONTOSO,
        "POST",
        path,
        Some(&json!({ "displayName": name })),
    );
    let said = run(&environment, &["status"]);
    said.ended(0, &["Bare \\u001b[31m", "– no job"]);
    assert!(!said.out.contains('\u{1b}'), "{:?}", said.out);
    let found = run(&environment, &["status", "--json"])
        .ended(0, &[])
        .json();
    assert_eq!(
        (&found["jobs"][0]["configuration"], &found["jobs"][0]["job"]),
        (&json!(name), &Json::Null)
    );
}

#[test]
fn without_permission_it_says_which_one() {
    let emulator = seeded(|seed| seed["tenants"][0]["apps"][0]["permissions"] = json!([]));
    run(&emulator.environment(), &["status"]).ended(2, &["Application.Read.All", CONTOSO]);
}

#[test]
fn failures_of_single_users_are_shown_with_their_cause() {
    let emulator = seeded(|seed| seed["tenants"][1]["allowInvitesFrom"] = json!("none"));
    set_up(&emulator);
    let environment = emulator.environment();
    let found = run(&environment, &["status", "--errors", "--json"])
        .ended(0, &[])
        .json();
    assert_eq!(
        found["jobs"][0]["failures"],
        json!([]),
        "nothing has run yet"
    );
    emulator.cycle();
    run(&environment, &["status", "--errors"]).ended(
        0,
        &[
            "entry level",
            "ada@contoso.example, AzureActiveDirectoryForbidden: The target tenant does not allow guest invitations",
        ],
    );
    let found = run(&environment, &["status", "--errors=1", "--json"])
        .ended(0, &[])
        .json();
    assert_eq!(found["jobs"][0]["failures"].as_array().unwrap().len(), 1);
    let without = run(&environment, &["status", "--json"]).json();
    assert_eq!(without["jobs"][0]["failures"], Json::Null);
    emulator.fault(&json!([{ "method": "GET", "path": "*/auditLogs/provisioning*", "kind": "status", "status": 403 }]));
    run(&environment, &["status", "--errors"])
        .ended(0, &["The newest failures cannot be read", "403"]);
}
