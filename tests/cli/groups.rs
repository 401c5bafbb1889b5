//! Groups, end to end: the example is applied, and the tests check the groups in the target tenant, changes, and deletion.

use serde_json::{Value as Json, json};

use crate::steps::{arrived, example, output, still};
use crate::support::{CONTOSO, Emulator, FABRIKAM, Feature, Workspace, clis, demo_seed};

const COLLABORATORS: &str = "b1000000-0000-4000-8000-000000000001";

fn text() -> String {
    example("groups").replace("\"../pair\"", "\"./pair\"")
}

fn workspace(emulator: &Emulator, text: &str) -> Workspace {
    let workspace = Workspace::new(emulator, text);
    std::fs::create_dir(workspace.folder.path().join("pair")).unwrap();
    workspace.write("pair/main.tf", &example("pair"));
    workspace.run(&["get"]).succeeded();
    workspace
}

/// Names of the copied groups, each with the names of its members.
fn copies(emulator: &Emulator) -> Vec<(String, Vec<String>)> {
    let tenant = emulator.tenant(FABRIKAM);
    let name = |object: &Json| object["displayName"].as_str().unwrap().to_owned();
    let groups = tenant["groups"].as_object().unwrap();
    let members = |id: &String| {
        let ids = tenant["members"][id].as_array().unwrap().iter();
        let users = ids.map(|id| name(&tenant["users"][id.as_str().unwrap()]));
        let mut names: Vec<String> = users.collect();
        names.sort();
        names
    };
    groups
        .iter()
        .map(|(id, group)| (name(group), members(id)))
        .collect()
}

#[test]
fn an_assigned_group_arrives_with_its_members_and_leaves_again() {
    let emulator = still();
    let workspace = workspace(&emulator, &text());
    workspace.apply().succeeded();
    emulator.cycle();
    let named = "Fabrikam collaborators (Contoso)".to_owned();
    let both = vec!["Alan Turing".to_owned(), "Katherine Johnson".to_owned()];
    assert_eq!(copies(&emulator), [(named.clone(), both.clone())]);
    assert_eq!(arrived(&emulator), both);
    workspace.is_settled();
    let checks = output(&workspace, "checks");
    for check in [
        "group_mapping_enabled",
        "group_scope",
        "groups_assigned",
        "groups_not_empty",
        "group_members_in_scope",
    ] {
        assert_eq!(checks[check], true, "{check}: {checks}");
    }
    assert_eq!(
        checks["group_license"], false,
        "the demo has no such license: {checks}"
    );

    // With deletion disabled, the copy stays if the filter excludes its group; with deletion enabled, it is deleted.
    let kept = text()
        .replace("values = [\"Fabrikam\"]", "values = [\"Northwind\"]")
        .replace(
            "  groups_enabled       = true\n",
            "  groups_enabled       = true\n  group_object_actions = { delete = false }\n",
        );
    workspace.write("main.tf", &kept);
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(copies(&emulator).len(), 1);
    workspace.write(
        "main.tf",
        &kept.replace("{ delete = false }", "{ delete = true }"),
    );
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(copies(&emulator), []);
    assert_eq!(
        arrived(&emulator),
        both,
        "its members are in scope all the same"
    );
}

#[test]
fn a_plan_counts_the_groups_that_would_be_copied_and_names_kinds_that_would_not() {
    let emulator = still();
    let off = text().replace(
        "groups_enabled       = true",
        "groups_enabled       = false",
    );
    let workspace = workspace(&emulator, &off);
    workspace.apply().succeeded();
    workspace.write("main.tf", &text());
    workspace
        .run(&["plan"])
        .succeeded()
        .says(&["1 assigned group will be copied to the target tenant"]);
    let kind = json!({ "mailEnabled": true });
    emulator.control(
        "PATCH",
        &format!("tenants/{CONTOSO}/groups/{COLLABORATORS}"),
        Some(&kind),
    );
    workspace.run(&["plan"]).succeeded().says(&[
        "Some assigned groups are not copied",
        "Fabrikam collaborators is a mail-enabled security group",
    ]);
}

#[test]
fn a_group_is_provisioned_on_demand_or_the_refusal_is_explained() {
    let demand = |members: &str| {
        format!(
            "{}\nresource \"crosstenant_provision_on_demand\" \"group\" {{\n  provider = crosstenant.source\n  \
             service_principal_id = crosstenant_provisioning_job_state.fabrikam.service_principal_id\n  \
             job_id = crosstenant_provisioning_job_state.fabrikam.job_id\n  \
             group_object_id = data.crosstenant_groups.copied.ids[0]\n  member_object_ids = {members}\n}}\n",
            text()
        )
    };
    let emulator = still();
    let workspace = workspace(&emulator, &text());
    workspace.apply().succeeded();
    let alan = "a1000000-0000-4000-8000-000000000003";
    workspace.write("main.tf", &demand(&format!("[\"{alan}\"]")));
    // Members are not created on demand.
    workspace.apply().failed().says(&[
        "UnableToResolveReferenceAttributeValue",
        "not in the target tenant",
    ]);
    emulator.cycle();
    workspace.apply().succeeded();
    let values = workspace.values("crosstenant_provision_on_demand");
    assert_eq!(values["result"], "Skipped", "{values}");
    assert!(
        values["skip_reason"]
            .as_str()
            .unwrap()
            .starts_with("RedundantExport"),
        "{values}"
    );
    workspace.is_settled();
    let many: Vec<String> = (1..=6)
        .map(|n| format!("\"a1000000-0000-4000-8000-00000000000{n}\""))
        .collect();
    workspace.write("main.tf", &demand(&format!("[{}]", many.join(", "))));
    workspace
        .run(&["plan"])
        .failed()
        .says(&["at most 5 members"]);
}

