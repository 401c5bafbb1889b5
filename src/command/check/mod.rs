//! `check`: whether a pair of tenants is ready for synchronization, as a table or as JSON.

mod report;
mod symptoms;
mod table;

use clap::{Args, ValueEnum};
use futures::future::join_all;

use self::report::{Part, Report, Row};
use super::source::{self, Configuration};
use super::{Failure, PairOptions, Tenant, Terminal, Verdict, json};
use crate::terraform::Value;

/// Check whether a pair of tenants is ready for cross-tenant synchronization
///
/// Reads the data source `crosstenant_readiness` in both tenants, and for each configuration whose job leads from the source to
/// the target tenant. Shows one row for each prerequisite; for what is not met also what one sees, why, and what fixes it.
/// Nothing is changed. The only request that is no read is Microsoft's connection test.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
pub struct Options {
    /// Configuration to check, by name or by object id of its service principal. May be repeated. Left out: every configuration
    /// whose job leads to the target tenant
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Look from one side only, where the other tenant is somebody else's. Its id is all that is needed of it
    #[arg(long, value_enum, value_name = "SIDE")]
    only: Option<Side>,
    /// Check also what the synchronization of groups needs
    #[arg(long)]
    groups: bool,
    /// Write one JSON document instead of the table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pair: PairOptions,
}

/// One of the two tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The tenant that users come from
    Source,
    /// The tenant that users arrive in
    Target,
}

const MORE: &str = "\
Exit codes:
  0  ready: every prerequisite that can be seen is met
  1  not ready: at least one is not met
  2  could not tell: a tenant could not be asked, a permission is missing that synchronization
     needs, or the arguments are wrong

JSON (members may be added, never removed):
  { \"ready\": true | false | null,
    \"source\": PART, \"target\": PART,          null for a side that --only leaves out
    \"configurations\": [ PART with \"service_principal_id\" and \"display_name\" ] }
  Where configurations cannot be listed, there is one without id and name and with an \"error\".
  PART: { \"tenant_id\", \"checks\": [ { \"check\", \"state\", \"passed\", \"detail\", \"symptom\", \"fix\" } ],
          \"error\" }
  state: \"met\", \"not_met\", \"no_permission\" or \"not_visible\"; passed: true, false or null

Examples:
  SOURCE_... and TARGET_... set as for Terraform:
    terraform-provider-crosstenant check
  With the Azure CLI in both tenants:
    terraform-provider-crosstenant check --source-tenant-id GUID --target-tenant-id GUID
  In a pipeline:
    terraform-provider-crosstenant check --json > readiness.json";

/// Checks, shows, and judges.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.pair.redactor());
    let report = match options.only {
        None => {
            let pair = options.pair.open("check")?;
            let (source, target) = tokio::join!(
                from_source(&pair.source, pair.target.id(), &options),
                part(
                    &pair.target,
                    "target",
                    pair.source.id(),
                    None,
                    options.groups
                ),
            );
            Report {
                target: Some(target),
                ..source?
            }
        }
        Some(Side::Source) => {
            let source = options.pair.open_source("check")?;
            let target = options.pair.target_id()?;
            from_source(&source, &target, &options).await?
        }
        Some(Side::Target) => {
            let target = options.pair.open_target("check")?;
            let source = options.pair.source_id()?;
            Report {
                target: Some(part(&target, "target", &source, None, options.groups).await),
                ..Report::default()
            }
        }
    };
    if options.json {
        terminal.print(&json::document(&report.json()))?;
    } else {
        terminal.print(&table::rendered(&report, terminal))?;
    }
    Ok(report.verdict())
}

/// The source tenant and its configurations. That it cannot be asked is part of the report; that a configuration does not
/// exist is the user's mistake.
async fn from_source(source: &Tenant, target: &str, options: &Options) -> Result<Report, Failure> {
    let (wanted, groups) = (&options.configurations[..], options.groups);
    let mut report = Report {
        source: Some(part(source, "source", target, None, groups).await),
        ..Report::default()
    };
    let Some(Part {
        rows: Ok(common), ..
    }) = &report.source
    else {
        return Ok(report);
    };
    let configurations = match source::configurations(source, wanted).await {
        Ok(found) if wanted.is_empty() => leading_to(source, target, found).await,
        found => found,
    };
    match configurations {
        Ok(found) => {
            let parts = found.into_iter().map(async |configuration| {
                let mut part =
                    part(source, "source", target, Some(&configuration.id), groups).await;
                if let Ok(rows) = &mut part.rows {
                    rows.retain(|row| common.iter().all(|other| other.check != row.check));
                }
                (configuration, part)
            });
            report.configurations = join_all(parts).await;
        }
        Err(why) if wanted.is_empty() => {
            let unknown = Configuration {
                id: String::new(),
                name: "(the configurations cannot be listed)".to_owned(),
            };
            let part = Part {
                tenant_id: source.id().to_owned(),
                rows: Err(why.to_string()),
            };
            report.configurations.push((unknown, part));
        }
        Err(why) => return Err(why),
    }
    Ok(report)
}

/// Those with a job that synchronizes to `target`.
async fn leading_to(
    source: &Tenant,
    target: &str,
    found: Vec<Configuration>,
) -> Result<Vec<Configuration>, Failure> {
    let leads = found.iter().map(async |one| {
        let jobs = source::jobs(source, one).await?;
        let leads = jobs.iter().any(|job| {
            let its = job.target_tenant_id.as_deref();
            its.is_some_and(|its| its.eq_ignore_ascii_case(target))
        });
        Ok::<_, Failure>(leads)
    });
    let leads: Vec<bool> = join_all(leads)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let pairs = found.into_iter().zip(leads);
    Ok(pairs
        .filter(|(_, leads)| *leads)
        .map(|(one, _)| one)
        .collect())
}

/// The rows of one tenant, with those of a configuration where one is given.
async fn part(
    tenant: &Tenant,
    direction: &str,
    partner: &str,
    configuration: Option<&str>,
    groups: bool,
) -> Part {
    let mut arguments = vec![
        ("partner_tenant_id", Value::from(partner)),
        ("direction", Value::from(direction)),
    ];
    arguments.extend(configuration.map(|id| ("service_principal_id", Value::from(id))));
    arguments.extend(groups.then(|| ("groups", Value::from(true))));
    let read = tenant.read("readiness", &arguments).await;
    let rows = read.map_err(|why| why.to_string()).map(|found| {
        let rows = found.member("checks").as_elements().unwrap_or_default();
        rows.iter().filter_map(Row::of).collect()
    });
    Part {
        tenant_id: tenant.id().to_owned(),
        rows,
    }
}
