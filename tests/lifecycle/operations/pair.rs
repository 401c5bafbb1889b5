//! A pair of tenants that synchronize, and the operations of their job: provisioning on demand, restarting, waiting.

use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::operations::{ADA, GUEST, asked, configured};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed};

const SMS: &str = "a1000000-0000-4000-8000-000000000005";
const JOB: &str = "crosstenant_provisioning_job";
const DEMAND: &str = "crosstenant_provision_on_demand";

pub const GROUNDWORK: &str = r#"
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}
resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}
"#;

/// The pair with these users assigned, `setting` in the job and `more` resources.
pub fn pair(assigned: &[&str], setting: &str, more: &str) -> String {
    let ids: Vec<String> = assigned.iter().map(|id| format!("{id:?} = {{}}")).collect();
    let enabled = if setting.contains("enabled") {
        ""
    } else {
        "enabled = true"
    };
    configured(&format!(
        r#"{GROUNDWORK}
resource "crosstenant_app_role_assignments" "it" {{
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.it.service_principal_id
  principals         = {{ {} }}
}}
resource "crosstenant_provisioning_job" "it" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_app_role_assignments.it.resource_object_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
  {enabled}
  {setting}
}}
{more}"#,
        ids.join(", ")
    ))
}

/// One user provisioned on demand, without waiting for a missing assignment.
fn demand(name: &str, user: &str, more: &str) -> String {
    format!(
        "resource \"{DEMAND}\" \"{name}\" {{\n  provider = crosstenant.source\n  service_principal_id = \
         {JOB}.it.service_principal_id\n  job_id = {JOB}.it.id\n  user_object_id = \"{user}\"\n  wait_for_assignment = \"0s\"\n  \
         {more}\n}}\n"
    )
}

fn arrived(emulator: &Emulator, name: &str) -> bool {
    let users = emulator.tenant(FABRIKAM)["users"].clone();
    users
        .as_object()
        .unwrap()
        .values()
        .any(|user| user["displayName"] == name)
}

#[test]
fn a_user_arrives_on_demand_and_again_when_triggered() {
    let emulator = Emulator::start();
    let with = |trigger: &str| {
        let triggers = format!("triggers = {{ wish = \"{trigger}\" }}");
        pair(&[ADA], "enabled = false", &demand("ada", ADA, &triggers))
    };
    let workspace = Workspace::new(&emulator, &with("1"));
    workspace.apply().succeeded();
    assert!(arrived(&emulator, "Ada Lovelace"));
    let values = workspace.values(DEMAND);
    assert_eq!(
        (&values["result"], &values["action"], &values["skip_reason"]),
        (&json!("Success"), &json!("create"), &Json::Null)
    );
    assert_eq!(values["steps"][1]["name"], "EntrySynchronizationScoping");
    assert_eq!(
        values["steps"][1]["details"]["Assigned to the application"],
        "True"
    );
    let changed = values["modified_attributes"].as_array().unwrap();
    assert!(
        changed
            .iter()
            .any(|one| one["name"] == "displayName" && one["new_value"] == "Ada Lovelace")
    );
    assert!(values["target_object_id"].is_string());
    workspace.is_settled();

    workspace.write("main.tf", &with("2"));
    emulator.forget();
    workspace
        .apply()
        .succeeded()
        .says(&["1 added, 0 changed, 1 destroyed"]);
    let reason = workspace.values(DEMAND)["skip_reason"].clone();
    assert!(
        reason.as_str().unwrap().starts_with("RedundantExport"),
        "{reason}"
    );
    assert_eq!(asked(&emulator, "POST", "/provisionOnDemand"), 1);
    assert!(
        arrived(&emulator, "Ada Lovelace"),
        "destroying forgets only"
    );
}

