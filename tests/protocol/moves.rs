//! Moves of objects of other providers: requested before the provider is configured, as by the CLI, then read and planned.

use std::collections::BTreeSet;

use crosstenant::proto::tfplugin6 as pb;
use serde_json::Value as Json;

use crate::host::Launch;
use crate::identity::import;
use crate::life::Cli;
use crate::live::{asking, examples, generated, signed_in};
use crate::support::peers::{self, Peer};
use crate::support::{CONTOSO, Emulator, Workspace, project};
use crate::wire::{Wire, errors, get, told, unpack};

const PRINCIPAL: &str = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70";

fn request(target: &str, host: &str, peer: &Peer) -> pb::move_resource_state::Request {
    pb::move_resource_state::Request {
        source_provider_address: format!("{host}/{}", peer.provider),
        source_type_name: peer.type_name.to_owned(),
        source_schema_version: peer.version,
        source_state: Some(pb::RawState {
            json: peer.state.to_string().into(),
            ..Default::default()
        }),
        target_type_name: target.to_owned(),
        ..Default::default()
    }
}

async fn moved(
    cli: &mut Cli,
    request: pb::move_resource_state::Request,
) -> pb::move_resource_state::Response {
    cli.client
        .move_resource_state(request)
        .await
        .unwrap()
        .into_inner()
}

async fn read(
    cli: &mut Cli,
    type_name: &str,
    current_state: Option<pb::DynamicValue>,
    private: &[u8],
) -> pb::read_resource::Response {
    let request = pb::read_resource::Request {
        type_name: type_name.to_owned(),
        current_state,
        private: private.to_vec().into(),
        ..Default::default()
    };
    let read = cli.client.read_resource(request).await.unwrap();
    let read = read.into_inner();
    assert_eq!(told(&read.diagnostics), [""; 0], "{type_name}");
    read
}

/// The object after an import by its identity.
async fn imported(cli: &mut Cli, type_name: &str, values: &Json) -> Wire {
    let current = Some(pb::DynamicValue {
        msgpack: Vec::new().into(),
        json: values.to_string().into(),
    });
    let stored = read(cli, type_name, current, b"").await;
    let identity = crate::identity::named(stored.new_identity.as_ref());
    let answer = import(cli, type_name, "", Some(&identity)).await;
    let imported = &answer.imported_resources[0];
    let found = read(cli, type_name, imported.state.clone(), &imported.private).await;
    unpack(found.new_state.as_ref())
}

/// Moves one object with an unconfigured provider, reads it with a configured one, and generates and plans its configuration.
async fn take_over(cli: &mut Cli, target: &str, peer: &Peer, expected: &Wire) {
    let mut unconfigured = Cli::provider().await;
    let answer = moved(
        &mut unconfigured,
        request(target, "registry.terraform.io", peer),
    )
    .await;
    let at = format!("{target} from {} {}", peer.type_name, peer.state);
    assert!(
        answer.diagnostics.is_empty(),
        "{at}: {:?}",
        answer.diagnostics
    );
    let found = read(cli, target, answer.target_state, &answer.target_private).await;
    assert_eq!(&unpack(found.new_state.as_ref()), expected, "{at}");
    let private = String::from_utf8_lossy(&found.private);
    assert!(
        !private.contains("unread"),
        "{at}: read, so no longer marked: {private}"
    );
    generated(cli, target, found.new_state).await;
}

/// The types that can be moved to a resource according to the reference, by page.
fn promised() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for folder in examples() {
        let target = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let page = target.trim_start_matches("crosstenant_");
        let page = std::fs::read_to_string(project(&format!("docs/resources/{page}.md"))).unwrap();
        let section = page.split("\n## Moving\n").nth(1).unwrap_or_default();
        for line in section.lines().filter(|line| line.starts_with("- `")) {
            let source = line.split('`').nth(1).unwrap().to_owned();
            found.insert((target.clone(), source));
        }
    }
    found
}

