//! `/auditLogs`: the provisioning log and the directory audit log.

use serde_json::Value;

use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::{Answer, Refusal};

const PROVISIONING: Entity = Entity {
    name: "provisioningObjectSummary",
    properties: &[
        "id",
        "activityDateTime",
        "changeId",
        "cycleId",
        "durationInMilliseconds",
        "initiatedBy",
        "jobId",
        "modifiedProperties",
        "provisioningAction",
        "provisioningStatusInfo",
        "provisioningSteps",
        "servicePrincipal",
        "sourceIdentity",
        "sourceSystem",
        "targetIdentity",
        "targetSystem",
        "tenantId",
        "action",
        "statusInfo",
    ],
    usual: &[],
    directory: false,
};

const DIRECTORY: Entity = Entity {
    name: "directoryAudit",
    properties: &[
        "id",
        "activityDateTime",
        "activityDisplayName",
        "additionalDetails",
        "category",
        "correlationId",
        "initiatedBy",
        "loggedByService",
        "operationType",
        "result",
        "resultReason",
        "targetResources",
    ],
    usual: &[],
    directory: false,
};

/// Calls per app and tenant that are allowed in ten seconds.
const LIMIT: usize = 5;

fn limit(call: &mut Call) -> Result<(), Refusal> {
    let name = format!("reports {} {}", call.tenant_id, call.app);
    call.world
        .limited(&name, LIMIT)
        .map_or(Ok(()), |wait| Err(Refusal::throttled(Some(wait))))
}

pub(crate) fn provisioning(call: &mut Call) -> Answer {
    limit(call)?;
    odata::list(
        call,
        call.tenant().provisioning_log.iter().rev(),
        &PROVISIONING,
        "auditLogs/provisioning",
    )
}

pub(crate) fn provisioning_entry(call: &mut Call) -> Answer {
    limit(call)?;
    let entry = find(&call.tenant().provisioning_log, call.arg(0))?;
    odata::single(call, entry, &PROVISIONING, "auditLogs/provisioning")
}

pub(crate) fn directory(call: &mut Call) -> Answer {
    limit(call)?;
    odata::list(
        call,
        call.tenant().directory_audits.iter().rev(),
        &DIRECTORY,
        "auditLogs/directoryAudits",
    )
}

pub(crate) fn directory_entry(call: &mut Call) -> Answer {
    limit(call)?;
    let entry = find(&call.tenant().directory_audits, call.arg(0))?;
    odata::single(call, entry, &DIRECTORY, "auditLogs/directoryAudits")
}

fn find<'l>(log: &'l [Value], id: &str) -> Result<&'l Value, Refusal> {
    log.iter()
        .find(|entry| entry["id"] == *id)
        .ok_or_else(|| Refusal::absent(id))
}
