//! Interprets the status that Graph returns for a job: removes its pitfalls and explains its codes. Used by all readers of a job.

use serde_json::Value as Json;

use super::prelude::*;
use super::provisioning_job::{Execution, ExecutionError, Quarantine};
use super::timestamp::timestamp;

/// Converts a code to Terraform's spelling: `EntryLevelErrors` becomes `entry_level_errors`.
pub(super) fn spelled(code: &str) -> String {
    let mut spelled = String::with_capacity(code.len() + 4);
    for (at, letter) in code.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    spelled
}

/// Returns the state of a job. Graph returns "Quarantine" as the state of a quarantined job.
pub(super) fn state(status: &Json) -> Option<String> {
    let code = text(status, "code")?;
    Some(match code.as_str() {
        "Quarantine" => "quarantined".to_owned(),
        code => spelled(code),
    })
}

/// Whether the job has completed the initial cycle.
pub(super) fn is_past_initial_cycle(status: &Json) -> bool {
    timestamp(&status["steadyStateFirstAchievedTime"]).is_some()
        || status["lastSuccessfulExecution"].is_object()
}

/// Returns the progress of the initial cycle in percent; `None` if Graph does not return it. Only a completed cycle has 100.
pub(super) fn progress(status: &Json) -> Option<i64> {
    if is_past_initial_cycle(status) {
        return Some(100);
    }
    let sum = |member: &str| {
        let units = status["progress"].as_array().into_iter().flatten();
        units
            .filter_map(|unit| unit[member].as_i64())
            .filter(|number| *number > 0)
            .fold(0, i64::saturating_add)
    };
    let (completed, total) = (sum("completedUnits"), sum("totalUnits"));
    (total > 0).then(|| (completed.saturating_mul(100) / total).clamp(0, 99))
}

/// Reads an execution; `None` if there was none. Right after a start, Graph returns one that seems to have failed: it began and ended in
/// the year 1 and has no error.
pub(crate) fn execution(json: &Json) -> Option<Execution> {
    if !json.is_object() {
        return None;
    }
    let error = &json["error"];
    let code = text(error, "code").filter(|code| code != "None");
    let (began, ended) = (timestamp(&json["timeBegan"]), timestamp(&json["timeEnded"]));
    if began.is_none() && ended.is_none() && code.is_none() {
        return None;
    }
    let count = |member: &str| json[member].as_i64();
    Some(Execution {
        state: text(json, "state").map(|state| spelled(&state)),
        began,
        ended,
        entitled: count("countEntitled"),
        imported: count("countImported"),
        exported: count("countExported"),
        failed: count("countEscrowed"),
        error: code.map(|code| ExecutionError {
            code: Some(code),
            message: text(error, "message"),
            is_tenant_actionable: error["tenantActionable"].as_bool(),
        }),
        id: text(json, "activityIdentifier"),
    })
}

/// Reads and explains the quarantine of a job. Graph may return a quarantine without details.
pub(crate) fn quarantine(status: &Json) -> Option<Quarantine> {
    let json = &status["quarantine"];
    if !json.is_object() && status["code"] != "Quarantine" {
        return None;
    }
    let reason = text(json, "reason").unwrap_or_else(|| "Unknown".to_owned());
    let error = &json["error"];
    let code = text(error, "code").filter(|code| code != "None");
    let (explanation, what_to_do) = explained(&reason, code.as_deref());
    Some(Quarantine {
        reason: Some(spelled(&reason)),
        explanation: Some(explanation.to_owned()),
        what_to_do: Some(what_to_do.to_owned()),
        error_code: code,
        error_message: text(error, "message"),
        since: timestamp(&json["seriesBegan"]).or_else(|| timestamp(&json["currentBegan"])),
        attempts: json["seriesCount"].as_i64(),
        next_attempt: timestamp(&json["nextAttempt"]),
    })
}

const POLICIES: &str = "Check `crosstenant_readiness` in both tenants: `crosstenant_trust_settings` must allow automatic \
                        redemption, outbound in the source and inbound in the target, and `crosstenant_sync_policy` in the \
                        target must allow users. Then restart the job.";
const FAILURES: &str = "Find entries with the status `failure` in `crosstenant_provisioning_logs`, fix their cause, \
    and restart the job.";

