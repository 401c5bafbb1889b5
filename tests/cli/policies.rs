//! Settings that exist once in each tenant, and multitenant organizations, which change settings of their members.

use serde_json::{Value as Json, json};

use crate::both;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};

const DEFAULT: &str = "/v1.0/policies/crossTenantAccessPolicy/default";
const TEMPLATES: &str = "/v1.0/policies/crossTenantAccessPolicy/templates";
const ORGANIZATION: &str = "/v1.0/tenantRelationships/multiTenantOrganization";

/// One resource named `it` in Fabrikam.
fn one(kind: &str, attributes: &str) -> String {
    both(&format!(
        "resource \"crosstenant_{kind}\" \"it\" {{\n  provider = crosstenant.target\n  {attributes}\n}}\n"
    ))
}

fn default_policy(emulator: &Emulator) -> Json {
    emulator.tenant(FABRIKAM)["defaultPolicy"].clone()
}

#[track_caller]
fn admin(emulator: &Emulator, tenant: &str, method: &str, path: &str, body: &Json) {
    let (status, answer) = emulator.as_admin(tenant, method, path, Some(body));
    assert!(status < 300, "{method} {path}: {status} {answer}");
}

#[test]
fn a_block_of_the_default_policy_that_is_left_out_is_microsofts_default() {
    let emulator = Emulator::start();
    let untouched = default_policy(&emulator);
    let trust = "inbound_trust = { is_mfa_accepted = true }";
    let connect = "b2b_direct_connect_inbound = { users_and_groups = { access_type = \"allowed\", targets = [{ target = \
                   \"AllUsers\", target_type = \"user\" }] } }";
    let config = |blocks: &str| one("default_policy", blocks);
    let workspace = Workspace::new(&emulator, &config(&format!("{trust}\n  {connect}")));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        default_policy(&emulator)["inboundTrust"]["isMfaAccepted"],
        true
    );
    // The omitted part is sent as well, because it is not known whether Graph would merge.
    assert_eq!(
        default_policy(&emulator)["b2bDirectConnectInbound"]["applications"],
        untouched["b2bDirectConnectInbound"]["applications"]
    );

    workspace.write("main.tf", &config(trust));
    emulator.forget();
    workspace.apply().succeeded().says(&["0 added, 1 changed"]);
    workspace.is_settled();
    let sent = emulator.journal();
    let sent = sent
        .iter()
        .find(|entry| entry["method"] == "PATCH")
        .unwrap();
    let expected = json!({ "b2bDirectConnectInbound": untouched["b2bDirectConnectInbound"] });
    assert_eq!(sent["request_body"], expected);

    // A change by others is visible, although the configuration does not contain the setting.
    let blocked = json!({ "b2bCollaborationOutbound": untouched["b2bDirectConnectOutbound"] });
    admin(&emulator, FABRIKAM, "PATCH", DEFAULT, &blocked);
    workspace
        .plan()
        .succeeded()
        .says(&["- b2b_collaboration_outbound", "1 to change"]);
    workspace.apply().succeeded();
    assert_eq!(
        default_policy(&emulator)["b2bCollaborationOutbound"],
        untouched["b2bCollaborationOutbound"]
    );

    workspace
        .destroy()
        .succeeded()
        .says(&["The default policy of the tenant will be reset"]);
    assert_eq!(default_policy(&emulator), untouched);
}

#[test]
fn an_existing_default_policy_is_imported_not_overwritten() {
    let emulator = Emulator::start();
    let untouched = default_policy(&emulator);
    let blocked = json!({ "b2bCollaborationInbound": untouched["b2bDirectConnectInbound"] });
    admin(&emulator, FABRIKAM, "PATCH", DEFAULT, &blocked);
    let config = one(
        "default_policy",
        "inbound_trust = { is_mfa_accepted = true }",
    );
    let workspace = Workspace::new(&emulator, &config);
    workspace.apply().failed().says(&[
        "Settings that the configuration omits would be reset",
        "`b2b_collaboration_inbound` is already set",
        "import {",
        FABRIKAM,
    ]);
    assert!(workspace.resources().is_empty(), "nothing was adopted");

    let import = |tenant: &str| {
        format!("import {{\n  to = crosstenant_default_policy.it\n  id = \"{tenant}\"\n}}\n")
    };
    workspace.write("import.tf", &import(CONTOSO));
    workspace
        .plan()
        .failed()
        .says(&["The provider is configured for another tenant"]);
    workspace.write("import.tf", &import("fabrikam.example"));
    workspace
        .plan()
        .failed()
        .says(&["must have one of these forms: `<tenant_id>`"]);
    workspace.write("import.tf", &import(FABRIKAM));
    workspace.apply().succeeded().says(&[
        "- b2b_collaboration_inbound",
        "1 imported, 0 added, 1 changed",
    ]);
    workspace.is_settled();
}

