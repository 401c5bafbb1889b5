//! Objects of other providers, taken over with `moved` blocks by the real CLI.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::stand_in::{PROVIDERS, StandIn, registered};
use crate::support::peers::{self, Peer};
use crate::support::{Emulator, Feature, Workspace, clis, lacks, project, scenarios, works};

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
    let resources = state["resources"].as_array_mut().unwrap().iter_mut();
    for resource in resources.filter(|one| one["mode"] == "managed") {
        let values = &resource["instances"][0]["attributes"];
        let peers = peers::of(resource["type"].as_str().unwrap(), values);
        if let Some(peer) = peers.get(round) {
            let _ = write!(blocks, "{}", disown(&workspace.cli, resource, peer));
            count += 1;
        }
    }
    std::fs::write(path, state.to_string()).unwrap();
    (count, blocks)
}

/// The resources in each example that can be moved here.
fn movable() -> BTreeMap<String, BTreeSet<&'static str>> {
    let rows = scenarios::all();
    let names = rows.iter().filter(|row| row.peers.is_some());
    let names: Vec<&'static str> = names.map(|row| row.type_name).collect();
    let of_example = |row: &scenarios::Scenario| {
        let file = format!("examples/resources/{}/resource.tf", row.type_name);
        let text = std::fs::read_to_string(project(&file)).unwrap();
        let is_in = |name: &&&str| text.contains(&format!("resource \"{name}\""));
        names.iter().filter(is_in).copied().collect()
    };
    let each = rows.iter();
    each.map(|row| (row.type_name.to_owned(), of_example(row)))
        .collect()
}

/// A small set of examples that contains every resource that can be moved here. `tests/protocol/moves.rs` tests every example.
fn examples() -> Vec<String> {
    let (mut left, mut chosen) = (movable(), Vec::new());
    loop {
        let (name, most) = left.iter().max_by_key(|(_, found)| found.len()).unwrap();
        if most.is_empty() {
            return chosen;
        }
        let (name, moved) = (name.clone(), most.clone());
        for found in left.values_mut() {
            found.retain(|one| !moved.contains(one));
        }
        chosen.push(name);
    }
}

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
    let file = project(&format!("examples/resources/{name}/resource.tf"));
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
    for name in examples() {
        let (emulator, workspace) = example(&stand_in, &name);
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
    let (_emulator, workspace) = example(&stand_in, "crosstenant_provisioning_job");
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
