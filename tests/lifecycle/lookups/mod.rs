//! Every lookup with real content: two tenants that were set up, synchronized and then disturbed.

mod leftovers;
mod lists;
mod monitoring;
mod preview;
mod readiness;

use serde_json::Value as Json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, demo_seed, project};

const PROVIDERS: &str = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}
"#;

/// The demo's seed with one change.
fn seeded(change: impl FnOnce(&mut Json), arguments: &[&str]) -> Emulator {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    // These tests request reports more often than Microsoft allows.
    seed["settings"]["limits"] = Json::Bool(false);
    change(&mut seed);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    // An automatic first cycle could run before the filter is saved.
    let patient: &[&str] = if arguments.contains(&"--first-cycle") {
        &[]
    } else {
        &["--first-cycle", "1h"]
    };
    Emulator::with(file.path(), &[patient, arguments].concat())
}

/// Both tenants set up as in the example, by Terraform itself.
fn set_up(emulator: &Emulator) -> Workspace {
    let text = std::fs::read_to_string(project("examples/two-tenants/main.tf")).unwrap();
    let workspace = Workspace::new(emulator, &text);
    workspace.apply().succeeded();
    workspace
}

/// The service principal of the only configuration.
fn service_principal(workspace: &Workspace) -> String {
    let values = workspace.values("crosstenant_synchronization_configuration");
    values["service_principal_id"].as_str().unwrap().to_owned()
}

/// The result of one data source; `block` is its whole block, called `it`.
#[track_caller]
fn read(emulator: &Emulator, block: &str) -> Json {
    let type_name = block.split('"').nth(1).unwrap();
    let main = format!("{PROVIDERS}{block}\noutput \"it\" {{ value = data.{type_name}.it }}\n");
    let workspace = Workspace::new(emulator, &main);
    workspace.apply().succeeded();
    let output = workspace.run(&["output", "-json", "it"]);
    serde_json::from_str(&output.succeeded().stdout).unwrap()
}

/// The output of a plan with one data source that fails.
#[track_caller]
fn refused(emulator: &Emulator, block: &str) -> crate::support::Outcome {
    let outcome = Workspace::new(emulator, &format!("{PROVIDERS}{block}")).plan();
    outcome.failed();
    outcome
}

/// A data source of one tenant with these arguments.
fn data(kind: &str, alias: &str, arguments: &str) -> String {
    format!(
        "data \"crosstenant_{kind}\" \"it\" {{\n  provider = crosstenant.{alias}\n{arguments}\n}}\n"
    )
}

/// The values of `member` in a list of objects, sorted.
fn column(list: &Json, member: &str) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    let mut texts: Vec<String> = texts
        .map(|one| one[member].as_str().unwrap_or_default().to_owned())
        .collect();
    texts.sort();
    texts
}

/// The examples again, with content to show.
#[test]
fn examples_show_what_there_is() {
    let emulator = seeded(|_| (), &[]);
    set_up(&emulator);
    emulator.cycle();
    for (name, output, shown) in [
        ("provisioning_job", "jobs", "Running. The last cycle ended"),
        ("provisioning_logs", "skipped", "SMS sign-in"),
        ("audit_logs", "created", "Grace Hopper"),
        (
            "sms_sign_in_users",
            "skipped_for_sms_sign_in",
            "edsger@contoso.example",
        ),
        ("deleted_users", "restorable", "{}"),
        ("pending_guests", "provision_on_demand", "[]"),
        ("synchronized_users", "sources", "provisioning_log"),
        ("leftover_users", "leftovers", "[]"),
        ("partner_policies", "redeemed_automatically", CONTOSO),
        ("sync_policies", "may_synchronize_users_here", CONTOSO),
        (
            "synchronization_configurations",
            "configurations",
            "Contoso to Fabrikam",
        ),
        (
            "app_role_assignments",
            "assigned_groups",
            "Fabrikam collaborators",
        ),
        (
            "synchronization_preview",
            "next_cycle",
            "katherine@contoso.example: skip, does not match the scoping filter",
        ),
        ("users", "research", "alan@contoso.example"),
        ("groups", "groups", "Fabrikam advisers"),
    ] {
        let path = format!("examples/data-sources/crosstenant_{name}/data-source.tf");
        let text = std::fs::read_to_string(project(&path)).unwrap();
        let workspace = Workspace::new(&emulator, &text);
        workspace.apply().succeeded();
        let output = workspace.run(&["output", "-json", output]);
        assert!(output.stdout.contains(shown), "{name}: {}", output.stdout);
        workspace.is_settled();
    }
}

/// Sends a request to Graph as an administrator of a tenant.
#[track_caller]
fn admin(emulator: &Emulator, tenant: &str, method: &str, path: &str, body: Option<&Json>) -> Json {
    let (status, answer) = emulator.as_admin(tenant, method, path, body);
    assert!(status < 300, "{path}: {status} {answer}");
    answer
}

/// The target tenant disables automatic redemption.
fn withdraw_consent(emulator: &Emulator) {
    let path = format!("/v1.0/policies/crossTenantAccessPolicy/partners/{CONTOSO}");
    let body = serde_json::json!({ "automaticUserConsentSettings": { "inboundAllowed": false } });
    admin(emulator, FABRIKAM, "PATCH", &path, Some(&body));
}
