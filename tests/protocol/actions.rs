//! Actions as the CLI invokes them: any number of progress messages, then exactly one completion.

use crosstenant::proto::tfplugin6 as pb;
use crosstenant::proto::tfplugin6::invoke_action::event;
use crosstenant::terraform::{
    Action, BoxFuture, Capabilities, Diagnostic, Diagnostics, Progress, Schema, Value, validate,
};
use serde_json::Value as Json;
use tokio::sync::watch;
use tokio_stream::StreamExt as _;

use crate::host::PATIENCE;
use crate::life::Cli;
use crate::live::{asking, signed_in};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace, project};
use crate::wire::{Wire, all_unknown, map, object_of, pack, text, told};

/// The action of the fixture, whose behavior `note` selects.
pub struct Deed {
    pub schema: Schema,
    pub stopped: watch::Receiver<u64>,
}

impl Action for Deed {
    fn type_name(&self) -> &'static str {
        "fixture_deed"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(&self.schema.attributes, config, Capabilities::default())
    }

    fn plan(&self, _: Value) -> BoxFuture<'_, Diagnostics> {
        Box::pin(std::future::ready(Vec::new()))
    }

    fn invoke(&self, config: Value, progress: Progress) -> BoxFuture<'_, Diagnostics> {
        Box::pin(async move {
            progress.tell("one");
            progress.tell("two");
            match config.member("note").as_str() {
                Some("panic") => panic!("as asked"),
                Some("fail") => vec![Diagnostic::error("It failed", "As asked.")],
                Some("warn") => vec![Diagnostic::warning("It worked, but", "As asked.")],
                Some("slow") => {
                    let mut stopped = self.stopped.clone();
                    stopped.mark_unchanged();
                    tracing::info!(target: "resources", "This will take long");
                    stopped.changed().await.unwrap();
                    vec![Diagnostic::error("Stopped", "As asked.")]
                }
                _ => Vec::new(),
            }
        })
    }
}

/// The progress messages, and the messages of the completion. Fails unless there is exactly one completion, at the end.
async fn invoke(cli: &mut Cli, action_type: &str, config: &Wire) -> (Vec<String>, Vec<String>) {
    let request = pb::invoke_action::Request {
        action_type: action_type.to_owned(),
        config: pack(config),
        client_capabilities: None,
    };
    let stream = cli.client.invoke_action(request).await.unwrap();
    let read = stream.into_inner().collect::<Vec<_>>();
    let events = tokio::time::timeout(PATIENCE, read).await.unwrap();
    let mut messages = Vec::new();
    let mut completed = None;
    for event in events {
        assert!(completed.is_none(), "something follows the completion");
        match event.unwrap().r#type.expect("an event of some kind") {
            event::Type::Progress(progress) => messages.push(progress.message),
            event::Type::Completed(end) => completed = Some(end.diagnostics),
        }
    }
    let end = completed.expect("a completion");
    let full = end
        .iter()
        .map(|it| format!("{}: {}", it.summary, it.detail));
    (messages, full.collect())
}

async fn deed(cli: &mut Cli, note: &str) -> (Vec<String>, Vec<String>) {
    invoke(cli, "fixture_deed", &map([("note", text(note))])).await
}

#[tokio::test]
async fn progress_is_reported_and_completed_once() {
    let mut cli = Cli::fixture().await;
    let both = ["one", "two"].map(str::to_owned).to_vec();
    assert_eq!(deed(&mut cli, "").await, (both.clone(), Vec::new()));
    let failed = vec!["It failed: As asked.".to_owned()];
    assert_eq!(deed(&mut cli, "fail").await, (both.clone(), failed));
    let warned = vec!["It worked, but: As asked.".to_owned()];
    assert_eq!(deed(&mut cli, "warn").await, (both.clone(), warned));
    let (messages, end) = deed(&mut cli, "panic").await;
    assert_eq!(messages, both);
    assert!(
        end[0].starts_with("The provider crashed") && end[0].contains("as asked"),
        "{end:?}"
    );
    let (messages, end) = invoke(&mut cli, "fixture_other", &Wire::Nil).await;
    assert!(
        messages.is_empty() && end[0].starts_with("Unknown action"),
        "{end:?}"
    );
    let (messages, end) = invoke(&mut cli, "fixture_deed", &text("odd")).await;
    assert!(
        messages.is_empty() && end[0].starts_with("Malformed value"),
        "{end:?}"
    );
}

