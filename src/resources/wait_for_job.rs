//! Waits for a started job: until it is started, or until it has evaluated all objects once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use super::data_sources::{Quarantine, job_state};
use sdk::prelude::*;

/// The state to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The job is started.
    Started,
    /// A complete cycle has ended.
    InitialCycle,
}

/// The state of the job with regard to the wait.
#[derive(Debug, PartialEq)]
enum Verdict {
    Reached,
    NotYet(String),
    Quarantined(Box<Quarantine>),
}

impl Until {
    /// Parses the value of `wait_for`.
    pub(super) fn of(written: Option<&str>) -> Option<Self> {
        match written {
            Some("started") => Some(Self::Started),
            Some("initial_cycle") => Some(Self::InitialCycle),
            _ => None,
        }
    }
}

/// Returns the last cycle of a job, to be compared after a restart.
pub(super) fn last_cycle(job: &Json) -> Option<String> {
    text(&job["status"]["lastExecution"], "activityIdentifier")
}

/// Waits until the job at `path` has reached the state. `before` is the last cycle before the job was started.
pub(super) async fn wait(
    context: &Context,
    path: &str,
    until: Until,
    before: Option<&str>,
) -> Result {
    let told = Mutex::new(String::new());
    let look = || async {
        let Some(job) = context.graph.get(path).await? else {
            return Err(gone(context, path));
        };
        let verdict = judge(&job, until, before);
        if let Verdict::NotYet(progress) = &verdict {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if *progress != *told {
                tracing::info!(job = path, progress, "waiting for the job");
                told.clone_from(progress);
            }
        }
        Ok(verdict)
    };
    let is_over = |verdict: &Verdict| !matches!(verdict, Verdict::NotYet(_));
    match context.graph.until(Duration::MAX, look, is_over).await {
        Ok(Verdict::Quarantined(quarantine)) => Err(quarantined(*quarantine)),
        Ok(_) => Ok(()),
        Err(Problem::Graph(graph::Error::DeadlineExceeded { .. })) => {
            let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
            Err(not_yet(&told))
        }
        Err(problem) => Err(problem),
    }
}

fn not_yet(told: &str) -> Problem {
    Problem::at(
        "wait_for",
        "Timeout while waiting for the started job",
        format!(
            "The job continues without the provider. {told} Increase `timeouts`; the duration of an initial cycle \
            depends on the number of users. {UNTAINT}"
        ),
    )
}

fn gone(context: &Context, path: &str) -> Problem {
    Problem::at(
        "wait_for",
        "The job was deleted while the provider waited for it",
        format!(
            "Tenant {} no longer has the job at {path}. It was deleted after it was started. Apply again to create it.",
            context.tenant_id()
        ),
    )
}

const UNTAINT: &str = "The job was saved correctly. If Terraform has marked it as tainted, run `terraform untaint` to \
    keep it from being replaced.";

fn judge(job: &Json, until: Until, before: Option<&str>) -> Verdict {
    let status = &job["status"];
    if let Some(quarantine) = job_state::quarantine(status) {
        return Verdict::Quarantined(Box::new(quarantine));
    }
    if job["schedule"]["state"] != "Active" {
        return Verdict::NotYet("The job is not active yet.".to_owned());
    }
    let ran = last_cycle(job).is_some_and(|cycle| Some(cycle.as_str()) != before);
    let last = job_state::execution(&status["lastExecution"]).and_then(|last| last.state);
    // A cycle with failures of single users is complete; the provisioning log contains the failures.
    let is_complete = matches!(last.as_deref(), Some("succeeded" | "entry_level_errors"));
    if until == Until::Started || (ran && is_complete) {
        return Verdict::Reached;
    }
    Verdict::NotYet(job_state::summary(job))
}

