//! One example for each step of Microsoft's page, and the guide that shows them: each is applied, and its effect is checked in the tenants.

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, clis, demo_seed, project};

/// An emulator whose jobs run only when a test runs a cycle.
pub fn still() -> Emulator {
    Emulator::with(&demo_seed(), &["--first-cycle", "1h"])
}

/// The text of an example.
pub fn example(folder: &str) -> String {
    let path = project(&format!("examples/{folder}/main.tf"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A workspace with this configuration, and with the module that examples use.
pub fn workspace(emulator: &Emulator, text: &str) -> Workspace {
    let workspace = Workspace::new(emulator, &text.replace("\"../../pair\"", "\"./pair\""));
    if text.contains("../../pair") {
        std::fs::create_dir(workspace.folder.path().join("pair")).unwrap();
        workspace.write("pair/main.tf", &example("pair"));
        workspace.run(&["get"]).succeeded();
    }
    workspace
}

/// Applies one step.
#[track_caller]
fn applied(emulator: &Emulator, step: &str) -> Workspace {
    let workspace = workspace(emulator, &example(&format!("steps/{step}")));
    workspace.apply().succeeded();
    workspace
}

/// The value of an output.
#[track_caller]
pub fn output(workspace: &Workspace, name: &str) -> Json {
    let shown = workspace.run(&["output", "-json", name]);
    serde_json::from_str(&shown.succeeded().stdout).unwrap()
}

/// The names of the users who were synchronized from Contoso, sorted.
pub fn arrived(emulator: &Emulator) -> Vec<String> {
    let tenant = emulator.tenant(FABRIKAM);
    let users = tenant["users"].as_object().unwrap().values();
    let external = users.filter(|user| {
        user["userPrincipalName"]
            .as_str()
            .unwrap()
            .contains("#EXT#")
    });
    let mut names: Vec<String> = external
        .map(|user| user["displayName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The entries of the provisioning log about a user, the newest first.
pub fn logged(emulator: &Emulator, name: &str) -> Vec<Json> {
    let tenant = emulator.tenant(CONTOSO);
    let log = tenant["provisioningLog"].as_array().unwrap().iter().rev();
    log.filter(|entry| entry["sourceIdentity"]["displayName"] == name)
        .cloned()
        .collect()
}

fn partner(emulator: &Emulator, tenant: &str, other: &str) -> Json {
    emulator.tenant(tenant)["partners"][other].clone()
}

#[test]
fn step_01_the_plan_says_who_and_what_is_missing() {
    let emulator = still();
    let workspace = applied(&emulator, "01-plan");
    let engineers = output(&workspace, "in_scope");
    assert!(
        engineers.to_string().contains("grace@contoso.example"),
        "{engineers}"
    );
    let missing = output(&workspace, "still_to_do");
    let source = missing["source"].to_string();
    assert!(
        source.contains("crosstenant_partner_policy") && source.contains("outbound_allowed = true"),
        "{missing}"
    );
    let target = missing["target"].to_string();
    assert!(
        target.contains("inbound_allowed = true") && target.contains("crosstenant_sync_policy"),
        "{missing}"
    );
}

#[test]
fn step_02_users_may_be_synchronized_into_the_target() {
    let emulator = still();
    applied(&emulator, "02-allow-synchronization").is_settled();
    let policy = emulator.tenant(FABRIKAM)["syncPolicies"][CONTOSO].clone();
    assert_eq!(policy["userSyncInbound"], json!({ "isSyncAllowed": true }));
    assert_eq!(
        emulator.tenant(CONTOSO)["partners"],
        json!({}),
        "the other tenant is not touched"
    );
}

#[test]
fn step_03_the_target_redeems_inbound() {
    let emulator = still();
    applied(&emulator, "03-redeem-in-target").is_settled();
    let consent = partner(&emulator, FABRIKAM, CONTOSO)["automaticUserConsentSettings"].clone();
    assert_eq!(consent["inboundAllowed"], true);
}

#[test]
fn step_04_the_source_redeems_outbound() {
    let emulator = still();
    applied(&emulator, "04-redeem-in-source").is_settled();
    let consent = partner(&emulator, CONTOSO, FABRIKAM)["automaticUserConsentSettings"].clone();
    assert_eq!(consent["outboundAllowed"], true);
}

#[test]
fn step_05_a_configuration_exists() {
    let emulator = still();
    let workspace = applied(&emulator, "05-create-configuration");
    workspace.is_settled();
    let id = output(&workspace, "service_principal_id");
    let principal = emulator.tenant(CONTOSO)["servicePrincipals"][id.as_str().unwrap()].clone();
    assert_eq!(principal["displayName"], "Contoso to Fabrikam");
}

#[test]
fn step_06_the_connection_is_tested_before_the_job_is_saved() {
    let emulator = still();
    emulator.forget();
    applied(&emulator, "06-test-connection").is_settled();
    let requests = emulator.graph_requests();
    let first = |end: &str| requests.iter().position(|request| request.ends_with(end));
    assert!(
        first("/validateCredentials") < first("/secrets"),
        "{requests:#?}"
    );
    assert!(first("/validateCredentials").is_some());
    assert!(first("/start").is_none(), "it rests");
}

#[test]
fn step_07_those_assigned_arrive_and_nested_groups_do_not() {
    let emulator = still();
    applied(&emulator, "07-define-scope").is_settled();
    emulator.cycle();
    let members = [
        "Ada Lovelace",
        "Alan Turing",
        "Grace Hopper",
        "Katherine Johnson",
    ];
    assert_eq!(arrived(&emulator), members);
}

#[test]
fn step_08_filters_choose_among_all_users() {
    let emulator = still();
    let workspace = workspace(&emulator, &example("steps/08-scoping-filters"));
    workspace.apply().succeeded();
    emulator.cycle();
    // Ada matches by her employee ID, the others are engineers. Edsger, also an engineer, uses SMS sign-in.
    assert_eq!(
        arrived(&emulator),
        [
            "Ada Lovelace",
            "Barbara Liskov",
            "Grace Hopper",
            "Margaret Hamilton"
        ]
    );
    let skipped = &logged(&emulator, "Donald Knuth")[0]["provisioningSteps"].to_string();
    assert!(
        skipped.contains("Engineers.department EQUALS 'Engineering'"),
        "{skipped}"
    );
    workspace.is_settled();
}

#[test]
fn step_09_mappings_decide_what_arrives() {
    let emulator = still();
    let workspace = applied(&emulator, "09-attribute-mappings");
    assert_eq!(
        output(&workspace, "preview"),
        "Lovelace, Ada (contoso.example)"
    );
    emulator.cycle();
    assert_eq!(arrived(&emulator), ["Lovelace, Ada (contoso.example)"]);
    workspace.is_settled();
}

#[test]
fn step_10_mail_and_threshold_are_stored_as_graph_keeps_them() {
    let emulator = still();
    applied(&emulator, "10-settings").is_settled();
    let secrets = emulator.tenant(CONTOSO)["secrets"].to_string();
    let settings = ["identity@contoso.example", "DeleteThresholdEnabled", "50"];
    assert!(
        settings.iter().all(|part| secrets.contains(part)),
        "{secrets}"
    );
}

#[test]
fn step_11_one_user_arrives_on_demand_before_the_job_runs() {
    let emulator = still();
    let workspace = applied(&emulator, "11-provision-on-demand");
    let result = output(&workspace, "result");
    assert_eq!(
        (&result["result"], &result["action"]),
        (&json!("Success"), &json!("create")),
        "{result}"
    );
    assert!(
        result["steps"]
            .to_string()
            .contains("EntrySynchronizationScoping"),
        "{result}"
    );
    assert_eq!(arrived(&emulator), ["Ada Lovelace"]);
    workspace.is_settled();
}

#[test]
fn step_12_the_start_waits_for_the_initial_cycle_and_a_trigger_restarts() {
    let emulator = Emulator::start();
    let workspace = applied(&emulator, "12-start");
    assert_eq!(
        arrived(&emulator),
        ["Ada Lovelace"],
        "the initial cycle was waited for"
    );
    workspace.is_settled();
    emulator.forget();
    let again = example("steps/12-start").replace("first start", "a new mapping");
    workspace.write("main.tf", &again.replace("\"../../pair\"", "\"./pair\""));
    workspace.apply().succeeded();
    let restarts = emulator.graph_requests();
    assert!(
        restarts.iter().any(|request| request.ends_with("/restart")),
        "{restarts:#?}"
    );
    workspace.is_settled();
}

#[test]
fn step_13_progress_logs_and_audits_of_both_tenants_are_shown() {
    let emulator = still();
    let _running = applied(&emulator, "07-define-scope");
    emulator.cycle();
    let workspace = applied(&emulator, "13-monitor");
    let job = output(&workspace, "jobs")["Contoso to Fabrikam"].to_string();
    assert!(job.contains("Running"), "{job}");
    let troubles = output(&workspace, "troubles").to_string();
    assert!(
        troubles.contains("Donald Knuth: The user or group has no valid assignment"),
        "{troubles}"
    );
    let activities = output(&workspace, "activities");
    assert!(
        activities["source"].to_string().contains("Export"),
        "{activities}"
    );
    assert!(
        activities["target"].to_string().contains("Add user"),
        "{activities}"
    );
}

#[test]
fn step_14_users_cannot_leave_on_their_own() {
    let emulator = still();
    applied(&emulator, "14-leave-settings").is_settled();
    let policy = emulator.tenant(FABRIKAM)["externalIdentitiesPolicy"].clone();
    assert_eq!(policy["allowExternalIdentitiesToLeave"], false);
}

/// The end of the page, "Delete a configuration". The users stay.
#[test]
fn a_configuration_is_deleted_in_the_documented_order() {
    let emulator = still();
    let workspace = applied(&emulator, "07-define-scope");
    emulator.cycle();
    emulator.forget();
    workspace.destroy().succeeded();
    let requests = emulator.journal();
    let deletions: Vec<&str> = requests
        .iter()
        .filter(|entry| entry["method"] == "DELETE")
        .map(|entry| entry["path"].as_str().unwrap())
        .collect();
    let at = |part: &str| {
        deletions
            .iter()
            .position(|path| path.contains(part))
            .unwrap()
    };
    assert!(
        at("/synchronization/jobs/") < at("/applications/"),
        "{deletions:#?}"
    );
    assert!(
        at("/identitySynchronization")
            < deletions
                .iter()
                .position(|path| path.ends_with(CONTOSO))
                .unwrap()
    );
    assert_eq!(arrived(&emulator).len(), 4, "users stay");
}

/// All blocks of the guide that are marked as Terraform form one configuration, which sets everything up.
#[test]
fn the_guide_is_one_configuration_that_works() {
    let guide = project("docs/guides/configure-cross-tenant-synchronization.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let blocks = text.split("```terraform\n").skip(1);
    let main: String = blocks
        .map(|block| block.split("```").next().unwrap().to_owned() + "\n")
        .collect();
    let emulator = Emulator::start();
    let workspace = workspace(&emulator, &main);
    workspace.apply().succeeded();
    emulator.cycle();
    assert!(
        arrived(&emulator).contains(&"Lovelace, Ada".to_owned()),
        "{:?}",
        arrived(&emulator)
    );
    workspace.plan().succeeded().says(&["No changes."]);
    workspace.destroy().succeeded();
}

#[test]
fn these_examples_are_formatted() {
    for cli in clis() {
        let workspace = Workspace::of(cli, std::collections::BTreeMap::new(), "");
        let folder = project("examples");
        workspace
            .run(&["fmt", "-check", "-recursive", folder.to_str().unwrap()])
            .succeeded();
    }
}
