//! `status`: shows the status of the jobs of a source tenant, once or periodically.

mod failures;
mod report;
mod table;
mod watch;

use std::time::Duration;

use clap::{Args, ValueEnum};
use futures::StreamExt as _;
use futures::stream;

use self::report::{Line, Report};
use super::source::{self, Configuration};
use super::{Failure, SingleOptions, Tenant, Terminal, Verdict, json};
use terraform::Value;

/// Show the status of provisioning jobs
///
/// Shows one line for each job of the source tenant: its state, the progress of the initial cycle, the last cycle with
/// its errors, and the reason for a quarantine with the recommended action. With --watch, the view is refreshed until
/// Ctrl-C. Nothing is changed.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
pub struct Options {
    /// Configuration to show, by name or by object ID of its service principal. May be repeated. Defaults to all configurations
    #[arg(long = "configuration", value_name = "NAME|ID")]
    configurations: Vec<String>,
    /// Refresh the view until Ctrl-C. On a terminal, the view is redrawn; otherwise, a line is added for each change
    #[arg(long)]
    watch: bool,
    /// Time between two refreshes
    #[arg(long, requires = "watch", value_name = "DURATION", default_value = "30s", value_parser = interval)]
    interval: Duration,
    /// Stop watching once every job has reached this point, or once a job is in quarantine
    #[arg(long, requires = "watch", value_enum, value_name = "WHEN")]
    until: Option<Until>,
    /// Show the newest failures of each job as well, with their causes, from the provisioning log. Defaults to five failures
    #[arg(long, value_name = "COUNT", num_args = 0..=1, require_equals = true, default_missing_value = "5",
        value_parser = clap::value_parser!(u16).range(1..=100))]
    errors: Option<u16>,
    /// Write JSON instead: one document, or with --watch one line for each refresh
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tenant: SingleOptions,
}

/// When to stop watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Until {
    /// The initial cycle of every job that runs is finished
    InitialCycle,
    /// A cycle of every job that runs has ended since the watch began
    NextCycle,
}

const MORE: &str = "\
The tenant is read from --tenant-id, SOURCE_TENANT_ID or ARM_TENANT_ID, and so are the other
arguments for signing in; --environment-prefix sets another prefix than SOURCE.

Exit codes (with --watch, those of the last refresh):
  0  no job is in quarantine
  1  at least one job is in quarantine
  2  undetermined: a job could not be read, or the arguments are wrong

JSON (future versions may add members but will not remove any):
  { \"quarantined\": true | false | null, \"tenant_id\",
    \"jobs\": [ { \"configuration\", \"service_principal_id\", \"job_id\", \"target_tenant_id\", \"scope\",
                \"error\", \"job\", \"failures\", \"failures_error\" } ] }
  job: the attributes of the data source crosstenant_provisioning_job; null if there is no job,
    or if there is an error
  failures: with --errors, entries of the data source crosstenant_provisioning_logs, newest first;
    failures_error is the reason if they could not be read; otherwise null

Examples:
  terraform-provider-crosstenant status --errors
  terraform-provider-crosstenant status --watch --configuration \"Contoso to Fabrikam\"
  terraform-provider-crosstenant status --watch --until initial-cycle && echo finished";

/// After this number of refreshes, the list of jobs is read again.
const ROUNDS_PER_LIST: u32 = 10;

/// The number of jobs that are read concurrently.
const AT_A_TIME: usize = 8;

fn interval(text: &str) -> Result<Duration, String> {
    match terraform::duration(text) {
        Some(time) if time >= Duration::from_secs(1) => Ok(time),
        Some(_) => Err("at least one second, to limit the load on Microsoft Graph".to_owned()),
        None => Err("a length of time such as \"30s\" or \"5m\"".to_owned()),
    }
}

/// Reads the jobs, prints their status, and returns the verdict.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    terminal.redact_with(options.tenant.redactor());
    let tenant = options.tenant.open("status", "SOURCE")?;
    let mut view = View {
        tenant,
        wanted: options.configurations.clone(),
        failures: failures::Log::new(options.errors),
        jobs: Vec::new(),
    };
    if options.watch {
        return watch::run(&mut view, &options, terminal).await;
    }
    view.list().await?;
    let report = view.look().await;
    if options.json {
        terminal.print(&json::document(&report.json()))?;
    } else {
        terminal.print(&table::rendered(&report, terminal))?;
    }
    Ok(report.verdict())
}

/// The jobs that are shown.
struct View {
    tenant: Tenant,
    wanted: Vec<String>,
    failures: failures::Log,
    jobs: Vec<Entry>,
}

/// A job, a configuration without one, or one whose jobs cannot be listed.
struct Entry {
    configuration: Configuration,
    job: Result<Option<source::Job>, String>,
}

impl View {
    /// Lists the jobs.
    async fn list(&mut self) -> Result<(), Failure> {
        let found = source::configurations(&self.tenant, &self.wanted).await?;
        let tenant = &self.tenant;
        let jobs = stream::iter(found).map(async |configuration| {
            let jobs = source::jobs(tenant, &configuration).await;
            let entry = |job| Entry {
                configuration: configuration.clone(),
                job,
            };
            match jobs {
                Err(why) => vec![entry(Err(why.to_string()))],
                Ok(jobs) if jobs.is_empty() => vec![entry(Ok(None))],
                Ok(jobs) => jobs.into_iter().map(|job| entry(Ok(Some(job)))).collect(),
            }
        });
        let entries: Vec<Vec<Entry>> = jobs.buffered(AT_A_TIME).collect().await;
        self.jobs = entries.into_iter().flatten().collect();
        self.failures.forget();
        Ok(())
    }

    /// Reads each job once.
    async fn look(&self) -> Report {
        let lines = stream::iter(&self.jobs).map(async |entry| {
            let state = match &entry.job {
                Err(why) => Err(why.clone()),
                Ok(None) => Ok(Value::Null),
                Ok(Some(job)) => self.state(entry, job).await,
            };
            let job = entry.job.as_ref().ok().and_then(Option::as_ref);
            let mut line = Line {
                configuration: entry.configuration.clone(),
                job: job.cloned(),
                state,
                failures: None,
            };
            line.failures = self.failures.of(&self.tenant, &line).await;
            line
        });
        Report {
            tenant_id: self.tenant.id().to_owned(),
            lines: lines.buffered(AT_A_TIME).collect().await,
        }
    }

    async fn state(&self, entry: &Entry, job: &source::Job) -> Result<Value, String> {
        let arguments = [
            (
                "service_principal_id",
                Value::from(entry.configuration.id.as_str()),
            ),
            ("id", Value::from(job.id.as_str())),
        ];
        let read = self.tenant.read("provisioning_job", &arguments).await;
        read.map_err(|why| why.to_string())
    }
}
