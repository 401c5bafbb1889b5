//! The status of a job as Graph returns it.

use serde_json::{Value, json};

use crate::clock::{YEAR_ONE, moment};
use crate::job::Job;

/// The interval of this template, which cannot be changed.
const INTERVAL: &str = "PT40M";
const HOUR: i64 = 3_600_000;

/// The status of a job that was never started.
pub(crate) fn untouched() -> Value {
    json!({
        "countSuccessiveCompleteFailures": 0,
        "escrowsPruned": false,
        "code": "Paused",
        "lastExecution": null,
        "lastSuccessfulExecution": null,
        "lastSuccessfulExecutionWithExports": null,
        "quarantine": null,
        "steadyStateFirstAchievedTime": YEAR_ONE,
        "steadyStateLastAchievedTime": YEAR_ONE,
        "troubleshootingUrl": "",
        "progress": [],
        "synchronizedEntryCountByType": [],
    })
}

/// The execution that Graph returns before the first one: its state looks like a failure but is none.
pub(crate) fn placeholder() -> Value {
    execution(
        &Counts::default(),
        "Failed",
        ("None", ""),
        None,
        (YEAR_ONE, YEAR_ONE),
    )
}

/// The counts of a cycle.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts {
    pub(super) evaluated: usize,
    pub(super) entitled: usize,
    pub(super) exported: usize,
    pub(super) failed: usize,
    /// References whose other end is not in the target. They do not make the cycle fail.
    pub(super) unresolved: usize,
    /// Memberships and managers that changed.
    pub(super) references: usize,
}

fn execution(
    counts: &Counts,
    state: &str,
    (code, message): (&str, &str),
    activity: Option<&str>,
    (began, ended): (&str, &str),
) -> Value {
    json!({
        "activityIdentifier": activity,
        "countEntitled": counts.entitled,
        "countEntitledForProvisioning": counts.entitled,
        "countEscrowed": counts.failed + counts.unresolved,
        "countEscrowedRaw": counts.failed + counts.unresolved,
        "countExported": counts.exported,
        "countExports": counts.exported,
        "countImported": counts.evaluated,
        "countImportedDeltas": 0,
        "countImportedReferenceDeltas": counts.references,
        "state": state,
        "error": { "code": code, "message": message, "tenantActionable": code != "None" },
        "timeBegan": began,
        "timeEnded": ended,
    })
}

/// A job as Graph returns it.
pub(crate) fn rendered(job: &Job) -> Value {
    json!({
        "id": job.id,
        "templateId": job.template_id,
        "schedule": { "expiration": null, "interval": INTERVAL, "state": job.state },
        "status": job.status,
        "synchronizationJobSettings": [
            { "name": "AzureIngestionAttributeOptimization", "value": "False" },
            { "name": "LookaheadQueryEnabled", "value": "False" },
        ],
    })
}

/// Records a completed cycle, with or without failed entries; `synchronized` are users and groups. That groups are counted as well as users
/// is UNVERIFIED.
pub(super) fn ran(
    status: &mut Value,
    counts: &Counts,
    synchronized: (usize, usize),
    activity: &str,
    now: &str,
) {
    let state = if counts.failed + counts.unresolved > 0 {
        "EntryLevelErrors"
    } else {
        "Succeeded"
    };
    let execution = execution(counts, state, ("None", ""), Some(activity), (now, now));
    status["code"] = json!("Active");
    status["quarantine"] = Value::Null;
    status["countSuccessiveCompleteFailures"] = json!(0);
    status["lastExecution"] = execution.clone();
    if counts.failed == 0 {
        status["lastSuccessfulExecution"] = execution.clone();
        if counts.exported > 0 {
            status["lastSuccessfulExecutionWithExports"] = execution;
        }
        if status["steadyStateFirstAchievedTime"] == YEAR_ONE {
            status["steadyStateFirstAchievedTime"] = json!(now);
        }
        status["steadyStateLastAchievedTime"] = json!(now);
    }
    status["progress"] = json!([]);
    let (users, groups) = synchronized;
    let mut by_type = vec![json!({ "key": "User to User", "value": users })];
    if groups > 0 {
        by_type.push(json!({ "key": "Group to Group", "value": groups }));
    }
    status["synchronizedEntryCountByType"] = json!(by_type);
}

/// The reason why a whole cycle failed.
pub(super) struct Failure<'f> {
    pub(super) reason: &'f str,
    pub(super) code: &'f str,
    pub(super) message: &'f str,
}

/// Puts the job into quarantine or keeps it there, and returns the milliseconds until the next attempt.
pub(super) fn quarantined(status: &mut Value, failure: &Failure, activity: &str, now: i64) -> i64 {
    let text = moment(now);
    let error =
        json!({ "code": failure.code, "message": failure.message, "tenantActionable": true });
    let (began, count) = match &status["quarantine"] {
        Value::Null => (json!(text), 1),
        earlier => (
            earlier["seriesBegan"].clone(),
            earlier["seriesCount"].as_i64().unwrap_or(0) + 1,
        ),
    };
    let wait = match count {
        1 => 6 * HOUR,
        2 => 12 * HOUR,
        _ => 24 * HOUR,
    };
    let failures = status["countSuccessiveCompleteFailures"]
        .as_i64()
        .unwrap_or(0)
        + 1;
    status["code"] = json!("Quarantine");
    status["countSuccessiveCompleteFailures"] = json!(failures);
    status["quarantine"] = json!({
        "currentBegan": text, "error": error, "nextAttempt": moment(now + wait), "reason": failure.reason,
        "seriesBegan": began, "seriesCount": count,
    });
    status["lastExecution"] = execution(
        &Counts::default(),
        "Failed",
        (failure.code, failure.message),
        Some(activity),
        (&text, &text),
    );
    status["progress"] = json!([]);
    wait
}

/// Sets the progress of a cycle that has just begun.
pub(super) fn underway(status: &mut Value, total: usize, now: &str) {
    status["progress"] = json!([{
        "units": "User", "completedUnits": 0, "totalUnits": total, "progressObservationDateTime": now,
    }]);
}