#[tokio::test]
async fn an_action_can_be_stopped() {
    let cli = Cli::fixture().await;
    let mut client = cli.client.clone();
    let stop = async {
        cli.wait_until_slow().await;
        client.stop_provider(pb::stop_provider::Request {}).await
    };
    let mut invoking = Cli::attached(cli.client.clone());
    let request = pb::invoke_action::Request {
        action_type: "fixture_deed".to_owned(),
        config: pack(&map([("note", text("slow"))])),
        client_capabilities: None,
    };
    let stream = invoking.client.invoke_action(request).await.unwrap();
    let (events, stopped) = tokio::join!(stream.into_inner().collect::<Vec<_>>(), stop);
    stopped.unwrap();
    let last = events.last().unwrap().clone().unwrap().r#type;
    let Some(event::Type::Completed(end)) = last else {
        panic!("{last:?}")
    };
    assert_eq!(told(&end.diagnostics), [": Stopped"]);
}

#[tokio::test]
async fn unknown_values_are_valid_and_planned_without_deferring() {
    for mut cli in [Cli::fixture().await, Cli::provider().await] {
        let request = pb::get_provider_schema::Request {};
        let schema = cli.client.get_provider_schema(request).await.unwrap();
        let actions = schema.into_inner().action_schemas;
        let request = pb::get_metadata::Request {};
        let metadata = cli.client.get_metadata(request).await.unwrap().into_inner();
        let mut names: Vec<_> = metadata.actions.iter().map(|it| &it.type_name).collect();
        let mut keys: Vec<_> = actions.keys().collect();
        names.sort();
        keys.sort();
        assert_eq!(names, keys);
        assert!(!actions.is_empty());
        for (type_name, action) in actions {
            let attributes = action.schema.unwrap().block.unwrap().attributes;
            for it in &attributes {
                assert!(!it.computed && !it.write_only, "{type_name}.{}", it.name);
                assert!(it.description.len() > 10, "{type_name}.{}", it.name);
            }
            let config = pack(&all_unknown(&attributes, false));
            let request = pb::validate_action_config::Request {
                type_name: type_name.clone(),
                config: config.clone(),
            };
            let valid = cli.client.validate_action_config(request).await.unwrap();
            assert_eq!(
                told(&valid.into_inner().diagnostics),
                [""; 0],
                "{type_name}"
            );
            let request = pb::plan_action::Request {
                action_type: type_name.clone(),
                config,
                client_capabilities: None,
            };
            let plan = cli.client.plan_action(request).await.unwrap().into_inner();
            assert_eq!(told(&plan.diagnostics), [""; 0], "{type_name}");
            assert_eq!(plan.deferred, None);
            let nothing = pack(&object_of(&attributes, &|_| Wire::Nil));
            let request = pb::validate_action_config::Request {
                type_name: type_name.clone(),
                config: nothing,
            };
            let invalid = cli.client.validate_action_config(request).await.unwrap();
            let required = attributes.iter().filter(|it| it.required).count();
            assert_eq!(
                invalid.into_inner().diagnostics.len(),
                required,
                "{type_name}"
            );
        }
    }
}

/// An emulated pair of tenants in which an example was applied.
pub fn example(type_name: &str) -> (Emulator, Workspace) {
    let emulator = Emulator::start();
    let file = project(&format!("examples/resources/{type_name}/resource.tf"));
    let workspace = Workspace::new(&emulator, &std::fs::read_to_string(file).unwrap());
    workspace.apply().succeeded();
    emulator.forget();
    (emulator, workspace)
}

/// The configuration of an action with these attributes; lists are sets.
async fn config(cli: &mut Cli, action_type: &str, values: &[(&str, Wire)]) -> Wire {
    let request = pb::get_provider_schema::Request {};
    let schema = cli.client.get_provider_schema(request).await.unwrap();
    let actions = schema.into_inner().action_schemas;
    let block = actions[action_type].schema.clone().unwrap().block.unwrap();
    object_of(&block.attributes, &|attribute| {
        let value = values.iter().find(|(name, _)| *name == attribute.name);
        value.map_or(Wire::Nil, |(_, value)| value.clone())
    })
}

