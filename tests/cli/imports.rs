//! Imports of what is not there, and of what is something else.

use serde_json::Value as Json;

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};
use crate::PROVIDERS;

/// The plan that imports one object with the configuration that the CLI writes for it.
fn import(emulator: &Emulator, kind: &str, alias: &str, id: &str) -> crate::support::Outcome {
    let main = format!(
        "{PROVIDERS}\nimport {{\n  to       = crosstenant_{kind}.it\n  id       = {id:?}\n  provider = crosstenant.{alias}\n}}\n"
    );
    let workspace = Workspace::of(&crate::support::clis()[0], emulator.environment(), &main);
    let written = "-generate-config-out=generated.tf";
    workspace.run(&["plan", "-no-color", "-input=false", written])
}

#[test]
fn what_is_not_in_the_tenant_is_told_with_the_tenant() {
    let emulator = Emulator::start();
    let (in_target, named) = (
        format!("Tenant {FABRIKAM}, to which"),
        format!("partner_tenant_id = \"{FABRIKAM}\""),
    );
    // The mistake behind most of these: the id belongs to the other tenant's provider configuration.
    let plan = import(&emulator, "partner_policy", "target", FABRIKAM);
    plan.failed().says(&[
        "There is no such object in this tenant",
        &in_target,
        "has no crosstenant_partner_policy",
        &named,
        "provider = crosstenant.ALIAS",
    ]);
    let plan = import(&emulator, "multi_tenant_organization", "source", CONTOSO);
    let in_source = format!("Tenant {CONTOSO}, to which");
    plan.failed()
        .says(&["There is no such object in this tenant", &in_source]);
}

/// It would be planned to be replaced: the application that Terraform itself signs in with, for one.
#[test]
fn an_application_that_is_no_configuration_is_not_imported() {
    let emulator = Emulator::start();
    let principals = emulator.tenant(CONTOSO)["servicePrincipals"].clone();
    let (id, principal) = principals.as_object().unwrap().iter().next().unwrap();
    assert_eq!(principal["applicationTemplateId"], Json::Null);
    let plan = import(&emulator, "synchronization_configuration", "source", id);
    plan.failed().says(&[
        "is no synchronization configuration",
        "was not made from an application template",
    ]);
}
