//! Objects of other providers, taken over with `moved` blocks by the real CLI.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::stand_in::{PROVIDERS, StandIn, registered};
use crate::support::peers::{self, Peer};
use crate::support::{Emulator, Feature, Workspace, clis, lacks, project, works};

/// Makes the stored object that of another provider, by a name of its own, and says how it is moved back.
fn disown(cli: &str, resource: &mut Json, peer: &Peer) -> String {
    let address = format!(
        "{}.{}",
        resource["type"].as_str().unwrap(),
        resource["name"].as_str().unwrap()
    );
    let old = address.replace('.', "_");
    resource["type"] = peer.type_name.into();
    resource["name"] = old.clone().into();
    resource["provider"] = format!("provider[\"{}\"]", registered(cli, peer.provider)).into();
    resource["instances"] = json!([{
        "schema_version": peer.version, "attributes": peer.state, "sensitive_attributes": [],
    }]);
    format!(
        "moved {{\n  from = {}.{old}\n  to   = {address}\n}}\n",
        peer.type_name
    )
}

/// In every stored object the `round`th way in which others store it; how many were changed, and the blocks to move them.
fn others(workspace: &Workspace, round: usize) -> (usize, String) {
    let path = workspace.folder.path().join("terraform.tfstate");
    let mut state: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let (mut count, mut blocks) = (0, String::new());
    for resource in state["resources"].as_array_mut().unwrap() {
        let values = &resource["instances"][0]["attributes"];
        let peers = peers::of(resource["type"].as_str().unwrap(), values);
        if let Some(peer) = peers.get(round).filter(|_| resource["mode"] == "managed") {
            let _ = write!(blocks, "{}", disown(&workspace.cli, resource, peer));
            count += 1;
        }
    }
    std::fs::write(path, state.to_string()).unwrap();
    (count, blocks)
}

/// Every resource that can be moved here is in one of these; all the ways to store each are in `tests/protocol/moves.rs`.
const EXAMPLES: [&str; 8] = [
    "synchronization_schema",
    "app_role_assignment",
    "default_policy",
    "access_policy",
    "guest_invite_settings",
    "external_user_leave_settings",
    "multi_tenant_organization_tenant",
    "multi_tenant_organization_partner_configuration_template",
];

/// The other providers, which OpenTofu wants to know about until their objects are moved.
fn required() -> String {
    let named = PROVIDERS.map(|source| {
        let (_, name) = source.split_once('/').unwrap();
        format!("\n    {name} = {{ source = \"{source}\" }}")
    });
    named.concat()
}

fn example(stand_in: &StandIn, name: &str) -> (Emulator, Workspace) {
    let emulator = Emulator::start();
    let file = project(&format!(
        "examples/resources/crosstenant_{name}/resource.tf"
    ));
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.replacen(
        "required_providers {",
        &format!("required_providers {{{}", required()),
        1,
    );
    let mut workspace = Workspace::of(&clis()[0], emulator.environment(), &text);
    workspace.set("TF_REATTACH_PROVIDERS", &stand_in.reattach);
    workspace.apply().succeeded();
    (emulator, workspace)
}

#[test]
fn what_others_manage_is_moved_here_and_nothing_changes() {
    if lacks(&clis()[0], Feature::MovesBetweenTypes) {
        return;
    }
    let stand_in = StandIn::start();
    let mut moved = 0;
    for name in EXAMPLES {
        let (emulator, workspace) = example(&stand_in, name);
        for round in 0.. {
            let (count, blocks) = others(&workspace, round);
            if count == 0 {
                break;
            }
            eprintln!("{name}, {round}: {count}");
            workspace.write("moved.tf", &blocks);
            emulator.forget();
            let applied = workspace.apply();
            applied.succeeded();
            applied.says(&["has moved to", "Resources: 0 added, 0 changed, 0 destroyed"]);
            let requests = emulator.graph_requests();
            let reads = |one: &&String| one.starts_with("GET ") || one.ends_with("/$batch");
            assert_eq!(requests.iter().find(|one| !reads(one)), None, "{blocks}");
            workspace.is_settled();
            moved += count;
        }
    }
    assert!(moved > 40, "{moved}");
    works(&clis()[0], Feature::MovesBetweenTypes);
}

/// Without a refresh everything about a moved object would seem to change, and the object to be replaced.
#[test]
fn without_a_refresh_nothing_is_moved() {
    if lacks(&clis()[0], Feature::MovesBetweenTypes) {
        return;
    }
    let stand_in = StandIn::start();
    let (_emulator, workspace) = example(&stand_in, "provisioning_job");
    let (_, blocks) = others(&workspace, 0);
    workspace.write("moved.tf", &blocks);
    let plan = workspace.run(&["plan", "-no-color", "-input=false", "-refresh=false"]);
    plan.failed().says(&[
        "The moved object has not been read yet",
        "Plan once without `-refresh=false`",
    ]);
    workspace.apply().succeeded();
    let plan = workspace.run(&["plan", "-no-color", "-input=false", "-refresh=false"]);
    plan.succeeded().says(&["No changes."]);
}
