//! Lists the provisioning jobs of a service principal.

use serde_json::Value as Json;

use super::{Entry, ListResource};
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
    const COLLECTION: &'static str =
        "/servicePrincipals/{service_principal_id}/synchronization/jobs";

    fn entry(&self, _context: &Context, job: &Json) -> Option<Entry> {
        job_entry(job)
    }
}

/// Returns the entry of a job: its ID, with its kind and its state as the name.
pub(super) fn job_entry(job: &Json) -> Option<Entry> {
    let id = text(job, "id")?;
    let kind = text(job, "templateId").unwrap_or_else(|| id.clone());
    let name = match job["status"]["code"].as_str() {
        Some(code) => format!("{kind} ({code})"),
        None => kind,
    };
    Some(Entry::new(id, Some(name)))
}
