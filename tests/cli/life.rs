//! The lifecycle of objects: changed by the provider, changed or deleted by others, or already existing.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};
use crate::{GROUNDWORK, both, job};

const PARTNER: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

fn partner_in_fabrikam(emulator: &Emulator) -> Json {
    emulator.tenant(FABRIKAM)["partners"][CONTOSO].clone()
}

#[test]
fn a_removed_block_is_inherited_again() {
    let emulator = Emulator::start();
    let partner = |blocks: &str| {
        both(&format!(
            "resource \"crosstenant_partner_policy\" \"contoso\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \
             \"CONTOSO\"\n  {blocks}\n}}\n"
        ))
    };
    let setting = |name: &str| {
        format!(
            "{name} = {{\n    users_and_groups = {{ access_type = \"blocked\", targets = [{{ target = \"AllUsers\", target_type = \
             \"user\" }}] }}\n    applications = {{ access_type = \"blocked\", targets = [{{ target = \"AllApplications\", \
             target_type = \"application\" }}] }}\n  }}"
        )
    };
    let names = [
        "b2b_collaboration_inbound",
        "b2b_collaboration_outbound",
        "b2b_direct_connect_inbound",
        "tenant_restrictions",
    ];
    let all: Vec<String> = names.iter().map(|name| setting(name)).collect();
    let workspace = Workspace::new(&emulator, &partner(&all.join("\n  ")));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        partner_in_fabrikam(&emulator)["b2bCollaborationInbound"]["usersAndGroups"]["accessType"],
        "blocked"
    );

    workspace.write("main.tf", &partner(&all[1]));
    emulator.forget();
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 1 changed, 0 destroyed"]);
    let sent = emulator
        .journal()
        .into_iter()
        .find(|entry| entry["method"] == "PATCH")
        .unwrap();
    assert_eq!(
        sent["request_body"],
        json!({ "b2bCollaborationInbound": null, "b2bDirectConnectInbound": null, "tenantRestrictions": null })
    );
    assert_eq!(
        partner_in_fabrikam(&emulator)["b2bCollaborationInbound"],
        Json::Null
    );
    workspace.is_settled();
}

#[test]
fn the_order_of_targets_does_not_matter() {
    let emulator = Emulator::start();
    let target = |id: &str| format!("{{ target = \"{id}\", target_type = \"application\" }}");
    let one = target("11111111-2222-3333-4444-555555555555");
    let other = target("AAAAAAAA-2222-3333-4444-555555555555");
    let partner = |targets: &str| {
        both(&format!(
            "resource \"crosstenant_partner_policy\" \"contoso\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \
             \"CONTOSO\"\n  b2b_collaboration_inbound = {{ applications = {{ access_type = \"allowed\", targets = [{targets}] }} \
             }}\n}}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &partner(&format!("{one}, {other}")));
    workspace.apply().succeeded();
    workspace.write("main.tf", &partner(&format!("{other}, {one}")));
    workspace.is_settled();
}

#[test]
fn what_others_change_is_seen_and_set_right() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(
        &emulator,
        &job("notification_email = \"identity@contoso.example\""),
    );
    workspace.apply().succeeded();

    let partner = format!("{PARTNER}/{FABRIKAM}");
    let consent = json!({ "automaticUserConsentSettings": { "inboundAllowed": false, "outboundAllowed": false } });
    assert_eq!(
        emulator
            .as_admin(CONTOSO, "PATCH", &partner, Some(&consent))
            .0,
        204
    );
    let policy = format!("{PARTNER}/{CONTOSO}/identitySynchronization");
    let sync = json!({ "userSyncInbound": { "isSyncAllowed": false } });
    assert_eq!(
        emulator.as_admin(FABRIKAM, "PATCH", &policy, Some(&sync)).0,
        204
    );
    let values = workspace.values("crosstenant_provisioning_job");
    let job = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}",
        values["service_principal_id"].as_str().unwrap(),
        values["id"].as_str().unwrap()
    );
    assert_eq!(
        emulator
            .as_admin(CONTOSO, "POST", &format!("{job}/pause"), None)
            .0,
        204
    );

    workspace
        .plan()
        .succeeded()
        .says(&["0 to add, 3 to change, 0 to destroy"]);
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        emulator.tenant(FABRIKAM)["syncPolicies"][CONTOSO]["userSyncInbound"]["isSyncAllowed"],
        true
    );
    assert_eq!(
        emulator.as_admin(CONTOSO, "GET", &job, None).1["schedule"]["state"],
        "Active"
    );
}

