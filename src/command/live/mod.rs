//! `live`: tests facts that no published source documents in two real test tenants, and shows the results.

mod fact;
mod facts;
mod finding;
mod life;
mod made;
mod partners;
mod redaction;
mod report;
mod side;
mod stage;
mod sweep;
mod transcript;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::fact::{Fact, Probe};
use self::finding::{Finding, Obstacle};
use self::made::CreatedPartners;
use self::redaction::Redaction;
use self::report::{Report, Row};
use self::stage::Stage;
use super::{Failure, PairOptions, Terminal, Verdict, json};

/// Test undocumented behavior of Microsoft Graph in two test tenants
///
/// For test tenants only. Tests each fact that the provider assumes about Microsoft Graph without a published source,
/// and shows whether it was confirmed. Tests that only read run first. The others create partner entries between the
/// two tenants and applications whose names begin with "crosstenant-live". They start no synchronization and remove
/// everything at the end. If a run was killed, the next run removes what it left behind.
#[derive(Args, Debug)]
#[command(after_long_help = MORE)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own, and all combinations mean something"
)]
pub struct Options {
    /// Fact to test, by its ID. May be repeated. Defaults to all facts
    #[arg(long = "fact", value_name = "ID")]
    facts: Vec<String>,
    /// Run only tests that read
    #[arg(long)]
    read_only: bool,
    /// List the facts and their tests, without signing in
    #[arg(long)]
    list: bool,
    /// Maximum number of users that a test tenant may have
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    max_users: u64,
    /// Remove existing partner entries between the two tenants, even if this command did not create them
    #[arg(long)]
    adopt_partners: bool,
    /// Time to wait until an object that was written can be read, for example 60s
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "90s")]
    patience: Duration,
    /// Directory for transcripts, in which IDs, names and addresses are replaced
    #[arg(long, value_name = "FOLDER")]
    transcripts: Option<PathBuf>,
    /// File that records what the next run has to remove if this run is killed
    #[arg(long, value_name = "FILE", default_value = ".crosstenant-live.json")]
    record: PathBuf,
    /// Write one JSON document instead of the table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pair: PairOptions,
}

const MORE: &str = "\
Exit codes:
  0  every fact that can be tested was confirmed
  1  a fact was not confirmed, or an object could not be removed
  2  some facts could not be tested: a permission is missing, a tenant has too many users or could
     not be read, or the arguments are wrong

JSON (future versions may add members but will not remove any):
  { \"facts\": [ { \"fact\", \"statement\", \"outcome\", \"detail\" } ], \"left_behind\": [ TEXT ] }
  outcome: \"seen_so\", \"seen_otherwise\" or \"not_tried\"

Examples:
  SOURCE_... and TARGET_... set as for Terraform:
    terraform-provider-crosstenant live --transcripts transcripts
  Without changing anything:
    terraform-provider-crosstenant live --read-only";

fn duration(text: &str) -> Result<Duration, String> {
    terraform::duration(text).ok_or_else(|| "a duration such as \"90s\" is expected".to_owned())
}

/// Runs the tests, prints the results and returns the verdict.
pub(super) async fn run(options: Options, terminal: &mut Terminal) -> Result<Verdict, Failure> {
    let facts = chosen(&options.facts)?;
    if options.list {
        let lines = facts.into_iter().map(listed);
        terminal.print(&lines.collect::<String>())?;
        return Ok(Verdict::Good);
    }
    terminal.redact_with(options.pair.redactor());
    let pair = options.pair.open("live")?;
    let tenants = [pair.source, pair.target];
    let ids = tenants.each_ref().map(|tenant| tenant.id().to_owned());
    let made = CreatedPartners::read(options.record.clone(), ids);
    let mut stage = Stage::new(tenants, options.patience, made)?;
    sweep::prepare(&mut stage, options.max_users, options.adopt_partners).await?;
    stage.keep_as_before();
    let mut report = Report::default();
    let tried = tokio::select! {
        tried = rounds(&mut stage, facts, &options, terminal, &mut report) => tried,
        _ = tokio::signal::ctrl_c() => Err(Failure::new("Interrupted. Removing the objects that were created.")),
    };
    report.left = sweep::clean(&mut stage).await;
    if options.json {
        terminal.print(&json::document(&report.json()))?;
    } else {
        terminal.print(&report.rendered(terminal))?;
    }
    tried.map(|()| report.verdict())
}

/// The selected facts, with those that only read first.
fn chosen(ids: &[String]) -> Result<Vec<&'static Fact>, Failure> {
    let all: Vec<&Fact> = facts::all().collect();
    if let Some(unknown) = ids.iter().find(|id| all.iter().all(|fact| fact.id != **id)) {
        let known: Vec<&str> = all.iter().map(|fact| fact.id).collect();
        return Err(Failure::new(format!(
            "There is no fact \"{unknown}\".\n\nThe facts are {}.",
            known.join(", ")
        )));
    }
    let mut chosen: Vec<&Fact> = all
        .into_iter()
        .filter(|fact| ids.is_empty() || ids.iter().any(|id| id == fact.id))
        .collect();
    chosen.sort_by_key(|fact| matches!(fact.probe, Probe::Changes(_) | Probe::Lives(_)));
    Ok(chosen)
}

