output "service_principal_id" {
  description = "Object ID of the configuration's service principal, for the portal and for Microsoft Graph."
  value       = crosstenant_synchronization_configuration.this.service_principal_id
}

output "job_id" {
  description = "ID of the provisioning job."
  value       = crosstenant_provisioning_job.this.id
}

output "assigned_users" {
  description = "Number of users that are assigned directly. Null if all users are synchronized."
  value       = one(crosstenant_app_role_assignments.this[*].user_count)
}

output "assigned_groups" {
  description = "Number of groups that are assigned. Null if all users are synchronized."
  value       = one(crosstenant_app_role_assignments.this[*].group_count)
}
