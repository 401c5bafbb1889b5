//! Lists the provisioning jobs of a service principal.

use serde_json::Value as Json;

use super::{Entry, ListResource};
use crate::paths::jobs_path;
use crate::provisioning_job::ProvisioningJob;
use sdk::prelude::*;

attributes! {
    /// Lists the provisioning jobs of a service principal.
    pub struct ProvisioningJobs {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration.
        service_principal_id: String = required().guid(),
    }
}

impl ListResource for ProvisioningJobs {
    type Of = ProvisioningJob;
    const CALLS: &'static [(&'static str, &'static str)] =
        &[("GET", "/servicePrincipals/{id}/synchronization/jobs")];

    fn collection(&self, _most: usize) -> String {
        jobs_path(&self.service_principal_id)
    }

    async fn found(&self, _context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let one = |job: &Json| {
            let id = text(job, "id")?;
            Some(Entry {
                display_name: name(job, &id),
                key: vec![
                    ("service_principal_id", self.service_principal_id.clone()),
                    ("id", id),
                ],
            })
        };
        Ok(page.iter().filter_map(one).collect())
    }
}

/// Returns the display name of a job: its kind and its state.
pub(super) fn name(job: &Json, id: &str) -> String {
    let kind = text(job, "templateId").unwrap_or_else(|| id.to_owned());
    match job["status"]["code"].as_str() {
        Some(code) => format!("{kind} ({code})"),
        None => kind,
    }
}
