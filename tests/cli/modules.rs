//! The modules, and the configurations of many tenants that `scaffold` generates with them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::support::{
    CONTOSO, Emulator, FABRIKAM, Feature, Workspace, clis, demo_seed, lacks, project, works,
};

/// A user and a group of the demo seed.
const PRINCIPALS: &str =
    "[\"a1000000-0000-4000-8000-000000000001\", \"b1000000-0000-4000-8000-000000000001\"]";

/// The folder of the modules, marked as a package so that they can refer to each other.
fn modules() -> String {
    format!("{}//", project("modules").display())
}

#[test]
fn a_pair_is_one_module() {
    for cli in clis() {
        let emulator = Emulator::start();
        let main = crate::both(&format!(
            r#"
module "pair" {{
  source               = "{}pair"
  source_tenant_id     = "CONTOSO"
  target_tenant_id     = "FABRIKAM"
  source_name          = "Contoso"
  target_name          = "Fabrikam"
  principal_object_ids = {PRINCIPALS}
  user_type            = "Member"
  accepted_claims      = {{ multifactor_authentication = true }}
  scoping_filters = [{{
    name    = "Employees"
    clauses = [{{ attribute = "department", operator = "NOT EQUALS", values = ["Contractors"] }}]
  }}]
  providers = {{
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }}
}}
output "assigned" {{
  value = "${{module.pair.assigned_users}} user, ${{module.pair.assigned_groups}} group"
}}
"#,
            modules()
        ));
        let workspace = Workspace::of(cli, emulator.environment(), &main);
        workspace.run(&["get"]).succeeded();
        workspace.apply().succeeded().says(&["1 user, 1 group"]);
        workspace.is_settled();
        emulator.cycle();
        let users = emulator.tenant(FABRIKAM)["users"].clone();
        let ada = users
            .as_object()
            .unwrap()
            .values()
            .find(|user| user["displayName"] == "Ada Lovelace");
        let ada = ada.expect("the assigned user has arrived");
        let kept = &ada["onPremisesExtensionAttributes"]["extensionAttribute15"];
        assert_eq!(
            kept, "a1000000-0000-4000-8000-000000000001",
            "the object ID of the source user is kept: {ada}"
        );
        workspace.destroy().succeeded();
        assert_eq!(emulator.tenant(CONTOSO)["jobs"], json!([]));
    }
}

#[test]
fn wrong_values_are_refused_by_the_module() {
    let main = crate::both(&format!(
        r#"
module "sync" {{
  source           = "{}synchronization"
  target_tenant_id = "fabrikam"
  display_name     = ""
  scope            = "some"
  user_type        = "External"
  providers        = {{ crosstenant = crosstenant.source }}
}}
"#,
        modules()
    ));
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &main);
    workspace.run(&["get"]).succeeded();
    workspace.plan().failed().says(&[
        "The tenant ID of the target must be a GUID.",
        "The name of the configuration must have 1 to 120 characters.",
        "The scope must be \"assigned\" or \"all\".",
        "The user type must be \"Member\" or \"Guest\".",
    ]);
    assert_eq!(emulator.graph_requests(), Vec::<String>::new());
}

/// An emulator with this many tenants, their list for `scaffold`, and the environment that signs in to all of them.
struct Many {
    emulator: Emulator,
    file: tempfile::NamedTempFile,
    environment: BTreeMap<String, String>,
    ids: Vec<String>,
}

