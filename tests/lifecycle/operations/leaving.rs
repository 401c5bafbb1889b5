//! The warnings and limits of a plan for users who leave the scope, compared with the next cycle.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::operations::pair::GROUNDWORK;
use crate::operations::{ADA, COLLABORATORS, GRACE, GUEST, configured, seed};
use crate::support::{Emulator, FABRIKAM, Workspace};

/// A direct member of the group without another assignment.
const ALAN: &str = "a1000000-0000-4000-8000-000000000003";

/// A pair of tenants that synchronizes; each part gets these lines.
struct Setup<'s> {
    assigned: &'s [&'s str],
    set: &'s str,
    job: &'s str,
    schema: &'s str,
}

const USUAL: Setup<'static> = Setup {
    assigned: &[ADA, GRACE, COLLABORATORS, GUEST],
    set: "",
    job: "",
    schema: "scoping_filters = []",
};

impl Setup<'_> {
    fn text(&self) -> String {
        let ids: Vec<String> = self
            .assigned
            .iter()
            .map(|id| format!("{id:?} = {{}}"))
            .collect();
        configured(&format!(
            r#"{GROUNDWORK}
resource "crosstenant_app_role_assignments" "it" {{
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.it.service_principal_id
  principals         = {{ {} }}
  {}
}}
resource "crosstenant_provisioning_job" "it" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_app_role_assignments.it.resource_object_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
  enabled              = true
  {}
}}
resource "crosstenant_synchronization_schema" "it" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.it.service_principal_id
  job_id               = crosstenant_provisioning_job.it.id
  {}
}}
"#,
            ids.join(", "),
            self.set,
            self.job,
            self.schema
        ))
    }
}

/// The tenants of the demo, in which no user has SMS sign-in.
fn emulator() -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let without_sms = |seed: &mut Json| {
        for user in seed["tenants"][0]["users"].as_array_mut().unwrap() {
            user.as_object_mut().unwrap().remove("smsSignIn");
        }
    };
    Emulator::with(&seed(&folder, 0, without_sms), &["--first-cycle", "1h"])
}

/// All users in the target tenant who came from the source tenant, by the beginning of the name.
fn arrived(emulator: &Emulator) -> BTreeSet<String> {
    let users = emulator.tenant(FABRIKAM)["users"].clone();
    let users = users.as_object().unwrap().values();
    let external = users.filter(|user| user["creationType"] == "Invitation");
    let first = |user: &Json| {
        let name = user["userPrincipalName"].as_str().unwrap();
        name.split('_').next().unwrap().to_owned()
    };
    external.map(first).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn taking_principals_out_of_the_set_names_who_leaves() {
    let emulator = emulator();
    let workspace = Workspace::new(&emulator, &USUAL.text());
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(
        arrived(&emulator),
        names(&["ada", "alan", "grace", "katherine"])
    );

    // Alan, who was a member of the group and is now assigned directly, stays. The guest was never synchronized.
    let fewer = Setup {
        assigned: &[GRACE, ALAN],
        set: "maximum_leaving = 1",
        ..USUAL
    };
    workspace.write("main.tf", &fewer.text());
    let refused = workspace.plan();
    refused.failed().says(&[
        "2 users would leave, and `maximum_leaving` allows 1",
        "2 users are soft-deleted in Fabrikam",
        "ada@contoso.example, katherine@contoso.example (not assigned, neither directly nor through a group)",
        "increase it to 2",
    ]);
    let fewer = Setup {
        set: "maximum_leaving = 2",
        ..fewer
    };
    workspace.write("main.tf", &fewer.text());
    let plan = workspace.plan();
    plan.succeeded()
        .says(&["2 users leave the scope of synchronization"]);
    assert!(!plan.text.contains("alan@contoso"), "{}", plan.text);
    workspace.apply().succeeded();
    emulator.cycle();
    assert_eq!(arrived(&emulator), names(&["alan", "grace"]));

    // Without a change, there is no warning, and another assignment keeps all users in scope.
    let plan = workspace.plan();
    assert!(
        !plan.succeeded().text.contains("leave the scope"),
        "{}",
        plan.text
    );
}

#[test]
fn a_filter_and_a_narrower_scope_name_who_leaves() {
    let emulator = emulator();
    let all = Setup {
        assigned: &[ADA],
        job: "scope = \"all\"\n  accidental_deletion_threshold = 3",
        ..USUAL
    };
    let workspace = Workspace::new(&emulator, &all.text());
    workspace.apply().succeeded();
    emulator.cycle();
    let everybody = [
        "ada",
        "alan",
        "barbara",
        "donald",
        "edsger",
        "grace",
        "katherine",
        "margaret",
    ];
    assert_eq!(arrived(&emulator), names(&everybody));

    let filter = r#"scoping_filters = [{
    name    = "Employees"
    clauses = [{ attribute = "department", operator = "NOT EQUALS", values = ["Contractors"] }]
  }]"#;
    let schema = |more: &str| format!("{filter}\n  {more}");
    let kept = schema("object_actions = { delete = false }\n  maximum_leaving = 0");
    workspace.write(
        "main.tf",
        &Setup {
            schema: &kept,
            ..all
        }
        .text(),
    );
    workspace.plan().succeeded().says(&[
        "1 user leaves the scope of synchronization",
        "1 user leaves the scope and stays in Fabrikam",
        "katherine@contoso.example",
    ]);
    let refused = schema("maximum_leaving = 0");
    workspace.write(
        "main.tf",
        &Setup {
            schema: &refused,
            ..all
        }
        .text(),
    );
    workspace.plan().failed().says(&[
        "1 user would leave, and `maximum_leaving` allows 0",
        "katherine@contoso.example (does not match the scoping filter",
    ]);
    workspace.write(
        "main.tf",
        &Setup {
            schema: filter,
            ..all
        }
        .text(),
    );
    workspace
        .apply()
        .succeeded()
        .says(&["1 user leaves the scope of synchronization"]);
    emulator.cycle();
    assert!(!arrived(&emulator).contains("katherine"));

    let before = arrived(&emulator);
    let threshold = "accidental_deletion_threshold = 3";
    let limited = format!("{threshold}\n  maximum_leaving = 5");
    let narrow = Setup {
        schema: filter,
        job: &limited,
        ..all
    };
    workspace.write("main.tf", &narrow.text());
    workspace.plan().failed().says(&[
        "6 users would leave, and `maximum_leaving` allows 5",
        "alan@contoso.example, barbara@contoso.example",
    ]);
    let narrow = Setup {
        job: threshold,
        ..narrow
    };
    workspace.write("main.tf", &narrow.text());
    workspace.apply().succeeded().says(&[
        "6 users leave the scope of synchronization",
        "at most 3 users in one cycle, so it goes into quarantine",
    ]);
    emulator.cycle();
    assert_eq!(arrived(&emulator), before);
}
