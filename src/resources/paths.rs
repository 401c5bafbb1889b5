//! Paths of the service principal of a configuration and of its jobs in Graph.

/// Returns the path of a service principal.
pub(super) fn principal_path(id: &str) -> String {
    format!("/servicePrincipals/{}", graph::segment(id))
}

/// Returns the path of the jobs of a configuration.
pub(super) fn jobs_path(service_principal_id: &str) -> String {
    format!(
        "{}/synchronization/jobs",
        principal_path(service_principal_id)
    )
}

/// Returns the path of a job.
pub(super) fn job_path(service_principal_id: &str, job_id: &str) -> String {
    format!(
        "{}/{}",
        jobs_path(service_principal_id),
        graph::segment(job_id)
    )
}

/// Returns the path of the schema of a job.
pub(super) fn schema_path(service_principal_id: &str, job_id: &str) -> String {
    format!("{}/schema", job_path(service_principal_id, job_id))
}
