//! `check`: whether a pair of tenants is ready for synchronization, as a table or as JSON.

mod collisions;
mod junit;
mod report;
mod sarif;
mod symptoms;
mod table;

use clap::{Args, ValueEnum};
use futures::future::join_all;

use self::report::{Part, Profile, Report, Row};
use super::source::{self, Configuration};
use super::{Failure, PairOptions, Tenant, Terminal, Verdict, json};
use terraform::Value;

/// Check whether a pair of tenants is ready for cross-tenant synchronization
///
/// Reads the data source `crosstenant_readiness` in both tenants, and for each configuration whose job leads from the source to the
/// target tenant. Shows one row for each prerequisite. For a prerequisite that is not met, it also shows the symptom, the reason,
/// and the fix. Nothing is changed. The only request that is not a read is Microsoft's connection test.
///
/// Settings that allow more than Microsoft's defaults, such as Microsoft 365 across tenants or a service provider, are shown as rows
/// as well. They do not affect whether the pair is ready.
///
/// With `--profile secure-defaults` it reads the data source `crosstenant_secure_defaults` in both tenants instead: one row for each
/// secure default for collaboration with other organizations, with the configuration that fixes it.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// Configuration to check, by name or by object ID of its service principal. May be repeated. Defaults to every configuration
    /// whose job leads to the target tenant
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Check one tenant only. Of the other tenant, only the tenant ID is needed
    #[arg(long, value_enum, value_name = "SIDE")]
    only: Option<Side>,
    /// Check the prerequisites for synchronizing groups as well
    #[arg(long)]
    groups: bool,
    /// Check the prerequisites for tenants in different Microsoft clouds. Defaults to whether the environments of the two tenants
    /// differ. Required with --only, where only one environment is known
    #[arg(long, conflicts_with = "groups")]
    across_clouds: bool,
    /// Check as well whether users, deleted users or contacts of the target tenant have the names or email addresses of users in
    /// scope. Reads the users of both tenants
    #[arg(long, conflicts_with = "only")]
    collisions: bool,
    /// Checks to run
    #[arg(long, value_enum, value_name = "PROFILE", default_value = "readiness")]
    profile: Profile,
    /// Format of the result: text, json, junit (XML for test reports) or sarif (for code scanning)
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    pair: PairOptions,
}

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for a terminal
    Text,
    /// One JSON document
    Json,
    /// `JUnit` XML: a test case for each row
    Junit,
    /// SARIF 2.1.0: a result for each row
    Sarif,
}

/// One of the two tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The source tenant, whose users are synchronized
    Source,
    /// The target tenant, into which users are synchronized
    Target,
}

const MORE: &str = "\
Exit codes:
  0  ready: every prerequisite that can be determined is met
  1  not ready: at least one prerequisite is not met
  2  undetermined: a tenant could not be read, a permission that synchronization requires is
     missing, or the arguments are wrong

JSON (future versions may add members but will not remove any):
  { \"profile\": \"readiness\" | \"secure-defaults\",
    \"ready\": true | false | null,              for secure defaults: whether every row is met
    \"source\": PART, \"target\": PART,          null for a tenant that is not in --only
    \"configurations\": [ PART with \"service_principal_id\" and \"display_name\" ] }
  If configurations cannot be listed, there is one without ID and name and with an \"error\".
  PART: { \"tenant_id\", \"checks\": [ { \"check\", \"state\", \"passed\", \"detail\", \"symptom\", \"fix\",
          \"expected\", \"why\", \"baselines\" } ], \"error\" }
  state: \"met\", \"not_met\", \"no_permission\", \"not_visible\", or \"allowed\" for a setting that
         allows more than Microsoft's default; passed: true, false or null

Examples:
  SOURCE_... and TARGET_... set as for Terraform:
    terraform-provider-crosstenant check
  With the Azure CLI in both tenants:
    terraform-provider-crosstenant check --source-tenant-id GUID --target-tenant-id GUID
  In a pipeline:
    terraform-provider-crosstenant check --json > readiness.json
    terraform-provider-crosstenant check --profile secure-defaults --format sarif > found.sarif
  Tenants in two Microsoft clouds:
    terraform-provider-crosstenant check --target-environment usgovernmentl4
  One tenant only:
    terraform-provider-crosstenant check --profile secure-defaults --only target";

/// Runs the check, prints the report and returns the verdict.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.pair.redactor());
    let report = match options.profile {
        Profile::Readiness => readiness(&options).await?,
        Profile::SecureDefaults => secure_defaults(&options).await?,
    };
    let format = if options.json {
        Format::Json
    } else {
        options.format
    };
    let text = match format {
        Format::Text => table::rendered(&report, terminal),
        Format::Json => json::document(&report.json()),
        Format::Junit => junit::document(&report),
        Format::Sarif => json::document(&sarif::document(&report)),
    };
    terminal.print(&text)?;
    Ok(report.verdict())
}

/// The other tenant of a pair, and what is to be checked.
#[derive(Clone, Copy)]
struct Partner<'a> {
    id: &'a str,
    /// Its cloud, if it is known and differs.
    cloud: Option<&'a str>,
    groups: bool,
    across_clouds: bool,
}

impl<'a> Partner<'a> {
    /// A tenant of which only the ID is known.
    fn of_id(id: &'a str, options: &Options) -> Self {
        Self {
            id,
            cloud: None,
            groups: options.groups,
            across_clouds: options.across_clouds,
        }
    }

