//! Operations of an existing configuration: many assignments, provisioning on demand, waiting, restoring, deleting. With the real CLI, the
//! real binaries and an emulated pair of tenants.

mod assignments;
mod leaving;
mod pair;

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, demo_seed};

pub const ADA: &str = "a1000000-0000-4000-8000-000000000001";
pub const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
pub const GUEST: &str = "a1000000-0000-4000-8000-000000000006";
pub const COLLABORATORS: &str = "b1000000-0000-4000-8000-000000000001";

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

/// A configuration with both tenants and `body`, in which `CONTOSO` and `FABRIKAM` are replaced by the tenant IDs.
pub fn both(body: &str) -> String {
    let body = body
        .replace("CONTOSO", CONTOSO)
        .replace("FABRIKAM", FABRIKAM);
    format!("{PROVIDERS}{body}")
}

/// The configuration of these tests, and `more`.
pub fn configured(more: &str) -> String {
    both(&format!(
        "resource \"crosstenant_synchronization_configuration\" \"it\" {{\n  provider = crosstenant.source\n  display_name = \
         \"Contoso to Fabrikam\"\n}}\n{more}"
    ))
}

/// The file of the demo's seed with `count` additional users in the source tenant, changed by `change`.
pub fn seed(folder: &tempfile::TempDir, count: usize, change: impl FnOnce(&mut Json)) -> PathBuf {
    let text = std::fs::read_to_string(demo_seed()).unwrap();
    let mut seed: Json = serde_json::from_str(&text).unwrap();
    let users = seed["tenants"][0]["users"].as_array_mut().unwrap();
    for number in 0..count {
        let name = format!("user{number}@contoso.example");
        users.push(json!({ "id": user(number), "userPrincipalName": name, "displayName": format!("User {number}") }));
    }
    change(&mut seed);
    let path = folder.path().join("seed.json");
    std::fs::write(&path, seed.to_string()).unwrap();
    path
}

/// An emulator with `count` additional users in the source tenant.
pub fn with_users(count: usize) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    Emulator::with(&seed(&folder, count, |_| {}), &[])
}

/// The object ID of one of the additional users.
pub fn user(number: usize) -> String {
    format!("c2000000-0000-4000-8000-{number:012}")
}

/// The number of requests to this path, single or in batches; `end` is the end of the path.
pub fn asked(emulator: &Emulator, method: &str, end: &str) -> usize {
    let journal = emulator.journal();
    let fits =
        |entry: &&Json| entry["method"] == method && entry["path"].as_str().unwrap().ends_with(end);
    journal.iter().filter(fits).count()
}
