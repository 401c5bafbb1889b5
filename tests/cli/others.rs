//! Settings that other administrators enable in admin centers: shown in every plan, kept, and reset only if they were configured.

use serde_json::{Value as Json, json};

use crate::both;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};

const PARTNER: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

/// A partner of Fabrikam with its synchronization policy, each with these additional attributes.
fn pair(partner: &str, policy: &str) -> String {
    both(&format!(
        "resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n  \
         {partner}\n}}\nresource \"crosstenant_sync_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \
         crosstenant_partner_policy.it.partner_tenant_id\n  user_sync_inbound = {{ is_sync_allowed = true }}\n  {policy}\n}}\n"
    ))
}

fn block(part: &str, access: &str, target: &str, kind: &str) -> Json {
    json!({ part: { "accessType": access, "targets": [{ "target": target, "targetType": kind }] } })
}

#[track_caller]
fn change(emulator: &Emulator, path: &str, body: &Json) {
    let (status, answer) = emulator.as_admin(FABRIKAM, "PATCH", path, Some(body));
    assert!(status < 300, "{path}: {status} {answer}");
}

/// Enables, as another administrator, everything that a configuration can omit.
fn meddle(emulator: &Emulator) {
    let partner = format!("{PARTNER}/{CONTOSO}");
    let opened = json!({
        "m365CollaborationInbound": block("users", "allowed", "AllUsers", "user"),
        "m365CollaborationOutbound": block("usersAndGroups", "blocked", "AllUsers", "user"),
        "appServiceConnectInbound": block("applications", "allowed", "AllApplications", "application"),
        "isServiceProvider": true,
    });
    change(emulator, &partner, &opened);
    let policy = format!(
        "{}/{CONTOSO}/identitySynchronization",
        PARTNER.replace("v1.0", "beta")
    );
    let groups = json!({
        "groupSyncInbound": { "isSyncAllowed": true },
        "externalCloudAuthorizedApplicationId": "5a1e7b30-0c2d-4e8f-9a6b-7c8d9e0f1a2b",
    });
    change(emulator, &policy, &groups);
}

const WARNINGS: [&str; 6] = [
    "`m365_collaboration_inbound` was allowed by someone else",
    "`m365_collaboration_outbound` was changed by someone else",
    "`app_service_connect_inbound` was allowed by someone else",
    "`is_service_provider` was allowed by someone else",
    "`group_sync_inbound` was allowed by someone else",
    "`external_cloud_authorized_application_id` was allowed by someone else",
];

fn live(emulator: &Emulator) -> (Json, Json) {
    let tenant = emulator.tenant(FABRIKAM);
    (
        tenant["partners"][CONTOSO].clone(),
        tenant["syncPolicies"][CONTOSO].clone(),
    )
}

#[test]
fn settings_allowed_by_others_are_kept_with_a_warning() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &pair("", ""));
    workspace.apply().succeeded();
    workspace.is_settled();
    workspace.has_no_drift();
    let quiet = workspace.plan();
    assert!(!quiet.text.contains("by someone else"), "{}", quiet.text);

    meddle(&emulator);
    let before = live(&emulator);
    workspace.plan().succeeded().says(&WARNINGS).says(&[
        "to Microsoft 365 features of this tenant is `allowed` (AllUsers)",
        "is_service_provider = false",
        "group_sync_inbound = { is_sync_allowed = false }",
    ]);
    workspace.is_settled();
    workspace.apply().succeeded();
    assert_eq!(live(&emulator), before, "nobody's settings are overwritten");
    // Another change does not send these settings either.
    workspace.write("main.tf", &pair("", "display_name = \"Contoso\""));
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 1 changed, 0 destroyed"]);
    assert_eq!(live(&emulator).0, before.0);
    assert_eq!(
        live(&emulator).1["groupSyncInbound"],
        before.1["groupSyncInbound"]
    );
    workspace.destroy().succeeded();
}

#[test]
fn settings_removed_from_the_configuration_are_reset() {
    let emulator = Emulator::start();
    let partner = "m365_collaboration_inbound = { users = { access_type = \"allowed\", targets = [{ target = \"AllUsers\", \
                   target_type = \"user\" }] } }\n  is_service_provider = true\n  block_service_provider_outbound_access = true";
    let policy = "group_sync_inbound = { is_sync_allowed = true }";
    let workspace = Workspace::new(&emulator, &pair(partner, policy));
    workspace.apply().succeeded();
    workspace.is_settled();
    workspace.has_no_drift();
    let (there, synchronization) = live(&emulator);
    assert_eq!(there["blockServiceProviderOutboundAccess"], true);
    assert_eq!(synchronization["groupSyncInbound"]["isSyncAllowed"], true);
    let plan = workspace.plan();
    assert!(!plan.text.contains("by someone else"), "{}", plan.text);

    workspace.write("main.tf", &pair("", ""));
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 2 changed, 0 destroyed"]);
    workspace.is_settled();
    workspace.has_no_drift();
    let (there, synchronization) = live(&emulator);
    assert_eq!(there["m365CollaborationInbound"], Json::Null);
    assert_eq!(there["isServiceProvider"], false);
    assert_eq!(synchronization["groupSyncInbound"], Json::Null);
}

