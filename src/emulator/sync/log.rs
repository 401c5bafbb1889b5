//! The entries of the provisioning log and the audit logs for one object.

use serde_json::{Value, json};
use uuid::Uuid;

use super::cycle::Cycle;
use super::mapping::Flow;

/// One entry before it is written.
pub(super) struct Entry<'u> {
    action: &'static str,
    user: &'u Value,
    target: Value,
    scoping: Value,
    status: &'static str,
    error: Value,
    modified: Vec<Value>,
    description: String,
    unresolved: Vec<String>,
}

/// `User` or `Group`.
pub(super) fn kind(object: &Value) -> &'static str {
    let is_group = object["securityEnabled"].is_boolean();
    if is_group { "Group" } else { "User" }
}

/// The name of an object in the log.
pub(super) fn name(object: &Value) -> &str {
    let upn = object["userPrincipalName"].as_str();
    let shown = object["displayName"].as_str();
    let shown = shown.filter(|_| kind(object) == "Group");
    upn.or(shown).or(object["id"].as_str()).unwrap_or_default()
}

/// Merges two entries that belong together: of an object, and of its references.
pub(super) fn merged(mut first: Value, second: &Value) -> Value {
    let status = |line: &Value| line["provisioningStatusInfo"]["status"].clone();
    if second.is_null() {
        return first;
    }
    if first.is_null() || status(&first) == "skipped" {
        return second.clone();
    }
    for member in ["modifiedProperties", "provisioningSteps"] {
        let more = second[member].as_array().cloned().unwrap_or_default();
        if let Some(list) = first[member].as_array_mut() {
            list.extend(more);
        }
    }
    if status(second) == "failure" {
        first["provisioningStatusInfo"] = second["provisioningStatusInfo"].clone();
    }
    first
}

impl<'u> Entry<'u> {
    pub(super) fn new(action: &'static str, user: &'u Value) -> Self {
        Self {
            action,
            user,
            target: Value::Null,
            scoping: json!({}),
            status: "success",
            error: Value::Null,
            modified: Vec::new(),
            description: String::new(),
            unresolved: Vec::new(),
        }
    }

    pub(super) fn target(mut self, user: &Value) -> Self {
        self.target = user.clone();
        self
    }

    pub(super) fn scoping(mut self, details: Value) -> Self {
        self.scoping = details;
        self
    }

    pub(super) fn skipped(mut self, code: &str, reason: &str) -> Self {
        self.status = "skipped";
        self.problem(code, reason, "nonServiceFailure")
    }

    pub(super) fn failed(mut self, code: &str, reason: &str) -> Self {
        self.status = "failure";
        self.problem(code, reason, "failure")
    }

    fn problem(mut self, code: &str, reason: &str, category: &str) -> Self {
        self.error = json!({
            "errorCode": code, "reason": reason, "additionalDetails": null, "errorCategory": category,
            "recommendedAction": null,
        });
        reason.clone_into(&mut self.description);
        self
    }

    /// Adds a step for each user to which a reference could not be resolved.
    pub(super) fn unresolved(self, role: &str, users: Vec<String>) -> Self {
        let code = "UnableToResolveReferenceAttributeValue";
        let why = format!(
            "The {role} could not be assigned because the target directory does not have: {}.",
            users.join(", ")
        );
        let mut failed = self.failed(code, &why);
        failed.unresolved = users;
        failed
    }

    /// Adds the changed properties with their old values.
    pub(super) fn modified(mut self, before: &Value, flows: &[Flow]) -> Self {
        let text = |value: &Value| match value {
            Value::Null => Value::Null,
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        };
        let line = |flow: &Flow| {
            let name = flow.property.trim_start_matches('_');
            json!({ "displayName": name, "oldValue": text(&before[flow.property.as_str()]), "newValue": text(&flow.value) })
        };
        self.modified = flows.iter().map(line).collect();
        self
    }

