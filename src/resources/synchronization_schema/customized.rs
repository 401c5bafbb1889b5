//! Protects existing customizations: a creation never replaces them, because its plan does not show that.

use serde_json::Value as Json;

use super::part::{Objects, Part};
use super::{SynchronizationSchema, document, names};
use sdk::prelude::*;

impl SynchronizationSchema {
    /// Whether the schema of a job differs from its template in any part that can be managed.
    pub(crate) async fn is_customized(
        context: &Context,
        service_principal_id: &str,
        job_id: &str,
    ) -> Result<bool> {
        // As after an import, all differences from the template are included.
        let unknown = Self {
            service_principal_id: service_principal_id.to_owned(),
            job_id: job_id.to_owned(),
            attribute_mappings: None,
            scoping_filters: None,
            object_actions: None,
            users_enabled: None,
            groups_enabled: None,
            group_attribute_mappings: None,
            group_scoping_filters: None,
            group_object_actions: None,
            exclusive: None,
            maximum_leaving: None,
            matching_attributes: None,
            group_matching_attributes: None,
            tenant_id: None,
        };
        let found = Self::read(context, &unknown).await?;
        let is_some = |found: &Self| Objects::ALL.iter().any(|it| found.part(*it).is_some());
        Ok(found.as_ref().is_some_and(is_some))
    }

    /// Refuses to replace existing customizations: the plan of a creation does not show them.
    pub(super) fn nothing_lost(&self, live: &Json, template: &Json) -> Result {
        let customized = self.customized(live, template);
        let mut lost: Vec<String> = Vec::new();
        for objects in Objects::ALL {
            let exclusive = self.is_exclusive(objects);
            let live = customized.part(objects);
            losses(objects, &self.part(objects), &live, exclusive, &mut lost);
        }
        if lost.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "The schema of the job {} is already customized: {}. Nothing was changed. Import the schema, so that the plan shows what would \
             be replaced:\n\n  import {{\n    to = crosstenant_synchronization_schema.NAME\n    id = \"{}/{}\"\n  }}\n",
            self.job_id,
            lost.join(", "),
            self.service_principal_id,
            self.job_id
        );
        Err(Problem::error("The schema is already customized", detail))
    }
}

/// Returns the parts of `live` that the wanted ones would replace.
fn losses(objects: Objects, wanted: &Part, live: &Part, exclusive: bool, lost: &mut Vec<String>) {
    let of = match objects {
        Objects::Users => "",
        Objects::Groups => " of groups",
    };
    for (target, mapping) in live.mappings.iter().flatten() {
        let written = wanted.mappings.as_ref().and_then(|it| it.get(target));
        let is_lost = match written {
            Some(wanted) => !mapping.means_the_same_as(wanted),
            None => exclusive && target != names::DELETED,
        };
        if is_lost {
            lost.push(format!("the mapping of `{target}`{of}"));
        }
    }
    let is_lost = match (&live.filters, &wanted.filters) {
        (Some(live), Some(wanted)) => !document::same_filters(live, wanted),
        (Some(_), None) => exclusive,
        _ => false,
    };
    if is_lost {
        lost.push(format!("the scoping filter{of}"));
    }
}
