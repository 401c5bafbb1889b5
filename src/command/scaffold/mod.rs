//! `scaffold`: writes the configuration of many tenants from a list.
//!
//! Terraform cannot repeat a provider block, so a configuration of twenty tenants has twenty of them, and as many modules as there are
//! pairs, which a generator can write. OpenTofu can repeat both, so its configuration is short.

mod opentofu;
mod tenants;
mod terraform;
mod topology;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::tenants::List;
use self::topology::{Kind, Topology};
use super::file::{self, Readers};
use super::{Failure, Terminal, Verdict};

/// Write the configuration of many tenants from a list of them
///
/// The file lists tenants, each with its tenant ID and the groups whose members are synchronized. The configuration has
/// a provider configuration for each tenant, and modules of this provider for each partner and each synchronization. No
/// tenant is read or changed.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
pub struct Options {
    /// YAML file with the tenants; - for standard input
    #[arg(value_name = "FILE")]
    tenants: PathBuf,
    /// Which tenants synchronize to which
    #[arg(long, value_enum, value_name = "TOPOLOGY")]
    topology: Kind,
    /// CLI to write the configuration for
    #[arg(long, value_enum, value_name = "CLI", default_value = "terraform")]
    flavor: Flavor,
    /// Source address of the modules, without the name of the module. Defaults to the release of this version
    #[arg(long, value_name = "ADDRESS")]
    modules: Option<String>,
    /// File to write; an existing file is replaced. Defaults to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The CLI that reads the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Flavor {
    /// One provider block and one module block for each
    Terraform,
    /// OpenTofu 1.9 or later: one block of each kind, repeated with `for_each`
    Opentofu,
}

const MORE: &str = "\
The file with the tenants:

  hub: contoso                  # for hub-and-spoke and spokes-to-hub
  tenants:
    contoso:
      tenant_id: 3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10
      groups: [Collaborators]   # display names; their direct members are synchronized
    fabrikam:
      tenant_id: 8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264
      name: Fabrikam Ltd.       # defaults to the name of the entry
      environment_prefix: FAB   # defaults to the entry in uppercase: FABRIKAM_CLIENT_ID and so on
  synchronize:                  # for matrix
    contoso: [fabrikam]

Exit codes:
  0  written
  2  not written: the file cannot be read, or does not describe tenants

Examples:
  terraform-provider-crosstenant scaffold tenants.yaml --topology mesh --out main.tf
  terraform-provider-crosstenant scaffold tenants.yaml --topology matrix --flavor opentofu";

/// The beginning of every configuration.
const HEAD: &str = r#"# Written by `terraform-provider-crosstenant scaffold`. Set the credentials with environment variables: for the tenant with
# the prefix CONTOSO, for example, CONTOSO_CLIENT_ID and CONTOSO_CLIENT_SECRET.

terraform {
  required_version = ">= {version}"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}
"#;

/// Reads the tenants, connects them, and writes the configuration.
pub(super) fn run(options: &Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    let listed = List::read(&file::contents(&options.tenants)?)
        .map_err(|why| Failure::new(format!("{}: {why}", options.tenants.display())))?;
    let topology = Topology::of(listed, options.topology)
        .map_err(|why| Failure::new(format!("{}: {why}", options.tenants.display())))?;
    let modules = options.modules.clone().unwrap_or_else(released);
    let text = match options.flavor {
        Flavor::Terraform => terraform::configuration(&topology, &modules),
        Flavor::Opentofu => opentofu::configuration(&topology, &modules),
    };
    match &options.out {
        None => terminal.print(&text)?,
        Some(path) => {
            file::write(path, text.as_bytes(), Readers::Usual)
                .map_err(|why| unwritten(path, &why))?;
        }
    }
    Ok(Verdict::Good)
}

fn unwritten(path: &Path, why: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {why}", path.display()))
}

/// The address of the modules of this version; `{}` stands for the name of the module.
fn released() -> String {
    format!(
        "git::https://github.com/crosstenant/terraform-provider-crosstenant.git//modules/{{}}?ref=v{}",
        env!("CARGO_PKG_VERSION")
    )
}

/// The address of one module. `{}` in `modules` stands for its name; without it, the name is appended.
fn module(modules: &str, name: &str) -> String {
    if modules.contains("{}") {
        quoted(&modules.replace("{}", name))
    } else {
        quoted(&format!("{}/{name}", modules.trim_end_matches('/')))
    }
}

/// A string in HCL, with templates and escapes quoted.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '$' | '%' if letters.peek() == Some(&'{') => quoted.extend([letter, letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of strings in HCL.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_what_it_is() {
        assert_eq!(
            quoted("a ${b} \"c\" \\ %{d} $e"),
            r#""a $${b} \"c\" \\ %%{d} $e""#
        );
        assert_eq!(quoted("a\nb"), "\"a\\u000ab\"");
    }

    #[test]
    fn the_name_of_a_module_has_its_place() {
        assert_eq!(module("./modules/", "pair"), "\"./modules/pair\"");
        assert!(module(&released(), "pair").contains("//modules/pair?ref=v"));
    }
}