#[test]
fn skipped_users_have_reasons() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &pair(&[ADA, GUEST, SMS], "enabled = false", ""));
    workspace.apply().succeeded();
    let alan = "a1000000-0000-4000-8000-000000000003";
    for (user, words) in [
        (
            alan,
            [
                "NotEffectivelyEntitled",
                "has no valid assignment to the configuration",
            ],
        ),
        (
            GUEST,
            [
                "alternativeSecurityIds",
                "is a guest of the source tenant, or has SMS sign-in",
            ],
        ),
        (SMS, ["alternativeSecurityIds", "`crosstenant_sms_sign_in`"]),
    ] {
        workspace.write(
            "main.tf",
            &pair(
                &[ADA, GUEST, SMS],
                "enabled = false",
                &demand("it", user, ""),
            ),
        );
        workspace
            .apply()
            .failed()
            .says(&["The user was skipped", user, words[0], words[1]]);
    }
    let lenient = demand("it", GUEST, "fail_on_skip = false");
    workspace.write(
        "main.tf",
        &pair(&[ADA, GUEST, SMS], "enabled = false", &lenient),
    );
    workspace.apply().succeeded();
    assert_eq!(workspace.values(DEMAND)["result"], "Skipped");
    workspace.is_settled();

    // The symptom and its fix: without SMS sign-in, the same user is synchronized.
    let cure = format!(
        "resource \"crosstenant_sms_sign_in\" \"it\" {{\n  provider = crosstenant.source\n  user_object_id = \"{SMS}\"\n  enabled = \
         false\n}}\n{}",
        demand("it", SMS, "").replace(
            &format!("user_object_id = \"{SMS}\""),
            "user_object_id = crosstenant_sms_sign_in.it.user_object_id"
        )
    );
    workspace.write(
        "main.tf",
        &pair(&[ADA, GUEST, SMS], "enabled = false", &cure),
    );
    workspace.apply().succeeded();
    assert!(arrived(&emulator, "Edsger Dijkstra"));
    assert_eq!(
        workspace.values("crosstenant_sms_sign_in")["sms_sign_in_state"],
        "notEnabled"
    );
    workspace.is_settled();
}

#[test]
fn a_failure_has_its_reason_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let no_guests = |seed: &mut Json| seed["tenants"][1]["allowInvitesFrom"] = json!("none");
    let emulator = Emulator::with(&crate::operations::seed(&folder, 0, no_guests), &[]);
    let workspace = Workspace::new(
        &emulator,
        &pair(&[ADA], "enabled = false", &demand("ada", ADA, "")),
    );
    workspace.apply().failed().says(&[
        "The user could not be provisioned",
        "AzureActiveDirectoryForbidden",
        "crosstenant_guest_invite_settings",
    ]);
    assert!(!arrived(&emulator, "Ada Lovelace"));
}

/// The sixth request waits for ten seconds, so Graph never throttles.
#[test]
fn six_users_of_one_run_share_the_limit() {
    let emulator = crate::operations::with_users(6);
    let ids: Vec<String> = (0..6).map(crate::operations::user).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let demands: String = (0..6)
        .map(|number| demand(&format!("it{number}"), ids[number], ""))
        .collect();
    let workspace = Workspace::new(&emulator, &pair(&ids, "enabled = false", &demands));
    let started = Instant::now();
    workspace.apply().succeeded();
    assert!(started.elapsed().as_secs() >= 10);
    let journal = emulator.journal();
    let answered = |status: u16| {
        let fits = |entry: &&Json| {
            entry["path"]
                .as_str()
                .unwrap()
                .ends_with("/provisionOnDemand")
                && entry["status"] == status
        };
        journal.iter().filter(fits).count()
    };
    assert_eq!((answered(200), answered(429)), (6, 0));
    assert_eq!(
        asked(&emulator, "GET", "/schema"),
        1,
        "the rule is looked for once"
    );
}

#[test]
fn a_job_restarts_when_its_triggers_change() {
    let emulator = Emulator::start();
    let with = |setting: &str| pair(&[ADA], setting, "");
    let workspace = Workspace::new(&emulator, &with(""));
    workspace.apply().succeeded();
    emulator.forget();
    workspace.write("main.tf", &with("restart_triggers = { mapping = \"1\" }"));
    workspace
        .apply()
        .succeeded()
        .says(&["The job will be restarted"]);
    assert_eq!(asked(&emulator, "POST", "/restart"), 1);
    workspace.is_settled();
    emulator.forget();
    workspace.write(
        "main.tf",
        &with(
            "restart_triggers = { mapping = \"2\" }\n  reset_scope = [\"Full\", \"ForceDeletes\"]",
        ),
    );
    workspace.apply().succeeded();
    workspace.is_settled();
    let journal = emulator.journal();
    let restart = journal
        .iter()
        .find(|entry| entry["path"].as_str().unwrap().ends_with("/restart"))
        .unwrap();
    assert_eq!(
        restart["request_body"],
        json!({ "criteria": { "resetScope": "ForceDeletes, Full" } })
    );

    workspace.write("main.tf", &with("reset_scope = [\"ConnectorDataStore\"]"));
    workspace.plan().failed().says(&["Microsoft reserves"]);
}