#[test]
fn a_moved_object_equals_an_imported_one() {
    let (mut seen, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for folder in examples() {
        let emulator = Emulator::start();
        let text = std::fs::read_to_string(folder.join("resource.tf")).unwrap();
        let workspace = Workspace::new(&emulator, &text);
        workspace.apply().succeeded();
        for (_, target, values) in workspace.resources() {
            if !seen.insert(target.clone()) {
                continue;
            }
            asking(async {
                let mut cli = signed_in(&emulator, values["tenant_id"].as_str().unwrap()).await;
                let expected = imported(&mut cli, &target, &values).await;
                for peer in peers::of(&target, &values) {
                    eprintln!("{target} from {}", peer.type_name);
                    take_over(&mut cli, &target, &peer, &expected).await;
                    taken.insert((target.clone(), peer.type_name.to_owned()));
                }
            });
        }
    }
    assert!(taken.len() > 30, "{taken:?}");
    assert_eq!(taken, promised());
}

/// A job of `hashicorp/azuread`.
fn job() -> Peer {
    let values = serde_json::json!({ "service_principal_id": PRINCIPAL, "id": "Azure2Azure.x", "template_id": "Azure2Azure" });
    peers::of("crosstenant_provisioning_job", &values).remove(0)
}

const JOB: &str = "crosstenant_provisioning_job";

#[tokio::test]
async fn a_provider_is_known_from_every_registry_and_mirror() {
    let mut cli = Cli::provider().await;
    for host in [
        "registry.terraform.io",
        "registry.opentofu.org",
        "mirror.corp.example:8443",
    ] {
        let answer = moved(&mut cli, request(JOB, host, &job())).await;
        assert!(answer.diagnostics.is_empty(), "{host}");
        let state = unpack(answer.target_state.as_ref());
        assert_eq!(get(&state, "id").as_str(), Some("Azure2Azure.x"), "{host}");
    }
}

#[tokio::test]
async fn another_source_is_refused_with_those_that_fit() {
    let mut cli = Cli::provider().await;
    let with = |change: &dyn Fn(&mut Peer)| {
        let mut peer = job();
        change(&mut peer);
        request(JOB, "registry.terraform.io", &peer)
    };
    let cases = [
        (
            with(&|peer| peer.provider = "nothashicorp/azuread"),
            "only these resources can be moved to it: `azuread_synchronization_job` of `hashicorp/azuread`, \
             `azuread_synchronization_secret` of `hashicorp/azuread`, `msgraph_resource` of `microsoft/msgraph`",
        ),
        (
            with(&|peer| peer.type_name = "azuread_application"),
            "only these resources can be moved to it: `azuread_synchronization_job`",
        ),
        (
            with(&|peer| peer.version = 2),
            "its state has schema version 2, and this provider supports versions up to 1",
        ),
        (
            with(&|peer| peer.state["id"] = Json::Null),
            "its state has no `id`",
        ),
        (
            with(&|peer| peer.state["id"] = "/groups/x".into()),
            "\"/groups/x\" names no such object",
        ),
    ];
    for (request, reason) in cases {
        let answer = moved(&mut cli, request).await;
        let found = errors(&answer.diagnostics);
        assert_eq!(found.len(), 1, "{reason}");
        for words in [
            reason,
            "to = crosstenant_provisioning_job.NAME",
            "<service_principal_id>/<id>",
            "removed {",
            "destroy = false",
        ] {
            assert!(
                found[0].detail.contains(words),
                "{words}: {}",
                found[0].detail
            );
        }
        assert_eq!((answer.target_state, answer.target_identity), (None, None));
    }
}

#[tokio::test]
async fn an_address_of_something_else_is_refused() {
    let mut cli = Cli::provider().await;
    let values = serde_json::json!({ "partner_tenant_id": CONTOSO, "display_name": "x" });
    for peer in peers::of("crosstenant_sync_policy", &values) {
        if peer.provider == "microsoft/msgraph" {
            let answer = moved(
                &mut cli,
                request("crosstenant_partner_policy", "registry.terraform.io", &peer),
            )
            .await;
            let found = errors(&answer.diagnostics);
            assert!(
                found[0].detail.contains("names no such object"),
                "{found:?}"
            );
            assert!(
                found[0].detail.contains("partners/<partner_tenant_id>`"),
                "{found:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_instantiation_without_exported_ids_cannot_be_moved() {
    let mut cli = Cli::provider().await;
    let target = "crosstenant_synchronization_configuration";
    let values = serde_json::json!({
        "service_principal_id": PRINCIPAL, "application_id": CONTOSO, "template_id": CONTOSO, "display_name": "x",
    });
    let mut peers = peers::of(target, &values);
    let action = peers
        .iter_mut()
        .find(|peer| peer.type_name == "msgraph_resource_action")
        .unwrap();
    action.state["response_export_values"] = serde_json::json!({ "made": "application.id" });
    let answer = moved(&mut cli, request(target, "registry.terraform.io", action)).await;
    let found = errors(&answer.diagnostics);
    assert!(
        found[0]
            .detail
            .contains("do not export `servicePrincipal.id`"),
        "{found:?}"
    );
    action.state["action"] = "delete".into();
    let answer = moved(&mut cli, request(target, "registry.terraform.io", action)).await;
    let found = errors(&answer.diagnostics);
    assert!(found[0].detail.contains("did not instantiate"), "{found:?}");
}

/// The URL of an assignment of a user does not name the service principal; the body of the request does, but not after an import.
#[tokio::test]
async fn an_assignment_without_its_service_principal_is_refused() {
    let mut cli = Cli::provider().await;
    let target = "crosstenant_app_role_assignment";
    let values = serde_json::json!({
        "resource_object_id": PRINCIPAL, "id": "aB-_9", "principal_object_id": CONTOSO, "app_role_id": CONTOSO,
    });
    let mut peers = peers::of(target, &values);
    let peer = peers.last_mut().unwrap();
    assert!(
        peer.state["url"]
            .as_str()
            .unwrap()
            .contains("appRoleAssignments")
    );
    peer.state["body"] = Json::Null;
    let answer = moved(&mut cli, request(target, "registry.terraform.io", peer)).await;
    let found = errors(&answer.diagnostics);
    assert!(
        found[0].detail.contains("does not name the `resourceId`"),
        "{found:?}"
    );
}

/// A job and its schema can be imported by their service principal, but the service principal is managed as a configuration.
#[tokio::test]
async fn a_service_principal_is_not_a_job() {
    let mut cli = Cli::provider().await;
    let principal = format!("servicePrincipals/{PRINCIPAL}");
    for (target, type_name) in [
        (JOB, "msgraph_resource"),
        ("crosstenant_synchronization_schema", "msgraph_resource"),
        (
            "crosstenant_synchronization_schema",
            "msgraph_update_resource",
        ),
    ] {
        let peer = Peer {
            provider: "microsoft/msgraph",
            type_name,
            version: 0,
            state: serde_json::json!({ "id": PRINCIPAL, "url": principal, "resource_url": principal }),
        };
        let answer = moved(&mut cli, request(target, "registry.terraform.io", &peer)).await;
        let found = errors(&answer.diagnostics);
        assert!(
            found[0].detail.contains("it is not a job"),
            "{target}: {found:?}"
        );
    }
}

/// Its state contains secrets and no job: only its service principal is used, and the secrets appear nowhere.
#[tokio::test]
async fn a_secret_moves_to_a_job_only_and_appears_nowhere() {
    let launch = Launch::provider()
        .env("TF_LOG", "TRACE")
        .env("TF_LOG_PROVIDER", "TRACE");
    let mut cli = Cli::of(launch).await;
    let hidden = "N0body-may-see-this";
    let peer = peers::secret(
        PRINCIPAL,
        &[
            ("CompanyId", CONTOSO),
            ("SecretToken", hidden),
            ("SyncAll", "false"),
        ],
    );
    let answer = moved(&mut cli, request(JOB, "registry.terraform.io", &peer)).await;
    assert!(!format!("{answer:?}").contains(hidden));
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    let state = unpack(answer.target_state.as_ref());
    assert_eq!(
        get(&state, "service_principal_id").as_str(),
        Some(PRINCIPAL)
    );
    assert!(get(&state, "id").is_nil());
    for target in [
        "crosstenant_synchronization_configuration",
        "crosstenant_partner_policy",
    ] {
        let answer = moved(&mut cli, request(target, "registry.terraform.io", &peer)).await;
        let told = format!("{answer:?}");
        assert!(!told.contains(hidden), "{told}");
        let found = errors(&answer.diagnostics);
        for words in [
            "settings of a `crosstenant_provisioning_job`",
            "move it to that resource, or",
            "from = azuread_synchronization_secret.NAME",
        ] {
            assert!(
                found[0].detail.contains(words),
                "{words}: {}",
                found[0].detail
            );
        }
        assert_eq!(answer.target_state, None);
    }
    assert!(!cli.plugin.errors().contains(hidden));
}

/// Only the identifiers of an object's state are used: not even attributes that look like ours.
#[tokio::test]
async fn only_identifiers_are_moved() {
    let mut cli = Cli::provider().await;
    let mut peer = job();
    for name in [
        "target_tenant_id",
        "notification_email",
        "restart_triggers",
        "secret",
    ] {
        peer.state[name] = "N0body-may-see-this".into();
    }
    let answer = moved(&mut cli, request(JOB, "registry.terraform.io", &peer)).await;
    assert!(
        !unpack(answer.target_state.as_ref())
            .to_string()
            .contains("N0body")
    );
    assert!(!String::from_utf8_lossy(&answer.target_private).contains("N0body"));
}

/// Planned without a refresh, a moved object would seem to be replaced.
#[tokio::test]
async fn a_moved_object_is_not_planned_before_it_is_read() {
    let mut cli = Cli::provider().await;
    let answer = moved(&mut cli, request(JOB, "registry.terraform.io", &job())).await;
    let state = answer.target_state;
    let mut plan = pb::plan_resource_change::Request {
        type_name: JOB.to_owned(),
        prior_state: state.clone(),
        proposed_new_state: state.clone(),
        config: state,
        prior_private: answer.target_private,
        ..Default::default()
    };
    let refused = cli.client.plan_resource_change(plan.clone()).await.unwrap();
    let found = told(&refused.into_inner().diagnostics);
    assert_eq!(found, [": The moved object has not been read yet"]);
    // To remove the object from the configuration, its identifiers are sufficient.
    plan.config = crate::wire::pack(&Wire::Nil);
    plan.proposed_new_state = crate::wire::pack(&Wire::Nil);
    let destroyed = cli.client.plan_resource_change(plan).await.unwrap();
    assert!(destroyed.into_inner().diagnostics.is_empty());
}
