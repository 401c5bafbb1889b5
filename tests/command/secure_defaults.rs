//! `check --profile secure-defaults`: a tenant in which every row fails, one in which every row passes, and each format.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM};
use crate::{CONFIGURATION, admin, run, seeded, set_up};

const POLICY: &str = "/v1.0/policies/crossTenantAccessPolicy";
const AUTHORIZATION: &str = "/v1.0/policies/authorizationPolicy";
/// A tenant that does not exist.
const STRANGER: &str = "77777777-2222-4333-8444-555555555555";

fn part(access: &str, target: &str, kind: &str) -> Json {
    json!({ "accessType": access, "targets": [{ "target": target, "targetType": kind }] })
}

fn users(access: &str) -> Json {
    part(access, "AllUsers", "user")
}

fn applications(access: &str) -> Json {
    part(access, "AllApplications", "application")
}

fn both(access: &str) -> Json {
    json!({ "usersAndGroups": users(access), "applications": applications(access) })
}

/// The default policy with this access in every block.
fn default_policy(access: &str) -> Json {
    json!({
        "b2bCollaborationInbound": both(access),
        "b2bCollaborationOutbound": both(access),
        "b2bDirectConnectInbound": both(access),
        "b2bDirectConnectOutbound": both(access),
        "tenantRestrictions": { "devices": null, "usersAndGroups": users(access), "applications": applications(access) },
        "inboundTrust": { "isMfaAccepted": access == "allowed", "isCompliantDeviceAccepted": false,
            "isHybridAzureADJoinedDeviceAccepted": false },
        "m365CollaborationInbound": { "users": users(access) },
        "appServiceConnectInbound": { "applications": applications(access) },
    })
}

/// Writes the settings of the job in Contoso.
fn settings(emulator: &Emulator, all: bool, notifications: &Json) {
    let principals = emulator.tenant(CONTOSO)["servicePrincipals"].clone();
    let principals = principals.as_object().unwrap();
    let configuration = principals
        .iter()
        .find(|(_, one)| one["displayName"] == CONFIGURATION);
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/secrets",
        configuration.unwrap().0
    );
    let body = json!({ "value": [
        { "key": "AuthenticationType", "value": "SyncPolicy" },
        { "key": "CompanyId", "value": FABRIKAM },
        { "key": "SyncAll", "value": all.to_string() },
        { "key": "SyncNotificationSettings", "value": notifications.to_string() },
    ] });
    admin(emulator, CONTOSO, "PUT", &path, Some(&body));
}

/// Contoso with a failure in every row.
fn wrong() -> Emulator {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    let change =
        |method: &str, path: &str, body: Json| admin(&emulator, CONTOSO, method, path, Some(&body));
    change(
        "PATCH",
        AUTHORIZATION,
        json!({ "allowInvitesFrom": "everyone", "guestUserRoleId": "a0b1b346-4d3e-4e8b-98f8-753987be4970" }),
    );
    change(
        "PATCH",
        &format!("{POLICY}/default"),
        default_policy("allowed"),
    );
    change(
        "POST",
        &format!("{POLICY}/partners"),
        json!({
            "tenantId": STRANGER,
            "isServiceProvider": true,
            "b2bDirectConnectInbound": both("allowed"),
            "b2bCollaborationInbound": both("allowed"),
            "inboundTrust": { "isCompliantDeviceAccepted": true },
            "automaticUserConsentSettings": { "inboundAllowed": true, "outboundAllowed": true },
            "m365CollaborationInbound": { "users": users("allowed") },
            "appServiceConnectInbound": { "applications": applications("allowed") },
        }),
    );
    change(
        "PUT",
        &format!(
            "{}/partners/{STRANGER}/identitySynchronization",
            POLICY.replace("v1.0", "beta")
        ),
        json!({ "externalCloudAuthorizedApplicationId": "5a1e7b30-0c2d-4e8f-9a6b-7c8d9e0f1a2b" }),
    );
    // A second unknown tenant, for which only groups are allowed: such a partner counts as one that synchronizes.
    let other = STRANGER.replace('7', "6");
    change(
        "POST",
        &format!("{POLICY}/partners"),
        json!({ "tenantId": other }),
    );
    change(
        "PUT",
        &format!(
            "{}/partners/{other}/identitySynchronization",
            POLICY.replace("v1.0", "beta")
        ),
        json!({ "groupSyncInbound": { "isSyncAllowed": true } }),
    );
    settings(
        &emulator,
        true,
        &json!({ "Enabled": false, "DeleteThresholdEnabled": false }),
    );
    emulator
}

/// Contoso without failures.
fn right() -> Emulator {
    let emulator = seeded(|_| ());
    set_up(&emulator);
    admin(
        &emulator,
        CONTOSO,
        "PATCH",
        AUTHORIZATION,
        Some(
            &json!({ "allowInvitesFrom": "adminsAndGuestInviters", "guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b" }),
        ),
    );
    admin(
        &emulator,
        CONTOSO,
        "PATCH",
        &format!("{POLICY}/default"),
        Some(&default_policy("blocked")),
    );
    emulator
}