    fn kind(&self) -> &'static str {
        match kind(&self.target) {
            "Group" => "Group",
            _ => kind(self.user),
        }
    }

    fn steps(&self) -> Vec<Value> {
        let mut steps = Vec::new();
        let kind = self.kind();
        let name = name(self.user);
        let mut step = |name: &str,
                        step_kind: &str,
                        status: &str,
                        description: String,
                        details: Value| {
            steps.push(json!({
                "name": name, "provisioningStepType": step_kind, "status": status, "description": description, "details": details,
            }));
        };
        let verb = match self.action {
            "create" => "Add",
            "delete" | "stagedDelete" => "Delete",
            _ => "Update",
        };
        let source = json!({ "objectId": self.user["id"], "userPrincipalName": self.user["userPrincipalName"] });
        step(
            &format!("EntryImport{verb}"),
            "import",
            "success",
            format!("Received {kind} '{name}' from the source directory"),
            source,
        );
        let out_of_scope = self.scoping["SkipReason"].is_string();
        let scoping = if out_of_scope && self.status == "skipped" {
            "skipped"
        } else {
            "success"
        };
        step(
            "EntrySynchronizationScoping",
            "scoping",
            scoping,
            format!("Determined whether {kind} '{name}' is in scope"),
            self.scoping.clone(),
        );
        if out_of_scope && self.status == "skipped" {
            return steps;
        }
        let found = if self.target.is_null() || self.action == "create" {
            "No matching user was found in the target directory"
        } else {
            "A matching user was found in the target directory"
        };
        step(
            "EntryMatching",
            "matching",
            "success",
            found.to_owned(),
            json!({ "matchingProperty": if kind == "Group" { "originId" } else { "alternativeSecurityIds" } }),
        );
        let description = if self.description.is_empty() {
            format!("{kind} '{name}' will be written to the target directory ({verb})")
        } else {
            self.description.clone()
        };
        step(
            &format!("EntrySynchronization{verb}"),
            "processing",
            self.status,
            description.clone(),
            json!({}),
        );
        for missing in &self.unresolved {
            let about = format!("'{missing}' could not be referred to by {kind} '{name}'");
            let details =
                json!({ "reportableIdentifier": missing, "ErrorCode": self.error["errorCode"] });
            step("EntryExportReference", "export", "failure", about, details);
        }
        if self.status != "skipped" && self.unresolved.is_empty() {
            let mut details = json!({ "reportableIdentifier": name });
            if let Some(code) = self.error["errorCode"].as_str() {
                details["ErrorCode"] = json!(code);
            }
            step(
                &format!("EntryExport{verb}"),
                "export",
                self.status,
                description,
                details,
            );
        }
        steps
    }
}

/// Writes the entry and its audit entries, and returns the entry as stored in the log.
pub(super) fn write(cycle: &mut Cycle, entry: &Entry) -> Value {
    let line = line(cycle, entry);
    let now = cycle.world.clock.text();
    let mut audits = vec![audit(cycle, entry, &now)];
    let away = (entry.status == "success" && entry.action != "stagedDelete")
        .then(|| target_audit(entry, &now));
    let source = cycle.source;
    cycle.world.tenants[source]
        .directory_audits
        .append(&mut audits);
    cycle.world.tenants[source]
        .provisioning_log
        .push(line.clone());
    let target = cycle.target;
    cycle.world.tenants[target].directory_audits.extend(away);
    line
}