#[test]
fn an_import_keeps_what_others_have_set() {
    let emulator = Emulator::start();
    let first = Workspace::new(&emulator, &pair("", ""));
    first.apply().succeeded();
    meddle(&emulator);
    let before = live(&emulator);
    let imports = format!(
        "import {{\n  to = crosstenant_partner_policy.it\n  id = \"{CONTOSO}\"\n}}\nimport {{\n  to = crosstenant_sync_policy.it\n  \
         id = \"{CONTOSO}\"\n}}\n"
    );
    let second = Workspace::new(&emulator, &pair("", ""));
    second.write("import.tf", &imports);
    second
        .apply()
        .succeeded()
        .says(&["2 imported, 0 added, 0 changed, 0 destroyed"])
        .says(&WARNINGS);
    second.is_settled();
    assert_eq!(live(&emulator), before);
}

/// All partners inherit the default policy, so plans warn about settings that others enable there as well.
#[test]
fn the_default_policy_keeps_and_shows_what_others_open() {
    const DEFAULT: &str = "/v1.0/policies/crossTenantAccessPolicy/default";
    let emulator = Emulator::start();
    let config = |blocks: &str| {
        both(&format!(
            "resource \"crosstenant_default_policy\" \"it\" {{\n  provider = crosstenant.target\n  {blocks}\n}}\n"
        ))
    };
    let opened =
        json!({ "m365CollaborationInbound": block("users", "allowed", "AllUsers", "user") });
    change(&emulator, DEFAULT, &opened);
    let workspace = Workspace::new(
        &emulator,
        &config("inbound_trust = { is_mfa_accepted = true }"),
    );
    workspace.apply().succeeded();
    workspace
        .plan()
        .succeeded()
        .says(&["`m365_collaboration_inbound` was allowed by someone else"]);
    workspace.is_settled();
    let access = || {
        emulator.tenant(FABRIKAM)["defaultPolicy"]["m365CollaborationInbound"]["users"]["accessType"].clone()
    };
    assert_eq!(access(), "allowed");
    let blocked = "m365_collaboration_inbound = { users = { access_type = \"blocked\", targets = [{ target = \"AllUsers\", \
                   target_type = \"user\" }] } }";
    workspace.write("main.tf", &config(blocked));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(access(), "blocked");
}

/// Microsoft 365 features of a partner: name, and whether the feature is allowed.
fn features(emulator: &Emulator) -> Vec<(String, bool)> {
    let partner = emulator.tenant(FABRIKAM)["partners"][CONTOSO].clone();
    let features = partner["m365Capabilities"].as_array().cloned();
    let one = |feature: &Json| {
        let name = feature["name"].as_str().unwrap().to_owned();
        (name, feature["inboundAccess"]["isAllowed"] == true)
    };
    features.iter().flatten().map(one).collect()
}

#[test]
fn features_that_others_allow_are_shown_and_can_be_reset() {
    let emulator = Emulator::start();
    let open = "m365_collaboration_inbound = { users = { access_type = \"allowed\", targets = [{ target = \"AllUsers\", target_type = \
                \"user\" }] } }";
    let with = |features: &str| pair(&format!("{open}\n  {features}"), "");
    let workspace = Workspace::new(&emulator, &with(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let all = format!("/beta/policies/crossTenantAccessPolicy/partners/{CONTOSO}/m365Capabilities");
    let desks = json!({ "@odata.type": "#microsoft.graph.crossTenantPlacesDeskBooking", "inboundAccess": { "isAllowed": true,
        "resourceScopes": { "included": [{ "resourceId": "All", "resourceType": "user" }], "excluded": [] } } });
    let (status, answer) = emulator.as_admin(FABRIKAM, "POST", &all, Some(&desks));
    assert_eq!(status, 201, "{answer}");
    workspace.plan().succeeded().says(&[
        "`m365_capabilities` was allowed by someone else",
        "`crossTenantPlacesDeskBooking`",
        "m365_capabilities = {}",
    ]);
    workspace.apply().succeeded();
    let desks = ("crossTenantPlacesDeskBooking".to_owned(), true);
    assert_eq!(features(&emulator), [desks], "nobody's feature is closed");

    // Only configured features are allowed, and they are changed in place.
    let card = "m365_capabilities = { crossTenantOpenProfileCard = { is_allowed = ALLOWED } }";
    for allowed in [true, false] {
        workspace.write(
            "main.tf",
            &with(&card.replace("ALLOWED", &allowed.to_string())),
        );
        workspace
            .apply()
            .succeeded()
            .says(&["0 added, 1 changed, 0 destroyed"]);
        workspace.is_settled();
        workspace.has_no_drift();
        let card = ("crossTenantOpenProfileCard".to_owned(), allowed);
        assert_eq!(features(&emulator), [card]);
    }
    // A feature that is removed from the configuration is reset.
    workspace.write("main.tf", &with(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(features(&emulator), []);
    workspace.write(
        "main.tf",
        &with("m365_capabilities = { openCard = { is_allowed = true } }"),
    );
    workspace.plan().failed().says(&[
        "Unknown Microsoft 365 feature",
        "crossTenantOpenProfileCard",
    ]);
}
