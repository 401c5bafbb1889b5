//! Imports of missing objects, of objects of another kind, and of a job whose ID is unknown.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, FABRIKAM, Workspace};
use crate::{GROUNDWORK, PROVIDERS, both, job};

/// The plan that imports one object with generated configuration.
fn import(emulator: &Emulator, kind: &str, alias: &str, id: &str) -> crate::support::Outcome {
    let main = format!(
        "{PROVIDERS}\nimport {{\n  to       = crosstenant_{kind}.it\n  id       = {id:?}\n  provider = crosstenant.{alias}\n}}\n"
    );
    let workspace = Workspace::of(&crate::support::clis()[0], emulator.environment(), &main);
    let written = "-generate-config-out=generated.tf";
    workspace.run(&["plan", "-no-color", "-input=false", written])
}

#[test]
fn missing_objects_are_reported_with_the_tenant() {
    let emulator = Emulator::start();
    let (in_target, named) = (
        format!("Tenant {FABRIKAM}, to which"),
        format!("partner_tenant_id = \"{FABRIKAM}\""),
    );
    // The most frequent mistake: the ID belongs to the tenant of the other provider configuration.
    let plan = import(&emulator, "partner_policy", "target", FABRIKAM);
    plan.failed().says(&[
        "The object does not exist in this tenant",
        &in_target,
        "has no crosstenant_partner_policy",
        &named,
        "provider = crosstenant.ALIAS",
    ]);
    let plan = import(&emulator, "multi_tenant_organization", "source", CONTOSO);
    let in_source = format!("Tenant {CONTOSO}, to which");
    plan.failed()
        .says(&["The object does not exist in this tenant", &in_source]);
}

#[test]
fn trust_settings_of_a_partner_that_has_none_are_not_imported() {
    let emulator = Emulator::start();
    let partner = json!({ "tenantId": FABRIKAM });
    let path = "/v1.0/policies/crossTenantAccessPolicy/partners";
    let (status, _) = emulator.as_admin(CONTOSO, "POST", path, Some(&partner));
    assert_eq!(status, 201);
    let plan = import(&emulator, "trust_settings", "source", FABRIKAM);
    plan.failed().says(&[
        "There are no settings to import",
        "Remove the `import` block",
    ]);
}

#[test]
fn a_job_with_the_alias_of_the_target_tenant_names_the_right_one() {
    let emulator = Emulator::start();
    let job = format!(
        "resource \"crosstenant_provisioning_job\" \"it\" {{\n  provider = crosstenant.target\n  service_principal_id = \
         \"5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70\"\n  target_tenant_id = \"{FABRIKAM}\"\n}}\n"
    );
    let workspace = Workspace::new(&emulator, &format!("{PROVIDERS}{job}"));
    let plan = workspace.plan();
    plan.failed().says(&[
        "Configure this resource in the source tenant",
        "leave `target_tenant_id` as it is",
    ]);
    assert!(
        !plan.text.contains("must name the other tenant"),
        "{}",
        plan.text
    );
}

/// Its plan would be a replacement, for example of the application that Terraform itself signs in with.
#[test]
fn an_application_that_is_not_a_configuration_is_not_imported() {
    let emulator = Emulator::start();
    let principals = emulator.tenant(CONTOSO)["servicePrincipals"].clone();
    let (id, principal) = principals.as_object().unwrap().iter().next().unwrap();
    assert_eq!(principal["applicationTemplateId"], Json::Null);
    let plan = import(&emulator, "synchronization_configuration", "source", id);
    plan.failed().says(&[
        "is not a synchronization configuration",
        "was not made from an application template",
    ]);
}

#[test]
fn a_job_is_imported_by_its_service_principal() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(GROUNDWORK));
    workspace.apply().succeeded();
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    let principal = configuration["service_principal_id"].as_str().unwrap();
    let id = format!("/servicePrincipals/{principal}");
    let of = [
        "provisioning_job",
        "provisioning_job_state",
        "synchronization_schema",
    ];
    let import = |kind: &str, id: &str| import(&emulator, kind, "source", id);
    for kind in of {
        import(kind, &id).failed().says(&[
            "The service principal has no provisioning job",
            "A `crosstenant_provisioning_job` without an `import` or `moved` block creates one",
        ]);
    }

    workspace.write("main.tf", &job(""));
    workspace.apply().succeeded();
    let planned = "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.";
    for kind in of {
        import(kind, &id).succeeded().says(&[planned]);
        import(kind, principal).succeeded().says(&[planned]);
    }

    let jobs = format!("/v1.0{id}/synchronization/jobs");
    let (status, second) = emulator.as_admin(
        CONTOSO,
        "POST",
        &jobs,
        Some(&json!({ "templateId": "Azure2Azure" })),
    );
    assert_eq!(status, 201, "{second}");
    let whole = format!("{principal}/{}", second["id"].as_str().unwrap());
    for kind in of {
        let refused = import(kind, principal);
        refused.failed().says(&[
            "The service principal has several provisioning jobs",
            &whole,
        ]);
    }
}