fn checks(emulator: &Emulator, code: i32) -> Vec<Json> {
    let arguments = [
        "check",
        "--profile",
        "secure-defaults",
        "--only",
        "source",
        "--format",
        "json",
    ];
    let found = run(&emulator.environment(), &arguments)
        .ended(code, &[])
        .json();
    assert_eq!(found["profile"], "secure-defaults");
    found["source"]["checks"].as_array().unwrap().clone()
}

#[test]
fn every_row_is_wrong_and_says_what_fixes_it() {
    let emulator = wrong();
    let rows = checks(&emulator, 1);
    assert!(rows.len() > 20, "{}", rows.len());
    for row in &rows {
        assert_eq!(row["state"], "not_met", "{row}");
        let fix = row["fix"].as_str().unwrap();
        let parsed = hcl_edit::parser::parse_body(fix);
        assert!(parsed.is_ok(), "{fix}: {parsed:?}");
        assert!(
            row["expected"].is_string() && row["why"].is_string(),
            "{row}"
        );
    }
    let row = |name: &str| rows.iter().find(|row| row["check"] == name).unwrap();
    let baselines = &row("invitations_by_inviters_only")["baselines"];
    assert!(
        baselines
            .as_array()
            .unwrap()
            .contains(&json!("MS.AAD.8.2v1"))
    );
    // The fix that blocks everything by default first allows the partner that is synchronized to.
    let fix = row("outbound_access_blocked_by_default")["fix"]
        .as_str()
        .unwrap();
    assert!(
        fix.contains(FABRIKAM)
            && fix.contains("b2b_collaboration_outbound = {")
            && fix.contains("depends_on = [crosstenant_partner_policy.synchronized_outbound_0]"),
        "{fix}"
    );
    // The fix does not remove automatic redemption for other partners.
    let fix = row("outbound_redemption_only_where_synchronized")["fix"]
        .as_str()
        .unwrap();
    assert!(fix.contains(STRANGER) && !fix.contains(FABRIKAM), "{fix}");
}

#[test]
fn every_row_is_right() {
    let emulator = right();
    let rows = checks(&emulator, 0);
    for row in &rows {
        assert_eq!(row["state"], "met", "{row}");
        assert_eq!(row["fix"], Json::Null, "{row}");
    }
    run(
        &emulator.environment(),
        &["check", "--profile", "secure-defaults", "--only", "source"],
    )
    .ended(
        0,
        &["Secure: every secure default that can be determined is met."],
    );
}

#[test]
fn both_tenants_are_shown_as_text() {
    let emulator = wrong();
    run(
        &emulator.environment(),
        &["check", "--profile", "secure-defaults"],
    )
    .ended(
        1,
        &[
            &format!("Source tenant {CONTOSO}"),
            &format!("Target tenant {FABRIKAM}"),
            "✗ not met guests_cannot_invite",
            "Found: Guests can be invited by `everyone`.",
            "Expected: Guests cannot invite guests.",
            "Required by: ZTA 21791",
            "allow_invites_from = \"adminsAndGuestInviters\"",
            "Not secure:",
        ],
    );
    run(
        &emulator.environment(),
        &[
            "check",
            "--profile",
            "secure-defaults",
            "--configuration",
            "x",
        ],
    )
    .ended(2, &["can only be used with the profile `readiness`"]);
}

#[test]
fn pipelines_read_junit_and_sarif() {
    let emulator = wrong();
    let environment = emulator.environment();
    let with = |format: &str| {
        run(
            &environment,
            &["check", "--profile", "secure-defaults", "--format", format],
        )
    };
    let said = with("junit");
    said.ended(1, &[]);
    let mut reader = quick_xml::Reader::from_str(&said.out);
    let (mut cases, mut failures) = (0, 0);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"testcase" => cases += 1,
                b"failure" => failures += 1,
                _ => {}
            },
            _ => {}
        }
    }
    let json = with("json").json();
    let rows = ["source", "target"].map(|side| json[side]["checks"].as_array().unwrap().clone());
    let rows = rows.concat();
    let unmet = rows.iter().filter(|row| row["state"] == "not_met").count();
    assert_eq!((cases, failures), (rows.len(), unmet), "{}", said.out);

    let sarif = with("sarif").ended(1, &[]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), rows.len());
    let errors = results.iter().filter(|it| it["level"] == "error").count();
    assert_eq!(errors, unmet);
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().unwrap().len() > 10);
    }

    // The prerequisites of a pair are written in the same formats.
    let ready = run(&environment, &["check", "--format", "junit"]);
    assert!(
        ready
            .out
            .contains("<testsuites name=\"crosstenant readiness\">")
    );
}

#[test]
fn without_permissions_no_row_passes() {
    let emulator = seeded(|seed| {
        seed["tenants"][1]["apps"][0]["permissions"] = json!([]);
    });
    run(
        &emulator.environment(),
        &["check", "--profile", "secure-defaults", "--only", "target"],
    )
    .ended(2, &["? no permission guests_cannot_invite", "Undetermined"]);
}