impl Many {
    fn of(count: usize) -> Self {
        let demo: Json =
            serde_json::from_str(&std::fs::read_to_string(demo_seed()).unwrap()).unwrap();
        let permissions = &demo["tenants"][0]["apps"][0]["permissions"];
        let id =
            |kind: char, number: usize| format!("{kind}{number:07}-0000-4000-8000-000000000000");
        let (mut tenants, mut list, mut environment) = (
            Vec::new(),
            "hub: t0\ntenants:\n".to_owned(),
            BTreeMap::new(),
        );
        for number in 0..count {
            let (tenant, client) = (id('a', number), id('c', number));
            tenants.push(json!({
                "tenantId": tenant,
                "displayName": format!("Tenant {number}"),
                "domains": [format!("t{number}.example")],
                "apps": [{
                    "clientId": client, "displayName": "Terraform",
                    "secrets": [format!("emulator-only-{number}")], "permissions": permissions
                }],
                "users": [{
                    "id": id('d', number), "userPrincipalName": format!("ada@t{number}.example"),
                    "displayName": format!("Ada {number}"), "mail": format!("ada@t{number}.example")
                }],
                "groups": [{
                    "id": id('b', number), "displayName": "Everyone", "members": [format!("ada@t{number}.example")]
                }],
            }));
            let _ = write!(
                list,
                "  t{number}:\n    tenant_id: {tenant}\n    name: Tenant {number}\n    groups: [Everyone]\n"
            );
            environment.insert(format!("T{number}_CLIENT_ID"), client);
            environment.insert(
                format!("T{number}_CLIENT_SECRET"),
                format!("emulator-only-{number}"),
            );
        }
        let seed = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&seed, json!({ "tenants": tenants }).to_string()).unwrap();
        let emulator = Emulator::with(seed.path(), &[]);
        for number in 0..count {
            environment.insert(format!("T{number}_GRAPH_ENDPOINT"), emulator.graph.clone());
            environment.insert(format!("T{number}_LOGIN_ENDPOINT"), emulator.login.clone());
            // Changes behind the provider's back are accepted after seconds, not minutes.
            environment.insert(format!("T{number}_REPLICATION_TIMEOUT"), "4s".to_owned());
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, list).unwrap();
        let ids = (0..count).map(|number| id('a', number)).collect();
        Self {
            emulator,
            file,
            environment,
            ids,
        }
    }

    fn scaffold(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
            .arg("scaffold")
            .arg(self.file.path())
            .args(arguments)
            .args(["--modules", &modules()])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A workspace with the configuration and its modules installed.
    fn workspace(&self, cli: &str, configuration: &str) -> Workspace {
        let workspace = Workspace::of(cli, self.environment.clone(), configuration);
        workspace.run(&["fmt", "-check", "-diff"]).succeeded();
        workspace.run(&["get"]).succeeded();
        workspace
    }

    /// The number of jobs in each tenant.
    fn jobs(&self) -> Vec<usize> {
        let jobs = |id: &String| self.emulator.tenant(id)["jobs"].as_array().unwrap().len();
        self.ids.iter().map(jobs).collect()
    }
}

/// Applies, plans again, and destroys; `jobs` is the number of jobs in between.
fn lives(many: &Many, workspace: &Workspace, jobs: &[usize]) {
    workspace.apply().succeeded();
    workspace.is_settled();
    assert_eq!(many.jobs(), jobs);
    workspace.destroy().succeeded();
    assert!(many.jobs().iter().all(|count| *count == 0));
}

#[test]
fn a_mesh_is_written_and_lives() {
    for cli in clis() {
        let many = Many::of(3);
        let main = many.scaffold(&["--topology", "mesh"]);
        lives(&many, &many.workspace(cli, &main), &[2, 2, 2]);
    }
}

#[test]
fn a_mesh_of_one_block_each_is_written_for_opentofu_and_lives() {
    for cli in clis() {
        if lacks(cli, Feature::ProviderForEach) {
            continue;
        }
        let many = Many::of(3);
        let main = many.scaffold(&["--topology", "mesh", "--flavor", "opentofu"]);
        lives(&many, &many.workspace(cli, &main), &[2, 2, 2]);
        works(cli, Feature::ProviderForEach);
    }
}

#[test]
fn a_hub_with_nineteen_spokes_is_one_apply() {
    let many = Many::of(20);
    let main = many.scaffold(&["--topology", "hub-and-spoke"]);
    let workspace = many.workspace(&clis()[0], &main);
    many.emulator.forget();
    workspace.apply().succeeded();
    let requests = many.emulator.graph_requests().len();
    let listed = workspace.run(&["state", "list"]).succeeded().stdout.clone();
    let objects = listed
        .lines()
        .filter(|line| !line.contains(".data."))
        .count();
    assert!(objects >= 19 * 9, "{objects}");
    assert!(
        requests <= 3 * objects,
        "{requests} requests for {objects} objects"
    );
    workspace.is_settled();
    let map = Command::new(env!("CARGO_BIN_EXE_terraform-provider-crosstenant"))
        .args(["map", "--state"])
        .arg(workspace.folder.path().join("terraform.tfstate"))
        .output()
        .unwrap();
    let map = String::from_utf8(map.stdout).unwrap();
    for id in &many.ids {
        assert!(map.contains(id.as_str()), "{id} is not on the map:\n{map}");
    }
}
