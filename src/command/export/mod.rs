//! `export`: writes one or two tenants as a configuration whose first plan imports everything and changes nothing.
//!
//! The tenants are read through the provider ([`read`]) into a snapshot, which a pure function converts to a document ([`compose`]). The
//! document is written as HCL or JSON and moved into place in one step ([`folder`]).

mod compose;
mod document;
pub(super) mod exported_types;
mod folder;
mod hcl;
mod json;
mod labels;
mod progress;
mod read;
mod relations;
mod wanted;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use self::folder::Folder;
use self::progress::Progress;
use self::wanted::Wanted;
use super::snapshot::Snapshot;
use super::terminal::printable;
use super::{Failure, PairOptions, Terminal, Verdict, counted};

/// Write the configuration of one or two existing tenants with import blocks
///
/// Reads everything about cross-tenant synchronization in the tenants and writes a directory with a configuration and
/// `import` blocks. The first `terraform plan` in this directory imports everything and changes nothing. The command
/// does not change the tenants.
#[derive(Args, Debug)]
#[command(after_long_help = more())]
pub struct Options {
    /// Directory to write; it must not exist or be empty
    #[arg(
        long,
        value_name = "DIRECTORY",
        default_value = "crosstenant-export",
        hide_default_value = false
    )]
    out: PathBuf,
    /// Replace a directory that is not empty. The old directory is kept as DIRECTORY.before-1
    #[arg(long)]
    force: bool,
    /// Syntax of the files
    #[arg(long, value_enum, value_name = "SYNTAX", default_value_t = Format::Hcl)]
    format: Format,
    /// Export only this partner, by name, domain name or tenant ID, and the configurations whose job synchronizes to it. May be repeated
    #[arg(long = "partner", value_name = "TENANT")]
    partners: Vec<String>,
    /// Export only this configuration, by name or object ID of its service principal. May be repeated
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Export only these resource types, separated by commas and written without `crosstenant_`. Name either `app_role_assignment` or
    /// `app_role_assignments` to select how assignments are written. `sms_sign_in` and `tenant_properties` are
    /// exported only if they are named here
    #[arg(long, value_name = "TYPES", value_delimiter = ',', hide_possible_values = true,
        value_parser = PossibleValuesParser::new(exported_types::EXPORTED_TYPES.iter().map(|kind| kind.name)))]
    only: Vec<String>,
    /// Save a snapshot of what was read, without secrets, for --offline-from and for `map`
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Read a snapshot that --save has written instead of the tenants
    #[arg(long, value_name = "FILE", conflicts_with = "save")]
    offline_from: Option<PathBuf>,
    #[command(flatten)]
    tenants: PairOptions,
}

/// A syntax that Terraform reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// HCL in *.tf files
    Hcl,
    /// JSON in *.tf.json files
    Json,
}

const MORE: &str = "\
Which tenants:
  The tenants whose IDs are set, by flags or by SOURCE_TENANT_ID and TARGET_TENANT_ID; if neither
  is set, the tenant in ARM_TENANT_ID. Set secrets with environment variables or files; there are
  no flags for them.

Files:
  providers.tf        the tenants, without secrets
  tenants.tf          other tenants, looked up by domain name (up to 50)
  settings.tf         tenant-wide settings that differ from Microsoft's default
  partners.tf         partner policies, trust settings, synchronization policies
  synchronization.tf  configurations, provisioning jobs, customized schemas
  principals.tf       users and groups, looked up by name
  assignments.tf      up to 20 assignments of a configuration's role one by one, more as one set
  organization.tf     the multitenant organization
  imports.tf          import blocks; remove this file after the first apply

Deleted objects are not exported. The data sources crosstenant_deleted_policies and
crosstenant_deleted_configurations list objects that can be restored for 30 days.

Exit codes:
  0  everything was exported that the permissions for synchronization can read; objects that
     require other permissions, such as a multitenant organization, are named
  1  exported, but some objects could not be read; they are named with the missing permission
  2  nothing was written

Examples:
  SOURCE_... and TARGET_... set as for Terraform:
    terraform-provider-crosstenant export --out contoso-fabrikam
    cd contoso-fabrikam && terraform init && terraform plan
  One tenant, with the Azure CLI, and only one partner:
    terraform-provider-crosstenant export --source-tenant-id GUID --partner fabrikam.com
  Read once, write twice:
    terraform-provider-crosstenant export --save today.json
    terraform-provider-crosstenant export --offline-from today.json --format json --out json";

