//! Lists the states of the provisioning jobs of a service principal.

use serde_json::Value as Json;

use super::provisioning_job::job_entry;
use super::{Entry, ListResource};
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
    const COLLECTION: &'static str =
        "/servicePrincipals/{service_principal_id}/synchronization/jobs";

    fn entry(&self, _context: &Context, job: &Json) -> Option<Entry> {
        job_entry(job)
    }
}