    /// `other` as the partner of `tenant`.
    fn of(other: &'a Tenant, tenant: &Tenant, options: &Options) -> Self {
        let differs = other.cloud() != tenant.cloud();
        let partner = Self::of_id(other.id(), options);
        Self {
            cloud: differs.then(|| other.cloud()),
            across_clouds: partner.across_clouds || differs,
            ..partner
        }
    }

    /// The arguments of the data source.
    fn arguments(self) -> Vec<(&'static str, Value)> {
        let flags = [
            ("groups", self.groups),
            ("across_clouds", self.across_clouds),
        ];
        let flags = flags.into_iter().filter(|(_, on)| *on);
        let mut arguments = vec![("partner_tenant_id", Value::from(self.id))];
        arguments.extend(
            self.cloud
                .map(|cloud| ("partner_cloud", Value::from(cloud))),
        );
        arguments.extend(flags.map(|(name, on)| (name, Value::from(on))));
        arguments
    }
}

/// Checks whether the pair, or one side of it, is ready.
async fn readiness(options: &Options) -> Result<Report, Failure> {
    Ok(match options.only {
        None => {
            let pair = options.pair.open("check")?;
            let seen_from_source = Partner::of(&pair.target, &pair.source, options);
            let seen_from_target = Partner::of(&pair.source, &pair.target, options);
            if options.groups && seen_from_source.across_clouds {
                return Err(groups_across_clouds(&pair.source, &pair.target));
            }
            let (source, target) = tokio::join!(
                from_source(&pair.source, seen_from_source, options),
                part(&pair.target, "target", seen_from_target, None),
            );
            let mut report = Report {
                target: Some(target),
                ..source?
            };
            if options.collisions {
                collisions::add(&pair, &mut report).await;
            }
            report
        }
        Some(Side::Source) => {
            let source = options.pair.open_source("check")?;
            let target = options.pair.target_id()?;
            from_source(&source, Partner::of_id(&target, options), options).await?
        }
        Some(Side::Target) => {
            let target = options.pair.open_target("check")?;
            let source = options.pair.source_id()?;
            Report {
                target: Some(part(&target, "target", Partner::of_id(&source, options), None).await),
                ..Report::default()
            }
        }
    })
}

fn groups_across_clouds(source: &Tenant, target: &Tenant) -> Failure {
    Failure::new(format!(
        "The source tenant is in the cloud {} and the target tenant in {}.\n\nOnly users are synchronized across \
        Microsoft clouds. Omit --groups.",
        source.cloud(),
        target.cloud()
    ))
}

/// Checks whether both tenants, or one of them, comply with the secure defaults.
async fn secure_defaults(options: &Options) -> Result<Report, Failure> {
    if !options.configurations.is_empty() {
        return Err(Failure::new(
            "--configuration can only be used with the profile `readiness`. The profile `secure-defaults` checks all \
            configurations.",
        ));
    }
    let found = async |tenant: &Tenant| Some(read(tenant, "secure_defaults", &[]).await);
    let (source, target) = match options.only {
        None => {
            let pair = options.pair.open("check")?;
            tokio::join!(found(&pair.source), found(&pair.target))
        }
        Some(Side::Source) => (found(&options.pair.open_source("check")?).await, None),
        Some(Side::Target) => (None, found(&options.pair.open_target("check")?).await),
    };
    Ok(Report {
        profile: Profile::SecureDefaults,
        source,
        target,
        configurations: Vec::new(),
    })
}

/// The source tenant and its configurations. If the tenant cannot be read, this is part of the report; a configuration that does not exist
/// is an error of the user.
async fn from_source(
    source: &Tenant,
    target: Partner<'_>,
    options: &Options,
) -> Result<Report, Failure> {
    let wanted = &options.configurations[..];
    let mut report = Report {
        source: Some(part(source, "source", target, None).await),
        ..Report::default()
    };
    let Some(Part {
        rows: Ok(common), ..
    }) = &report.source
    else {
        return Ok(report);
    };
    let configurations = match source::configurations(source, wanted).await {
        Ok(found) if wanted.is_empty() => leading_to(source, target.id, found).await,
        found => found,
    };
    match configurations {
        Ok(found) => {
            let parts = found.into_iter().map(async |configuration| {
                let mut part = part(source, "source", target, Some(&configuration.id)).await;
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

/// The configurations with a job that synchronizes to `target`.
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

/// The rows of one tenant, including those of a configuration if one is given.
async fn part(
    tenant: &Tenant,
    direction: &str,
    partner: Partner<'_>,
    configuration: Option<&str>,
) -> Part {
    let mut arguments = partner.arguments();
    arguments.push(("direction", Value::from(direction)));
    arguments.extend(configuration.map(|id| ("service_principal_id", Value::from(id))));
    read(tenant, "readiness", &arguments).await
}

/// The rows of a data source in one tenant.
async fn read(tenant: &Tenant, source: &str, arguments: &[(&str, Value)]) -> Part {
    let read = tenant.read(source, arguments).await;
    let rows = read.map_err(|why| why.to_string()).map(|found| {
        let of = |list: &str| found.member(list).as_elements().unwrap_or_default().iter();
        let rows = of("checks").filter_map(Row::of);
        rows.chain(of("allowed_beyond_defaults").filter_map(Row::allowed))
            .collect()
    });
    Part {
        tenant_id: tenant.id().to_owned(),
        rows,
    }
}
