//! Refreshes the status periodically: the view is redrawn on a terminal; otherwise, changes are written as lines.

use std::collections::HashMap;
use std::io;

use super::super::terminal::printable;
use super::super::{Failure, Terminal, Verdict};
use super::report::{Line, Report};
use super::{Options, ROUNDS_PER_LIST, Until, View, table};

/// Refreshes until Ctrl-C, or until the condition of `--until` is met.
pub(super) async fn run(
    view: &mut View,
    options: &Options,
    terminal: &mut Terminal,
) -> Result<Verdict, Failure> {
    let mut end = std::pin::pin!(end()?);
    let mut seen = Seen::default();
    let outcome = tokio::select! {
        outcome = rounds(view, options, terminal, &mut seen) => outcome,
        () = &mut end => Ok(()),
    };
    terminal.stop_drawing()?;
    outcome.map(|()| seen.verdict.unwrap_or(Verdict::Unknown))
}

/// The results of earlier refreshes.
#[derive(Default)]
struct Seen {
    verdict: Option<Verdict>,
    /// The last cycle of each job at the first refresh.
    first_cycles: Option<HashMap<(String, String), Option<String>>>,
    /// The last line that was written for each job.
    lines: HashMap<(String, String), String>,
}

async fn rounds(
    view: &mut View,
    options: &Options,
    terminal: &mut Terminal,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let mut clock = tokio::time::interval(options.interval);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for round in 0_u32.. {
        clock.tick().await;
        if round.is_multiple_of(ROUNDS_PER_LIST) {
            match view.list().await {
                // The first list shows whether anything can be read at all; later ones may fail temporarily.
                Err(why) if round == 0 => return Err(why),
                Err(why) => terminal.note(&format!("{why}")),
                Ok(()) => {}
            }
        }
        let report = view.look().await;
        seen.verdict = Some(report.verdict());
        show(&report, options, terminal, seen)?;
        if options
            .until
            .is_some_and(|until| seen.is_reached(until, &report))
        {
            return Ok(());
        }
    }
    Ok(())
}

fn show(
    report: &Report,
    options: &Options,
    terminal: &mut Terminal,
    seen: &mut Seen,
) -> Result<(), Failure> {
    if options.json {
        return terminal.print(&format!("{}\n", report.json()));
    }
    if terminal.is_terminal() {
        let now = jiff::Zoned::now().strftime("%H:%M:%S").to_string();
        let head = format!(
            "{now}, refreshed every {:?}. Press Ctrl-C to stop; jobs are not affected.\n",
            options.interval
        );
        return terminal.draw(&format!("{head}{}", table::rendered(report, terminal)));
    }
    for line in &report.lines {
        let text = table::one_line(report, line);
        if seen.lines.insert(key(line), text.clone()).as_ref() != Some(&text) {
            let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
            terminal.print(&format!("{now} {text}\n"))?;
            for failure in table::failures(line) {
                let words: Vec<&str> = failure.split_whitespace().collect();
                terminal.print(&format!("  {}\n", printable(&words.join(" "))))?;
            }
        }
    }
    Ok(())
}

fn key(line: &Line) -> (String, String) {
    let (configuration, job) = line.key();
    (configuration.to_owned(), job.to_owned())
}

impl Seen {
    /// Whether every started job has reached this point. A quarantine ends the wait, because the next attempt is hours away.
    fn is_reached(&mut self, until: Until, report: &Report) -> bool {
        let first = self.first_cycles.get_or_insert_with(|| {
            let lines = report.lines.iter();
            lines.map(|line| (key(line), line.last_cycle())).collect()
        });
        let is_far = |line: &Line| match until {
            Until::InitialCycle => line.is_past_initial_cycle(),
            Until::NextCycle => {
                line.last_cycle().is_some()
                    && first
                        .get(&key(line))
                        .is_none_or(|before| *before != line.last_cycle())
            }
        };
        let mut running = report.lines.iter().filter(|line| line.is_running());
        report.lines.iter().any(Line::is_quarantined)
            || (report.lines.iter().all(|line| line.state.is_ok()) && running.all(is_far))
    }
}

/// Completes when the user or the system stops the command. From now on, these signals do not end the process.
#[cfg(unix)]
fn end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes when the user stops the command.
#[cfg(windows)]
fn end() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::line;
    use super::*;
    use terraform::Value;

    fn report(lines: Vec<Line>) -> Report {
        Report {
            tenant_id: "t".to_owned(),
            lines,
        }
    }

    fn running(cycle: &str, finished: bool) -> Line {
        let last = Value::Object([("id".to_owned(), cycle.into())].into());
        line(
            "a",
            &[
                ("is_running", true.into()),
                ("is_initial_cycle_finished", finished.into()),
                ("last_execution", last),
            ],
        )
    }

    #[test]
    fn it_waits_for_the_initial_cycle_of_every_job_that_runs() {
        let reached =
            |lines: Vec<Line>| Seen::default().is_reached(Until::InitialCycle, &report(lines));
        let paused = || line("b", &[]);
        assert!(!reached(vec![running("1", false), running("2", true)]));
        assert!(reached(vec![running("1", true), paused()]));
        assert!(reached(vec![
            running("1", false),
            line("c", &[("state", "quarantined".into())])
        ]));
        let unread = Line {
            state: Err("no".to_owned()),
            ..paused()
        };
        assert!(!reached(vec![running("1", true), unread]));
    }

    #[test]
    fn only_a_cycle_that_ended_since_counts() {
        let mut seen = Seen::default();
        assert!(!seen.is_reached(Until::NextCycle, &report(vec![running("1", true)])));
        assert!(!seen.is_reached(Until::NextCycle, &report(vec![running("1", true)])));
        assert!(seen.is_reached(Until::NextCycle, &report(vec![running("2", true)])));
    }
}
