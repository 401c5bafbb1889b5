//! Every symptom of Microsoft's page: each test first reproduces it, then applies the fix in its example.

use serde_json::{Value as Json, json};

use crate::steps::{arrived, example, logged, output, still, workspace};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};

/// An emulator with the demo's seed after one change. Jobs run only when a test runs a cycle.
fn seeded(change: impl FnOnce(&mut Json)) -> Emulator {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    change(&mut seed);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    Emulator::with(file.path(), &["--first-cycle", "1h"])
}

/// The example without its fix.
fn broken(symptom: &str) -> String {
    let text = example(&format!("symptoms/{symptom}"));
    let (broken, cure) = text.split_once("# The fix").expect("the example has a fix");
    assert!(cure.contains("resource \"crosstenant_"), "{cure}");
    broken.to_owned()
}

/// Adds the fix and applies.
#[track_caller]
fn cure(workspace: &Workspace, symptom: &str) {
    let text = example(&format!("symptoms/{symptom}"));
    workspace.write("main.tf", &text.replace("\"../../pair\"", "\"./pair\""));
    workspace.apply().succeeded();
}

/// The data source's explanation of the newest log entry about a user.
fn explained(emulator: &Emulator, filter: &str) -> Json {
    let head = crate::PROVIDERS;
    let main = format!(
        "{head}data \"crosstenant_provisioning_logs\" \"it\" {{\n  provider = crosstenant.source\n  {filter}\n}}\n\
         output \"it\" {{ value = data.crosstenant_provisioning_logs.it.entries }}\n"
    );
    let workspace = Workspace::new(emulator, &main);
    workspace.apply().succeeded();
    output(&workspace, "it")[0].clone()
}

#[test]
fn the_connection_test_fails_each_way_and_both_tenants_say_why() {
    for (half, without, words) in [
        (
            "{ outbound_allowed = true }",
            "null",
            ["in the source tenant", "outbound_allowed = true"],
        ),
        (
            "{ inbound_allowed = true }",
            "null",
            ["In the target tenant", "inbound_allowed = true"],
        ),
        (
            "{ is_sync_allowed = true }",
            "{ is_sync_allowed = false }",
            ["In the target tenant", "is_sync_allowed = true"],
        ),
    ] {
        let whole = example("symptoms/connection-test");
        let emulator = still();
        let workspace = workspace(&emulator, &whole.replace(half, without));
        let code = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";
        workspace
            .apply()
            .failed()
            .says(&words)
            .says(&["Nothing was saved", code]);
        assert_eq!(emulator.tenant(CONTOSO)["jobs"], json!([]));
        let problems = output(&workspace, "problems");
        assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
        assert!(
            problems[0].as_str().unwrap().contains(words[1]),
            "{problems}"
        );
        workspace.write("main.tf", &whole);
        workspace.apply().succeeded();
        assert_eq!(output(&workspace, "problems"), json!([]));
        workspace.is_settled();
    }
}

#[test]
fn the_code_of_older_pages_is_understood_as_well() {
    let emulator = seeded(|seed| seed["settings"] = json!({ "oldValidationCode": true }));
    let whole = example("symptoms/connection-test");
    let workspace = workspace(
        &emulator,
        &whole.replace("{ outbound_allowed = true }", "null"),
    );
    workspace.apply().failed().says(&[
        "AzureDirectoryB2BManagementPolicyCheckFailure",
        "`crosstenant_trust_settings`",
        "outbound_allowed = true",
    ]);
    workspace.write("main.tf", &whole);
    workspace.apply().succeeded();
}

#[test]
fn without_a_license_automatic_redemption_is_refused_and_the_reason_said() {
    let emulator = seeded(|seed| seed["tenants"][0]["unlicensed"] = json!(true));
    let text = example("symptoms/redemption-disabled");
    let workspace = workspace(&emulator, &text);
    let words = ["neither Microsoft Entra ID P1 nor P2", "Get a license"];
    workspace.plan().failed().says(&words);
    // Without the precondition, Graph refuses with the same reason.
    workspace.write(
        "main.tf",
        &text.replace(
            "local.license.passed != false",
            "local.license.check == \"license\"",
        ),
    );
    workspace.apply().failed().says(&[
        "AadPremiumLicenseRequired",
        "check boxes are disabled",
        "`license`",
    ]);
    emulator.control(
        "PATCH",
        &format!("tenants/{CONTOSO}"),
        Some(&json!({ "unlicensed": false })),
    );
    workspace.write("main.tf", &text);
    workspace.apply().succeeded();
    workspace.is_settled();
}

#[test]
fn a_user_deleted_in_the_target_stays_away_until_restored() {
    let emulator = still();
    let mut workspace = workspace(&emulator, &example("symptoms/deleted-user"));
    workspace.apply().succeeded();
    emulator.cycle();
    let tenant = emulator.tenant(FABRIKAM);
    let mut users = tenant["users"].as_object().unwrap().iter();
    let (ada, _) = users
        .find(|(_, user)| user["displayName"] == "Ada Lovelace")
        .unwrap();
    let (status, _) = emulator.as_admin(FABRIKAM, "DELETE", &format!("/v1.0/users/{ada}"), None);
    assert_eq!(status, 204);
    emulator.cycle();
    assert_eq!(
        arrived(&emulator),
        [""; 0],
        "the job does not bring her back"
    );

    workspace.apply().succeeded();
    assert_eq!(output(&workspace, "restorable")[ada], "ada@contoso.example");
    workspace.set("TF_VAR_restore", &json!([ada]).to_string());
    workspace.apply().succeeded();
    assert_eq!(arrived(&emulator), ["Ada Lovelace"]);
    emulator.cycle();
    assert_eq!(
        arrived(&emulator),
        ["Ada Lovelace"],
        "and there is only one of her"
    );
}