#[test]
fn a_refused_group_on_demand_says_that_the_pages_disagree() {
    let mut seed: Json =
        serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
    seed["settings"] = json!({ "groupsOnDemand": false });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), seed.to_string()).unwrap();
    let emulator = Emulator::with(file.path(), &["--first-cycle", "1h"]);
    let more = "resource \"crosstenant_provision_on_demand\" \"group\" {\n  provider = crosstenant.source\n  \
                service_principal_id = crosstenant_provisioning_job_state.fabrikam.service_principal_id\n  \
                job_id = crosstenant_provisioning_job_state.fabrikam.job_id\n  \
                group_object_id = data.crosstenant_groups.copied.ids[0]\n}\n";
    let workspace = workspace(&emulator, &format!("{}\n{more}", text()));
    workspace.apply().failed().says(&[
        "The service refused the group",
        "contradicts itself",
        "next cycle",
    ]);
}

#[test]
fn a_job_that_copies_groups_is_not_widened_in_silence() {
    let emulator = still();
    let workspace = workspace(&emulator, &text());
    workspace.apply().succeeded();
    let wide = text().replace("= \"assigned\"", "= \"all\"");
    workspace.write("main.tf", &wide);
    workspace.plan().succeeded().says(&[
        "Groups are not synchronized with the scope `all`",
        "groups_enabled = false",
    ]);
    // Without groups, there is no warning.
    let without = wide.replace(
        "groups_enabled       = true",
        "groups_enabled       = false",
    );
    workspace.write(
        "main.tf",
        &text().replace(
            "groups_enabled       = true",
            "groups_enabled       = false",
        ),
    );
    workspace.apply().succeeded();
    workspace.write("main.tf", &without);
    let plan = workspace.plan();
    assert!(
        !plan
            .succeeded()
            .text
            .contains("Groups are not synchronized"),
        "{}",
        plan.text
    );
}

/// The identity of a group on demand has no user in it, which not every CLI accepts.
#[test]
fn a_group_on_demand_is_imported_by_id_and_by_identity() {
    let demand = "resource \"crosstenant_provision_on_demand\" \"group\" {\n  provider = crosstenant.source\n  \
                  service_principal_id = crosstenant_provisioning_job_state.fabrikam.service_principal_id\n  \
                  job_id = crosstenant_provisioning_job_state.fabrikam.job_id\n  \
                  group_object_id = data.crosstenant_groups.copied.ids[0]\n}\n";
    let emulator = still();
    let workspace = workspace(&emulator, &format!("{}\n{demand}", text()));
    workspace.apply().succeeded();
    workspace.is_settled();
    let address = "crosstenant_provision_on_demand.group";
    let values = workspace.values("crosstenant_provision_on_demand");
    let [principal, job] =
        ["service_principal_id", "job_id"].map(|name| values[name].as_str().unwrap());
    let by_id = format!("id = \"{principal}/{job}/groups/{COLLABORATORS}\"");
    let by_identity = format!(
        "identity = {{\n    service_principal_id = \"{principal}\"\n    job_id = \"{job}\"\n    group_object_id = \
         \"{COLLABORATORS}\"\n  }}"
    );
    let identity = !crate::support::lacks(&clis()[0], Feature::ImportByIdentity);
    for by in [Some(by_id), identity.then_some(by_identity)]
        .into_iter()
        .flatten()
    {
        workspace.run(&["state", "rm", address]).succeeded();
        workspace.write(
            "import.tf",
            &format!("import {{\n  to = {address}\n  {by}\n}}\n"),
        );
        workspace
            .apply()
            .succeeded()
            .says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        workspace.is_settled();
    }
}

#[test]
fn a_group_that_is_assigned_by_itself_is_counted() {
    let emulator = still();
    let workspace = workspace(&emulator, &text());
    workspace.apply().succeeded();
    let more = "resource \"crosstenant_app_role_assignment\" \"advisers\" {\n  provider = crosstenant.source\n  \
                principal_object_id = \"b1000000-0000-4000-8000-000000000002\"\n  resource_object_id = \
                crosstenant_provisioning_job_state.fabrikam.service_principal_id\n}\n";
    workspace.write("main.tf", &format!("{}\n{more}", text()));
    workspace.plan().succeeded().says(&[
        "1 more group will be copied to the target tenant",
        "After this change, 2 groups are assigned to the configuration.",
    ]);
}
