//! Features that only OpenTofu has.

use std::path::Path;

use super::wherever;
use crate::steps::example;
use crate::support::{CONTOSO, Emulator, FABRIKAM, Feature, Workspace};
use crate::{GROUNDWORK, PROVIDERS, both, job};

/// One `provider` block for all tenants, whose names come from a variable.
#[test]
fn one_provider_block_serves_every_tenant() {
    wherever(Feature::ProviderForEach, |cli| {
        let emulator = Emulator::start();
        let main = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
variable "tenants" {
  type    = set(string)
  default = ["SOURCE", "TARGET"]
}
provider "crosstenant" {
  for_each           = var.tenants
  alias              = "each"
  environment_prefix = each.key
}
resource "crosstenant_partner_policy" "it" {
  for_each          = { SOURCE = "FABRIKAM", TARGET = "CONTOSO" }
  provider          = crosstenant.each[each.key]
  partner_tenant_id = each.value
}
"#;
        let main = main.replace("\"FABRIKAM\"", &format!("\"{FABRIKAM}\""));
        let main = main.replace("\"CONTOSO\"", &format!("\"{CONTOSO}\""));
        let workspace = Workspace::of(cli, emulator.environment(), &main);
        workspace.apply().succeeded();
        workspace.is_settled();
        for (tenant, other) in [(CONTOSO, FABRIKAM), (FABRIKAM, CONTOSO)] {
            let partners = emulator.tenant(tenant)["partners"].clone();
            assert_eq!(
                partners.as_object().unwrap().keys().collect::<Vec<_>>(),
                [other]
            );
        }
        workspace.destroy().succeeded();
    });
}

#[test]
fn excluded_objects_are_left_alone() {
    wherever(Feature::Exclude, |cli| {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), &job(""));
        let exclude = "-exclude=crosstenant_provisioning_job.fabrikam";
        let excluded = workspace.run(&[
            "apply",
            "-no-color",
            "-input=false",
            "-auto-approve",
            exclude,
        ]);
        excluded
            .succeeded()
            .says(&["6 added, 0 changed, 0 destroyed"]);
        assert_eq!(emulator.tenant(CONTOSO)["jobs"], serde_json::json!([]));
        workspace
            .apply()
            .succeeded()
            .says(&["1 added, 0 changed, 0 destroyed"]);
        workspace.is_settled();
    });
}

#[test]
fn a_variable_chooses_the_module() {
    wherever(Feature::EarlyEvaluation, |cli| {
        let emulator = Emulator::start();
        let module = r#"
variable "folder" {
  type    = string
  default = "./pair"
}
module "pair" {
  source    = var.folder
  providers = { crosstenant.source = crosstenant.source, crosstenant.target = crosstenant.target }
}
"#;
        let workspace = Workspace::of(cli, emulator.environment(), &format!("{PROVIDERS}{module}"));
        std::fs::create_dir(workspace.folder.path().join("pair")).unwrap();
        workspace.write("pair/main.tf", &example("pair"));
        workspace.run(&["get"]).succeeded();
        workspace.apply().succeeded();
        workspace.is_settled();
    });
}

const ENCRYPTION: &str = r#"
terraform {
  encryption {
    key_provider "pbkdf2" "it" {
      passphrase = "correct horse battery staple"
    }
    method "aes_gcm" "it" {
      keys = key_provider.pbkdf2.it
    }
    state {
      method   = method.aes_gcm.it
      enforced = true
    }
    plan {
      method   = method.aes_gcm.it
      enforced = true
    }
  }
}
"#;

/// Every file in `folder` that is not configuration, with its content.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(written(&path));
        } else if path
            .extension()
            .is_none_or(|ending| ending != "tf" && ending != "tfrc")
        {
            let content = std::fs::read(&path).unwrap();
            found.push((path.display().to_string(), content));
        }
    }
    found
}

#[test]
fn encrypted_states_and_plans_show_nothing_to_others() {
    wherever(Feature::Encryption, |cli| {
        let emulator = Emulator::start();
        let main = both(GROUNDWORK) + ENCRYPTION;
        let workspace = Workspace::of(cli, emulator.environment(), &main);
        workspace
            .run(&["plan", "-input=false", "-out=saved"])
            .succeeded();
        workspace
            .run(&["apply", "-input=false", "saved"])
            .succeeded();
        workspace.is_settled();
        let files = written(workspace.folder.path());
        assert!(
            files
                .iter()
                .any(|(name, _)| name.ends_with("terraform.tfstate"))
        );
        assert!(files.iter().any(|(name, _)| name.ends_with("saved")));
        let secret = "emulator-only-contoso-secret";
        for (name, content) in &files {
            let text = String::from_utf8_lossy(content);
            for hidden in [CONTOSO, FABRIKAM, secret, "crosstenant_sync_policy"] {
                assert!(!text.contains(hidden), "{hidden} in {name}");
            }
        }
        assert_eq!(
            workspace.resources().len(),
            6,
            "with the passphrase it can be read"
        );
    });
}

/// A module for both flavors keeps syntax that only OpenTofu supports in a `.tofu` file, which replaces the `.tf` file of the same name.
#[test]
fn a_tofu_file_replaces_the_tf_file_of_the_same_name() {
    wherever(Feature::TofuFiles, |cli| {
        let emulator = Emulator::start();
        let workspace = Workspace::of(cli, emulator.environment(), "this is no configuration");
        workspace.write("main.tofu", &both(GROUNDWORK));
        workspace.apply().succeeded();
        workspace.is_settled();
        workspace.destroy().succeeded();
    });
}
