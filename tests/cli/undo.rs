//! Deleted objects can be restored with their settings, and a plan warns before it destroys something that cannot be restored.

use serde_json::json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};
use crate::{both, job};

const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

#[track_caller]
fn delete(emulator: &Emulator, tenant: &str, path: &str) {
    let (status, answer) = emulator.as_admin(tenant, "DELETE", path, None);
    assert_eq!(status, 204, "{path}: {answer}");
}

/// A partner of Fabrikam with its synchronization policy, both with settings that could be lost, and both deleted.
fn deleted_policies() -> Emulator {
    deleted_policies_in(Emulator::start())
}

fn deleted_policies_in(emulator: Emulator) -> Emulator {
    let settle = || emulator.control("POST", "settle", None);
    let partner = json!({ "tenantId": CONTOSO, "inboundTrust": { "isMfaAccepted": true } });
    let policy = json!({ "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } });
    let one = format!("{PARTNERS}/{CONTOSO}");
    let below = format!("{one}/identitySynchronization");
    for (method, path, body) in [("POST", PARTNERS, &partner), ("PUT", &*below, &policy)] {
        let (status, answer) = emulator.as_admin(FABRIKAM, method, path, Some(body));
        assert!(status < 300, "{path}: {answer}");
        settle();
    }
    delete(&emulator, FABRIKAM, &below);
    settle();
    delete(&emulator, FABRIKAM, &one);
    settle();
    emulator
}

const RESTORED: &str = r#"
data "crosstenant_deleted_policies" "all" {
  provider = crosstenant.target
}
resource "crosstenant_restored_policy" "partner" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
  kind              = "partner"
}
resource "crosstenant_restored_policy" "synchronization" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_restored_policy.partner.partner_tenant_id
  kind              = "synchronization"
}
output "restorable" {
  value = [for one in data.crosstenant_deleted_policies.all.sync_policies : one.display_name]
}
"#;

#[test]
fn deleted_policies_are_restored_with_their_settings() {
    let emulator = deleted_policies();
    let workspace = Workspace::new(&emulator, &both(RESTORED));
    workspace.apply().succeeded().says(&["2 added", "Contoso"]);
    let tenant = emulator.tenant(FABRIKAM);
    assert_eq!(
        tenant["partners"][CONTOSO]["inboundTrust"]["isMfaAccepted"],
        true
    );
    assert_eq!(
        tenant["syncPolicies"][CONTOSO]["userSyncInbound"]["isSyncAllowed"],
        true
    );
    workspace.apply().succeeded();
    workspace.is_settled();
    // If others delete it again, the next apply restores it again.
    delete(
        &emulator,
        FABRIKAM,
        &format!("{PARTNERS}/{CONTOSO}/identitySynchronization"),
    );
    workspace.apply().succeeded().says(&["1 added"]);
    workspace.destroy().succeeded();
    let left = &emulator.tenant(FABRIKAM)["syncPolicies"][CONTOSO];
    assert!(left.is_object(), "forgotten, not deleted");
}

/// Both responses are lost, and the restored objects reach replicas late.
#[test]
fn a_restored_policy_is_recognized_after_a_lost_response() {
    let emulator = deleted_policies_in(Emulator::with(
        &demo_seed(),
        &["--lag", "20s", "--speed", "10"],
    ));
    emulator.fault(&json!([{ "method": "POST", "path": "/beta/policies/deletedItems/*", "kind": "reset_after", "count": 2 }]));
    let workspace = Workspace::new(&emulator, &both(RESTORED));
    workspace.apply().succeeded().says(&["2 added"]);
}

#[test]
fn what_cannot_be_restored_is_explained() {
    let emulator = deleted_policies();
    let alone = r#"
resource "crosstenant_restored_policy" "it" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
  kind              = "synchronization"
}
"#;
    let workspace = Workspace::new(&emulator, &both(alone));
    workspace
        .apply()
        .failed()
        .says(&["Restore the partner policy first"]);
    let never = alone
        .replace("CONTOSO", "44444444-2222-4333-8444-555555555555")
        .replace("synchronization", "partner");
    workspace.write("main.tf", &both(&never));
    workspace
        .apply()
        .failed()
        .says(&["The policy to restore does not exist", "30 days"]);
    let refused = json!([{ "method": "POST", "path": "/beta/policies/deletedItems/crossTenantPartners/*", "kind": "status",
        "status": 403, "count": 9, "code": "Authorization_RequestDenied", "message": "Made up." }]);
    emulator.fault(&refused);
    workspace.write(
        "main.tf",
        &both(&alone.replace("synchronization", "partner")),
    );
    workspace.apply().failed().says(&[
        "does not let this application restore the policy",
        "Security Administrator",
        "POST https://graph.microsoft.com/beta/policies/deletedItems/crossTenantPartners/",
    ]);
}

/// Another administrator deletes the configuration in the portal: the application with its service principal, assignments and job.
#[test]
fn a_deleted_configuration_comes_back_with_its_job() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let before = emulator.tenant(CONTOSO);
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    let (application, principal) = (
        configuration["application_id"].as_str().unwrap(),
        configuration["service_principal_id"].as_str().unwrap(),
    );
    delete(
        &emulator,
        CONTOSO,
        &format!("/v1.0/applications/{application}"),
    );
    let restored = both(
        "data \"crosstenant_deleted_configurations\" \"all\" {\n  provider = crosstenant.source\n}\nresource \
         \"crosstenant_restored_configuration\" \"it\" {\n  provider = crosstenant.source\n  service_principal_id = \
         data.crosstenant_deleted_configurations.all.configurations[0].service_principal_id\n  lifecycle {\n    ignore_changes = \
         [service_principal_id]\n  }\n}\n",
    );
    let rescue = Workspace::new(&emulator, &restored);
    // Both the application and its service principal are restored, and both responses are lost: the provider detects this, and nothing
    // fails.
    emulator.fault(&json!([{ "method": "POST", "path": "/v1.0/directory/deletedItems/*", "kind": "reset_after", "count": 2 }]));
    rescue.apply().succeeded().says(&["1 added"]);
    let values = rescue.values("crosstenant_restored_configuration");
    assert_eq!(values["service_principal_id"], principal);
    let after = emulator.tenant(CONTOSO);
    let job = |tenant: &serde_json::Value| tenant["jobs"][0]["id"].clone();
    assert!(job(&before).is_string());
    assert_eq!(job(&after), job(&before), "with its job");
    assert_eq!(after["secrets"], before["secrets"], "and its settings");
    // Terraform manages it as before.
    workspace.is_settled();
}

#[test]
fn a_plan_says_what_cannot_be_restored_before_it_is_destroyed() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let plan = workspace.run(&["plan", "-no-color", "-input=false", "-destroy"]);
    plan.succeeded().says(&[
        "Destroying cannot be undone: the job, its schema and its links to users in the target tenant",
        "Destroying cannot be undone: trust settings and automatic redemption",
    ]);
    workspace.destroy().succeeded();
}
