//! Jobs and logs, before the first cycle, after it, and in quarantine.

use serde_json::{Value as Json, json};

use crate::lookups::{
    admin, column, data, read, refused, seeded, service_principal, set_up, withdraw_consent,
};
use crate::support::{CONTOSO, FABRIKAM};

const ADA: &str = "a1000000-0000-4000-8000-000000000001";

#[test]
fn the_status_of_a_job_is_described_in_every_state() {
    let emulator = seeded(|_| (), &["--first-cycle", "1h"]);
    let id = service_principal(&set_up(&emulator));
    let block = data(
        "provisioning_job",
        "source",
        &format!("service_principal_id = {id:?}"),
    );
    let started = read(&emulator, &block);
    assert_eq!(started["state"], "not_run", "{started}");
    assert_eq!(
        started["last_execution"],
        Json::Null,
        "the placeholder is no execution"
    );
    assert_eq!(started["steady_state_first_achieved"], Json::Null);
    assert_eq!(started["progress"], Json::Null);
    assert_eq!(started["is_running"], true);
    assert_eq!(
        started["summary"],
        "Started; the initial cycle has not begun yet."
    );

    emulator.cycle();
    let steady = read(&emulator, &block);
    assert_eq!(
        (&steady["state"], &steady["progress"]),
        (&json!("active"), &json!(100))
    );
    assert_eq!(steady["is_initial_cycle_finished"], true);
    assert_eq!(steady["last_execution"]["state"], "succeeded");
    assert_eq!(steady["last_execution"]["exported"], 3);
    assert_eq!(steady["synchronized_counts"], json!({ "User to User": 3 }));
    assert_eq!(steady["schedule"]["interval"], "PT40M");
    assert_eq!(steady["quarantine"], Json::Null);

    withdraw_consent(&emulator);
    emulator.cycle();
    let by_id = format!("service_principal_id = {id:?}\nid = {}", steady["id"]);
    let locked = read(&emulator, &data("provisioning_job", "source", &by_id));
    assert_eq!(locked["state"], "quarantined");
    assert_eq!(locked["successive_failures"], 1);
    let quarantine = &locked["quarantine"];
    assert_eq!(quarantine["reason"], "encountered_quarantine_exception");
    assert!(
        quarantine["what_to_do"]
            .as_str()
            .unwrap()
            .contains("crosstenant_trust_settings")
    );
    assert!(quarantine["next_attempt"].as_str() > quarantine["since"].as_str());
    assert_eq!(locked["last_successful_execution"]["state"], "succeeded");
}

#[test]
fn a_job_that_is_not_there_is_named() {
    let emulator = seeded(|_| (), &[]);
    let block = |arguments: &str| data("provisioning_job", "source", arguments);
    let nobody = format!("service_principal_id = {ADA:?}");
    refused(&emulator, &block(&nobody)).says(&["The service principal does not exist", ADA]);
    refused(&emulator, &block("service_principal_id = \"x\"")).says(&["must be a GUID"]);
    let id = service_principal(&set_up(&emulator));
    let wrong = format!("service_principal_id = {id:?}\nid = \"Azure2Azure.x\"");
    refused(&emulator, &block(&wrong)).says(&["no job \"Azure2Azure.x\""]);
}

