//! `preview`: shows which users and groups the next cycle creates, changes and removes, for the live configuration or for a plan.

mod gather;
mod groups;
mod judging;
mod known;
mod limit;
mod looked_up;
mod markdown;
mod plan;
mod report;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::limit::Limit;
use self::report::Report;
use super::{Failure, PairOptions, Terminal, Verdict, counted, json, source};
use preview::{Configuration, Preview};
use resources::previewing::Contact;

/// Show which users the next cycle creates, changes and removes
///
/// Reads the configuration, its assignments and both directories, and shows what synchronization will do with each user and
/// why. With --plan, it previews the combined effect of all changes in a Terraform or OpenTofu plan. Nothing is changed, and
/// nothing is provisioned.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
pub struct Options {
    /// Configuration to preview, by name or by object ID of its service principal. May be repeated. If omitted, every
    /// configuration whose job leads to the target tenant
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Preview a plan: the file that `terraform show -json PLAN` or `tofu show -json PLAN` writes, or - for standard input
    #[arg(long, value_name = "FILE|-")]
    plan: Option<PathBuf>,
    /// Show one user only, by user principal name or object ID, with all details
    #[arg(long, value_name = "NAME|ID")]
    user: Option<String>,
    /// Exit with code 3 if more users leave; a number, or a percentage of the users in the target tenant
    #[arg(long, value_name = "N|N%")]
    max_leaving: Option<Limit>,
    /// Exit with code 3 if more users are created; a number, or a percentage of the users in the target tenant
    #[arg(long, value_name = "N|N%")]
    max_arriving: Option<Limit>,
    /// Show all users instead of the first of each kind
    #[arg(long)]
    all: bool,
    /// Write one JSON document instead of tables; it contains every affected user
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Format of the result
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    pair: PairOptions,
}

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Table,
    /// Markdown, for a comment on a pull request
    Markdown,
    /// One JSON document
    Json,
}

const MORE: &str = "\
Assumptions that Microsoft's documentation does not cover are marked UNVERIFIED in every format.
Managers are previewed for up to 200 users. Target users are recognized by the provisioning log
and by an attribute that the object ID is mapped to; otherwise by name and address.
Copies of groups are recognized by the log, or by their name.

Exit codes:
  0  the preview was created, and no limit is exceeded
  2  the preview could not be created: a tenant could not be read, or the arguments are wrong
  3  more users leave or are created than --max-leaving or --max-arriving allow