/// Invokes an action in one of the tenants of `emulator`.
fn act(
    emulator: &Emulator,
    tenant_id: &str,
    action_type: &str,
    values: &[(&str, Wire)],
) -> (Vec<String>, Vec<String>) {
    asking(async {
        let mut cli = signed_in(emulator, tenant_id).await;
        let config = config(&mut cli, action_type, values).await;
        invoke(&mut cli, action_type, &config).await
    })
}

fn member(values: &Json, name: &str) -> Wire {
    text(values[name].as_str().unwrap_or_else(|| panic!("no {name}")))
}

#[test]
fn a_job_is_restarted() {
    let (emulator, workspace) = example("crosstenant_provisioning_job");
    let job = workspace.values("crosstenant_provisioning_job");
    let action = "crosstenant_restart_provisioning_job";
    let mut values = vec![
        ("service_principal_id", member(&job, "service_principal_id")),
        ("job_id", member(&job, "id")),
    ];
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert!(
        messages[0].contains("Watermark, Escrows, QuarantineState"),
        "{messages:?}"
    );
    assert!(
        messages.last().unwrap().starts_with("Restarted."),
        "{messages:?}"
    );
    let requests = emulator.graph_requests();
    assert!(
        requests.len() == 1 && requests[0].ends_with("/restart"),
        "{requests:?}"
    );

    values.push(("reset_scope", crate::wire::list([text("Full")])));
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert!(
        end.is_empty() && messages[0].ends_with(": Full"),
        "{messages:?} {end:?}"
    );
    workspace.is_settled();
}

#[test]
fn a_reset_scope_that_is_not_for_use_is_refused() {
    asking(async {
        let mut cli = Cli::provider().await;
        let action = "crosstenant_restart_provisioning_job";
        for scopes in [vec![], vec!["ConnectorDataStore"], vec!["None", "Full"]] {
            let values = [
                (
                    "service_principal_id",
                    text("5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"),
                ),
                ("job_id", text("j")),
                (
                    "reset_scope",
                    crate::wire::list(scopes.into_iter().map(text)),
                ),
            ];
            let request = pb::validate_action_config::Request {
                type_name: action.to_owned(),
                config: pack(&config(&mut cli, action, &values).await),
            };
            let answer = cli.client.validate_action_config(request).await.unwrap();
            let found = told(&answer.into_inner().diagnostics);
            assert!(
                found.len() == 1 && found[0].starts_with("reset_scope: "),
                "{found:?}"
            );
        }
    });
}

#[test]
fn a_connection_is_tested_and_a_failure_names_the_cure() {
    let (emulator, workspace) = example("crosstenant_provisioning_job");
    let job = workspace.values("crosstenant_provisioning_job");
    let action = "crosstenant_validate_connection";
    let values = [
        ("service_principal_id", member(&job, "service_principal_id")),
        ("target_tenant_id", member(&job, "target_tenant_id")),
        ("timeout", text("1s")),
    ];
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert_eq!(messages.last().unwrap(), "The connection works.");

    let path = format!(
        "/v1.0/policies/crossTenantAccessPolicy/partners/{CONTOSO}/identitySynchronization"
    );
    let body = serde_json::json!({ "userSyncInbound": { "isSyncAllowed": false } });
    assert_eq!(
        emulator.as_admin(FABRIKAM, "PATCH", &path, Some(&body)).0,
        204
    );
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(messages.len(), 1);
    assert!(
        end[0].contains("crosstenant_sync_policy") && end[0].contains(FABRIKAM),
        "{end:?}"
    );
}

#[test]
fn sms_sign_in_is_disabled_for_who_would_be_skipped() {
    let (emulator, workspace) = example("crosstenant_provisioning_job");
    drop(workspace);
    let users = emulator.tenant(CONTOSO)["users"].clone();
    let mut users = users.as_object().unwrap().values();
    let edsger = users.find(|user| user["userPrincipalName"] == "edsger@contoso.example");
    let id = edsger.unwrap()["id"].as_str().unwrap();
    let action = "crosstenant_disable_sms_sign_in";
    let values = [("user_object_id", text(id))];
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert!(
        messages.last().unwrap().contains("notEnabled"),
        "{messages:?}"
    );
    let disabled = |requests: Vec<String>| {
        let mut requests = requests.into_iter();
        requests.any(|request| request.ends_with("/disableSmsSignIn"))
    };
    assert!(disabled(emulator.graph_requests()));
    emulator.forget();
    assert!(act(&emulator, CONTOSO, action, &values).1.is_empty());
    assert!(
        !disabled(emulator.graph_requests()),
        "there is nothing left to do"
    );
}

