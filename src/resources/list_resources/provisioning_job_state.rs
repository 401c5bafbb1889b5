//! Lists the states of the provisioning jobs of a service principal.

use serde_json::Value as Json;

use super::provisioning_job::name;
use super::{Entry, ListResource};
use crate::paths::jobs_path;
use crate::provisioning_job_state::ProvisioningJobState;
use sdk::prelude::*;

attributes! {
    /// Lists the provisioning jobs of a service principal, to manage whether they run.
    pub struct ProvisioningJobStates {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration.
        service_principal_id: String = required().guid(),
    }
}

impl ListResource for ProvisioningJobStates {
    type Of = ProvisioningJobState;
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
                    ("job_id", id),
                ],
            })
        };
        Ok(page.iter().filter_map(one).collect())
    }
}