#[test]
fn what_others_delete_is_created_again() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_provisioning_job");
    let principal = format!(
        "/v1.0/servicePrincipals/{}",
        values["service_principal_id"].as_str().unwrap()
    );
    let job = format!(
        "{principal}/synchronization/jobs/{}",
        values["id"].as_str().unwrap()
    );
    assert_eq!(emulator.as_admin(CONTOSO, "DELETE", &job, None).0, 204);
    let policy = format!("{PARTNER}/{CONTOSO}/identitySynchronization");
    assert_eq!(emulator.as_admin(FABRIKAM, "DELETE", &policy, None).0, 204);
    workspace
        .plan()
        .succeeded()
        .says(&["2 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeded();
    workspace.is_settled();

    // Destroying an object that no longer exists succeeds.
    let values = workspace.values("crosstenant_synchronization_configuration");
    let application = format!(
        "/v1.0/applications/{}",
        values["application_id"].as_str().unwrap()
    );
    assert_eq!(
        emulator.as_admin(CONTOSO, "DELETE", &application, None).0,
        204
    );
    workspace
        .run(&["destroy", "-refresh=false", "-auto-approve", "-no-color"])
        .succeeded();
    assert_eq!(emulator.tenant(FABRIKAM)["partners"], json!({}));
}

#[test]
fn half_a_configuration_is_not_left_behind_silently() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_synchronization_configuration");
    let principal = values["service_principal_id"].as_str().unwrap();
    let path = format!("/v1.0/servicePrincipals/{principal}");
    assert_eq!(emulator.as_admin(CONTOSO, "DELETE", &path, None).0, 204);
    let application = values["application_id"].as_str().unwrap();
    workspace.plan().succeeded().says(&[
        "The service principal of the configuration",
        application,
        &format!("/directory/deletedItems/{principal}/restore"),
    ]);
    // The advice in the message solves the problem.
    let path = format!("/v1.0/directory/deletedItems/{principal}/restore");
    let body = json!({});
    let (status, _) = emulator.as_admin(CONTOSO, "POST", &path, Some(&body));
    assert_eq!(status, 200);
    let again = workspace.plan();
    again.succeeded();
    assert!(
        !again.text.contains("The service principal of"),
        "{}",
        again.text
    );
}

/// Deletes the state, so that all objects exist but none is managed.
fn forget(workspace: &Workspace) {
    std::fs::remove_file(workspace.folder.path().join("terraform.tfstate")).unwrap();
}

#[test]
fn what_exists_is_reported_with_the_block_that_imports_it() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let job_values = workspace.values("crosstenant_provisioning_job");
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    forget(&workspace);

    let outcome = workspace.apply();
    outcome.failed().says(&[
        &format!("A partner policy for tenant {CONTOSO} already exists"),
        &format!("import {{ to = crosstenant_partner_policy.NAME id = \"{CONTOSO}\" }}"),
        "A configuration called \"Contoso to Fabrikam\" already exists",
        &format!("id = {}", configuration["service_principal_id"]),
    ]);
    assert_eq!(
        emulator.tenant(CONTOSO)["jobs"].as_array().unwrap().len(),
        1
    );

    let principal = job_values["service_principal_id"].as_str().unwrap();
    let second = both(&format!(
        "resource \"crosstenant_provisioning_job\" \"it\" {{\n  provider = crosstenant.source\n  service_principal_id = \
         \"{principal}\"\n  target_tenant_id = \"FABRIKAM\"\n}}\nresource \"crosstenant_trust_settings\" \"it\" {{\n  provider = \
         crosstenant.source\n  partner_tenant_id = \"FABRIKAM\"\n  inbound_trust = {{ is_mfa_accepted = true }}\n}}\nresource \
         \"crosstenant_sync_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n  \
         display_name = \"Other\"\n  user_sync_inbound = {{ is_sync_allowed = false }}\n}}\n"
    ));
    workspace.write("main.tf", &second);
    workspace.apply().failed().says(&[
        "A job of the same kind already exists",
        &format!(
            "id = \"{principal}/{}\"",
            job_values["id"].as_str().unwrap()
        ),
        &format!("Other trust or consent settings for tenant {FABRIKAM} already exists"),
        &format!("Another synchronization policy for tenant {CONTOSO} already exists"),
    ]);
}

