//! Error messages for users, and the state after an operation that fails half-way.

use serde_json::json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};
use crate::{GROUNDWORK, both, job};

#[test]
fn a_missing_permission_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string(demo_seed())
        .unwrap()
        .replace("\"Policy.ReadWrite.CrossTenantAccess\",", "");
    let file = folder.path().join("seed.json");
    std::fs::write(&file, seed).unwrap();
    let emulator = Emulator::with(&file, &[]);
    let main = both(
        "resource \"crosstenant_partner_policy\" \"it\" {\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n}\n",
    );
    let workspace = Workspace::new(&emulator, &main);
    emulator.forget();
    workspace.apply().failed().says(&[
        &format!("Could not create crosstenant_partner_policy in tenant {FABRIKAM}"),
        "403 Authorization_RequestDenied",
        "Policy.ReadWrite.CrossTenantAccess",
        "Security Administrator",
        "request-id:",
        "admin consent",
    ]);
    assert_eq!(
        emulator.graph_requests().len(),
        1,
        "{:?}",
        emulator.graph_requests()
    );
}

#[test]
fn a_wrong_secret_is_explained_and_not_repeated() {
    let emulator = Emulator::start();
    let main = both(
        "data \"crosstenant_user\" \"ada\" {\n  provider = crosstenant.source\n  user_principal_name = \"ada@contoso.example\"\n}\n",
    );
    let mut workspace = Workspace::new(&emulator, &main);
    workspace
        .set("SOURCE_CLIENT_SECRET", "not-this-one")
        .set("TF_LOG", "TRACE");
    let outcome = workspace.plan();
    outcome.failed().says(&["AADSTS7000215", CONTOSO]);
    assert!(!outcome.text.contains("not-this-one"), "the secret leaked");
}

#[test]
fn a_failed_connection_test_names_the_missing_setting_and_its_fix() {
    let quick = "validate_connection_timeout = \"300ms\"";
    for (from, to, words) in [
        (
            "{ outbound_allowed = true }",
            "{ outbound_allowed = false, inbound_allowed = true }",
            vec![
                "in the source tenant",
                "`crosstenant_trust_settings`",
                "outbound_allowed = true",
            ],
        ),
        (
            "{ inbound_allowed = true }",
            "{ inbound_allowed = false, outbound_allowed = true }",
            vec![
                "In the target tenant",
                "`crosstenant_trust_settings`",
                "inbound_allowed = true",
            ],
        ),
        (
            "{ is_sync_allowed = true }",
            "{ is_sync_allowed = false }",
            vec![
                "In the target tenant",
                "`crosstenant_sync_policy`",
                "is_sync_allowed = true",
            ],
        ),
    ] {
        let emulator = Emulator::start();
        let workspace = Workspace::new(&emulator, &job(quick).replacen(from, to, 1));
        let outcome = workspace.apply();
        outcome
            .failed()
            .says(&["The connection test from tenant", "Nothing was saved"])
            .says(&words);
        assert_eq!(emulator.tenant(CONTOSO)["jobs"], json!([]));
        // The advice in the message solves the problem.
        workspace.write("main.tf", &job(quick));
        workspace.apply().succeeded();
        workspace.is_settled();
    }
}

