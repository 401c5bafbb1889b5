//! The page about the features of each CLI, generated from the record of `make matrix`.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::clis::Flavor;
use super::features::Feature;

/// The results with each CLI.
pub const RECORD: &str = "docs/internals/compatibility.json";

/// The page.
pub const PAGE: &str = "docs/guides/compatibility.md";

const HEAD: &str = r#"---
page_title: "Compatibility"
description: |-
  Which versions of Terraform and OpenTofu the provider works with, and which features each of them has.
---

# Compatibility

The provider works with Terraform 1.8 and newer and with OpenTofu 1.8 and newer. The tables below
list the versions that were tested. Features that a CLI does not have are not offered to it, so an older CLI ignores them.

`make matrix` runs the provider's tests with the real CLI of each version against the Graph emulator and keeps the record that this page shows. A feature
counts as working only after its own test has passed with that version.

"#;

const NOTES: &str = r#"
## Alternatives

**Lists and actions.** With OpenTofu and with Terraform before 1.14, use [`export`](https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs/guides/adopt-an-existing-setup) in place of `query`, and the
resources `crosstenant_provision_on_demand`, `crosstenant_sms_sign_in` and `crosstenant_restored_user` and the argument
`restart_triggers` of `crosstenant_provisioning_job` in place of actions.

**Import by identity.** Before version 1.12 of either CLI, import by `id`. Each resource page shows both forms.

**Moves from other providers with OpenTofu 1.8 and 1.9.** These versions refuse a `moved` block between types with "Resource type
mismatch". Forget the old object with a `removed` block and import it with an `import` block. Each guide about moving shows both ways.

**`removed` blocks with OpenTofu 1.8 and 1.9.** Leave out the `lifecycle` block. `removed` never destroys in these versions.

**Generated configuration with OpenTofu before 1.11.2.** `plan -generate-config-out` crashes on resources with read-only nested
attributes, such as `crosstenant_provision_on_demand`. Use [`export`](https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs/guides/adopt-an-existing-setup), which writes complete configurations
without it, or write the resource blocks yourself.

**Functions in `console` with OpenTofu.** The console does not load provider functions. Use an `output` instead.

**Tests.** Terraform reads mock data from `.tfmock.hcl` files; OpenTofu takes the same blocks inside `mock_provider`. See
[Test your own modules](https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs/guides/testing).

**Write-only arguments.** The provider has none, and no ephemeral resources. A secret in the provider's configuration can come from an
ephemeral variable.
"#;

/// The CLIs in the record, Terraform first, older ones first.
fn columns(record: &Json) -> Vec<(&String, &Json)> {
    let mut all: Vec<(&String, &Json)> = record.as_object().into_iter().flatten().collect();
    all.sort_by_key(|(name, _)| {
        let numbers = name
            .split([' ', '.'])
            .filter_map(|part| part.parse::<u32>().ok());
        (name.starts_with("OpenTofu"), numbers.collect::<Vec<_>>())
    });
    all
}

/// The page for a record.
pub fn page(record: &Json) -> String {
    let columns = columns(record);
    let mut text = HEAD.to_owned() + "## Features\n\n";
    for flavor in [Flavor::Terraform, Flavor::OpenTofu] {
        text += &table(flavor, &columns);
    }
    text += "## Versions that were tested\n\n| CLI | Date | Provider | Tests | Passed | Skipped |\n|---|---|---|---|---|---|\n";
    for (name, seen) in &columns {
        let word = |name: &str| seen[name].as_str().unwrap_or_default();
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            word("date"),
            word("provider"),
            word("extent"),
            seen["passed"],
            seen["skipped"]
        );
    }
    text += "\n`whole` is every test that uses a CLI; `features` is one life and the tests of features. A test is skipped if it needs a\nfeature that the CLI does not have. `make matrix` prints each with its reason.\n";
    text + NOTES
}

fn table(flavor: Flavor, columns: &[(&String, &Json)]) -> String {
    let name = flavor.to_string();
    let of_flavor = columns.iter().filter(|(cli, _)| cli.starts_with(&name));
    let of_flavor: Vec<_> = of_flavor.collect();
    let mut text = format!("| {name} | From |");
    for (cli, _) in &of_flavor {
        let _ = write!(text, " {} |", cli.rsplit(' ').next().unwrap_or_default());
    }
    let _ = writeln!(text, "\n|---|---|{}", "---|".repeat(of_flavor.len()));
    for feature in Feature::ALL {
        let _ = write!(text, "| {} | {} |", feature.title(), feature.since(flavor));
        for (_, seen) in &of_flavor {
            let works = seen["features"][feature.key()] == "works";
            text += if works { " yes |" } else { " no |" };
        }
        text.push('\n');
    }
    text + "\n"
}