/// The text after the options in the help.
fn more() -> String {
    let names = exported_types::EXPORTED_TYPES
        .iter()
        .map(|kind| format!("  {}\n", kind.name));
    format!("Types for --only:\n{}\n{MORE}", names.collect::<String>())
}

/// Reads, composes and writes.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.tenants.redactor());
    let folder = Folder::at(&options.out, options.force)?;
    if let Some(file) = &options.save {
        if folder.holds(file) {
            return Err(Failure::new(format!(
                "The snapshot {} would be inside the directory that is written. Choose another path with --save.",
                file.display()
            )));
        }
        Snapshot::can_be_saved(file)?;
    }
    let snapshot = tokio::select! {
        snapshot = options.snapshot(terminal) => snapshot?,
        _ = tokio::signal::ctrl_c() => return Err(Failure::new("Interrupted. Nothing was written.")),
    };
    if let Some(file) = &options.save {
        snapshot.save(file)?;
    }
    let kept = folder.write(&files(&snapshot, options.format))?;
    if let Some(kept) = kept {
        terminal.note(&format!(
            "What was in {} is now in {}.",
            folder.path().display(),
            kept.display()
        ));
    }
    tell(
        &snapshot,
        &folder,
        options.wanted().is_everything(),
        terminal,
    )
}

impl Options {
    /// The snapshot to export, from a file or from the tenants.
    async fn snapshot(&self, terminal: &mut Terminal) -> Result<Snapshot, Failure> {
        let wanted = self.wanted();
        if let Some(file) = &self.offline_from {
            let mut snapshot = Snapshot::load(file)?;
            wanted.narrow(&mut snapshot, &[])?;
            return Ok(snapshot);
        }
        let tenants = self.open()?;
        let progress = Progress::on(terminal);
        read::tenants(&tenants, &wanted, self.save.is_some(), &progress).await
    }

    /// The selection of what is exported.
    fn wanted(&self) -> Wanted {
        Wanted {
            types: self.only.clone(),
            partners: self.partners.clone(),
            configurations: self.configurations.clone(),
        }
    }

    /// The tenants whose IDs are configured.
    fn open(&self) -> Result<read::Named, Failure> {
        let known = (
            self.tenants.source_id().is_ok(),
            self.tenants.target_id().is_ok(),
        );
        Ok(match known {
            (true, true) => {
                let pair = self.tenants.open("export")?;
                let named = |alias: &str| Some(alias.to_owned());
                vec![
                    (pair.source, named("source")),
                    (pair.target, named("target")),
                ]
            }
            (false, true) => vec![(self.tenants.open_target("export")?, None)],
            _ => vec![(self.tenants.open_source("export")?, None)],
        })
    }
}

/// The files of a configuration, by name.
fn files(snapshot: &Snapshot, format: Format) -> Vec<(String, String)> {
    let document = compose::document(snapshot);
    let one = |file: &document::File| match format {
        Format::Hcl => (format!("{}.tf", file.name), hcl::text(file)),
        Format::Json => (format!("{}.tf.json", file.name), json::text(file)),
    };
    document.files.iter().map(one).collect()
}

/// Prints what was written, what is missing, and the next steps.
fn tell(
    snapshot: &Snapshot,
    folder: &Folder,
    is_everything: bool,
    terminal: &mut Terminal,
) -> Result<Verdict, Failure> {
    let count: usize = snapshot
        .tenants
        .iter()
        .map(|tenant| tenant.objects.len())
        .sum();
    let path = folder.path().display();
    let is_complete = snapshot.tenants.iter().all(|one| one.missing.is_empty());
    if count == 0 {
        let why = match (is_complete, is_everything) {
            (false, _) => "the parts that could be read contain nothing to export",
            (true, false) => "none of the requested objects was found",
            (true, true) => {
                "there are no partners and no configurations, and all settings are Microsoft's defaults"
            }
        };
        terminal.print(&format!("Wrote {path} without any import: {why}.\n"))?;
    } else {
        let objects = counted(count, "object", "objects");
        terminal.print(&format!(
            "Wrote {path} with {objects} to import. Run `terraform init` and `terraform plan` there: the plan should \
            contain only imports.\n"
        ))?;
    }
    let mut verdict = Verdict::Good;
    for tenant in &snapshot.tenants {
        let name = tenant.display_name.as_deref().unwrap_or(&tenant.tenant_id);
        for missing in &tenant.missing {
            terminal.note(&format!("\n{}: {missing}", printable(name)));
            if missing.optional {
                terminal.note("Synchronization does not require this permission. Grant it if the tenant has such objects.");
            } else {
                verdict = Verdict::Bad;
            }
        }
    }
    Ok(verdict)
}
