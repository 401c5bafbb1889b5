//! The provisioning log: operations of synchronization on users and groups, and the reasons for skips and failures.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::filter::Filter;
use super::job_state::spelled;
use super::prelude::*;
use super::timestamp::check;
use super::{directory_search, provisioning_log_codes};

attributes! {
    /// Reads the provisioning log of the source tenant, newest entries first. The log records the action for each user
    /// and the reason if the user was skipped or failed.
    ///
    /// Microsoft Graph accepts five of these requests in ten seconds. A new entry may take minutes to appear.
    pub struct ProvisioningLogs {
        /// Object ID of the service principal of the configuration whose entries to return.
        service_principal_id: Option<String> = optional().guid(),
        /// ID of the job whose entries to return.
        job_id: Option<String> = optional().check(Check::NotEmpty),
        /// Source user whose entries to return, by object ID or user principal name. A deleted user can only be found by object ID.
        principal: Option<String> = optional().check(Check::NotEmpty),
        /// Status of the entries to return: `success`, `failure`, `skipped` or `warning`.
        status: Option<String> = optional().one_of(&["success", "failure", "skipped", "warning"]),
        /// Action of the entries to return: `create`, `update`, `delete`, `disable`, `staged_delete` (a deletion above the
        /// threshold, not carried out) or `other`.
        action: Option<String> = optional().one_of(&["create", "update", "delete", "disable", "staged_delete", "other"]),
        /// Time after which, or day from which, entries are returned.
        since: Option<String> = optional().check(Check::That(check)),
        /// Time or day before which entries are returned.
        until: Option<String> = optional().check(Check::That(check)),
        /// Maximum number of entries to read. Defaults to 100.
        max_results: Option<i64> = optional().check(Check::AtLeast(1)),
        /// The entries, newest first.
        entries: Option<Vec<LogEntry>> = read_only(),
        /// Object IDs of source users by the object IDs of their target users, from the successful entries. Pass this map to
        /// `crosstenant_synchronized_users` in the target tenant as `provisioning_links`.
        links: Option<BTreeMap<String, String>> = read_only(),
        /// Tenant ID of the tenant whose log it is.
        tenant_id: Option<String> = read_only(),
    }

    /// Log entry about one user.
    pub struct LogEntry {
        /// ID of the entry.
        id: Option<String> = read_only(),
        /// Time of the entry.
        time: Option<String> = read_only(),
        /// `success`, `failure`, `skipped` or `warning`.
        status: Option<String> = read_only(),
        /// Change that was made: `create`, `update`, `delete`, `disable`, `staged_delete` or `other`.
        action: Option<String> = read_only(),
        /// User in the source tenant.
        source: Option<LogIdentity> = read_only(),
        /// User in the target tenant. Null if there is none.
        target: Option<LogIdentity> = read_only(),
        /// Reason why the user was skipped, as the service spells it, for example `NotEffectivelyEntitled`. Null if the user was
        /// not skipped.
        skip_reason: Option<String> = read_only(),
        /// Clauses of scoping filters that the user does not meet.
        failed_clauses: Option<Vec<String>> = read_only(),
        /// Explanation of why the user was skipped or failed. Null if the action succeeded.
        explanation: Option<String> = read_only(),
        /// Error from the service. Null if there was none.
        error: Option<LogError> = read_only(),
        /// Properties that were changed in the target tenant.
        modified_properties: Option<Vec<ModifiedProperty>> = read_only(),
        /// Steps of the action, in order.
        steps: Option<Vec<LogStep>> = read_only(),
        /// Duration of the action in milliseconds.
        duration_milliseconds: Option<i64> = read_only(),
        /// Object ID of the configuration's service principal.
        service_principal_id: Option<String> = read_only(),
        /// ID of the job.
        job_id: Option<String> = read_only(),
        /// ID of the cycle, which all its entries share.
        cycle_id: Option<String> = read_only(),
        /// ID of the change, for Microsoft support.
        change_id: Option<String> = read_only(),
    }

    /// Identity that an entry is about.
    pub struct LogIdentity {
        /// Object ID of the user or group.
        id: Option<String> = read_only(),
        /// Name of the object.
        display_name: Option<String> = read_only(),
        /// The user principal name.
        user_principal_name: Option<String> = read_only(),
        /// Type of the object, for example `User`.
        kind: Option<String> = read_only().named("identityType"),
    }

    /// Error of an entry.
    pub struct LogError {
        /// Code of the error.
        code: Option<String> = read_only().named("errorCode"),
        /// Reason for the error.
        reason: Option<String> = read_only(),
        /// Additional details of the error.
        additional_details: Option<String> = read_only(),
        /// Category of the error: `failure`, `nonServiceFailure` or `success`.
        category: Option<String> = read_only().named("errorCategory"),
        /// Action that Microsoft recommends.
        recommended_action: Option<String> = read_only(),
    }

    /// One property that changed.
    pub struct ModifiedProperty {
        /// Name of the property.
        name: Option<String> = read_only().named("displayName"),
        /// Value before the change.
        old_value: Option<String> = read_only(),
        /// Value after the change.
        new_value: Option<String> = read_only(),
    }

    /// One step.
    pub struct LogStep {
        /// Name of the step, for example `EntrySynchronizationScoping`.
        name: Option<String> = read_only(),
        /// Phase of the step: `import`, `scoping`, `matching`, `processing`, `referenceResolution` or `export`.
        kind: Option<String> = read_only().named("provisioningStepType"),
        /// `success`, `failure`, `skipped` or `warning`.
        status: Option<String> = read_only(),
        /// Description of the step.
        description: Option<String> = read_only(),
        /// Details of the step, by name.
        details: Option<BTreeMap<String, String>> = read_only(),
    }
}

