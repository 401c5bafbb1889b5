//! Blocks and options of the language that not every CLI supports: imports with `for_each`, `removed` blocks, ephemeral values.

use super::wherever;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Feature, Flavor, Workspace, cli, clis};
use crate::{GROUNDWORK, PROVIDERS, both};

#[test]
fn many_objects_are_imported_with_one_block() {
    wherever(Feature::ImportForEach, |cli| {
        let emulator = Emulator::start();
        let partners = r#"
locals { partners = toset([for number in range(5) : format("d4000000-0000-4000-8000-%012d", number)]) }
resource "crosstenant_partner_policy" "many" {
  provider          = crosstenant.target
  for_each          = local.partners
  partner_tenant_id = each.key
}
"#;
        let main = both(partners);
        let made = Workspace::of(cli, emulator.environment(), &main);
        made.apply().succeeded();
        let import = "import {\n  for_each = local.partners\n  to = crosstenant_partner_policy.many[each.key]\n  id = each.key\n}\n";
        let adopted = Workspace::of(cli, emulator.environment(), &format!("{main}{import}"));
        adopted
            .apply()
            .succeeded()
            .says(&["5 imported, 0 added, 0 changed, 0 destroyed"]);
        adopted.is_settled();
    });
}

/// The `removed` block for `address`. OpenTofu before 1.10 does not support `lifecycle` in it, and never destroys.
pub fn removed(path: &str, address: &str) -> String {
    let cli = cli(path);
    let lifecycle = if cli.flavor == Flavor::OpenTofu && !cli.is(Flavor::OpenTofu, 10) {
        ""
    } else {
        "  lifecycle {\n    destroy = false\n  }\n"
    };
    format!("removed {{\n  from = {address}\n{lifecycle}}}\n")
}

fn forgotten(cli: &str) {
    let emulator = Emulator::start();
    let workspace = Workspace::of(cli, emulator.environment(), &both(GROUNDWORK));
    workspace.apply().succeeded();
    let (kept, _) = GROUNDWORK
        .split_once("resource \"crosstenant_synchronization_configuration\"")
        .unwrap();
    let address = "crosstenant_synchronization_configuration.fabrikam";
    let main = both(kept) + &removed(cli, address);
    workspace.write("main.tf", &main);
    workspace
        .apply()
        .succeeded()
        .says(&["0 added, 0 changed, 0 destroyed"]);
    assert_eq!(workspace.resources().len(), 5);
    let applications = emulator.tenant(CONTOSO)["applications"].to_string();
    assert!(
        applications.contains("Contoso to Fabrikam"),
        "forgotten, not deleted"
    );
    workspace.is_settled();
}

#[test]
fn a_removed_block_removes_from_the_state_and_deletes_nothing() {
    for cli in clis() {
        forgotten(cli);
    }
}

#[test]
fn a_removed_block_says_that_nothing_is_destroyed() {
    wherever(Feature::RemovedLifecycle, |cli| {
        assert!(removed(cli, "a.b").contains("destroy = false"));
        forgotten(cli);
    });
}

/// A secret in an ephemeral variable signs the provider in and is in no plan, unlike a secret in a usual variable.
#[test]
fn an_ephemeral_variable_signs_in_and_is_stored_nowhere() {
    wherever(Feature::EphemeralVariables, |cli| {
        let emulator = Emulator::start();
        let mut environment = emulator.environment();
        let secret = environment.remove("TARGET_CLIENT_SECRET").unwrap();
        environment.insert("TF_VAR_secret".to_owned(), secret.clone());
        let ending = "  environment_prefix = \"TARGET\"\n";
        let providers =
            PROVIDERS.replace(ending, &format!("{ending}  client_secret = var.secret\n"));
        let main = format!(
            "variable \"secret\" {{\n  type = string\n  sensitive = true\n  ephemeral = true\n}}\n{providers}\
             resource \"crosstenant_partner_policy\" \"it\" {{\n  provider = crosstenant.target\n  partner_tenant_id = \"{CONTOSO}\"\n}}\n"
        );
        let workspace = Workspace::of(cli, environment, &main);
        workspace
            .run(&["plan", "-input=false", "-out=saved"])
            .succeeded();
        let saved = workspace.run(&["show", "-json", "saved"]);
        assert!(!saved.succeeded().stdout.contains(&secret));
        workspace
            .run(&["apply", "-input=false", "saved"])
            .succeeded();
        assert!(emulator.tenant(FABRIKAM)["partners"][CONTOSO].is_object());
        let state =
            std::fs::read_to_string(workspace.folder.path().join("terraform.tfstate")).unwrap();
        assert!(!state.contains(&secret));
        workspace.is_settled();
    });
}
