//! One complete lifecycle with every CLI: output for users, output for programs, and every command that works on a state.
//!
//! `make clis` runs this with each Terraform, so it is short.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::examples::import_id;
use crate::support::terminal::{Session, plain};
use crate::support::{
    CONTOSO, Emulator, FABRIKAM, Feature, Outcome, Workspace, clis, lacks, project, works,
};
use crate::{GROUNDWORK, both, job};

const PLAN: [&str; 3] = ["plan", "-no-color", "-input=false"];

/// The resources of a lifecycle: both tenants, and a job that does not set `enabled`.
fn configuration() -> String {
    job("enabled = null\n  notification_email = \"identity@contoso.example\"")
}

/// The plan from its first line to its summary, without parts that differ between versions and flavors.
///
/// Versions before 1.9 show unknown objects in another way in a few places; none of them is in this plan.
fn shown(plan: &str) -> String {
    let start = plan
        .find("# crosstenant_")
        .unwrap_or_else(|| panic!("no plan in {plan}"));
    let end = plan
        .find("\nPlan: ")
        .unwrap_or_else(|| panic!("no summary in {plan}"));
    let summary = plan[end + 1..].lines().next().unwrap();
    let lines = plan[start..end]
        .lines()
        .map(|line| line.trim_end().to_owned());
    let lines: Vec<String> = lines.collect();
    format!("  {}\n\n{summary}\n", lines.join("\n").trim())
}

/// Compares a text with the expected text of `name`; `UPDATE_GOLDEN=1` writes it.
#[track_caller]
fn is_kept(name: &str, text: &str) {
    let path = project(&format!("tests/cli/golden/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{} says:\n{kept}\nnow it is:\n{text}",
        path.display()
    );
}

fn applied(cli: &str) -> (Emulator, Workspace) {
    let emulator = Emulator::start();
    let workspace = Workspace::of(cli, emulator.environment(), &configuration());
    workspace.apply().succeeded();
    (emulator, workspace)
}

fn parsed(outcome: &Outcome) -> Json {
    serde_json::from_str(&outcome.succeeded().stdout).unwrap()
}

#[test]
fn people_read_the_same_plan_piped_and_on_a_terminal() {
    for cli in clis() {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), &configuration());
        let piped = workspace.run(&PLAN);
        is_kept("create", &shown(&piped.succeeded().stdout));
        let mut session = Session::start(workspace.command(&["apply"]));
        session.wait_for("Enter a value:").answer("yes");
        let (code, text) = session.end();
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("\u{1b}["), "a terminal shows colors: {text}");
        let text = plain(&text);
        is_kept("create", &shown(&text));
        assert!(
            text.contains("Apply complete! Resources: 7 added, 0 changed, 0 destroyed."),
            "{text}"
        );

        let changed = configuration().replace("identity@", "helpdesk@");
        workspace.write("main.tf", &changed);
        let plan = workspace.run(&PLAN);
        is_kept(
            "update",
            &masked(&shown(&plan.succeeded().stdout), &workspace),
        );
        workspace
            .apply()
            .succeeded()
            .says(&["0 added, 1 changed, 0 destroyed"]);
        workspace.is_settled();
    }
}

/// Replaces IDs that differ from run to run by words.
fn masked(text: &str, workspace: &Workspace) -> String {
    let mut masked = text.to_owned();
    for (_, kind, values) in workspace.resources() {
        for name in [
            "id",
            "service_principal_id",
            "application_id",
            "app_role_id",
        ] {
            if let Some(id) = values[name]
                .as_str()
                .filter(|id| ![CONTOSO, FABRIKAM].contains(id))
            {
                masked = masked.replace(id, &format!("<{name} of {kind}>"));
            }
        }
    }
    masked
}

#[test]
fn machines_read_plan_and_state_as_json() {
    for cli in clis() {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), &configuration());
        workspace
            .run(&["plan", "-input=false", "-out=saved"])
            .succeeded();
        let plan = parsed(&workspace.run(&["show", "-json", "saved"]));
        let changes = plan["resource_changes"].as_array().unwrap();
        assert_eq!(changes.len(), 7);
        for change in changes {
            assert_eq!(change["change"]["actions"], serde_json::json!(["create"]));
            assert!(change["change"]["after_unknown"].is_object(), "{change}");
        }
        let applied = workspace.run(&["apply", "-json", "-input=false", "saved"]);
        let lines = applied.succeeded().stdout.lines();
        let events: Vec<Json> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let summary = events
            .iter()
            .find(|event| event["type"] == "change_summary")
            .unwrap();
        assert_eq!(summary["changes"]["add"], 7);
        let state = parsed(&workspace.run(&["show", "-json"]));
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .unwrap();
        assert_eq!(resources.len(), 7);
        let secret = "emulator-only-contoso-secret";
        assert!(!plan.to_string().contains(secret) && !state.to_string().contains(secret));

        let again = workspace.run(&["plan", "-input=false", "-detailed-exitcode", "-out=again"]);
        assert_eq!(again.code, Some(0), "{}", again.text);
        let again = parsed(&workspace.run(&["show", "-json", "again"]));
        let changes = again["resource_changes"].as_array().unwrap();
        assert!(
            changes
                .iter()
                .all(|change| change["change"]["actions"] == serde_json::json!(["no-op"]))
        );
        assert_eq!(again.get("resource_drift"), None, "{again}");
    }
}