/// Returns the meaning of a reason, and the action that ends the quarantine.
fn explained(reason: &str, code: Option<&str>) -> (&'static str, &'static str) {
    let is_policy = code.is_some_and(|code| code.contains("PolicyCheckFailure"));
    match reason {
        "EncounteredQuarantineException" if is_policy => (
            "The policies of the two tenants no longer allow the synchronization.",
            POLICIES,
        ),
        "EncounteredQuarantineException" => (
            "The whole cycle failed: the target tenant could not be reached or refused the service.",
            "Read the error of the quarantine, check `crosstenant_readiness` in both tenants, then restart the job.",
        ),
        "EncounteredBaseEscrowThreshold" => {
            ("Too many users failed, so the job stopped.", FAILURES)
        }
        "EncounteredTotalEscrowThreshold" => (
            "The total number of users that failed in all cycles exceeds the limit of the service.",
            FAILURES,
        ),
        "EncounteredEscrowProportionThreshold" => (
            "The share of users that failed exceeds the limit of the service, about 40 percent.",
            FAILURES,
        ),
        "TooManyDeletes" => (
            "A cycle would have deleted more users than `accidental_deletion_threshold` allows, so no users were deleted.",
            "Find entries with the action `staged_delete` in `crosstenant_provisioning_logs`. If the deletions are \
            intended, restart the job with `reset_scope = [\"ForceDeletes\"]`; otherwise, bring the users back into \
            scope and restart the job.",
        ),
        "IngestionInterrupted" => (
            "Reading the source tenant was interrupted.",
            "Restart the job. If it happens again, contact Microsoft support with the ID of the job.",
        ),
        "QuarantinedOnDemand" => (
            "The job was put into quarantine intentionally, by an administrator or by Microsoft.",
            "Find the reason, for example in `crosstenant_audit_logs`, then restart the job.",
        ),
        _ => (
            "Microsoft Graph does not return the reason.",
            "Check `crosstenant_provisioning_logs` and `crosstenant_readiness`, then restart the job.",
        ),
    }
}

/// Summarizes the state of the job in one or two sentences.
pub(crate) fn summary(job: &Json) -> String {
    let status = &job["status"];
    let last = execution(&status["lastExecution"]);
    let code = status["code"].as_str().unwrap_or_default();
    let is_started = job["schedule"]["state"] == "Active";
    if let Some(quarantine) = quarantine(status) {
        return in_quarantine(quarantine);
    }
    match code {
        "NotConfigured" => "Not configured: the job has no credentials yet.".to_owned(),
        _ if !is_started && last.is_none() => "Never started.".to_owned(),
        _ if !is_started => format!("Paused.{}", ended(last.as_ref())),
        _ if !is_past_initial_cycle(status) => match (progress(status), &last) {
            (Some(percent), _) => format!("Running the initial cycle: {percent} % done."),
            (None, None) => "Started; the initial cycle has not begun yet.".to_owned(),
            (None, Some(_)) => {
                format!(
                    "Running; no cycle has completed without errors yet.{}",
                    ended(last.as_ref())
                )
            }
        },
        _ => format!("Running.{}", ended(last.as_ref())),
    }
}

fn in_quarantine(quarantine: Quarantine) -> String {
    let since = quarantine
        .since
        .map_or_else(String::new, |since| format!(" since {since}"));
    let explanation = quarantine.explanation.unwrap_or_default();
    let next = quarantine
        .next_attempt
        .map_or_else(String::new, |next| format!(" Next attempt: {next}."));
    format!("In quarantine{since}: {explanation}{next}")
}