#[test]
fn a_renamed_configuration_stays_the_same() {
    let emulator = Emulator::start();
    let configuration = |name: &str| {
        both(&format!(
            "resource \"crosstenant_synchronization_configuration\" \"it\" {{\n  provider = crosstenant.source\n  display_name = \
             \"{name}\"\n  purge_on_destroy = true\n}}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &configuration("It's one"));
    workspace.apply().succeeded();
    let before = workspace.values("crosstenant_synchronization_configuration");
    workspace.write("main.tf", &configuration("Two"));
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 1 changed, 0 destroyed"]);
    let after = workspace.values("crosstenant_synchronization_configuration");
    assert_eq!(
        before["service_principal_id"],
        after["service_principal_id"]
    );
    let principal = format!(
        "/v1.0/servicePrincipals/{}",
        after["service_principal_id"].as_str().unwrap()
    );
    assert_eq!(
        emulator.as_admin(CONTOSO, "GET", &principal, None).1["displayName"],
        "Two"
    );
    workspace.is_settled();
    workspace.destroy().succeeded();
    let deleted = emulator.tenant(CONTOSO)["deletedItems"].to_string();
    assert!(
        !deleted.contains(after["application_id"].as_str().unwrap()),
        "{deleted}"
    );
}

/// The target's synchronization policy for Contoso, with `groups` in addition to users.
fn policy(groups: &str) -> String {
    both(&format!(
        "resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \
             \"CONTOSO\"\n}}\nresource \"crosstenant_sync_policy\" \"it\" {{\n  provider = crosstenant.target\n  \
             partner_tenant_id = crosstenant_partner_policy.it.partner_tenant_id\n  user_sync_inbound = {{ is_sync_allowed = true \
             }}\n  {groups}\n}}\n"
    ))
}

#[test]
fn beta_is_written_only_where_groups_are_configured() {
    let emulator = Emulator::start();
    let beta = |emulator: &Emulator| {
        emulator
            .graph_requests()
            .iter()
            .filter(|call| call.contains("/beta/") && !call.starts_with("GET"))
            .count()
    };
    let workspace = Workspace::new(&emulator, &policy(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(beta(&emulator), 0);
    workspace.write(
        "main.tf",
        &policy("group_sync_inbound = { is_sync_allowed = true }"),
    );
    workspace.apply().succeeded();
    workspace.is_settled();
    assert!(beta(&emulator) > 0);
    workspace.write("main.tf", &policy(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(
        emulator.tenant(FABRIKAM)["syncPolicies"][CONTOSO]["groupSyncInbound"],
        Json::Null
    );
}

/// The only property that is sent although no published description contains it: `role-enabled-groups` in `unverified.md`.
#[test]
fn role_assignable_groups_are_allowed_together_with_groups() {
    let emulator = Emulator::start();
    let kinds = ["groupSyncInbound", "roleEnabledGroupSyncInbound"];
    let stored = || {
        let policy = emulator.tenant(FABRIKAM)["syncPolicies"][CONTOSO].clone();
        kinds.map(|kind| policy[kind]["isSyncAllowed"].clone())
    };
    let workspace = Workspace::new(
        &emulator,
        &policy(
            "group_sync_inbound = { is_sync_allowed = true }\n  role_enabled_group_sync_inbound = { is_sync_allowed = true }",
        ),
    );
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(stored(), [true, true].map(Json::from));
    workspace.write("main.tf", &policy(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(stored(), [Json::Null, Json::Null]);
    let unknown = emulator.violations();
    let is_it = |one: &String| one.contains("roleEnabledGroupSyncInbound");
    assert!(
        !unknown.is_empty() && unknown.iter().all(is_it),
        "{unknown:#?}"
    );
    // The remaining requests are not validated against the descriptions again.
    emulator.control("DELETE", "requests", None);
}

#[test]
fn a_partner_that_synchronizes_is_not_deleted_and_nothing_is_lost() {
    let emulator = Emulator::start();
    let partner = both(
        "resource \"crosstenant_partner_policy\" \"it\" {\n  provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n}\n",
    );
    let workspace = Workspace::new(&emulator, &partner);
    workspace.apply().succeeded();
    let policy = format!("{PARTNER}/{CONTOSO}/identitySynchronization");
    let body = json!({ "userSyncInbound": { "isSyncAllowed": true } });
    assert_eq!(
        emulator.as_admin(FABRIKAM, "PUT", &policy, Some(&body)).0,
        204
    );
    workspace.destroy().failed().says(&[
        "The partner still has a synchronization policy",
        "Nothing was deleted",
        "`crosstenant_sync_policy`",
    ]);
    assert_eq!(workspace.resources().len(), 1);
    assert_eq!(emulator.as_admin(FABRIKAM, "DELETE", &policy, None).0, 204);
    workspace.destroy().succeeded();
}

fn secrets(emulator: &Emulator, workspace: &Workspace) -> Json {
    let values = workspace.values("crosstenant_provisioning_job");
    let principal = values["service_principal_id"].as_str().unwrap();
    emulator.tenant(CONTOSO)["secrets"][principal].clone()
}

#[test]
fn secrets_of_others_survive_and_nothing_secret_is_stored() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job(""));
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_provisioning_job");
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/secrets",
        values["service_principal_id"].as_str().unwrap()
    );
    let mut list = secrets(&emulator, &workspace);
    list.as_array_mut()
        .unwrap()
        .push(json!({ "key": "SkipOutOfScopeDeletions", "value": "True" }));
    assert_eq!(
        emulator
            .as_admin(CONTOSO, "PUT", &path, Some(&json!({ "value": list })))
            .0,
        204
    );
    workspace.is_settled();
    workspace.write("main.tf", &job("notification_email = \"identity@contoso.example\"\n  accidental_deletion_threshold = 7"));
    workspace.apply().succeeded();
    workspace.is_settled();
    let after = secrets(&emulator, &workspace).to_string();
    assert!(after.contains("SkipOutOfScopeDeletions"), "{after}");
    assert!(
        after.contains("identity@contoso.example") && after.contains('7'),
        "{after}"
    );
    // Disabled again, without losing the other settings.
    workspace.write("main.tf", &job("prevent_accidental_deletion = false"));
    workspace.apply().succeeded();
    workspace.is_settled();
}

#[test]
fn a_narrower_scope_restarts_the_job_and_disabling_pauses_it() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job("scope = \"all\""));
    workspace.apply().succeeded();
    emulator.forget();
    workspace.write("main.tf", &job("scope = \"assigned\""));
    workspace.apply().succeeded();
    let called = |end: &str| {
        emulator
            .graph_requests()
            .iter()
            .any(|call| call.ends_with(end))
    };
    assert!(called("/restart") && !called("/pause"));
    workspace.write("main.tf", &job("scope = \"assigned\"\n  enabled = false"));
    workspace.apply().succeeded();
    assert!(called("/pause"));
    workspace.is_settled();
    emulator.forget();
    workspace.write("main.tf", &job("scope = \"assigned\"\n  enabled = true"));
    workspace.apply().succeeded();
    assert!(called("/validateCredentials") && called("/start") && !called("/restart"));
    workspace.is_settled();
}

#[test]
fn the_next_apply_repeats_a_failed_restart() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &job("scope = \"all\""));
    workspace.apply().succeeded();
    let restarts = || {
        let calls = emulator.graph_requests();
        calls
            .iter()
            .filter(|call| call.ends_with("/restart"))
            .count()
    };
    // The narrower scope is saved, and the restart that applies it is refused.
    workspace.write("main.tf", &job("scope = \"assigned\""));
    emulator.fault(&json!({ "kind": "status", "status": 403, "path": "*/restart" }));
    workspace.apply().failed();
    emulator.control("DELETE", "/faults", None);
    assert!(secrets(&emulator, &workspace).to_string().contains("false"));
    workspace
        .plan()
        .succeeded()
        .says(&["restart_pending", "0 to add, 1 to change, 0 to destroy"]);
    emulator.forget();
    workspace.apply().succeeded();
    assert_eq!(restarts(), 1);
    workspace.is_settled();

    // Another administrator narrows the scope, possibly without the restart.
    workspace.write("main.tf", &job("scope = \"all\""));
    workspace.apply().succeeded();
    workspace.write("main.tf", &job("scope = \"assigned\""));
    let mut list = secrets(&emulator, &workspace);
    for pair in list.as_array_mut().unwrap() {
        if pair["key"] == "SyncAll" {
            pair["value"] = json!("false");
        }
    }
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/secrets",
        workspace.values("crosstenant_provisioning_job")["service_principal_id"]
            .as_str()
            .unwrap()
    );
    assert_eq!(
        emulator
            .as_admin(CONTOSO, "PUT", &path, Some(&json!({ "value": list })))
            .0,
        204
    );
    emulator.forget();
    workspace.apply().succeeded();
    assert_eq!(restarts(), 1);
    workspace.is_settled();
}

#[test]
fn a_job_without_enabled_is_created_paused_and_not_changed() {
    let emulator = Emulator::start();
    let undecided = job("enabled = null");
    let workspace = Workspace::new(&emulator, &undecided);
    workspace.apply().succeeded();
    workspace.is_settled();
    let values = workspace.values("crosstenant_provisioning_job");
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}",
        values["service_principal_id"].as_str().unwrap(),
        values["id"].as_str().unwrap()
    );
    let state = || {
        let (_, job) = emulator.as_admin(CONTOSO, "GET", &path, None);
        job["schedule"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(values["enabled"], Json::Null, "not decided here");
    assert_eq!(state(), "Disabled");
    // Another administrator starts the job, and it stays started when other attributes change.
    let start = format!("{path}/start");
    assert_eq!(emulator.as_admin(CONTOSO, "POST", &start, None).0, 204);
    workspace.is_settled();
    workspace.has_no_drift();
    let changed = job("enabled = null\n  accidental_deletion_threshold = 7");
    workspace.write("main.tf", &changed);
    workspace.apply().succeeded();
    assert_eq!(state(), "Active");
    workspace.is_settled();
}

#[test]
fn a_job_starts_after_its_schema_and_pauses_before_its_deletion() {
    let emulator = Emulator::start();
    let with = |state: &str| {
        let job = job("enabled = null");
        format!(
            r#"{job}
resource "crosstenant_synchronization_schema" "fabrikam" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  scoping_filters      = [{{ name = "No one", clauses = [{{ attribute = "department", operator = "IS NULL" }}] }}]
}}
resource "crosstenant_provisioning_job_state" "fabrikam" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  depends_on           = [crosstenant_synchronization_schema.fabrikam]
  {state}
}}
"#
        )
    };
    let workspace = Workspace::new(&emulator, &with(""));
    workspace.apply().succeeded();
    workspace.is_settled();
    let order = |parts: [(&str, &str); 2]| {
        let journal = emulator.journal();
        parts.map(|(method, end)| {
            let is_it = |entry: &Json| {
                entry["method"] == method && entry["path"].as_str().unwrap().ends_with(end)
            };
            journal.iter().position(is_it).unwrap()
        })
    };
    let [saved, started] = order([("PUT", "/schema"), ("POST", "/start")]);
    assert!(saved < started);

    let values = workspace.values("crosstenant_provisioning_job");
    let path = format!(
        "/v1.0/servicePrincipals/{}/synchronization/jobs/{}",
        values["service_principal_id"].as_str().unwrap(),
        values["id"].as_str().unwrap()
    );
    let state = || {
        let (_, job) = emulator.as_admin(CONTOSO, "GET", &path, None);
        job["schedule"]["state"].as_str().unwrap().to_owned()
    };
    workspace.write("main.tf", &with("enabled = false"));
    workspace.apply().succeeded();
    assert_ne!(state(), "Active");
    workspace.is_settled();
    // Another administrator starts the job: this is a difference of this resource, not of the job.
    let start = format!("{path}/start");
    assert_eq!(emulator.as_admin(CONTOSO, "POST", &start, None).0, 204);
    workspace
        .plan()
        .succeeded()
        .says(&["0 to add, 1 to change, 0 to destroy"]);
    workspace.write("main.tf", &with("wait_for = \"started\""));
    workspace.apply().succeeded();
    assert_eq!(state(), "Active");

    // Imported by its natural ID, without a difference.
    let id = format!(
        "{}/{}",
        values["service_principal_id"].as_str().unwrap(),
        values["id"].as_str().unwrap()
    );
    let address = "crosstenant_provisioning_job_state.fabrikam";
    workspace.run(&["state", "rm", address]).succeeded();
    workspace.write("main.tf", &with(""));
    workspace
        .run(&["import", "-no-color", address, &id])
        .succeeded();
    workspace.is_settled();

    emulator.forget();
    workspace.destroy().succeeded();
    let [paused, unfiltered] = order([("POST", "/pause"), ("PUT", "/schema")]);
    assert!(paused < unfiltered);
}

