//! The directory audit log: changes and the users or applications that made them.

use serde_json::Value as Json;

use super::directory_search;
use super::filter::Filter;
use super::prelude::*;
use super::provisioning_logs::ModifiedProperty;
use super::timestamp::check;

attributes! {
    /// Reads the audit log of the directory of either tenant, newest entries first. The log records which user or application
    /// changed an object.
    ///
    /// In the source tenant, synchronization writes entries of the category `ProvisioningManagement`. In the target tenant,
    /// its changes have the initiator `Microsoft.Azure.SyncFabric`. Microsoft Graph accepts five of these requests in ten
    /// seconds.
    pub struct AuditLogs {
        /// Category of the entries to return, for example `ProvisioningManagement`, `UserManagement` or `ApplicationManagement`.
        category: Option<String> = optional().check(Check::NotEmpty),
        /// Activity of the entries to return, for example `Add user`.
        activity: Option<String> = optional().check(Check::NotEmpty),
        /// Initiator of the entries to return: the user principal name of a user, or the name of an application.
        initiator: Option<String> = optional().check(Check::NotEmpty),
        /// Service whose entries to return, for example `Account Provisioning` or `Core Directory`.
        logged_by_service: Option<String> = optional().check(Check::NotEmpty),
        /// Earliest time or day of the entries to return.
        since: Option<String> = optional().check(Check::That(check)),
        /// Latest time or day of the entries to return.
        until: Option<String> = optional().check(Check::That(check)),
        /// Maximum number of entries to read. Defaults to 100.
        max_results: Option<i64> = optional().check(Check::AtLeast(1)),
        /// The entries, newest first.
        entries: Option<Vec<AuditEntry>> = read_only(),
        /// Tenant ID of the tenant whose log it is.
        tenant_id: Option<String> = read_only(),
    }

    /// One thing that was done.
    pub struct AuditEntry {
        /// ID of the entry.
        id: Option<String> = read_only(),
        /// Time of the entry.
        time: Option<String> = read_only().named("activityDateTime"),
        /// Name of the activity, for example `Add user`.
        activity: Option<String> = read_only().named("activityDisplayName"),
        /// Category of the activity.
        category: Option<String> = read_only(),
        /// Type of operation, for example `Add`, `Update` or `Delete`.
        operation: Option<String> = read_only().named("operationType"),
        /// `success`, `failure` or `timeout`.
        result: Option<String> = read_only(),
        /// Reason for the result, if the log gives one.
        result_reason: Option<String> = read_only(),
        /// User principal name of the user, or name of the application, that made the change.
        initiator: Option<String> = read_only().local(),
        /// Service that wrote the entry.
        logged_by_service: Option<String> = read_only(),
        /// Objects that were changed.
        targets: Option<Vec<AuditTarget>> = read_only().named("targetResources"),
        /// Additional details of the entry.
        additional_details: Option<Vec<AuditDetail>> = read_only(),
        /// ID shared by all entries about the same operation.
        correlation_id: Option<String> = read_only(),
    }

    /// Target of an operation.
    pub struct AuditTarget {
        /// Object ID of the changed object.
        id: Option<String> = read_only(),
        /// Name of the object.
        display_name: Option<String> = read_only(),
        /// Type of the object, for example `User` or `ServicePrincipal`.
        kind: Option<String> = read_only().named("type"),
        /// The user principal name, if the object is a user.
        user_principal_name: Option<String> = read_only(),
        /// Properties that were changed.
        modified_properties: Option<Vec<ModifiedProperty>> = read_only(),
    }

    /// One fact.
    pub struct AuditDetail {
        /// Name of the detail.
        key: Option<String> = read_only(),
        /// Value of the detail.
        value: Option<String> = read_only(),
    }
}

impl DataSource for AuditLogs {
    const NAME: &'static str = "audit_logs";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &["GET /auditLogs/directoryAudits"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let most = directory_search::most(config.max_results);
        let path = format!(
            "/auditLogs/directoryAudits?{}$orderby=activityDateTime%20desc&$top={}",
            config.query().option(),
            most.min(500)
        );
        let found = directory_search::distinct(context.graph.list_first(&path, most).await?);
        Ok(Self {
            entries: Some(found.iter().map(entry).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl AuditLogs {
    fn query(&self) -> Filter {
        Filter::default()
            .and(self.category.as_deref(), |it| format!("category eq {it}"))
            .and(self.activity.as_deref(), |it| {
                format!("activityDisplayName eq {it}")
            })
            .and(self.initiator.as_deref(), |it| {
                if it.contains('@') {
                    format!("initiatedBy/user/userPrincipalName eq {it}")
                } else {
                    format!("initiatedBy/app/displayName eq {it}")
                }
            })
            .and(self.logged_by_service.as_deref(), |it| {
                format!("loggedByService eq {it}")
            })
            .timestamp(self.since.as_deref(), "activityDateTime ge")
            .timestamp(self.until.as_deref(), "activityDateTime le")
    }
}

fn entry(json: &Json) -> Result<AuditEntry> {
    let by = &json["initiatedBy"];
    let initiator = text(&by["user"], "userPrincipalName")
        .or_else(|| text(&by["app"], "displayName"))
        .or_else(|| text(&by["user"], "id"))
        .or_else(|| text(&by["app"], "servicePrincipalId"));
    Ok(AuditEntry {
        initiator,
        ..model(json)?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initiators_are_people_or_applications() {
        let nothing = AuditLogs::from_object(&terraform::Object::new()).unwrap();
        let by = |initiator: &str| {
            let logs = AuditLogs {
                initiator: Some(initiator.into()),
                until: Some("2026-02-01".into()),
                ..nothing.clone()
            };
            logs.query().text()
        };
        assert_eq!(
            by("ada@contoso.example"),
            "initiatedBy/user/userPrincipalName eq 'ada@contoso.example' and activityDateTime le 2026-02-01T00:00:00Z"
        );
        assert!(
            by("Microsoft.Azure.SyncFabric")
                .starts_with("initiatedBy/app/displayName eq 'Microsoft")
        );
    }
}