#[test]
fn a_fresh_tenant_that_replicates_slowly_is_waited_for() {
    let emulator = Emulator::with(&demo_seed(), &["--visibility-delay", "2s"]);
    let main = format!(
        "{}\nresource \"crosstenant_app_role_assignment\" \"ada\" {{\n  provider = crosstenant.source\n  principal_object_id = \
         \"a1000000-0000-4000-8000-000000000001\"\n  resource_object_id = \
         crosstenant_synchronization_configuration.fabrikam.service_principal_id\n}}\n",
        job("depends_on = [crosstenant_app_role_assignment.ada]")
    );
    let workspace = Workspace::new(&emulator, &main);
    workspace.apply().succeeded();
    std::thread::sleep(std::time::Duration::from_millis(2100)); // The object that was created last becomes visible only now.
    workspace.is_settled();
    let tenant = emulator.tenant(CONTOSO);
    assert_eq!(tenant["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(tenant["assignments"].as_object().unwrap().len(), 1);
}

#[test]
fn throttling_and_outages_pass() {
    let emulator = Emulator::start();
    emulator.fault(&json!([
        { "method": "POST", "path": "/v1.0/policies/crossTenantAccessPolicy/partners", "kind": "throttle", "retry_after": 1, "count": 1 },
        { "method": "PATCH", "path": "/v1.0/policies/crossTenantAccessPolicy/partners/*", "kind": "status", "status": 503, "count": 1 },
        { "method": "PUT", "path": "*identitySynchronization", "kind": "reset_after", "count": 1 },
        { "method": "POST", "path": "*/start", "kind": "status", "status": 504, "count": 1 },
        { "method": "GET", "path": "/v1.0/servicePrincipals", "kind": "truncate", "count": 1 },
    ]));
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    workspace.is_settled();
}

#[test]
fn a_lost_response_creates_nothing_twice() {
    for path in [
        "*/instantiate",
        "*/appRoleAssignedTo",
        "*/synchronization/jobs",
        "/v1.0/policies/crossTenantAccessPolicy/partners",
    ] {
        let emulator = Emulator::start();
        emulator
            .fault(&json!([{ "method": "POST", "path": path, "kind": "reset_after", "count": 1 }]));
        let main = format!(
            "{}\nresource \"crosstenant_app_role_assignment\" \"ada\" {{\n  provider = crosstenant.source\n  \
             principal_object_id = \"a1000000-0000-4000-8000-000000000001\"\n  resource_object_id = \
             crosstenant_synchronization_configuration.fabrikam.service_principal_id\n}}\n",
            job("")
        );
        let workspace = Workspace::new(&emulator, &main);
        workspace.apply().succeeded();
        workspace.is_settled();
        let tenant = emulator.tenant(CONTOSO);
        assert_eq!(tenant["jobs"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(
            tenant["assignments"].as_object().unwrap().len(),
            1,
            "{path}"
        );
        assert_eq!(
            tenant["applications"].as_object().unwrap().len(),
            2,
            "{path}: ours and the one that signs in"
        );
    }
}

#[test]
fn objects_created_before_a_failure_are_kept_and_completed() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(GROUNDWORK));
    workspace.apply().succeeded();
    workspace.write("main.tf", &job(""));
    emulator.fault(&json!([{ "method": "PUT", "path": "*/synchronization/secrets", "kind": "status", "status": 400, "count": 1,
        "code": "BadRequest", "message": "Made up." }]));
    workspace.apply().failed().says(&[
        "Could not create crosstenant_provisioning_job",
        "BadRequest",
    ]);
    assert_eq!(
        workspace
            .resources()
            .iter()
            .filter(|(_, kind, _)| kind == "crosstenant_provisioning_job")
            .count(),
        1
    );
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        emulator.tenant(CONTOSO)["jobs"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_failed_read_removes_nothing_from_the_state() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(GROUNDWORK));
    workspace.apply().succeeded();
    let before = workspace.resources().len();
    emulator.fault(&json!([{ "method": "GET", "path": "*/partners/*", "kind": "status", "status": 403, "count": 99,
        "code": "Authorization_RequestDenied", "message": "Made up." }]));
    workspace
        .plan()
        .failed()
        .says(&["Could not read crosstenant_", "Policy.Read.All"]);
    workspace.apply().failed();
    emulator.control("DELETE", "faults", None);
    assert_eq!(workspace.resources().len(), before);
    workspace.is_settled();
}

#[test]
fn an_alias_of_another_tenant_is_not_a_deletion() {
    let emulator = Emulator::start();
    let partner = |alias: &str| {
        both(&format!(
            "resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.{alias}\n  partner_tenant_id = \
             \"CONTOSO\"\n}}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &partner("target"));
    workspace.apply().succeeded();
    workspace.write("main.tf", &partner("source"));
    workspace.plan().failed().says(&[
        "The provider is configured for another tenant",
        &format!("is in tenant {FABRIKAM}"),
    ]);
    assert_eq!(workspace.resources().len(), 1);
}

#[test]
fn a_missing_partner_says_what_to_create() {
    let emulator = Emulator::start();
    let main = both(
        "resource \"crosstenant_sync_policy\" \"it\" {\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n  \
         user_sync_inbound = { is_sync_allowed = true }\n  timeouts = { create = \"2s\" }\n}\n",
    );
    let workspace = Workspace::new(&emulator, &main);
    let outcome = workspace.apply();
    outcome.failed();
    assert_eq!(workspace.resources().len(), 0);
}

#[test]
fn missing_principals_are_named() {
    let emulator = Emulator::start();
    let main = both(
        "data \"crosstenant_tenant\" \"it\" {\n  provider = crosstenant.source\n  domain_name = \"nowhere.example\"\n}\n\
         data \"crosstenant_user\" \"it\" {\n  provider = crosstenant.source\n  user_principal_name = \"nobody@contoso.example\"\n}\n\
         data \"crosstenant_group\" \"it\" {\n  provider = crosstenant.source\n  display_name = \"No such group\"\n}\n",
    );
    Workspace::new(&emulator, &main).plan().failed().says(&[
        "Tenant \"nowhere.example\" not found",
        "User \"nobody@contoso.example\" not found",
        "Group \"No such group\" not found",
    ]);
}
