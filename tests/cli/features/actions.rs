//! Actions with the real CLI: one that is triggered by a change, one that is invoked manually, and one that fails.

use serde_json::json;

use super::wherever;
use crate::job;
use crate::support::{CONTOSO, Emulator, Feature, Workspace};

/// A job that is restarted after every change, and a user who is provisioned on demand manually.
const ACTIONS: &str = r#"
resource "terraform_data" "mappings" {
  input = "first"
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.crosstenant_restart_provisioning_job.fabrikam]
    }
  }
}
action "crosstenant_restart_provisioning_job" "fabrikam" {
  provider = crosstenant.source
  config {
    service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
    job_id               = crosstenant_provisioning_job.fabrikam.id
    reset_scope          = ["Full"]
  }
}
action "crosstenant_disable_sms_sign_in" "edsger" {
  provider = crosstenant.source
  config {
    user_object_id = "USER"
  }
}
"#;

fn configuration(emulator: &Emulator) -> String {
    let users = emulator.tenant(CONTOSO)["users"].clone();
    let mut users = users.as_object().unwrap().iter();
    let (edsger, _) = users
        .find(|(_, user)| user["userPrincipalName"] == "edsger@contoso.example")
        .unwrap();
    format!("{}{}", job(""), ACTIONS.replace("USER", edsger))
}

#[test]
fn actions_follow_changes_and_are_invoked_by_hand() {
    wherever(Feature::Actions, |cli| {
        let emulator = Emulator::start();
        let main = configuration(&emulator);
        let workspace = Workspace::of(cli, emulator.environment(), &main);
        workspace.plan().succeeded().says(&[
            "action \"crosstenant_restart_provisioning_job\" \"fabrikam\"",
            "Actions: 1 to invoke.",
        ]);
        let applied = workspace.apply();
        applied
            .succeeded()
            .says(&["Action complete: action.crosstenant_restart_provisioning_job.fabrikam"]);
        let called = |end: &str| {
            emulator
                .graph_requests()
                .iter()
                .filter(|call| call.ends_with(end))
                .count()
        };
        assert_eq!(called("/restart"), 1);
        workspace.is_settled();
        assert_eq!(
            called("/restart"),
            1,
            "a plan without a change invokes nothing"
        );

        workspace.write("main.tf", &main.replace("\"first\"", "\"second\""));
        workspace.apply().succeeded();
        assert_eq!(called("/restart"), 2);

        emulator.forget();
        let invoke = "-invoke=action.crosstenant_disable_sms_sign_in.edsger";
        let invoked = workspace.run(&[
            "apply",
            "-no-color",
            "-input=false",
            "-auto-approve",
            invoke,
        ]);
        invoked
            .succeeded()
            .says(&["Action complete: action.crosstenant_disable_sms_sign_in.edsger"]);
        let requests = emulator.graph_requests();
        assert!(
            requests
                .iter()
                .any(|request| request.contains("/authentication/phoneMethods/")),
            "{requests:#?}"
        );
        workspace.is_settled();
    });
}

/// The state contains what was applied before an action fails, and the message names the tenant and contains Graph's error.
#[test]
fn an_action_that_fails_says_why_and_keeps_what_was_applied() {
    wherever(Feature::Actions, |cli| {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), &configuration(&emulator));
        emulator.fault(&json!({ "kind": "status", "status": 403, "path": "*/restart" }));
        let applied = workspace.apply();
        applied.failed().says(&["403", CONTOSO]);
        let kinds: Vec<String> = workspace
            .resources()
            .into_iter()
            .map(|(_, kind, _)| kind)
            .collect();
        assert!(
            kinds.contains(&"crosstenant_provisioning_job".to_owned()),
            "{kinds:?}"
        );
    });
}