JSON (future versions may add members but will not remove any):
  { \"exceeded\": [ TEXT ],
    \"configurations\": [ { \"service_principal_id\", \"display_name\", \"source_tenant_id\",
      \"target_tenant_id\", \"of\": \"live\" | \"plan\", \"full_cycle\", \"quarantined\", \"notes\": [ TEXT ],
      \"counts\": { \"created\", \"updated\", ... }, \"users\": [ USER ], \"groups\": [ GROUP ] } ],
    \"unverified\": { FACT: SENTENCE } }
  USER: { \"source_id\", \"user_principal_name\", \"target_id\", \"outcome\", \"reason\",
    \"changes\": [ { \"attribute\", \"before\", \"after\" } ], \"unverified\": [ FACT ] }
  With --user, also \"assigned\", \"clauses\", \"attributes\" and \"log\": the newest entries of the log.
  GROUP: { \"source_id\", \"display_name\", \"target_id\", \"outcome\", \"skipped\", \"changes\", \"members\",
    \"members_added\": [ ID ], \"members_removed\": [ ID ], \"unresolved\": [ ID ],
    \"unverified\": [ FACT ] }
  outcome: \"create\", \"update\", \"restore\", \"leave\", \"keep\", \"skip\", \"collision\", \"nothing\"

Examples:
  terraform-provider-crosstenant preview
  terraform plan -out plan && terraform show -json plan > plan.json
    terraform-provider-crosstenant preview --plan plan.json --max-leaving 10
  terraform-provider-crosstenant preview --user ada@contoso.com";

/// Reads both tenants, prints the preview, and returns the verdict.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.pair.redactor());
    let plan = match &options.plan {
        Some(file) => Some(plan::Plan::read(file)?),
        None => None,
    };
    let pair = options.pair.open("preview")?;
    let jobs = gather::jobs(&pair, &options.configurations, plan.as_ref()).await?;
    if jobs.is_empty() {
        return Err(Failure::new(format!(
            "The source tenant {} has no configuration whose job leads to the target tenant {}.\n\nCreate one, name one with \
             --configuration, or preview a plan that creates one with --plan.",
            pair.source.id(),
            pair.target.id()
        )));
    }
    let contacts = gather::contacts(&pair.target).await?.unwrap_or_default();
    let mut reports = Vec::new();
    for job in jobs {
        if terminal.is_err_terminal() {
            terminal.note(&format!("Reading both tenants for {:?} ...", job.name));
        }
        let (plan, user) = (plan.as_ref(), options.user.as_deref());
        reports.push(gather::report(&pair, job, plan, user, &contacts).await?);
    }
    let exceeded = exceeded(&options, &reports);
    let format = if options.json {
        Format::Json
    } else {
        options.format
    };
    let text = match format {
        Format::Json => json::document(&report::document(&reports, &exceeded)),
        Format::Markdown => markdown::rendered(&reports, &exceeded, options.all),
        Format::Table => table::rendered(&reports, &exceeded, options.all, terminal),
    };
    terminal.print(&text)?;
    Ok(if exceeded.is_empty() {
        Verdict::Good
    } else {
        Verdict::Refused
    })
}

/// Descriptions of the limits that are exceeded.
fn exceeded(options: &Options, reports: &[Report]) -> Vec<String> {
    let mut exceeded = Vec::new();
    for report in reports {
        let (counts, name) = (&report.preview.counts, &report.name);
        let present = counts.present();
        let limits = [
            (
                &options.max_leaving,
                counts.leaving,
                ["user leaves", "users leave"],
                "--max-leaving",
            ),
            (
                &options.max_arriving,
                counts.arriving(),
                ["user arrives", "users arrive"],
                "--max-arriving",
            ),
        ];
        for (limit, count, [one, many], flag) in limits {
            let Some(limit) = limit.filter(|limit| limit.is_exceeded(count, present)) else {
                continue;
            };
            exceeded.push(format!(
                "{} with {name:?}; {flag} {limit} allows {}.",
                counted(count, one, many),
                limit.allows(present)
            ));
        }
    }
    exceeded
}

/// The number of principals assigned by a plan that are looked up, to distinguish groups from users.
const LOOKED_UP: usize = 400;

/// The next cycle of a configuration without a plan, for other commands.
pub(super) struct Live {
    pub(super) configuration: Configuration,
    pub(super) preview: Preview,
    /// Whether no cycle has finished yet.
    pub(super) is_first: bool,
}

/// The next cycle of each job of one configuration, given by the object ID of its service principal; `contacts` are those of the target.
pub(super) async fn live(
    pair: &super::Pair,
    id: &str,
    contacts: &[Contact],
) -> Result<Vec<Live>, Failure> {
    let mut found = Vec::new();
    for job in gather::jobs(pair, &[id.to_owned()], None).await? {
        let report = gather::report(pair, job, None, None, contacts).await?;
        found.push(Live {
            is_first: report.is_full,
            configuration: report.configuration,
            preview: report.preview,
        });
    }
    Ok(found)
}

/// The contacts of the target tenant; `None` if they cannot be read.
pub(super) async fn contacts(target: &super::Tenant) -> Result<Option<Vec<Contact>>, Failure> {
    gather::contacts(target).await
}

/// The configurations of a source tenant that synchronize to a target tenant.
async fn leading(
    pair: &super::Pair,
    wanted: &[String],
) -> Result<Vec<source::Configuration>, Failure> {
    source::configurations(&pair.source, wanted).await
}