fn ended(last: Option<&Execution>) -> String {
    let Some(last) = last else {
        return String::new();
    };
    let when = last.ended.as_deref().unwrap_or("at an unknown time");
    let failed = last.failed.unwrap_or_default();
    let how = match (last.state.as_deref(), &last.error) {
        (Some("succeeded"), _) => "without errors".to_owned(),
        (Some("entry_level_errors"), _) => format!("with errors in {failed} entries"),
        (_, Some(error)) => format!("with {}", error.code.as_deref().unwrap_or("an error")),
        (state, None) => format!("as {}", state.unwrap_or("unknown")),
    };
    format!(" The last cycle ended {when} {how}.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NEVER: &str = "0001-01-01T00:00:00Z";
    const AT: &str = "2026-08-07T10:00:00Z";

    fn placeholder() -> Json {
        json!({ "state": "Failed", "timeBegan": NEVER, "timeEnded": NEVER, "activityIdentifier": null,
            "countExported": 0, "error": { "code": "None", "message": "", "tenantActionable": false } })
    }

    fn ran(state: &str, failed: i64) -> Json {
        json!({ "state": state, "timeBegan": AT, "timeEnded": AT, "countEscrowed": failed, "error": { "code": "None" } })
    }

    fn job(state: &str, status: &Json) -> Json {
        json!({ "schedule": { "state": state }, "status": status })
    }

    #[test]
    fn codes_are_spelled_as_words() {
        let state = |code: &str| state(&json!({ "code": code })).unwrap();
        assert_eq!(
            [
                "NotConfigured",
                "NotRun",
                "Active",
                "Paused",
                "Quarantine",
                "SomethingNew"
            ]
            .map(state),
            [
                "not_configured",
                "not_run",
                "active",
                "paused",
                "quarantined",
                "something_new"
            ]
        );
    }

    #[test]
    fn the_placeholder_after_a_start_is_not_a_failure() {
        assert_eq!(execution(&placeholder()), None);
        assert_eq!(execution(&Json::Null), None);
        let mut failed = placeholder();
        failed["error"]["code"] = json!("AzureActiveDirectoryForbidden");
        let error = execution(&failed).unwrap().error.unwrap();
        assert_eq!(error.code.as_deref(), Some("AzureActiveDirectoryForbidden"));
        let ended = execution(&ran("Failed", 0)).unwrap();
        assert_eq!(
            (ended.state.as_deref(), ended.error),
            (Some("failed"), None)
        );
    }

    #[test]
    fn progress_is_that_of_the_initial_cycle() {
        let unit = |done: i64, all: i64| json!({ "completedUnits": done, "totalUnits": all });
        let of = |units: &[Json]| {
            progress(&json!({ "progress": units, "steadyStateFirstAchievedTime": NEVER }))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[unit(0, 0)]), None);
        assert_eq!(of(&[unit(1, 3), unit(1, 1)]), Some(50));
        assert_eq!(of(&[unit(9, 3)]), Some(99));
        assert_eq!(
            progress(&json!({ "steadyStateFirstAchievedTime": AT })),
            Some(100)
        );
        assert_eq!(
            progress(&json!({ "lastSuccessfulExecution": {} })),
            Some(100)
        );
    }

    #[test]
    fn a_quarantine_says_what_to_do() {
        let of = |reason: &str, code: &str| {
            let said = json!({ "reason": reason, "error": { "code": code }, "seriesBegan": AT, "nextAttempt": NEVER });
            quarantine(&json!({ "quarantine": said })).unwrap()
        };
        let policies = of(
            "EncounteredQuarantineException",
            "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
        );
        assert!(
            policies
                .what_to_do
                .unwrap()
                .contains("crosstenant_trust_settings")
        );
        assert_eq!(policies.next_attempt, None);
        let deletes = of("TooManyDeletes", "None");
        assert_eq!(
            (deletes.reason.as_deref(), deletes.error_code),
            (Some("too_many_deletes"), None)
        );
        assert!(deletes.what_to_do.unwrap().contains("ForceDeletes"));
        assert!(quarantine(&Json::Null).is_none());
        let bare = quarantine(&json!({ "code": "Quarantine", "quarantine": null })).unwrap();
        assert_eq!(bare.reason.as_deref(), Some("unknown"));
    }

    #[test]
    fn the_summary_follows_the_life_of_a_job() {
        let says = |state: &str, status: Json| summary(&job(state, &status));
        assert_eq!(
            says("Disabled", json!({ "code": "Paused" })),
            "Never started."
        );
        let fresh = json!({ "code": "NotRun", "lastExecution": placeholder(), "progress": [] });
        assert_eq!(
            says("Active", fresh),
            "Started; the initial cycle has not begun yet."
        );
        let halfway =
            json!({ "code": "Active", "progress": [{ "completedUnits": 1, "totalUnits": 2 }] });
        assert_eq!(
            says("Active", halfway),
            "Running the initial cycle: 50 % done."
        );
        let errors = json!({ "code": "Active", "lastExecution": ran("EntryLevelErrors", 3) });
        assert!(says("Active", errors).ends_with("with errors in 3 entries."));
        let steady = json!({ "code": "Active", "steadyStateFirstAchievedTime": AT, "lastExecution": ran("Succeeded", 0) });
        assert_eq!(
            says("Active", steady.clone()),
            format!("Running. The last cycle ended {AT} without errors.")
        );
        assert!(says("Disabled", steady).starts_with("Paused. The last cycle ended"));
        let locked = json!({ "code": "Quarantine", "quarantine": { "reason": "TooManyDeletes", "seriesBegan": AT } });
        assert!(says("Active", locked).starts_with(&format!("In quarantine since {AT}: A cycle")));
    }
}
