//! `check`: a pair that is not set up, ready, in quarantine, checked from one side, or undetermined.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, project};
use crate::{CONFIGURATION, admin, quarantine, run, seeded, set_up, without_sms};

/// The state of each row of a part, by its name.
fn states(part: &Json) -> Vec<(&str, &str)> {
    let rows = part["checks"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["check"].as_str().unwrap(),
            row["state"].as_str().unwrap(),
        )
    })
    .collect()
}

#[test]
fn missing_prerequisites_are_shown_with_symptom_cause_and_fix() {
    let emulator = seeded(|_| ());
    let environment = emulator.environment();
    run(&environment, &["check"]).ended(
        1,
        &[
            &format!("Source tenant {CONTOSO}"),
            &format!("Target tenant {FABRIKAM}"),
            "✗ not met automatic_redemption",
            "Symptom: The connection test fails with `AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure`",
            "Reason: This tenant does not redeem invitations to tenant",
            "Fix: Set `automatic_user_consent_settings = { outbound_allowed = true }`",
            "No configuration of the source tenant synchronizes to the target tenant",
            "Not ready: 5 of 9 prerequisites are not met.",
        ],
    );
    let found = run(&environment, &["check", "--json"]).ended(1, &[]).json();
    assert_eq!(found["ready"], false);
    assert_eq!(
        states(&found["source"]),
        [
            ("tenant_found", "met"),
            ("partner_exists", "not_met"),
            ("automatic_redemption", "not_met"),
            ("license", "met")
        ]
    );
    let redemption = &found["target"]["checks"][2];
    assert!(
        redemption["symptom"].is_string()
            && redemption["fix"]
                .as_str()
                .unwrap()
                .contains("inbound_allowed")
    );
    assert_eq!(found["configurations"], json!([]));
}

#[test]
fn a_pair_is_ready_until_a_tenant_disables_redemption() {
    let emulator = seeded(without_sms);
    set_up(&emulator);
    emulator.cycle();
    let environment = emulator.environment();
    let configuration = format!("Configuration {CONFIGURATION}");
    run(&environment, &["check"]).ended(
        0,
        &[
            &configuration,
            "✓ met connection",
            "Ready: every prerequisite",
        ],
    );
    let found = run(
        &environment,
        &["check", "--json", "--configuration", CONFIGURATION],
    )
    .json();
    assert_eq!(found["ready"], true);
    assert_eq!(found["configurations"][0]["display_name"], CONFIGURATION);
    assert_eq!(states(&found["configurations"][0]).len(), 5, "{found}");
    let by_id = found["configurations"][0]["service_principal_id"]
        .as_str()
        .unwrap();
    run(&environment, &["check", "--configuration", by_id]).ended(0, &[]);
    run(&environment, &["check", "--configuration", "Nobody"]).ended(
        2,
        &[
            "has no configuration",
            "\"Nobody\"",
            "It has \"Contoso to Fabrikam\".",
        ],
    );

    // Each tenant alone, without credentials for the other one.
    let alone = |prefix: &str| {
        let mut alone = environment.clone();
        alone.retain(|name, _| name.starts_with(prefix));
        alone
    };
    let (source, target) = (alone("SOURCE_"), alone("TARGET_"));
    run(
        &target,
        &["check", "--only", "target", "--source-tenant-id", CONTOSO],
    )
    .ended(0, &["Ready"]);
    run(
        &source,
        &["check", "--only", "source", "--target-tenant-id", FABRIKAM],
    )
    .ended(0, &["✓ met connection"]);

    quarantine(&emulator);
    run(&environment, &["check"]).ended(
        1,
        &[
            "✗ not met job_not_in_quarantine",
            "The job retries only every few hours",
            "✗ not met connection",
        ],
    );
}

#[test]
fn without_permissions_the_result_is_undetermined() {
    let emulator = seeded(|seed| {
        for tenant in seed["tenants"].as_array_mut().unwrap() {
            tenant["apps"][0]["permissions"] = json!([]);
        }
    });
    let environment = emulator.environment();
    run(&environment, &["check"]).ended(
        2,
        &[
            "? no permission partner_exists",
            "Undetermined:",
            "not checked because of a missing permission",
        ],
    );
    let found = run(&environment, &["check", "--json"]).ended(2, &[]).json();
    assert_eq!(found["ready"], Json::Null);
    assert!(
        states(&found["source"])
            .iter()
            .all(|(_, state)| *state == "no_permission"),
        "{found}"
    );
    let listed = &found["configurations"][0];
    assert_eq!(listed["display_name"], Json::Null);
    assert!(
        listed["error"]
            .as_str()
            .unwrap()
            .contains("Application.Read.All"),
        "{listed}"
    );
}