#[test]
fn the_provisioning_log_says_why() {
    let emulator = seeded(|_| (), &[]);
    let id = service_principal(&set_up(&emulator));
    emulator.cycle();
    let logs = |arguments: &str| {
        let all = format!(
            "service_principal_id = {:?}\n{arguments}",
            id.to_uppercase()
        );
        read(&emulator, &data("provisioning_logs", "source", &all))["entries"].clone()
    };
    let created = logs("status = \"success\"\naction = \"create\"");
    let names = |entries: &Json| {
        let sources: Vec<Json> = entries
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["source"].clone())
            .collect();
        column(&json!(sources), "display_name")
    };
    assert_eq!(
        names(&created),
        ["Ada Lovelace", "Alan Turing", "Grace Hopper"]
    );
    assert_eq!(created[0]["explanation"], Json::Null);
    assert!(
        created[0]["target"]["user_principal_name"]
            .as_str()
            .unwrap()
            .contains("#EXT#")
    );
    assert!(column(&created[0]["modified_properties"], "name").contains(&"displayName".to_owned()));
    assert!(column(&created[0]["steps"], "kind").contains(&"export".to_owned()));

    let skipped = logs("status = \"skipped\"");
    let of = |name: &str| {
        let mut entries = skipped.as_array().unwrap().iter();
        entries
            .find(|one| one["source"]["display_name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        of("Donald Knuth")["skip_reason"],
        "NotEffectivelyEntitled",
        "nested groups are not synchronized"
    );
    let katherine = of("Katherine Johnson")["explanation"].clone();
    let clause = "Employees.department NOT EQUALS 'Contractors'";
    assert!(katherine.as_str().unwrap().contains(clause), "{katherine}");
    let edsger = of("Edsger Dijkstra");
    assert!(
        edsger["explanation"]
            .as_str()
            .unwrap()
            .contains("SMS sign-in")
    );
    assert_eq!(
        edsger["failed_clauses"],
        json!(["Filter external users.alternativeSecurityIds EQUALS 'None'"])
    );

    assert_eq!(
        names(&logs("principal = \"ada@contoso.example\"")),
        ["Ada Lovelace"]
    );
    assert_eq!(
        logs(&format!("principal = {ADA:?}"))
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(logs("max_results = 3").as_array().unwrap().len(), 3);
    assert_eq!(logs("until = \"2020-01-01\""), json!([]));
    assert_eq!(
        logs("since = \"2020-01-01\"").as_array().unwrap().len(),
        logs("").as_array().unwrap().len()
    );

    let block = |arguments: &str| data("provisioning_logs", "source", arguments);
    refused(&emulator, &block("since = \"yesterday\"")).says(&["a time such as"]);
    refused(&emulator, &block("max_results = 0")).says(&["at least 1"]);
    refused(&emulator, &block("principal = \"nobody@contoso.example\"")).says(&["not found"]);
}

#[test]
fn guests_that_cannot_be_invited_are_failures_with_a_cure() {
    let emulator = seeded(
        |seed| seed["tenants"][1]["allowInvitesFrom"] = json!("none"),
        &[],
    );
    set_up(&emulator);
    emulator.cycle();
    let found = read(
        &emulator,
        &data(
            "provisioning_logs",
            "source",
            "status = \"failure\"\nmax_results = 1",
        ),
    );
    let entry = &found["entries"][0];
    assert_eq!(entry["error"]["code"], "AzureActiveDirectoryForbidden");
    assert!(
        entry["explanation"]
            .as_str()
            .unwrap()
            .contains("crosstenant_guest_invite_settings")
    );
    assert_eq!(entry["skip_reason"], Json::Null);
}

#[test]
fn both_tenants_have_their_audit_log() {
    let emulator = seeded(|_| (), &[]);
    set_up(&emulator);
    emulator.cycle();
    let logs = |alias: &str, arguments: &str| {
        read(&emulator, &data("audit_logs", alias, arguments))["entries"].clone()
    };
    let added = logs(
        "target",
        "initiator = \"Microsoft.Azure.SyncFabric\"\nactivity = \"Add user\"",
    );
    assert_eq!(added.as_array().unwrap().len(), 3);
    assert_eq!(added[0]["initiator"], "Microsoft.Azure.SyncFabric");
    assert_eq!(added[0]["targets"][0]["kind"], "User");
    let exports = logs(
        "source",
        "category = \"ProvisioningManagement\"\nlogged_by_service = \"Account Provisioning\"\nmax_results = 2",
    );
    assert_eq!(exports.as_array().unwrap().len(), 2);
    assert!(exports[0]["id"].as_str().unwrap().starts_with("Sync_"));
    assert_eq!(
        logs("source", "initiator = \"ada@contoso.example\""),
        json!([])
    );
    assert_eq!(logs("target", "until = \"2020-01-01\""), json!([]));
}

#[test]
fn reports_are_read_at_the_pace_that_microsoft_allows() {
    let emulator = crate::support::Emulator::start();
    let blocks: String = (0..6)
        .map(|number| {
            data("audit_logs", "source", "max_results = 1")
                .replace("\"it\"", &format!("\"it{number}\""))
        })
        .collect();
    let workspace = crate::support::Workspace::new(
        &emulator,
        &format!("{}{blocks}", crate::lookups::PROVIDERS),
    );
    workspace.plan().succeeded();
    assert!(
        emulator
            .journal()
            .iter()
            .any(|entry| entry["status"] == 429)
    );
}

#[test]
fn users_skipped_for_sms_sign_in_are_listed() {
    let emulator = seeded(|_| (), &[]);
    let id = service_principal(&set_up(&emulator));
    let block = data(
        "sms_sign_in_users",
        "source",
        &format!("service_principal_id = {id:?}"),
    );
    emulator.forget();
    let found = read(&emulator, &block);
    assert_eq!(
        column(&found["users"], "user_principal_name"),
        ["edsger@contoso.example"]
    );
    assert_eq!(found["assigned_count"], 6);
    // Assignments, members, methods and names are read once each, although both plan and apply read the data source.
    assert!(
        emulator.graph_requests().len() <= 8,
        "{:?}",
        emulator.graph_requests()
    );
    let method = "/v1.0/users/edsger@contoso.example/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7/disableSmsSignIn";
    admin(&emulator, CONTOSO, "POST", method, None);
    assert_eq!(read(&emulator, &block)["ids"], json!([]));
    refused(
        &emulator,
        &data(
            "sms_sign_in_users",
            "source",
            &format!("service_principal_id = {ADA:?}"),
        ),
    )
    .says(&["The service principal does not exist"]);
}

#[test]
fn deleted_and_pending_users_are_found_with_their_names_at_home() {
    let pending = json!({
        "userPrincipalName": "donald_contoso.example#EXT#@fabrikam.example", "displayName": "Donald Knuth",
        "mail": "donald@contoso.example", "userType": "Guest", "creationType": "Invitation",
        "externalUserState": "PendingAcceptance", "homeUser": "donald@contoso.example",
    });
    let emulator = seeded(
        |seed| {
            seed["tenants"][1]["users"]
                .as_array_mut()
                .unwrap()
                .push(pending);
        },
        &[],
    );
    let id = service_principal(&set_up(&emulator));
    emulator.cycle();
    let guests = read(&emulator, &data("pending_guests", "target", ""));
    assert_eq!(
        guests["home_user_principal_names"],
        json!(["donald@contoso.example"])
    );
    assert_eq!(guests["ids"].as_array().unwrap().len(), 1);
    let others = read(
        &emulator,
        &data(
            "pending_guests",
            "target",
            "home_domain = \"northwind.example\"",
        ),
    );
    assert_eq!(others["guests"], json!([]));

    let assignments = admin(
        &emulator,
        CONTOSO,
        "GET",
        &format!("/v1.0/servicePrincipals/{id}/appRoleAssignedTo"),
        None,
    );
    let mut assignments = assignments["value"].as_array().unwrap().iter();
    let ada = assignments.find(|one| one["principalId"] == ADA).unwrap();
    let path = format!(
        "/v1.0/servicePrincipals/{id}/appRoleAssignedTo/{}",
        ada["id"].as_str().unwrap()
    );
    admin(&emulator, CONTOSO, "DELETE", &path, None);
    emulator.cycle();
    admin(
        &emulator,
        FABRIKAM,
        "DELETE",
        "/v1.0/users/oskar@fabrikam.example",
        None,
    );
    let deleted = |arguments: &str| {
        read(&emulator, &data("deleted_users", "target", arguments))["users"].clone()
    };
    let users = deleted("home_domain = \"contoso.example\"");
    assert_eq!(
        column(&users, "home_user_principal_name"),
        ["ada@contoso.example"]
    );
    assert!(users[0]["restorable_until"].as_str() > users[0]["deleted"].as_str());
    assert_eq!(
        column(&deleted("include_internal = true"), "display_name"),
        ["Ada Lovelace", "Oskar Kam"]
    );
    assert_eq!(deleted("display_name_prefix = \"grace\""), json!([]));
    assert_eq!(deleted("deleted_since = \"2999-01-01\""), json!([]));
}
