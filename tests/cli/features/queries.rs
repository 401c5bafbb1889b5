//! `terraform query`: the generated configuration of the found objects plans their import and no changes.

use super::wherever;
use crate::support::{Emulator, Feature, Workspace};
use crate::{PROVIDERS, job};

/// Lists for all objects of a job in Contoso, in both tenants.
const LISTS: &str = r#"
list "crosstenant_partner_policy" "target" {
  provider = crosstenant.target
}
list "crosstenant_trust_settings" "target" {
  provider = crosstenant.target
}
list "crosstenant_sync_policy" "target" {
  provider         = crosstenant.target
  include_resource = true
}
list "crosstenant_partner_policy" "source" {
  provider = crosstenant.source
}
list "crosstenant_trust_settings" "source" {
  provider = crosstenant.source
}
list "crosstenant_synchronization_configuration" "source" {
  provider = crosstenant.source
}
list "crosstenant_provisioning_job" "source" {
  provider = crosstenant.source
  config {
    service_principal_id = "PRINCIPAL"
  }
}
"#;

#[test]
fn a_query_becomes_a_configuration_that_imports_and_changes_nothing() {
    wherever(Feature::Query, |cli| {
        let emulator = Emulator::start();
        let made = Workspace::of(cli, emulator.environment(), &job(""));
        made.apply().succeeded();
        let values = made.values("crosstenant_synchronization_configuration");
        let principal = values["service_principal_id"].as_str().unwrap();

        let found = Workspace::of(cli, emulator.environment(), PROVIDERS);
        found.write("all.tfquery.hcl", &LISTS.replace("PRINCIPAL", principal));
        let query = found.run(&["query", "-no-color", "-generate-config-out=found.tf"]);
        query.succeeded().says(&[
            "list.crosstenant_partner_policy.target",
            "Contoso to Fabrikam",
        ]);
        let generated = std::fs::read_to_string(found.folder.path().join("found.tf")).unwrap();
        let count = generated.matches("import {").count();
        assert_eq!(count, 7, "{generated}");
        let planned = found.plan();
        assert_eq!(planned.code, Some(0), "{}\n{generated}", planned.text);
        planned.says(&["Plan: 7 to import, 0 to add, 0 to change, 0 to destroy."]);
        found.apply().succeeded();
        found.is_settled();

        let lines = found.run(&["query", "-json"]);
        let lines: Vec<serde_json::Value> = lines
            .succeeded()
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let objects = lines
            .iter()
            .filter(|line| line["type"] == "list_resource_found");
        assert_eq!(objects.count(), 7);
    });
}