fn quarantined(quarantine: Quarantine) -> Problem {
    let said = |part: Option<String>| part.unwrap_or_default();
    let errors = [quarantine.error_code, quarantine.error_message];
    let errors: Vec<String> = errors.into_iter().flatten().collect();
    let error = match errors.join(": ") {
        none if none.is_empty() => none,
        some => format!(" Graph says: {some}."),
    };
    Problem::at(
        "wait_for",
        "The job is in quarantine",
        format!(
            "{} (`{}`){error}\n\n{} To restart the job, change `restart_triggers`, or set `enabled` to `false`, apply, \
            and set it to `true` again. Until then, Graph retries after 6, 12 and 24 hours. {UNTAINT}",
            said(quarantine.explanation),
            said(quarantine.reason),
            said(quarantine.what_to_do),
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, refuse, reply};

    fn job(state: &str, code: &str, execution: &Json) -> Json {
        json!({ "schedule": { "state": state }, "status": { "code": code, "quarantine": null, "lastExecution": execution,
            "progress": [{ "units": "User", "completedUnits": 3, "totalUnits": 9 }] } })
    }

    #[test]
    fn the_placeholder_after_a_start_is_neither_failure_nor_cycle() {
        let placeholder =
            json!({ "state": "Failed", "activityIdentifier": null, "error": { "code": "None" } });
        let started = job("Active", "NotRun", &placeholder);
        assert_eq!(judge(&started, Until::Started, None), Verdict::Reached);
        assert_eq!(
            judge(&started, Until::InitialCycle, None),
            Verdict::NotYet("Running the initial cycle: 33 % done.".to_owned())
        );
        let paused = job("Disabled", "Paused", &Json::Null);
        assert!(matches!(
            judge(&paused, Until::Started, None),
            Verdict::NotYet(_)
        ));
    }

    #[test]
    fn after_a_restart_only_a_new_cycle_counts() {
        let ran = |state: &str| {
            job(
                "Active",
                "Active",
                &json!({ "state": state, "activityIdentifier": "2", "timeEnded": "2026-08-07T10:00:00Z" }),
            )
        };
        assert_eq!(
            judge(&ran("Succeeded"), Until::InitialCycle, Some("1")),
            Verdict::Reached
        );
        assert_eq!(
            judge(&ran("EntryLevelErrors"), Until::InitialCycle, None),
            Verdict::Reached
        );
        assert!(matches!(
            judge(&ran("Succeeded"), Until::InitialCycle, Some("2")),
            Verdict::NotYet(_)
        ));
        assert!(matches!(
            judge(&ran("Failed"), Until::InitialCycle, None),
            Verdict::NotYet(_)
        ));
    }

    #[test]
    fn a_quarantine_ends_the_wait() {
        let mut job = job("Active", "Quarantine", &Json::Null);
        job["status"]["quarantine"] =
            json!({ "reason": "TooManyDeletes", "error": { "code": "X", "message": "Y" } });
        let Verdict::Quarantined(found) = judge(&job, Until::Started, None) else {
            panic!("it goes on waiting");
        };
        let Problem::Diagnostic(said) = quarantined(*found) else {
            panic!("nothing was refused");
        };
        assert!(
            said.detail
                .contains("(`too_many_deletes`) Graph says: X: Y.")
        );
        assert!(said.detail.contains("ForceDeletes") && said.detail.contains("restart_triggers"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_deleted_meanwhile_ends_the_wait_at_once() {
        let mut looks = 0;
        let script = Script::new(move |_| {
            looks += 1;
            if looks < 3 {
                reply(200, &job("Active", "NotRun", &Json::Null))
            } else {
                refuse(404, "Request_ResourceNotFound")
            }
        });
        let context = Context::new(script.client());
        let started = tokio::time::Instant::now();
        let waited = wait(&context, "/jobs/1", Until::InitialCycle, None).await;
        let said = waited.unwrap_err().into_diagnostic("create", "t");
        assert_eq!(
            said.summary,
            "The job was deleted while the provider waited for it"
        );
        assert!(said.detail.contains("/jobs/1"), "{}", said.detail);
        assert_eq!(script.sent().len(), 3);
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    /// A replica that does not return the job yet is not a deletion.
    #[tokio::test(start_paused = true)]
    async fn a_job_that_was_just_created_is_waited_for() {
        const JOBS: &str = "/servicePrincipals/1/synchronization/jobs";
        let mut looks = 0;
        let script = Script::new(move |sent| {
            if sent.method == "POST" {
                return reply(201, &json!({ "id": "Azure2Azure.1.22220000" }));
            }
            looks += 1;
            if looks < 3 {
                refuse(404, "Request_ResourceNotFound")
            } else {
                reply(200, &job("Active", "NotRun", &Json::Null))
            }
        });
        let context = Context::new(script.client());
        let body = json!({});
        context
            .graph
            .post(JOBS, &body, Resend::Never)
            .await
            .unwrap();
        let path = format!("{JOBS}/Azure2Azure.1.22220000");
        wait(&context, &path, Until::Started, None).await.unwrap();
    }
}
