//! Lists the assignments of a service principal.

use serde_json::Value as Json;

use super::{Entry, ListResource, page_size};
use crate::app_role_assignment::AppRoleAssignment;
use crate::paths::principal_path;
use sdk::prelude::*;

attributes! {
    /// Lists the users and groups that are assigned to a service principal.
    pub struct AppRoleAssignments {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration.
        resource_object_id: String = required().guid(),
    }
}

impl ListResource for AppRoleAssignments {
    type Of = AppRoleAssignment;
    const COLLECTION: &'static str = "/servicePrincipals/{resource_object_id}/appRoleAssignedTo";

    fn collection(&self, most: usize) -> String {
        format!(
            "{}/appRoleAssignedTo?$top={}",
            principal_path(&self.resource_object_id),
            page_size(most)
        )
    }

    fn entry(&self, _context: &Context, assignment: &Json) -> Option<Entry> {
        let name = text(assignment, "principalDisplayName");
        let name = name.or_else(|| text(assignment, "principalId"))?;
        let display_name = match text(assignment, "principalType") {
            Some(kind) => format!("{name} ({})", kind.to_lowercase()),
            None => name,
        };
        Some(Entry::new(text(assignment, "id")?, Some(display_name)))
    }
}