#[test]
fn tenants_that_are_wrong_or_cannot_be_reached() {
    let emulator = seeded(|_| ());
    let environment = emulator.environment();
    let nowhere = "00000000-0000-4000-8000-00000000000f";
    run(
        &environment,
        &["check", "--only", "source", "--target-tenant-id", nowhere],
    )
    .ended(
        1,
        &[
            "✗ not met tenant_found",
            "No tenant of this cloud has the ID",
            "`ExternalTenantNotFound`",
        ],
    );
    // The source tenant is checked although the sign-in to the target tenant fails.
    run(&environment, &["check", "--target-tenant-id", nowhere]).ended(
        1,
        &[
            "✗ not met tenant_found",
            &format!("Sign-in to tenant {nowhere}"),
        ],
    );
    let mut wrong = environment.clone();
    wrong.insert("TARGET_CLIENT_SECRET".into(), "wrong".into());
    wrong.insert("SOURCE_CLIENT_SECRET".into(), "wrong".into());
    let said = run(&wrong, &["check"]);
    said.ended(
        2,
        &[
            "the client secret is wrong",
            "Undetermined: Some parts could not be read",
        ],
    );
    run(&environment, &["check", "--target-tenant-id", CONTOSO]).ended(
        2,
        &[
            "Source and target are the same tenant",
            "--target-tenant-id",
        ],
    );
}

/// Settings that differ from Microsoft's default are shown, but do not affect readiness.
#[test]
fn settings_beyond_defaults_are_rows_that_do_not_affect_readiness() {
    const POLICY: &str = "/v1.0/policies/crossTenantAccessPolicy";
    let emulator = seeded(without_sms);
    set_up(&emulator);
    emulator.cycle();
    let environment = emulator.environment();
    let all = |name: &str, kind: &str| json!({ "accessType": "allowed", "targets": [{ "target": name, "targetType": kind }] });
    let opened = json!({ "m365CollaborationInbound": { "users": all("AllUsers", "user") }, "isServiceProvider": true });
    let default = json!({ "appServiceConnectInbound": { "applications": all("AllApplications", "application") } });
    let partner = format!("{POLICY}/partners/{CONTOSO}");
    admin(&emulator, FABRIKAM, "PATCH", &partner, Some(&opened));
    admin(
        &emulator,
        FABRIKAM,
        "PATCH",
        &format!("{POLICY}/default"),
        Some(&default),
    );
    let card = json!({ "@odata.type": "#microsoft.graph.crossTenantOpenProfileCard", "inboundAccess": { "isAllowed": true,
        "resourceScopes": { "included": [{ "resourceId": "All", "resourceType": "user" }], "excluded": [] } } });
    let features = format!("{}/m365Capabilities", partner.replace("v1.0", "beta"));
    admin(&emulator, FABRIKAM, "POST", &features, Some(&card));
    run(&environment, &["check"]).ended(
        0,
        &[
            "! crosstenant_partner_policy.is_service_provider (Target tenant",
            "Configuration that restores the default: is_service_provider = false",
            "! crosstenant_partner_policy.m365_capabilities (Target tenant",
            "`crossTenantOpenProfileCard`",
            "! crosstenant_default_policy.app_service_connect_inbound (Target tenant",
            "Ready: every prerequisite",
            "4 settings allow more than Microsoft's defaults.",
        ],
    );
    let found = run(&environment, &["check", "--json"]).json();
    assert_eq!(found["ready"], true);
    let allowed: Vec<&str> = states(&found["target"])
        .into_iter()
        .filter_map(|(name, state)| (state == "allowed").then_some(name))
        .collect();
    assert_eq!(
        allowed,
        [
            "crosstenant_partner_policy.m365_collaboration_inbound",
            "crosstenant_partner_policy.m365_capabilities",
            "crosstenant_partner_policy.is_service_provider",
            "crosstenant_default_policy.app_service_connect_inbound",
        ]
    );
    assert!(
        states(&found["source"])
            .iter()
            .all(|(_, state)| *state != "allowed")
    );
}

#[test]
fn a_pair_in_two_clouds_is_recognized_by_its_environments() {
    let emulator = Emulator::with(
        &project("examples/other-cloud/seed.json"),
        &["--first-cycle", "1h"],
    );
    let mut environment = emulator.environment();
    let clouds = [
        "check",
        "--source-environment",
        "global",
        "--target-environment",
        "usgovernmentl4",
    ];
    run(&environment, &clouds).ended(
        1,
        &[
            "✗ not met cloud_allowed",
            "This tenant does not allow microsoftonline.us, the cloud of the other tenant.",
            "allowed_cloud_endpoints = [\"microsoftonline.com\"]",
            "✓ met cross_cloud_principal",
            "cross_cloud_license",
        ],
    );
    let text = std::fs::read_to_string(project("examples/other-cloud/main.tf")).unwrap();
    let workspace = Workspace::new(&emulator, &text);
    workspace.apply().succeeded();
    emulator.cycle();
    // The environments of the two tenants have the same effect as the flag.
    environment.insert("TARGET_ENVIRONMENT".into(), "usgovernment".into());
    let found = run(&environment, &["check", "--json"]).json();
    let of = |part: &str| states(&found[part]);
    assert!(of("source").contains(&("cloud_allowed", "met")), "{found}");
    assert!(
        of("target").contains(&("cross_cloud_principal", "met")),
        "{found}"
    );
    let names: Vec<&str> = of("target").into_iter().map(|(name, _)| name).collect();
    assert!(!names.contains(&"tenant_found"), "it cannot be looked up");
    run(&environment, &["check", "--groups"]).ended(2, &["Only users are synchronized"]);
    // Only one of the two tenants can be checked.
    let alone = [
        "check",
        "--only",
        "target",
        "--source-tenant-id",
        CONTOSO,
        "--across-clouds",
    ];
    run(&environment, &alone).ended(0, &["✓ met cross_cloud_principal", "cannot be looked up"]);
}