/// A tenant without any settings for this pair.
const STRANGER: &str = "cccccccc-0000-4000-8000-000000000003";

#[test]
fn the_job_stays_where_another_target_is_not_ready() {
    let emulator = Emulator::start();
    let main = pair(&[ADA], "validate_connection_timeout = \"0s\"", "");
    let workspace = Workspace::new(&emulator, &main);
    workspace.apply().succeeded();
    let before = workspace.values(JOB);
    let other = main.replace(
        "target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id",
        &format!("target_tenant_id     = \"{STRANGER}\""),
    );
    workspace.write("main.tf", &other);
    emulator.forget();
    workspace.apply().failed().says(&[
        "The job will be replaced",
        "The connection test from tenant",
    ]);
    assert_eq!(asked(&emulator, "DELETE", ""), 0);
    assert_eq!(workspace.values(JOB), before);
    workspace.write("main.tf", &main);
    workspace.is_settled();

    // Without the test, another job is created at once, and only one.
    let untested = other.replace(
        "validate_connection_timeout = \"0s\"",
        "validate_connection = false",
    );
    workspace.write("main.tf", &untested);
    workspace.apply().succeeded();
    workspace.is_settled();
    let after = workspace.values(JOB);
    assert_ne!(after["id"], before["id"]);
    assert_eq!(after["target_tenant_id"], STRANGER);
    let jobs = emulator.tenant(CONTOSO)["jobs"].clone();
    assert_eq!(jobs.as_array().unwrap().len(), 1, "{jobs}");
}

#[test]
fn a_job_is_waited_for() {
    let emulator = Emulator::with(
        &demo_seed(),
        &["--first-cycle", "1s", "--cycle-duration", "1s"],
    );
    let workspace = Workspace::new(&emulator, &pair(&[ADA], "wait_for = \"initial_cycle\"", ""));
    workspace.apply().succeeded();
    assert!(
        arrived(&emulator, "Ada Lovelace"),
        "the first cycle has run"
    );
    workspace.is_settled();

    // After a restart without consent, the cycle fails, and the wait ends with its error.
    let path = format!("/v1.0/policies/crossTenantAccessPolicy/partners/{CONTOSO}");
    let none = json!({ "automaticUserConsentSettings": { "inboundAllowed": false, "outboundAllowed": false } });
    let with = |trigger: &str| {
        let setting =
            format!("wait_for = \"initial_cycle\"\n  restart_triggers = {{ it = \"{trigger}\" }}");
        pair(&[ADA], &setting, "")
    };
    workspace.write("main.tf", &with("1"));
    workspace.apply().succeeded();
    assert_eq!(
        emulator.as_admin(FABRIKAM, "PATCH", &path, Some(&none)).0,
        204
    );
    workspace.write("main.tf", &with("2"));
    workspace
        .run(&["apply", "-refresh=false", "-auto-approve", "-no-color"])
        .failed()
        .says(&[
            "The job is in quarantine",
            "encountered_quarantine_exception",
        ]);
}

#[test]
fn a_wait_that_takes_too_long_says_how_far_it_is() {
    let emulator = Emulator::with(&demo_seed(), &["--first-cycle", "1h"]);
    let setting = "wait_for = \"initial_cycle\"\n  timeouts = { create = \"3s\" }";
    let workspace = Workspace::new(&emulator, &pair(&[ADA], setting, ""));
    workspace.apply().failed().says(&[
        "Timeout while waiting for the started job",
        "the initial cycle has not begun yet",
        "untaint",
    ]);
    let jobs = emulator.tenant(CONTOSO)["jobs"].clone();
    assert_eq!(jobs.as_array().unwrap().len(), 1);
}

