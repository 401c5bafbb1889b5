//! The data source that previews the next cycle: with and without the users of the target tenant, compared with the cycle.

use serde_json::{Value as Json, json};

use crate::lookups::{admin, column, data, read, refused, seeded, service_principal, set_up};
use crate::support::{CONTOSO, FABRIKAM};

const ADA: &str = "a1000000-0000-4000-8000-000000000001";

const EXTERNAL: &str = r#"
data "crosstenant_users" "external" {
  provider = crosstenant.target
  filter   = "creationType eq 'Invitation'"
}
"#;

/// The names of the users with this outcome.
fn with(preview: &Json, outcome: &str) -> Vec<String> {
    let users = preview["users"].as_array().unwrap().iter();
    let found: Json = users
        .filter(|user| user["outcome"] == outcome)
        .cloned()
        .collect();
    column(&found, "user_principal_name")
}

#[test]
fn the_preview_matches_the_next_cycle() {
    let emulator = seeded(|_| (), &[]);
    let principal = service_principal(&set_up(&emulator));
    let preview = |more: &str| {
        let arguments = format!("  service_principal_id = {principal:?}\n  {more}");
        let block = data("synchronization_preview", "source", &arguments);
        read(&emulator, &format!("{block}{EXTERNAL}"))
    };
    let arriving = [
        "ada@contoso.example",
        "alan@contoso.example",
        "grace@contoso.example",
    ];

    let alone = preview("include_sms_sign_in = true\n  include_changes = true");
    assert_eq!(with(&alone, "in_scope"), arriving, "{alone:#}");
    assert_eq!(with(&alone, "skip").len(), 3, "{alone:#}");
    let counts = &alone["counts"];
    assert_eq!(
        (&counts["in_scope"], &counts["skipped"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        (&counts["created"], &counts["leaving"]),
        (&Json::Null, &Json::Null)
    );
    assert_eq!(
        (&alone["scope"], &alone["target_tenant_id"]),
        (&json!("assigned"), &json!(FABRIKAM))
    );
    let filtered = alone["users"].as_array().unwrap();
    let katherine = filtered
        .iter()
        .find(|user| user["user_principal_name"] == "katherine@contoso.example")
        .unwrap();
    let reason = katherine["reason"].as_str().unwrap();
    assert!(
        reason.contains("department NOT EQUALS 'Contractors'"),
        "{reason}"
    );
    let ada = filtered
        .iter()
        .find(|user| user["source_object_id"] == ADA)
        .unwrap();
    let changes = ada["changes"].as_array().unwrap();
    assert!(
        changes.contains(
            &json!({ "attribute": "displayName", "before": null, "after": "Ada Lovelace" })
        ),
        "{ada:#}"
    );

    let external = "target_users = data.crosstenant_users.external.users";
    let before = preview(external);
    assert_eq!(with(&before, "create").len(), 4, "{before:#}");
    assert!(
        before["unverified"]["sms-sign-in"].is_string(),
        "{before:#}"
    );
    emulator.cycle();
    let after = preview(external);
    assert_eq!(
        with(&after, "create"),
        ["edsger@contoso.example"],
        "{after:#}"
    );
    assert_eq!(after["counts"]["unchanged"], 3, "{after:#}");
    assert_eq!(after["counts"]["leaving"], 0);

    let assignments = emulator.tenant(CONTOSO)["assignments"].clone();
    let mut assignments = assignments.as_object().unwrap().values();
    let of_ada = assignments.find(|one| one["principalId"] == ADA).unwrap();
    let id = of_ada["id"].as_str().unwrap();
    let path = format!("/v1.0/servicePrincipals/{principal}/appRoleAssignedTo/{id}");
    admin(&emulator, CONTOSO, "DELETE", &path, None);
    let guessed = preview(external);
    assert_eq!(
        with(&guessed, "perhaps_leave"),
        ["ada@contoso.example"],
        "{guessed:#}"
    );
    let known = format!(
        "target_users = [for user in data.crosstenant_users.external.users : {{\n    id = user.id\n    user_principal_name = \
         user.user_principal_name\n    mail = user.mail\n    account_enabled = user.account_enabled\n    source_object_id = \
         startswith(user.user_principal_name, \"ada_\") ? {ADA:?} : null\n    known_by = \"attribute\"\n  }}]"
    );
    let known = preview(&known);
    assert_eq!(with(&known, "leave"), ["ada@contoso.example"], "{known:#}");
    assert_eq!(
        (&known["counts"]["leaving"], &known["is_quarantined"]),
        (&json!(1), &json!(false))
    );
    emulator.cycle();
    let left = emulator.tenant(FABRIKAM)["users"].to_string();
    assert!(
        !left.contains("ada_contoso") && left.contains("alan_contoso"),
        "{left}"
    );
}

#[test]
fn a_job_that_is_not_there_cannot_be_previewed() {
    let emulator = seeded(|_| (), &[]);
    let nobody = data(
        "synchronization_preview",
        "source",
        &format!("  service_principal_id = {ADA:?}"),
    );
    refused(&emulator, &nobody).says(&["The job does not exist", "crosstenant_provisioning_job"]);
}