#[test]
fn the_state_of_a_missing_job_is_an_error() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(
        &emulator,
        &both(
            "resource \"crosstenant_provisioning_job_state\" \"it\" {\n  provider = crosstenant.source\n  service_principal_id = \
             \"5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70\"\n  job_id = \"Azure2Azure.none\"\n}\n",
        ),
    );
    workspace.apply().failed().says(&[
        "The job does not exist",
        "Azure2Azure.none",
        "Refer to `service_principal_id`",
    ]);
}

#[test]
fn a_job_takes_at_most_five_requests() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(GROUNDWORK));
    workspace.apply().succeeded();
    workspace.write("main.tf", &job(""));
    emulator.forget();
    workspace
        .run(&["apply", "-refresh=false", "-auto-approve", "-no-color"])
        .succeeded();
    let calls = emulator.graph_requests();
    assert!(calls.len() <= 5, "{calls:#?}");
}

#[test]
fn an_assignment_is_imported_by_its_principal() {
    let emulator = Emulator::start();
    let main = both(&format!(
        "{GROUNDWORK}\nresource \"crosstenant_app_role_assignment\" \"ada\" {{\n  provider = crosstenant.source\n  \
         principal_object_id = \"a1000000-0000-4000-8000-000000000001\"\n  resource_object_id = \
         crosstenant_synchronization_configuration.fabrikam.service_principal_id\n}}\n"
    ));
    let workspace = Workspace::new(&emulator, &main);
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_app_role_assignment");
    // Import by principal, because users do not know the ID that the server chose.
    workspace
        .run(&["state", "rm", "crosstenant_app_role_assignment.ada"])
        .succeeded();
    let id = format!(
        "{}/a1000000-0000-4000-8000-000000000001",
        values["resource_object_id"].as_str().unwrap()
    );
    workspace
        .run(&[
            "import",
            "-no-color",
            "crosstenant_app_role_assignment.ada",
            &id,
        ])
        .succeeded();
    workspace.is_settled();
    assert_eq!(
        workspace.values("crosstenant_app_role_assignment")["id"],
        values["id"]
    );
}

