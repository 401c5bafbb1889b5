//! Lists the customized schemas of a service principal's jobs.

use serde_json::Value as Json;

use super::provisioning_job::job_entry;
use super::{Entry, ListResource};
use crate::synchronization_schema::SynchronizationSchema;
use sdk::prelude::*;

attributes! {
    /// Lists the schemas of a service principal's jobs that differ from their template. Schemas that are not customized are not listed.
    pub struct SynchronizationSchemas {
        /// Object ID of the service principal, usually `service_principal_id` of a configuration.
        service_principal_id: String = required().guid(),
    }
}

impl ListResource for SynchronizationSchemas {
    type Of = SynchronizationSchema;
    const COLLECTION: &'static str =
        "/servicePrincipals/{service_principal_id}/synchronization/jobs";
    const CALLS: Calls = &[
        "GET",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/templates/{id}/schema",
    ];

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        for job in &page {
            let Some(id) = text(job, "id") else { continue };
            if SynchronizationSchema::is_customized(context, &self.service_principal_id, &id)
                .await?
            {
                found.extend(job_entry(job));
            }
        }
        Ok(found)
    }
}