fn listed(fact: &Fact) -> String {
    let how = match fact.probe {
        Probe::Reads(_) => "by reading".to_owned(),
        Probe::Changes(_) => "by making objects".to_owned(),
        Probe::Lives(_) => "by the life of a resource".to_owned(),
        Probe::None(why) => format!("not tried: {why}"),
    };
    format!("{}\n  {}\n  {how}\n", fact.id, fact.statement)
}

async fn rounds(
    stage: &mut Stage,
    facts: Vec<&'static Fact>,
    options: &Options,
    terminal: &mut Terminal,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut redaction = Redaction::default();
    for fact in facts {
        if !matches!(fact.probe, Probe::None(_)) {
            terminal.note(fact.id);
        }
        stage.begin();
        let outcome = tried(stage, fact, options.read_only).await;
        // The requests of the provider in a lifecycle are not recorded.
        let is_life = matches!(fact.probe, Probe::Lives(_));
        if let (Some(folder), Ok(finding), false) = (&options.transcripts, &outcome, is_life) {
            let text = transcript::transcript(fact, finding, stage, &mut redaction);
            transcript::write(folder, fact, &text, &options.pair.redactor())?;
        }
        report.rows.push(Row { fact, outcome });
    }
    Ok(())
}

async fn tried(stage: &mut Stage, fact: &Fact, read_only: bool) -> Result<Finding, Obstacle> {
    match fact.probe {
        Probe::Changes(_) | Probe::Lives(_) if read_only => {
            finding::obstacle("it needs changes, and --read-only is set")
        }
        Probe::Reads(trial) | Probe::Changes(trial) | Probe::Lives(trial) => trial(stage).await,
        Probe::None(why) => finding::obstacle(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page lists the same facts, with the test of each.
    #[test]
    fn the_page_of_unverified_facts_is_complete() {
        let page = include_str!("../../../docs/internals/unverified.md");
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        let shown: Vec<(&str, &str)> = rows
            .map(|row| {
                let cells: Vec<&str> = row.split(" | ").collect();
                let id = cells[0].trim_start_matches("| `").trim_end_matches('`');
                (id, cells[cells.len() - 1].trim_end_matches(" |"))
            })
            .collect();
        let declared: Vec<(&str, &str)> = facts::all()
            .map(|fact| {
                let how = match fact.probe {
                    Probe::Reads(_) => "reads",
                    Probe::Changes(_) => "changes",
                    Probe::Lives(_) => "lives",
                    Probe::None(why) => why,
                };
                (fact.id, how)
            })
            .collect();
        assert_eq!(shown, declared);
        let mut ids: Vec<&str> = declared.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), declared.len());
    }
}