#[test]
fn a_deleted_user_is_restored_and_one_who_is_gone_named() {
    let emulator = Emulator::start();
    let action = "crosstenant_restore_deleted_user";
    let nadia = "f1000000-0000-4000-8000-000000000001";
    let path = format!("/v1.0/users/{nadia}");
    assert_eq!(emulator.as_admin(FABRIKAM, "DELETE", &path, None).0, 204);
    assert_eq!(emulator.as_admin(FABRIKAM, "GET", &path, None).0, 404);
    let (messages, end) = act(
        &emulator,
        FABRIKAM,
        action,
        &[("user_object_id", text(nadia))],
    );
    assert_eq!(end, [""; 0]);
    assert!(
        messages.last().unwrap().ends_with("is not deleted."),
        "{messages:?}"
    );
    assert_eq!(emulator.as_admin(FABRIKAM, "GET", &path, None).0, 200);
    let nobody = "f1000000-0000-4000-8000-0000000000ff";
    let (_, end) = act(
        &emulator,
        FABRIKAM,
        action,
        &[("user_object_id", text(nobody))],
    );
    assert!(
        end[0].contains(nobody) && end[0].contains("30 days"),
        "{end:?}"
    );
}

#[test]
fn a_deleted_configuration_is_restored_with_its_job() {
    let (emulator, workspace) = example("crosstenant_provisioning_job");
    let job = workspace.values("crosstenant_provisioning_job");
    let principal = member(&job, "service_principal_id");
    let values = [("service_principal_id", principal)];
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    let application = configuration["application_id"].as_str().unwrap();
    let path = format!("/v1.0/applications/{application}");
    assert_eq!(emulator.as_admin(CONTOSO, "DELETE", &path, None).0, 204);
    let id = job["service_principal_id"].as_str().unwrap();
    let jobs = format!("/v1.0/servicePrincipals/{id}/synchronization/jobs");
    assert_eq!(emulator.as_admin(CONTOSO, "GET", &jobs, None).0, 404);
    let action = "crosstenant_restore_deleted_configuration";
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert!(
        messages.last().unwrap().ends_with("is not deleted."),
        "{messages:?}"
    );
    let (status, found) = emulator.as_admin(CONTOSO, "GET", &jobs, None);
    assert_eq!((status, &found["value"][0]["id"]), (200, &job["id"]));
    let nobody = "2f6b0e71-93c4-4d0a-8e15-7a9b3c5d1e20";
    let values = [("service_principal_id", text(nobody))];
    let (_, end) = act(&emulator, CONTOSO, action, &values);
    assert!(
        end[0].contains(nobody) && end[0].contains("30 days"),
        "{end:?}"
    );
}

#[test]
fn a_user_is_provisioned_and_one_who_is_skipped_named_with_the_reason() {
    let (emulator, workspace) = example("crosstenant_provision_on_demand");
    let done = workspace.values("crosstenant_provision_on_demand");
    let action = "crosstenant_provision_on_demand";
    let mut values = vec![
        (
            "service_principal_id",
            member(&done, "service_principal_id"),
        ),
        ("job_id", member(&done, "job_id")),
        ("user_object_id", member(&done, "user_object_id")),
        ("wait_for_assignment", text("0s")),
    ];
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert!(messages.len() > 2, "{messages:?}");
    let last = messages.last().unwrap();
    assert!(
        last.contains("already match"),
        "the example provisioned her: {messages:?}"
    );
    let users = emulator.tenant(CONTOSO)["users"].clone();
    let mut users = users.as_object().unwrap().values();
    let edsger = users.find(|user| user["userPrincipalName"] == "edsger@contoso.example");
    values[2].1 = text(edsger.unwrap()["id"].as_str().unwrap());
    let (_, end) = act(&emulator, CONTOSO, action, &values);
    assert!(end[0].starts_with("The user was skipped"), "{end:?}");
    values.push(("fail_on_skip", false.into()));
    let (messages, end) = act(&emulator, CONTOSO, action, &values);
    assert_eq!(end, [""; 0]);
    assert!(
        messages.last().unwrap().starts_with("Skipped: "),
        "{messages:?}"
    );
}