/// The target of the job was never set, or was removed while the job runs. The apply sets it and keeps the job.
#[test]
fn a_job_without_a_target_gets_one_and_is_not_replaced() {
    let emulator = Emulator::start();
    let workspace = Workspace::new(&emulator, &both(GROUNDWORK));
    workspace.apply().succeeded();
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    let principal = configuration["service_principal_id"].as_str().unwrap();
    let synchronization = format!("/v1.0/servicePrincipals/{principal}/synchronization");
    let ask = |method: &str, path: &str, body: &Json| {
        let path = format!("{synchronization}/{path}");
        let (status, answer) = emulator.as_admin(CONTOSO, method, &path, Some(body));
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    };
    let made = ask("POST", "jobs", &json!({ "templateId": "Azure2Azure" }));

    let block = "import {\n  to = crosstenant_provisioning_job.fabrikam\n  id = \"PRINCIPAL\"\n}\n";
    let block = block.replace("PRINCIPAL", principal);
    workspace.write("main.tf", &format!("{}{block}", job("")));
    let told = |import: &str| format!("Plan: {import}0 to add, 1 to change, 0 to destroy.");
    workspace.plan().says(&[&told("1 to import, ")]);
    workspace.apply().succeeded();
    workspace.is_settled();

    ask("PUT", "secrets", &json!({ "value": [] }));
    workspace.plan().says(&[&told("")]);
    workspace.apply().succeeded();
    workspace.is_settled();
    let after = workspace.values("crosstenant_provisioning_job");
    assert_eq!(
        (&after["id"], &after["enabled"]),
        (&made["id"], &json!(true))
    );
    assert_eq!(after["target_tenant_id"], FABRIKAM);
}

#[test]
fn many_assignments_are_imported_with_one_listing() {
    let emulator = Emulator::start();
    let main = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" { environment_prefix = "SOURCE" }
resource "crosstenant_synchronization_configuration" "it" { display_name = "Many" }
"#;
    let workspace = Workspace::new(&emulator, main);
    workspace.apply().succeeded();
    let configuration = workspace.values("crosstenant_synchronization_configuration");
    let text = |name: &str| configuration[name].as_str().unwrap().to_owned();
    let (principal, role) = (text("service_principal_id"), text("app_role_id"));
    let tenant = emulator.tenant(CONTOSO);
    let users: Vec<&String> = tenant["users"]
        .as_object()
        .unwrap()
        .keys()
        .take(4)
        .collect();
    let assigned_to = format!("/v1.0/servicePrincipals/{principal}/appRoleAssignedTo");
    let mut imports = main.to_owned();
    for (number, user) in users.iter().enumerate() {
        let body = json!({ "principalId": user, "resourceId": principal, "appRoleId": role });
        let (status, _) = emulator.as_admin(CONTOSO, "POST", &assigned_to, Some(&body));
        assert_eq!(status, 201);
        let _ = write!(
            imports,
            "resource \"crosstenant_app_role_assignment\" \"it{number}\" {{\n  principal_object_id = \"{user}\"\n  resource_object_id = \
             \"{principal}\"\n}}\nimport {{\n  to = crosstenant_app_role_assignment.it{number}\n  id = \"{principal}/{user}\"\n}}\n"
        );
    }
    workspace.write("main.tf", &imports);
    emulator.control("DELETE", "requests", None);
    workspace
        .plan()
        .says(&["4 to import, 0 to add, 0 to change, 0 to destroy"]);
    let journal = emulator.graph_requests();
    let listings = journal.iter().filter(|path| path.ends_with(&assigned_to));
    assert_eq!(listings.count(), 1, "{journal:?}");
}