#[test]
fn lifecycle_arguments_are_respected() {
    let emulator = Emulator::start();
    let policy = |name: &str, lifecycle: &str| {
        both(&format!(
            "resource \"terraform_data\" \"version\" {{ input = \"1\" }}\nresource \"crosstenant_partner_policy\" \"it\" {{\n  \
             provider = crosstenant.target\n  partner_tenant_id = \"CONTOSO\"\n}}\nresource \"crosstenant_sync_policy\" \"it\" \
             {{\n  provider = crosstenant.target\n  partner_tenant_id = crosstenant_partner_policy.it.partner_tenant_id\n  \
             display_name = \"{name}\"\n  user_sync_inbound = {{ is_sync_allowed = true }}\n  lifecycle {{ {lifecycle} }}\n}}\n"
        ))
    };
    let workspace = Workspace::new(&emulator, &policy("One", "ignore_changes = [display_name]"));
    workspace.apply().succeeded();
    workspace.write("main.tf", &policy("Two", "ignore_changes = [display_name]"));
    workspace.is_settled();
    workspace.write(
        "main.tf",
        &policy("One", "replace_triggered_by = [terraform_data.version]"),
    );
    workspace.is_settled();
    let text =
        policy("One", "replace_triggered_by = [terraform_data.version]").replace("\"1\"", "\"2\"");
    workspace.write("main.tf", &text);
    workspace
        .apply()
        .succeeded()
        .says(&["1 added, 1 changed, 1 destroyed"]);
    workspace.is_settled();

    let sync = format!("{PARTNER}/{CONTOSO}/identitySynchronization");
    let renamed = json!({ "displayName": "Elsewhere" });
    assert_eq!(
        emulator
            .as_admin(FABRIKAM, "PATCH", &sync, Some(&renamed))
            .0,
        204
    );
    workspace
        .run(&["apply", "-refresh-only", "-auto-approve", "-no-color"])
        .succeeded();
    assert_eq!(
        workspace.values("crosstenant_sync_policy")["display_name"],
        "Elsewhere"
    );
    let target = "-target=crosstenant_partner_policy.it";
    workspace
        .run(&["apply", target, "-auto-approve", "-no-color"])
        .succeeded()
        .says(&["0 added, 0 changed"]);
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 1 changed, 0 destroyed"]);
}

