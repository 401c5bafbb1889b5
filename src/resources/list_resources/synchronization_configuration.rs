//! Lists the configurations for cross-tenant synchronization of a tenant.

use serde_json::Value as Json;

use super::{Entry, ListResource, page_size};
use crate::synchronization_configuration::{CROSS_TENANT_TEMPLATE, SynchronizationConfiguration};
use sdk::prelude::*;

attributes! {
    /// Lists the configurations for cross-tenant synchronization: the service principals that were created from its template.
    pub struct SynchronizationConfigurations {
        /// ID of the application template that the configurations were created from. Defaults to Microsoft's template
        /// for cross-tenant synchronization.
        template_id: Option<String> = optional().guid(),
    }
}

impl ListResource for SynchronizationConfigurations {
    type Of = SynchronizationConfiguration;
    const COLLECTION: &'static str = "/servicePrincipals";
    const CALLS: Calls = &["GET", "GET /servicePrincipals/{id}"];
    const IS_FILTERED: bool = true;

    fn collection(&self, most: usize) -> String {
        made_from(self.template_id.as_deref(), most)
    }

    fn is_one(&self, principal: &Json) -> bool {
        is_made_from(self.template_id.as_deref(), principal)
    }

    fn entry(&self, _context: &Context, principal: &Json) -> Option<Entry> {
        Some(Entry::new(
            text(principal, "id")?,
            text(principal, "displayName"),
        ))
    }
}

/// Whether a service principal matches the filter of [`made_from`].
pub(super) fn is_made_from(template_id: Option<&str>, principal: &Json) -> bool {
    let template = principal["applicationTemplateId"].as_str();
    template.is_some_and(|id| id.eq_ignore_ascii_case(template_id.unwrap_or(CROSS_TENANT_TEMPLATE)))
}

/// Returns the query for the service principals created from a template; by default, Microsoft's for cross-tenant synchronization.
pub(super) fn made_from(template_id: Option<&str>, most: usize) -> String {
    let template = template_id.unwrap_or(CROSS_TENANT_TEMPLATE);
    let filter = format!(
        "applicationTemplateId eq {}",
        graph::quoted(&template.to_lowercase())
    );
    format!(
        "/servicePrincipals?$filter={}&$select=id,displayName,applicationTemplateId&$top={}",
        filter.replace(' ', "%20"),
        page_size(most)
    )
}