#[test]
fn a_user_deleted_by_hand_is_restored() {
    let emulator = Emulator::start();
    let nadia = "f1000000-0000-4000-8000-000000000001";
    let main = crate::operations::both(&format!(
        "resource \"crosstenant_restored_user\" \"nadia\" {{\n  provider = crosstenant.target\n  user_object_id = \"{nadia}\"\n}}\n"
    ));
    let delete = || {
        let path = format!("/v1.0/users/{nadia}");
        assert_eq!(emulator.as_admin(FABRIKAM, "DELETE", &path, None).0, 204);
    };
    delete();
    let workspace = Workspace::new(&emulator, &main);
    workspace.apply().succeeded();
    assert!(arrived(&emulator, "Nadia Fabri"));
    assert_eq!(
        workspace.values("crosstenant_restored_user")["display_name"],
        "Nadia Fabri"
    );
    workspace.is_settled();
    delete();
    workspace.apply().succeeded().says(&["1 added"]);
    workspace.destroy().succeeded();
    assert!(arrived(&emulator, "Nadia Fabri"), "forgotten, not deleted");
    workspace.write(
        "main.tf",
        &main.replace(nadia, "dddddddd-0000-4000-8000-000000000000"),
    );
    workspace
        .apply()
        .failed()
        .says(&["The user to restore does not exist"]);
}

/// A configuration is destroyed in the documented order, in any state.
#[test]
fn a_configuration_is_deleted_from_any_state() {
    for partial in [
        "whole",
        "job gone",
        "application gone",
        "principal gone",
        "purged",
    ] {
        let emulator = Emulator::start();
        let main = pair(&[ADA], "", "").replace(
            "\"Contoso to Fabrikam\"\n",
            "\"Contoso to Fabrikam\"\n  purge_on_destroy = true\n",
        );
        let workspace = Workspace::new(&emulator, &main);
        workspace.apply().succeeded();
        let job = workspace.values(JOB);
        // The job is no longer managed, but it runs.
        workspace
            .run(&["state", "rm", &format!("{JOB}.it")])
            .succeeded();
        let values = workspace.values("crosstenant_synchronization_configuration");
        let id = |name: &str| values[name].as_str().unwrap().to_owned();
        let application = format!("/v1.0/applications/{}", id("application_id"));
        let principal = format!("/v1.0/servicePrincipals/{}", id("service_principal_id"));
        let deleted = |name: &str| format!("/v1.0/directory/deletedItems/{}", id(name));
        let paths = match partial {
            "job gone" => vec![format!(
                "{principal}/synchronization/jobs/{}",
                job["id"].as_str().unwrap()
            )],
            "application gone" => vec![application],
            "principal gone" => vec![principal],
            "purged" => vec![
                application,
                deleted("application_id"),
                deleted("service_principal_id"),
            ],
            _ => vec![],
        };
        for path in paths {
            assert_eq!(
                emulator.as_admin(CONTOSO, "DELETE", &path, None).0,
                204,
                "{partial}: {path}"
            );
        }
        emulator.forget();
        let started = Instant::now();
        workspace
            .run(&["destroy", "-refresh=false", "-auto-approve", "-no-color"])
            .succeeded();
        assert!(
            started.elapsed().as_secs() < 15,
            "{partial}: waited for what was gone"
        );
        let calls: Vec<String> = emulator.graph_requests();
        let at = |end: &str| {
            calls
                .iter()
                .position(|call| call.ends_with(end) || call.contains(end))
        };
        if partial == "whole" {
            assert!(
                at("/pause") < at("DELETE /v1.0/servicePrincipals/")
                    && at("DELETE /v1.0/servicePrincipals/") < at("DELETE /v1.0/applications/"),
                "{calls:#?}"
            );
        }
        let tenant = emulator.tenant(CONTOSO);
        assert_eq!(
            (&tenant["jobs"], &tenant["deletedItems"]),
            (&json!([]), &json!({})),
            "{partial}"
        );
    }
}