#[test]
fn each_assignment_is_created_with_one_request() {
    const CONFIGURATION: &str = r#"
resource "crosstenant_synchronization_configuration" "it" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}
"#;
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(CONFIGURATION));
    workspace.apply().succeeded();
    emulator.forget();
    let assignments = r#"
resource "crosstenant_app_role_assignment" "many" {
  provider            = crosstenant.source
  for_each            = toset([for number in [1, 2, 3, 4, 5, 7, 8, 9] : format("a1000000-0000-4000-8000-%012d", number)])
  principal_object_id = each.key
  resource_object_id  = crosstenant_synchronization_configuration.it.service_principal_id
}
"#;
    let main = both(&format!("{CONFIGURATION}{assignments}"));
    workspace.write("main.tf", &main);
    workspace.apply().succeeded();
    let calls = emulator.graph_requests();
    let posts = calls.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(
        posts
            .filter(|call| call.contains("/appRoleAssignedTo"))
            .count(),
        8
    );
    // Further requests are the refresh of the configuration, one lookup of the role, and lookups of the principals during plan and apply,
    // whose number depends on how many are planned concurrently.
    let looks = calls
        .iter()
        .filter(|call| call.contains("$batch") || call.contains("/users/"));
    assert!(looks.count() <= 8, "{calls:#?}");
    assert!(calls.len() <= 8 + 3 + 8, "{calls:#?}");
}

