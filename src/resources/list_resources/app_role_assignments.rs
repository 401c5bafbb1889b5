//! Lists the configurations of a tenant that have assignments.

use serde_json::Value as Json;

use super::synchronization_configuration::{is_made_from, made_from};
use super::{Entry, ListResource};
use crate::app_role_assignments::AppRoleAssignments;
use crate::paths::principal_path;
use sdk::prelude::*;

attributes! {
    /// Lists the configurations that users or groups are assigned to, to manage all assignments of each configuration with one resource.
    pub struct AppRoleAssignmentSets {
        /// ID of the application template that the configurations were created from. Defaults to Microsoft's template for cross-tenant
        /// synchronization.
        template_id: Option<String> = optional().guid(),
    }
}

impl ListResource for AppRoleAssignmentSets {
    type Of = AppRoleAssignments;
    const COLLECTION: &'static str = "/servicePrincipals";
    const CALLS: Calls = &[
        "GET",
        "GET /servicePrincipals/{id}",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
    ];
    const IS_FILTERED: bool = true;

    fn collection(&self, most: usize) -> String {
        made_from(self.template_id.as_deref(), most)
    }

    fn is_one(&self, principal: &Json) -> bool {
        is_made_from(self.template_id.as_deref(), principal)
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let ids: Vec<String> = page.iter().filter_map(|one| text(one, "id")).collect();
        let path = |id: &String| format!("{}/appRoleAssignedTo?$top=1", principal_path(id));
        let paths: Vec<String> = ids.iter().map(path).collect();
        let answers = context.graph.batch_get(&paths).await?;
        let mut found = Vec::new();
        for ((id, principal), answer) in ids.into_iter().zip(&page).zip(answers) {
            let assigned = answer?.is_some_and(|answer| {
                answer["value"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            });
            if assigned {
                found.push(Entry::new(id, text(principal, "displayName")));
            }
        }
        Ok(found)
    }
}
