//! `map`: draws the trust and synchronizations between tenants.

mod layout;
mod live;
mod mermaid;
mod picture;
mod state;
mod stored;
mod svg;
mod topology;
mod words;

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::topology::{Topology, Unseen};
use super::file::{self, Readers};
use super::snapshot::Snapshot;
use super::{Failure, PairOptions, Tenant, Terminal, Verdict};

/// Draw a map of trust and synchronization between tenants
///
/// Shows tenants, the settings of each tenant for its partners, and synchronizations with scope, state and quarantine,
/// as Mermaid text or as an SVG image. Without --state and --snapshot, the tenants themselves are read; nothing is
/// changed. Parts that cannot be read are named in the map.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
pub struct Options {
    /// Draw a Terraform state instead of reading tenants: the output of `terraform show -json`, or a state file; - for standard
    /// input. May be repeated
    #[arg(long = "state", value_name = "FILE")]
    states: Vec<PathBuf>,
    /// Draw a snapshot that `export` has saved. May be repeated
    #[arg(long = "snapshot", value_name = "FILE")]
    snapshots: Vec<PathBuf>,
    /// Read the tenant with these environment variables: HUB for HUB_TENANT_ID and so on. Repeat it for each tenant
    #[arg(long = "environment-prefix", value_name = "PREFIX")]
    prefixes: Vec<String>,
    /// File to write the map to; an existing file is replaced. Defaults to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Format of the map. Defaults to the format of the file extension in --out (.svg; .mmd and .md for Mermaid), otherwise Mermaid
    #[arg(long, value_enum, value_name = "FORM")]
    format: Option<Format>,
    /// Heading of the map
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "Cross-tenant synchronization"
    )]
    title: String,
    #[command(flatten)]
    pair: PairOptions,
}

/// The format of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An image for browsers and documents
    Svg,
    /// Text that GitHub, Azure DevOps and others render
    Mermaid,
}

const MORE: &str = "\
Without --state, --snapshot and --environment-prefix, the tenants are those in the flags or in
SOURCE_TENANT_ID and TARGET_TENANT_ID; if neither is set, the tenant in ARM_TENANT_ID.

Exit codes:
  0  drawn; missing parts are named on the map, with the reason on standard error
  1  drawn, but one of the tenants could not be read; it is named in the same way
  2  not drawn: nothing could be read, or the arguments are wrong

Examples:
  terraform-provider-crosstenant map --out map.svg
  terraform show -json | terraform-provider-crosstenant map --state - --out map.svg
  terraform-provider-crosstenant map --environment-prefix HUB --environment-prefix LAB --out map.md";

/// Reads, draws and writes the map.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.pair.redactor());
    // Checked before any tenant is read.
    options.form()?;
    if let Some(path) = &options.out {
        file::can_be_written(path).map_err(|why| unwritten(path, &why))?;
    }
    let (map, verdict) = topology(&options).await?;
    for unseen in &map.unseen {
        terminal.note(&format!("Not on the map: {unseen}"));
    }
    if map.tenants.is_empty() {
        return Err(Failure::new(
            "There is nothing to draw: the input contains no tenant.\n\nA state must have resources of this provider, such as \
             crosstenant_partner_policy or crosstenant_provisioning_job.",
        ));
    }
    let picture = options.drawn(&map)?;
    match &options.out {
        None => terminal.print(&picture)?,
        Some(path) => file::write(path, picture.as_bytes(), Readers::Usual)
            .map_err(|why| unwritten(path, &why))?,
    }
    Ok(verdict)
}

fn unwritten(path: &Path, why: &io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {why}", path.display()))
}

/// The map of everything that was requested, and whether every tenant could be read.
async fn topology(options: &Options) -> Result<(Topology, Verdict), Failure> {
    let mut map = Topology::default();
    for path in &options.states {
        let text = file::contents(path)?;
        let one = state::read(&text);
        map.merge(one.map_err(|why| Failure::new(format!("{}: {why}.", path.display())))?);
    }
    for path in &options.snapshots {
        map.merge(stored::read(&Snapshot::load(path)?));
    }
    let mut failed = Vec::new();
    let tenants = options.tenants()?;
    for tenant in &tenants {
        match live::read(tenant).await {
            Ok(one) => map.merge(one),
            Err(why) => failed.push((tenant, why)),
        }
    }
    if !tenants.is_empty() && failed.len() == tenants.len() {
        return Err(failed.remove(0).1);
    }
    // A tenant that can be read only partially is common, because applications have only the permissions that they need. A tenant that
    // cannot be read at all is an error.
    let verdict = if failed.is_empty() {
        Verdict::Good
    } else {
        Verdict::Bad
    };
    for (tenant, why) in failed {
        map.tenant(tenant.id());
        map.unseen.push(Unseen {
            what: format!("Tenant {}", tenant.id()),
            why: why.cause(),
        });
    }
    Ok((map, verdict))
}

impl Options {
    /// The tenants to read.
    fn tenants(&self) -> Result<Vec<Tenant>, Failure> {
        if !self.prefixes.is_empty() {
            let each = self.prefixes.iter();
            return each
                .map(|prefix| self.pair.open_prefix("map", prefix))
                .collect();
        }
        if !self.states.is_empty() || !self.snapshots.is_empty() {
            return Ok(Vec::new());
        }
        match self.pair.named() {
            (true, true) => {
                let pair = self.pair.open("map")?;
                Ok(vec![pair.source, pair.target])
            }
            (true, false) => Ok(vec![self.pair.open_source("map")?]),
            (false, true) => Ok(vec![self.pair.open_target("map")?]),
            (false, false) => Ok(vec![self.pair.open_prefix("map", "ARM")?]),
        }
    }

    /// The extension of the file name.
    fn ending(&self) -> String {
        let ending = self.out.as_ref().and_then(|path| path.extension());
        ending
            .map(|ending| ending.to_string_lossy().to_lowercase())
            .unwrap_or_default()
    }

    /// The requested format, or that of the file extension.
    fn form(&self) -> Result<Format, Failure> {
        let ending = self.ending();
        match (self.format, ending.as_str()) {
            (Some(form), _) => Ok(form),
            (None, "svg") => Ok(Format::Svg),
            (None, "png" | "jpg" | "jpeg" | "gif" | "webp" | "pdf") => Err(Failure::new(format!(
                "{} is not a supported format of a map, so nothing was drawn.\n\nUse a file name in --out that ends in \
                .svg, .mmd or .md. Browsers and many other programs can convert SVG.",
                ending.to_uppercase()
            ))),
            (None, _) => Ok(Format::Mermaid),
        }
    }

    fn drawn(&self, map: &Topology) -> Result<String, Failure> {
        match self.form()? {
            Format::Svg => Ok(svg::rendered(map, &self.title)?),
            Format::Mermaid => {
                let chart = mermaid::rendered(map, &self.title);
                // In Markdown, the chart needs a code fence.
                Ok(if self.ending() == "md" {
                    format!("```mermaid\n{chart}```\n")
                } else {
                    chart
                })
            }
        }
    }
}