#[test]
fn a_refresh_of_many_objects_uses_lists() {
    let emulator = Emulator::start();
    let main = both(
        r#"
resource "crosstenant_partner_policy" "many" {
  provider          = crosstenant.target
  count             = 30
  partner_tenant_id = format("d4000000-0000-4000-8000-%012d", count.index)
}
resource "crosstenant_trust_settings" "many" {
  provider          = crosstenant.target
  count             = 30
  partner_tenant_id = crosstenant_partner_policy.many[count.index].partner_tenant_id
  inbound_trust     = { is_mfa_accepted = true }
}
resource "crosstenant_sync_policy" "many" {
  provider          = crosstenant.target
  count             = 30
  partner_tenant_id = crosstenant_trust_settings.many[count.index].partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_synchronization_configuration" "it" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}
resource "crosstenant_app_role_assignment" "many" {
  provider            = crosstenant.source
  for_each            = toset([for number in [1, 2, 3, 4, 5, 7, 8, 9] : format("a1000000-0000-4000-8000-%012d", number)])
  principal_object_id = each.key
  resource_object_id  = crosstenant_synchronization_configuration.it.service_principal_id
}
"#,
    );
    let mut workspace = Workspace::new(&emulator, &main);
    workspace.apply().succeeded();
    emulator.forget();
    let log = workspace.folder.path().join("provider.log");
    workspace
        .set("TF_LOG_PROVIDER", "DEBUG")
        .set("TF_LOG_PATH", log.to_str().unwrap());
    workspace.is_settled();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("one listing for all reads"),
        "the log tells how things were read"
    );
    let calls = emulator.graph_requests();
    let about = |part: &str| calls.iter().filter(|call| call.contains(part)).count();
    // 90 reads share a list, after at most two that found no others to share with. A machine that stalls for seconds may need both once
    // more.
    assert!(about("/partners") <= 90 / 10, "{calls:#?}");
    assert!(about("/appRoleAssignedTo") <= 8 - 2, "{calls:#?}");
}