#[test]
fn wrong_settings_are_named_when_planning() {
    let emulator = Emulator::start();
    let own = format!("member_tenant_id = \"{FABRIKAM}\"\n  display_name = \"Fabrikam\"");
    let cases = [
        (
            "default_policy",
            "tenant_restrictions = {}",
            "Remove the whole block to get Microsoft's default.",
        ),
        (
            "default_policy",
            "b2b_collaboration_inbound = { applications = { access_type = \"allowed\", targets = [{ target = \"AllUsers\", \
             target_type = \"application\" }] } }",
            "\"AllUsers\" needs the target type `user`",
        ),
        (
            "default_policy",
            "invitation_redemption_identity_provider_configuration = { fallback_identity_provider = \"google\" }",
            "one of \"defaultConfiguredIdp\", \"emailOneTimePasscode\" or \"microsoftAccount\", not \"google\"",
        ),
        (
            "access_policy",
            "allowed_cloud_endpoints = [\"microsoftonline.de\"]",
            "not \"microsoftonline.de\"",
        ),
        (
            "guest_invite_settings",
            "allow_invites_from = \"nobody\"",
            "not \"nobody\"",
        ),
        (
            "multi_tenant_organization_partner_configuration_template",
            "inbound_trust = {}",
            "Remove the whole block to change nothing at the partners.",
        ),
        (
            "multi_tenant_organization_identity_synchronization_template",
            "template_application_level = [\"all\"]",
            "one of \"new_partners\" or \"existing_partners\", not \"all\"",
        ),
        (
            "multi_tenant_organization_tenant",
            &own,
            "is the provider's own tenant",
        ),
    ];
    for (kind, attributes, expected) in cases {
        let workspace = Workspace::new(&emulator, &one(kind, attributes));
        workspace.plan().failed().says(&[expected]);
    }
    assert_eq!(emulator.graph_requests(), Vec::<String>::new());
}

#[test]
fn what_an_organization_changes_is_explained() {
    let emulator = Emulator::start();
    let config = both(
        r#"
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = false, outbound_allowed = true }
}
resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = false }
}
"#,
    );
    let workspace = Workspace::new(&emulator, &config);
    workspace.apply().succeeded();
    workspace.is_settled();

    for (template, setting) in [
        (
            "multiTenantOrganizationPartnerConfiguration",
            json!({ "automaticUserConsentSettings": { "inboundAllowed": true, "outboundAllowed": true } }),
        ),
        (
            "multiTenantOrganizationIdentitySynchronization",
            json!({ "userSyncInbound": { "isSyncAllowed": true } }),
        ),
    ] {
        let path = format!("{TEMPLATES}/{template}");
        admin(&emulator, FABRIKAM, "PATCH", &path, &setting);
    }
    let tenants = format!("{ORGANIZATION}/tenants");
    let join = format!("{ORGANIZATION}/joinRequest");
    admin(
        &emulator,
        CONTOSO,
        "PUT",
        ORGANIZATION,
        &json!({ "displayName": "Both" }),
    );
    admin(
        &emulator,
        CONTOSO,
        "POST",
        &tenants,
        &json!({ "tenantId": FABRIKAM }),
    );
    admin(
        &emulator,
        FABRIKAM,
        "PATCH",
        &join,
        &json!({ "addedByTenantId": CONTOSO }),
    );

    workspace.plan().succeeded().says(&[
        "`automatic_user_consent_settings` was probably changed by the multitenant organization",
        "`automatic_user_consent_settings` for the partner",
        "`template_application_level` of `crosstenant_multi_tenant_organization_partner_configuration_template`",
        "`user_sync_inbound` for the partner",
        "`template_application_level` of `crosstenant_multi_tenant_organization_identity_synchronization_template`",
        "2 to change",
    ]);
    workspace.apply().succeeded();
    workspace.is_settled();
    let plan = workspace.plan();
    assert!(
        !plan.text.contains("multitenant organization"),
        "{}",
        plan.text
    );
}

#[test]
fn an_organization_ends_with_its_last_tenant() {
    let emulator = Emulator::start();
    let config = both(
        "resource \"crosstenant_multi_tenant_organization\" \"it\" {\n  provider = crosstenant.source\n  display_name = \
         \"Both\"\n  description = \"Of us\"\n}\n",
    );
    let workspace = Workspace::new(&emulator, &config);
    workspace.apply().succeeded();
    workspace.write("main.tf", &config.replace("Of us", "Of them"));
    workspace.apply().succeeded().says(&["0 added, 1 changed"]);
    workspace.is_settled();
    let organization = emulator.tenant(CONTOSO)["multiTenantOrganization"].clone();
    assert_eq!(organization["description"], "Of them");

    let tenants = format!("{ORGANIZATION}/tenants");
    let join = format!("{ORGANIZATION}/joinRequest");
    admin(
        &emulator,
        CONTOSO,
        "POST",
        &tenants,
        &json!({ "tenantId": FABRIKAM }),
    );
    admin(
        &emulator,
        FABRIKAM,
        "PATCH",
        &join,
        &json!({ "addedByTenantId": CONTOSO }),
    );
    workspace.destroy().failed().says(&[
        "The multitenant organization will end",
        "The multitenant organization still has members",
        &format!("{FABRIKAM} (Fabrikam)"),
    ]);
    let own = format!("{tenants}/{FABRIKAM}");
    assert_eq!(emulator.as_admin(FABRIKAM, "DELETE", &own, None).0, 204);
    workspace.destroy().succeeded();
    assert_eq!(
        emulator.tenant(CONTOSO)["multiTenantOrganization"],
        Json::Null
    );
}

#[test]
fn joining_without_having_been_added_is_explained() {
    let emulator = Emulator::start();
    let config = one(
        "multi_tenant_organization_join_request",
        "added_by_tenant_id = \"CONTOSO\"",
    );
    let workspace = Workspace::new(&emulator, &config);
    workspace.apply().failed().says(&[
        "The tenant cannot join the multitenant organization",
        "create `crosstenant_multi_tenant_organization_tenant` in the owner tenant",
    ]);
    assert!(workspace.resources().is_empty());
}