#[test]
fn a_user_with_sms_sign_in_is_skipped_until_it_is_disabled() {
    let emulator = still();
    let workspace = workspace(&emulator, &broken("sms-sign-in"));
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(arrived(&emulator), [""; 0]);
    let entry = explained(&emulator, "principal = \"edsger@contoso.example\"");
    let clause = "Filter external users.alternativeSecurityIds EQUALS 'None'";
    assert_eq!(entry["failed_clauses"], json!([clause]));
    assert!(
        entry["explanation"]
            .as_str()
            .unwrap()
            .contains("SMS sign-in"),
        "{entry}"
    );
    assert_eq!(
        output(&workspace, "skipped"),
        json!(["edsger@contoso.example"])
    );

    cure(&workspace, "sms-sign-in");
    emulator.cycle();
    assert_eq!(arrived(&emulator), ["Edsger Dijkstra"]);
}

#[test]
fn an_assigned_group_is_skipped_until_groups_are_enabled() {
    let emulator = still();
    let workspace = workspace(&emulator, &broken("group-skipped"));
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(
        arrived(&emulator),
        ["Alan Turing", "Katherine Johnson"],
        "its members come all the same"
    );
    let group = "b1000000-0000-4000-8000-000000000001";
    let entry = explained(
        &emulator,
        &format!("principal = \"{group}\"\n  status = \"skipped\"\n  max_results = 1"),
    );
    assert_eq!(entry["skip_reason"], "EntityTypeNotSupported", "{entry}");
    assert!(
        entry["explanation"]
            .as_str()
            .unwrap()
            .contains("groups_enabled = true"),
        "{entry}"
    );

    cure(&workspace, "group-skipped");
    emulator.cycle();
    let groups = emulator.tenant(FABRIKAM)["groups"].to_string();
    assert!(groups.contains("Fabrikam collaborators"), "{groups}");
    workspace.is_settled();
}

#[test]
fn users_fail_until_guest_invitations_are_allowed() {
    let emulator = seeded(|seed| seed["tenants"][1]["allowInvitesFrom"] = json!("none"));
    let workspace = workspace(&emulator, &broken("invitations-forbidden"));
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(arrived(&emulator), [""; 0]);
    let entry = explained(&emulator, "status = \"failure\"");
    assert_eq!(
        entry["error"]["code"], "AzureActiveDirectoryForbidden",
        "{entry}"
    );
    assert!(
        entry["explanation"]
            .as_str()
            .unwrap()
            .contains("crosstenant_guest_invite_settings"),
        "{entry}"
    );

    cure(&workspace, "invitations-forbidden");
    emulator.cycle();
    assert_eq!(arrived(&emulator), ["Ada Lovelace"]);
    workspace.is_settled();
}

#[test]
fn a_pending_guest_keeps_the_old_name_until_provisioned_on_demand() {
    let emulator = seeded(|seed| {
        let contoso = seed["tenants"][0]["users"].as_array_mut().unwrap();
        let donald = contoso
            .iter_mut()
            .find(|user| user["displayName"] == "Donald Knuth")
            .unwrap();
        donald["mail"] = json!("d.knuth@contoso.example");
        seed["tenants"][1]["users"].as_array_mut().unwrap().push(json!({
            "userPrincipalName": "d.knuth_contoso.example#EXT#@fabrikam.example", "displayName": "Donald Knuth",
            "mail": "d.knuth@contoso.example", "userType": "Guest", "creationType": "Invitation",
            "externalUserState": "PendingAcceptance", "homeUser": "donald@contoso.example",
        }));
    });
    let guest = || {
        let tenant = emulator.tenant(FABRIKAM);
        let mut users = tenant["users"].as_object().unwrap().values();
        let found = users
            .find(|user| user["displayName"] == "Donald Knuth")
            .unwrap();
        (
            found["userPrincipalName"].clone(),
            found["externalUserState"].clone(),
        )
    };
    let mut workspace = workspace(&emulator, &broken("pending-guest"));
    workspace.set("TF_VAR_users", r#"["ada@contoso.example"]"#);
    workspace.apply().succeeded();
    emulator.cycle(); // The initial cycle. Users who come into scope later are in incremental cycles only.
    workspace.set(
        "TF_VAR_users",
        r#"["ada@contoso.example", "donald@contoso.example"]"#,
    );
    workspace.apply().succeeded();
    emulator.cycle();
    let old = json!("d.knuth_contoso.example#EXT#@fabrikam.example");
    assert_eq!(
        guest(),
        (old.clone(), json!("PendingAcceptance")),
        "the symptom"
    );
    assert_eq!(output(&workspace, "pending"), json!([old]));

    cure(&workspace, "pending-guest");
    assert_eq!(
        guest(),
        (
            json!("donald_contoso.example#EXT#@fabrikam.example"),
            json!("Accepted")
        )
    );
    assert_eq!(
        logged(&emulator, "Donald Knuth")[0]["provisioningAction"],
        "update"
    );
    workspace.apply().succeeded();
    assert_eq!(output(&workspace, "pending"), json!([]));
}