fn line(cycle: &Cycle, entry: &Entry) -> Value {
    let principal = &cycle.job.service_principal;
    let name = cycle
        .source()
        .service_principals
        .get(principal)
        .map_or(Value::Null, |object| object["displayName"].clone());
    let kind = entry.kind();
    let identity = |user: &Value| {
        json!({
            "id": user["id"].as_str().unwrap_or_default(), "displayName": user["displayName"], "identityType": kind,
            "details": { "id": user["id"], "odatatype": kind, "DisplayName": user["displayName"], "UserPrincipalName": user["userPrincipalName"] },
        })
    };
    json!({
        "id": Uuid::new_v4().to_string(),
        "activityDateTime": cycle.world.clock.text(),
        // In the source tenant's log, Microsoft's sample shows the target tenant here.
        "tenantId": cycle.target().tenant_id,
        "jobId": cycle.job.id,
        "cycleId": cycle.id,
        "changeId": Uuid::new_v4().to_string(),
        "provisioningAction": entry.action,
        "durationInMilliseconds": 40,
        "servicePrincipal": { "id": principal, "displayName": name },
        "sourceSystem": { "id": Uuid::nil().to_string(), "displayName": "Microsoft Entra ID", "details": {} },
        "targetSystem": {
            "id": Uuid::nil().to_string(), "displayName": "Microsoft Entra ID (target tenant)",
            "details": { "ServicePrincipalId": principal, "ServicePrincipalDisplayName": name },
        },
        "initiatedBy": { "id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system" },
        "sourceIdentity": identity(entry.user),
        "targetIdentity": identity(&entry.target),
        "provisioningStatusInfo": { "status": entry.status, "errorInformation": entry.error },
        "provisioningSteps": entry.steps(),
        "modifiedProperties": entry.modified,
    })
}

fn audit(cycle: &Cycle, entry: &Entry, now: &str) -> Value {
    let activity = if entry.status == "skipped" {
        "Synchronization rule action"
    } else {
        "Export"
    };
    let result = if entry.status == "failure" {
        "failure"
    } else {
        "success"
    };
    let principal = &cycle.job.service_principal;
    json!({
        "id": format!("Sync_{}", Uuid::new_v4()),
        "category": "ProvisioningManagement",
        "correlationId": cycle.id,
        "result": result,
        "resultReason": entry.description,
        "activityDisplayName": activity,
        "activityDateTime": now,
        "loggedByService": "Account Provisioning",
        "operationType": "",
        "initiatedBy": { "user": null, "app": { "appId": null, "displayName": "Azure AD Cloud Sync", "servicePrincipalId": null, "servicePrincipalName": null } },
        "targetResources": [
            { "id": principal, "displayName": null, "type": "ServicePrincipal", "userPrincipalName": null, "groupType": null, "modifiedProperties": [] },
            { "id": entry.user["id"], "displayName": entry.user["displayName"], "type": entry.kind(), "userPrincipalName": entry.user["userPrincipalName"], "groupType": null, "modifiedProperties": [] },
        ],
        "additionalDetails": [{ "key": "JobId", "value": cycle.job.id }],
    })
}

/// The entry in the target tenant, where the synchronization service appears as an application.
fn target_audit(entry: &Entry, now: &str) -> Value {
    let (activity, operation) = match entry.action {
        "create" => ("Add", "Add"),
        "delete" => ("Delete", "Delete"),
        _ => ("Update", "Update"),
    };
    let kind = entry.kind();
    json!({
        "id": format!("Directory_{}", Uuid::new_v4()),
        "category": format!("{kind}Management"),
        "correlationId": Uuid::new_v4().to_string(),
        "result": "success",
        "resultReason": "",
        "activityDisplayName": format!("{activity} {}", kind.to_lowercase()),
        "activityDateTime": now,
        "loggedByService": "Core Directory",
        "operationType": operation,
        "initiatedBy": { "user": null, "app": { "appId": null, "displayName": "Microsoft.Azure.SyncFabric", "servicePrincipalId": null, "servicePrincipalName": null } },
        "targetResources": [{
            "id": entry.target["id"], "displayName": entry.target["displayName"], "type": kind,
            "userPrincipalName": entry.target["userPrincipalName"], "groupType": null, "modifiedProperties": entry.modified,
        }],
        "additionalDetails": [],
    })
}
