//! All configurations for cross-tenant synchronization of the tenant.

use serde_json::Value as Json;

use super::filter::Filter;
use super::prelude::*;
use crate::synchronization_configuration::{CROSS_TENANT_TEMPLATE, assignable_role};

attributes! {
    /// Lists the configurations for cross-tenant synchronization in this tenant, including those created in the portal.
    /// Configure this data source in the source tenant.
    pub struct SynchronizationConfigurations {
        /// Beginning of the display names of the configurations to list. Not case-sensitive.
        display_name_prefix: Option<String> = optional().check(Check::NotEmpty),
        /// ID of the application template that the configurations were created from. Defaults to Microsoft's template
        /// for cross-tenant synchronization.
        template_id: Option<String> = optional().guid(),
        /// The configurations.
        configurations: Option<Vec<FoundConfiguration>> = read_only(),
        /// Object IDs of the configurations' service principals.
        service_principal_ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the configurations belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One configuration.
    pub struct FoundConfiguration {
        /// Object ID of the service principal.
        service_principal_id: Option<String> = read_only().named("id"),
        /// Name of the configuration.
        display_name: Option<String> = read_only(),
        /// Client ID of the application.
        client_id: Option<String> = read_only().named("appId"),
        /// ID of the app role with which users and groups are assigned.
        app_role_id: Option<String> = read_only().local(),
        /// Whether the service principal is enabled.
        account_enabled: Option<bool> = read_only(),
    }
}

const SELECT: &str = "id,appId,displayName,accountEnabled,applicationTemplateId,appRoles";

impl DataSource for SynchronizationConfigurations {
    const NAME: &'static str = "synchronization_configurations";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = &["GET /servicePrincipals", "GET /servicePrincipals/{id}"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let template = config
            .template_id
            .as_deref()
            .unwrap_or(CROSS_TENANT_TEMPLATE);
        let template = template.to_lowercase();
        let filter = Filter::default().and(Some(&template), |template| {
            format!("applicationTemplateId eq {template}")
        });
        let path = format!(
            "/servicePrincipals?{}$select={SELECT}&$top=999",
            filter.option()
        );
        let mut found = context.graph.list_with_new(&path).await?;
        found.retain(|principal| config.wants(principal, &template));
        let ids = found.iter().filter_map(|principal| text(principal, "id"));
        Ok(Self {
            service_principal_ids: Some(ids.collect()),
            configurations: Some(found.iter().map(described).collect::<Result<_, _>>()?),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl SynchronizationConfigurations {
    fn wants(&self, principal: &Json, template: &str) -> bool {
        let begins = |prefix: &String| {
            let name = text(principal, "displayName").unwrap_or_default();
            name.to_lowercase().starts_with(&prefix.to_lowercase())
        };
        let made_from = text(principal, "applicationTemplateId").unwrap_or_default();
        made_from.eq_ignore_ascii_case(template)
            && self.display_name_prefix.as_ref().is_none_or(begins)
    }
}

fn described(principal: &Json) -> Result<FoundConfiguration> {
    Ok(FoundConfiguration {
        app_role_id: assignable_role(principal),
        ..model(principal)?
    })
}
