//! The status of all jobs, and the verdict. No I/O.

use serde_json::{Value as Json, json};

use super::super::Verdict;
use super::super::json::{json as as_json, number, text};
use super::super::source::{Configuration, Job};
use super::failures::Failures;
use terraform::Value;

/// The result of one refresh.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) tenant_id: String,
    pub(super) lines: Vec<Line>,
}

/// One job, or a configuration without one.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) configuration: Configuration,
    pub(super) job: Option<Job>,
    /// The data source `crosstenant_provisioning_job`, null if there is no job, or the reason why it could not be read.
    pub(super) state: Result<Value, String>,
    /// The latest failures, if they are requested.
    pub(super) failures: Option<Failures>,
}

impl Line {
    /// Identifies the job between refreshes.
    pub(super) fn key(&self) -> (&str, &str) {
        let job = self.job.as_ref().map_or("", |job| job.id.as_str());
        (&self.configuration.id, job)
    }

    /// The data source, if it could be read.
    pub(super) fn found(&self) -> &Value {
        self.state.as_ref().unwrap_or(&Value::Null)
    }

    pub(super) fn is_quarantined(&self) -> bool {
        !self.found().member("quarantine").is_null()
            || self.found().member("state").as_str() == Some("quarantined")
    }

    /// Whether the job is started.
    pub(super) fn is_running(&self) -> bool {
        self.found().member("is_running").as_bool() == Some(true)
    }

    pub(super) fn is_past_initial_cycle(&self) -> bool {
        self.found().member("is_initial_cycle_finished").as_bool() == Some(true)
    }

    /// ID of the last cycle.
    pub(super) fn last_cycle(&self) -> Option<String> {
        text(self.found().member("last_execution"), "id")
    }

    /// The state of the job in a word.
    pub(super) fn word(&self) -> String {
        if self.state.is_err() {
            return "cannot be read".to_owned();
        }
        if self.found().is_null() {
            return "no job".to_owned();
        }
        if self.is_quarantined() {
            return "quarantined".to_owned();
        }
        if !self.is_running() {
            let has_run = !self.found().member("last_execution").is_null();
            return if has_run { "paused" } else { "never started" }.to_owned();
        }
        if self.is_past_initial_cycle() {
            "running".to_owned()
        } else {
            "initial cycle".to_owned()
        }
    }

    /// Progress of the initial cycle, in percent.
    pub(super) fn progress(&self) -> Option<i64> {
        number(self.found(), "progress")
    }

    /// The summary of the data source, or the reason why there is none.
    pub(super) fn summary(&self) -> String {
        match &self.state {
            Err(why) => why.clone(),
            Ok(Value::Null) => {
                "The configuration has no job yet. A `crosstenant_provisioning_job` creates one."
                    .to_owned()
            }
            Ok(found) => text(found, "summary").unwrap_or_default(),
        }
    }

    fn json(&self) -> Json {
        let job = self.job.as_ref();
        let entries = self.failures.as_ref().and_then(|found| found.as_ref().ok());
        let unread = self
            .failures
            .as_ref()
            .and_then(|found| found.as_ref().err());
        json!({
            "configuration": self.configuration.name,
            "service_principal_id": self.configuration.id,
            "job_id": job.map(|job| &job.id),
            "target_tenant_id": job.and_then(|job| job.target_tenant_id.as_ref()),
            "scope": job.and_then(|job| job.scope.as_ref()),
            "error": self.state.as_ref().err(),
            "job": as_json(self.found()),
            "failures": entries.map(|entries| entries.iter().map(as_json).collect::<Vec<_>>()),
            "failures_error": unread,
        })
    }
}

impl Report {
    /// The name of a job: that of its configuration, with the ID if the name is not unique.
    pub(super) fn label(&self, line: &Line) -> String {
        let Configuration { id, name } = &line.configuration;
        let others = self.lines.iter().filter(|other| other.key() != line.key());
        let (mut of_others, mut of_its_own) = (false, false);
        for other in others.filter(|other| other.configuration.name == *name) {
            let is_its_own = other.configuration.id == *id;
            of_its_own |= is_its_own;
            of_others |= !is_its_own;
        }
        let mut marks = Vec::new();
        if of_others {
            marks.push(id.as_str());
        }
        if of_its_own {
            marks.extend(line.job.as_ref().map(|job| job.id.as_str()));
        }
        if marks.is_empty() {
            name.clone()
        } else {
            format!("{name} ({})", marks.join(", "))
        }
    }

    /// Whether a job is in quarantine, if that is known.
    pub(super) fn verdict(&self) -> Verdict {
        if self.lines.iter().any(Line::is_quarantined) {
            Verdict::Bad
        } else if self.lines.iter().any(|line| line.state.is_err()) {
            Verdict::Unknown
        } else {
            Verdict::Good
        }
    }

    /// The report as JSON. Its format is documented, and members are only ever added.
    pub(super) fn json(&self) -> Json {
        let quarantined = match self.verdict() {
            Verdict::Good => Some(false),
            Verdict::Bad => Some(true),
            Verdict::Unknown | Verdict::Refused => None,
        };
        let jobs: Vec<Json> = self.lines.iter().map(Line::json).collect();
        json!({ "quarantined": quarantined, "tenant_id": self.tenant_id, "jobs": jobs })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A job with these attributes of the data source.
    pub(in super::super) fn line(name: &str, members: &[(&str, Value)]) -> Line {
        let members = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Line {
            configuration: Configuration {
                id: format!("id of {name}"),
                name: name.to_owned(),
            },
            job: Some(Job {
                id: "Azure2Azure.1".to_owned(),
                target_tenant_id: None,
                scope: Some("assigned".to_owned()),
                enabled: Some(true),
            }),
            state: Ok(Value::Object(members.collect())),
            failures: None,
        }
    }

    fn report(lines: Vec<Line>) -> Report {
        Report {
            tenant_id: "t".to_owned(),
            lines,
        }
    }

    #[test]
    fn a_word_for_every_stage() {
        let running = ("is_running", Value::from(true));
        let ran = (
            "last_execution",
            Value::Object([("id".to_owned(), "1".into())].into()),
        );
        let finished = ("is_initial_cycle_finished", Value::from(true));
        let word = |members: &[(&str, Value)]| line("a", members).word();
        assert_eq!(word(&[("summary", "x".into())]), "never started");
        assert_eq!(word(std::slice::from_ref(&ran)), "paused");
        assert_eq!(word(std::slice::from_ref(&running)), "initial cycle");
        assert_eq!(word(&[running.clone(), finished]), "running");
        assert_eq!(
            word(&[running, ("state", "quarantined".into())]),
            "quarantined"
        );
    }

    #[test]
    fn quarantine_counts_more_than_what_cannot_be_read() {
        let well = || line("a", &[("is_running", true.into())]);
        let locked = || line("b", &[("state", "quarantined".into())]);
        let unread = || Line {
            state: Err("no".to_owned()),
            ..well()
        };
        assert_eq!(report(vec![]).verdict(), Verdict::Good);
        assert_eq!(report(vec![well()]).verdict(), Verdict::Good);
        assert_eq!(report(vec![well(), unread()]).verdict(), Verdict::Unknown);
        assert_eq!(report(vec![unread(), locked()]).verdict(), Verdict::Bad);
        let json = report(vec![unread()]).json();
        assert_eq!(
            (&json["quarantined"], &json["jobs"][0]["error"]),
            (&Json::Null, &json!("no"))
        );
    }
}
