//! Where the service principal of a configuration and its jobs are in Graph.

/// The address of a service principal.
pub(super) fn principal_path(id: &str) -> String {
    format!("/servicePrincipals/{}", graph::segment(id))
}

/// Where the jobs of the configuration with this service principal are.
pub(super) fn jobs_path(service_principal_id: &str) -> String {
    format!(
        "{}/synchronization/jobs",
        principal_path(service_principal_id)
    )
}

/// Where a job of the configuration is.
pub(super) fn job_path(service_principal_id: &str, job_id: &str) -> String {
    format!(
        "{}/{}",
        jobs_path(service_principal_id),
        graph::segment(job_id)
    )
}

/// Where the schema of a job is.
pub(super) fn schema_path(service_principal_id: &str, job_id: &str) -> String {
    format!("{}/schema", job_path(service_principal_id, job_id))
}
