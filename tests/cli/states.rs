//! States that another CLI, or another version of the provider, has written.
//!
//! If only one CLI is available, its state is rewritten as the other would have written it: the format is the same, the registry is not,
//! and newer CLIs store identities of objects.

use serde_json::{Value as Json, json};

use crate::support::{Emulator, Workspace, clis, project};

const ELSEWHERE: &str = "registry.opentofu.org/crosstenant/crosstenant";
const HERE: &str = "registry.terraform.io/crosstenant/crosstenant";

fn rewrite(workspace: &Workspace, change: &dyn Fn(&mut Json)) {
    let path = workspace.folder.path().join("terraform.tfstate");
    let mut state: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut state);
    std::fs::write(path, state.to_string()).unwrap();
}

/// Calls `change` with every stored object.
fn objects(state: &mut Json, change: &dyn Fn(&mut Json)) {
    for resource in state["resources"].as_array_mut().unwrap() {
        resource["instances"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(change);
    }
}

fn applied(cli: &str) -> (Emulator, Workspace) {
    let emulator = Emulator::start();
    let file = project("examples/resources/crosstenant_synchronization_schema/resource.tf");
    let text = std::fs::read_to_string(file).unwrap();
    let workspace = Workspace::of(cli, emulator.environment(), &text);
    workspace.apply().succeeded();
    (emulator, workspace)
}

#[test]
fn a_state_of_another_cli_is_read() {
    for cli in clis() {
        let (_emulator, workspace) = applied(cli);
        let text =
            std::fs::read_to_string(workspace.folder.path().join("terraform.tfstate")).unwrap();
        let (theirs, ours) = if text.contains(HERE) {
            (ELSEWHERE, HERE)
        } else {
            (HERE, ELSEWHERE)
        };
        rewrite(&workspace, &|state| {
            state["terraform_version"] = "1.12.0".into();
            for resource in state["resources"].as_array_mut().unwrap() {
                let provider = resource["provider"].as_str().unwrap().replace(ours, theirs);
                resource["provider"] = provider.into();
            }
            objects(state, &|object| {
                if object["identity"].is_null() {
                    object["identity_schema_version"] = 0.into();
                    object["identity"] = json!({ "tenant_id": object["attributes"]["tenant_id"] });
                }
            });
        });
        let replace = ["state", "replace-provider", "-auto-approve", theirs, ours];
        workspace.run(&replace).succeeded();
        workspace.is_settled();
    }
}

/// An earlier version lacks attributes of this one, and a later one has more.
#[test]
fn a_state_of_another_version_is_read() {
    for cli in clis() {
        let (_emulator, workspace) = applied(cli);
        rewrite(&workspace, &|state| {
            objects(state, &|object| {
                let attributes = object["attributes"].as_object_mut().unwrap();
                attributes.retain(|_, value| !value.is_null());
                attributes.insert("of_a_later_version".to_owned(), json!({ "deep": [1] }));
            });
        });
        workspace.is_settled();
        workspace.destroy().succeeded();
    }
}
