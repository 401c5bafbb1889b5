//! Deleted configurations for cross-tenant synchronization that can be restored.

use serde_json::Value as Json;

use super::deleted_policies::restorable_until;
use super::prelude::*;
use super::timestamp::timestamp;
use crate::synchronization_configuration::CROSS_TENANT_TEMPLATE;

attributes! {
    /// Lists configurations for cross-tenant synchronization of this tenant that were deleted and can still be restored, for 30 days.
    /// `crosstenant_restored_configuration` restores them. Configure this data source in the source tenant.
    pub struct DeletedConfigurations {
        /// The deleted configurations, most recently deleted first.
        configurations: Option<Vec<DeletedConfiguration>> = read_only(),
        /// Tenant ID of the tenant that the configurations belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One deleted configuration.
    pub struct DeletedConfiguration {
        /// Object ID of the service principal.
        service_principal_id: Option<String> = read_only(),
        /// Client ID of the application.
        client_id: Option<String> = read_only(),
        /// Name of the configuration.
        display_name: Option<String> = read_only(),
        /// Time at which the configuration was deleted.
        deleted: Option<String> = read_only(),
        /// Time until which the configuration can be restored: 30 days after the deletion.
        restorable_until: Option<String> = read_only(),
    }
}

const PATH: &str = "/directory/deletedItems/microsoft.graph.servicePrincipal";

impl DataSource for DeletedConfigurations {
    const NAME: &'static str = "deleted_configurations";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = &["GET /directory/deletedItems/microsoft.graph.servicePrincipal"];

    async fn read(context: &Context, _config: &Self) -> Result<Self> {
        // Which properties of deleted objects can be filtered is not documented, and there are few objects.
        let mut found = context.graph.list(PATH).await?;
        found.retain(|one| {
            let template = text(one, "applicationTemplateId").unwrap_or_default();
            template.eq_ignore_ascii_case(CROSS_TENANT_TEMPLATE)
        });
        let mut configurations: Vec<DeletedConfiguration> = found.iter().map(described).collect();
        configurations.sort_by(|one, other| other.deleted.cmp(&one.deleted));
        Ok(Self {
            configurations: Some(configurations),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}

fn described(principal: &Json) -> DeletedConfiguration {
    let deleted = timestamp(&principal["deletedDateTime"]);
    DeletedConfiguration {
        service_principal_id: text(principal, "id"),
        client_id: text(principal, "appId"),
        display_name: text(principal, "displayName"),
        restorable_until: restorable_until(deleted.as_deref()),
        deleted,
    }
}