/// Right after an apply, a refresh finds no changes, in its output and in its exit code.
///
/// Terraform 1.15 exits with 2 if there is a data source, of which there is none here: docs/internals/decisions.md.
#[test]
fn a_refresh_after_an_apply_finds_nothing() {
    for path in clis() {
        let (_emulator, workspace) = applied(path);
        let options = [
            "-no-color",
            "-input=false",
            "-refresh-only",
            "-detailed-exitcode",
            "-out=saved",
        ];
        let refresh = workspace.run(&[&["plan"][..], &options].concat());
        refresh.says(&["No changes."]);
        assert_eq!(refresh.code, Some(0), "{}", refresh.text);
        let saved = parsed(&workspace.run(&["show", "-json", "saved"]));
        assert_eq!(saved.get("resource_drift"), None, "{saved}");
    }
}

#[test]
fn objects_are_replaced_renamed_imported_and_destroyed() {
    for cli in clis() {
        let (emulator, workspace) = applied(cli);
        let address = "crosstenant_provisioning_job.fabrikam";
        let before = workspace.values("crosstenant_provisioning_job");
        let replaced = workspace.run(&[
            "apply",
            "-no-color",
            "-input=false",
            "-auto-approve",
            &format!("-replace={address}"),
        ]);
        replaced
            .succeeded()
            .says(&["1 added, 0 changed, 1 destroyed"]);
        assert_ne!(
            workspace.values("crosstenant_provisioning_job")["id"],
            before["id"]
        );
        workspace.is_settled();

        let renamed = "crosstenant_provisioning_job.renamed";
        workspace
            .run(&["state", "mv", address, renamed])
            .succeeded();
        workspace.write(
            "main.tf",
            &configuration().replace("_job\" \"fabrikam\"", "_job\" \"renamed\""),
        );
        workspace.is_settled();
        imported(&workspace);
        workspace
            .destroy()
            .succeeded()
            .says(&["Destroy complete! Resources: 7 destroyed."]);
        let nothing = serde_json::json!({});
        for tenant in [CONTOSO, FABRIKAM] {
            assert_eq!(emulator.tenant(tenant)["partners"], nothing);
        }
    }
}

/// Removes every object from the state and imports it by ID: with the command for a single object, with blocks for many.
fn imported(workspace: &Workspace) {
    let resources = workspace.resources();
    let (address, kind, values) = &resources[0];
    workspace.run(&["state", "rm", address]).succeeded();
    workspace
        .run(&[
            "import",
            "-no-color",
            "-input=false",
            address,
            &import_id(kind, values),
        ])
        .succeeded();
    workspace.is_settled();

    let mut blocks = String::new();
    for (address, kind, values) in &resources {
        let id = import_id(kind, values);
        let _ = writeln!(blocks, "import {{\n  to = {address}\n  id = {id:?}\n}}");
    }
    std::fs::remove_file(workspace.folder.path().join("terraform.tfstate")).unwrap();
    workspace.write("imports.tf", &blocks);
    workspace
        .apply()
        .succeeded()
        .says(&["7 imported, 0 added, 0 changed, 0 destroyed"]);
    std::fs::remove_file(workspace.folder.path().join("imports.tf")).unwrap();
    workspace.is_settled();
}

/// The identities that the CLI shows are those that it imports by.
#[test]
fn objects_are_imported_by_the_identity_that_is_shown() {
    for cli in clis() {
        if lacks(cli, Feature::ImportByIdentity) {
            continue;
        }
        let (_emulator, workspace) = applied(cli);
        let state = parsed(&workspace.run(&["show", "-json"]));
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .unwrap();
        let mut blocks = String::new();
        for resource in resources {
            let address = resource["address"].as_str().unwrap();
            let _ = writeln!(blocks, "import {{\n  to = {address}\n  identity = {{");
            for (name, value) in resource["identity"].as_object().unwrap() {
                if !value.is_null() {
                    let _ = writeln!(blocks, "    {name} = {value}");
                }
            }
            blocks.push_str("  }\n}\n");
        }
        std::fs::remove_file(workspace.folder.path().join("terraform.tfstate")).unwrap();
        workspace.write("imports.tf", &blocks);
        workspace
            .apply()
            .succeeded()
            .says(&["7 imported, 0 added, 0 changed, 0 destroyed"]);
        workspace.is_settled();
        works(cli, Feature::ImportByIdentity);
    }
}

/// Without the job, a destroy of the remaining configuration has no warnings.
#[test]
fn a_plan_that_destroys_says_what_goes() {
    for cli in clis() {
        let (_emulator, workspace) = applied(cli);
        workspace.write("main.tf", &both(GROUNDWORK));
        let plan = workspace.run(&PLAN);
        let text = masked(&shown(&plan.succeeded().stdout), &workspace);
        is_kept("destroy", &text);
    }
}