impl DataSource for ProvisioningLogs {
    const NAME: &'static str = "provisioning_logs";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &["GET /auditLogs/provisioning", "GET /users/{id}"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let source_id = match &config.principal {
            Some(principal) => Some(id_of(context, principal).await?),
            None => None,
        };
        let most = directory_search::most(config.max_results);
        let path = format!(
            "/auditLogs/provisioning?{}$orderby=activityDateTime%20desc&$top={}",
            config.filter(source_id.as_deref()).option(),
            most.min(500)
        );
        let found = directory_search::distinct(context.graph.list_first(&path, most).await?);
        let entries = found.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Self {
            links: Some(links(&found)),
            entries: Some(entries),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl ProvisioningLogs {
    /// Returns the filter in the form of Microsoft's page: IDs are compared in lower case.
    fn filter(&self, source_id: Option<&str>) -> Filter {
        let lower = |id: &Option<String>| id.as_ref().map(|id| id.to_lowercase());
        let action = self.action.as_deref().map(|action| match action {
            "staged_delete" => "stagedDelete",
            plain => plain,
        });
        Filter::default()
            .and(lower(&self.service_principal_id).as_deref(), |id| {
                format!("contains(tolower(servicePrincipal/id),{id})")
            })
            .and(self.job_id.as_deref(), |id| format!("jobId eq {id}"))
            .and(source_id.map(str::to_lowercase).as_deref(), |id| {
                format!("contains(tolower(sourceIdentity/id),{id})")
            })
            .and(self.status.as_deref(), |status| {
                format!("provisioningStatusInfo/status eq {status}")
            })
            .and(action, |action| format!("provisioningAction eq {action}"))
            .timestamp(self.since.as_deref(), "activityDateTime gt")
            .timestamp(self.until.as_deref(), "activityDateTime lt")
    }
}

/// Converts an ID or a user principal name to an object ID. The log cannot be filtered by user principal name.
async fn id_of(context: &Context, principal: &str) -> Result<String> {
    if is_guid(principal) {
        return Ok(principal.to_owned());
    }
    let path = format!("{}?$select=id", graph::user(principal));
    let found = context.graph.get(&path).await?;
    found.and_then(|user| text(&user, "id")).ok_or_else(|| {
        let detail = format!(
            "Tenant {} has no user {principal:?}. To find a deleted user, use the object ID.",
            context.tenant_id()
        );
        Problem::at("principal", format!("User {principal:?} not found"), detail)
    })
}

fn entry(json: &Json) -> Result<LogEntry> {
    let info = &json["provisioningStatusInfo"];
    let error = &info["errorInformation"];
    let steps = json["provisioningSteps"].as_array().into_iter().flatten();
    let modified = json["modifiedProperties"].as_array().into_iter().flatten();
    Ok(LogEntry {
        id: text(json, "id"),
        time: text(json, "activityDateTime"),
        status: text(info, "status"),
        action: text(json, "provisioningAction").map(|action| spelled(&action)),
        source: identity(&json["sourceIdentity"])?,
        target: identity(&json["targetIdentity"])?,
        skip_reason: provisioning_log_codes::skip_reason(json),
        failed_clauses: Some(provisioning_log_codes::failed_clauses(json)),
        explanation: provisioning_log_codes::explanation(json),
        error: if error.is_object() {
            Some(model(error)?)
        } else {
            None
        },
        modified_properties: Some(modified.map(model).collect::<Result<_, _>>()?),
        steps: Some(steps.map(step).collect()),
        duration_milliseconds: json["durationInMilliseconds"].as_i64(),
        service_principal_id: text(&json["servicePrincipal"], "id"),
        job_id: text(json, "jobId"),
        cycle_id: text(json, "cycleId"),
        change_id: text(json, "changeId"),
    })
}

/// Returns source users by target user. The newest entry about a target user takes precedence; the newest entries come first.
fn links(entries: &[Json]) -> BTreeMap<String, String> {
    let mut links = BTreeMap::new();
    for entry in entries {
        let is_user = |side: &str| {
            let kind = entry[side]["identityType"].as_str();
            kind.is_none_or(|kind| kind.eq_ignore_ascii_case("User"))
        };
        let succeeded = entry["provisioningStatusInfo"]["status"] == "success";
        let ids = ["targetIdentity", "sourceIdentity"].map(|side| text(&entry[side], "id"));
        if let [Some(target), Some(source)] = ids
            && succeeded
            && is_user("sourceIdentity")
            && is_user("targetIdentity")
        {
            links.entry(target.to_lowercase()).or_insert(source);
        }
    }
    links
}

/// Graph returns an identity without an ID if there is none.
fn identity(json: &Json) -> Result<Option<LogIdentity>> {
    let Some(id) = text(json, "id") else {
        return Ok(None);
    };
    let details = &json["details"];
    Ok(Some(LogIdentity {
        id: Some(id),
        user_principal_name: text(details, "UserPrincipalName")
            .or_else(|| text(details, "userPrincipalName")),
        ..model(json)?
    }))
}

fn step(json: &Json) -> LogStep {
    let details = json["details"].as_object().into_iter().flatten();
    let details = details.filter(|(name, value)| !value.is_null() && !name.starts_with('@'));
    let plain = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    LogStep {
        name: text(json, "name"),
        kind: text(json, "provisioningStepType"),
        status: text(json, "status"),
        description: text(json, "description"),
        details: Some(
            details
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nothing() -> ProvisioningLogs {
        ProvisioningLogs::from_object(&terraform::Object::new()).unwrap()
    }

    #[test]
    fn the_filter_is_the_documented_one() {
        let logs = ProvisioningLogs {
            service_principal_id: Some("ABCD".into()),
            status: Some("failure".into()),
            action: Some("staged_delete".into()),
            since: Some("2026-01-01".into()),
            ..nothing()
        };
        let expected = "contains(tolower(servicePrincipal/id),'abcd') and contains(tolower(sourceIdentity/id),'u1') and \
                        provisioningStatusInfo/status eq 'failure' and provisioningAction eq 'stagedDelete' and \
                        activityDateTime gt 2026-01-01T00:00:00Z";
        assert_eq!(logs.filter(Some("U1")).text(), expected);
        assert_eq!(nothing().filter(None).option(), "");
    }

    #[test]
    fn an_entry_may_lack_everything() {
        let nobody = json!({ "id": "", "displayName": null });
        let bare = entry(&json!({ "id": "1", "targetIdentity": nobody })).unwrap();
        assert_eq!(
            (bare.target, bare.error, bare.explanation),
            (None, None, None)
        );
        assert_eq!(bare.steps, Some(Vec::new()));
    }

    #[test]
    fn details_of_a_step_become_texts() {
        let odd = json!({ "details": { "a": "x", "b": 7, "c": null, "@odata.type": "#t" } });
        let details = step(&odd).details.unwrap();
        let expected = [("a", "x"), ("b", "7")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(details, BTreeMap::from(expected));
    }
}
