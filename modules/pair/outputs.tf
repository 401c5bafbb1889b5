output "service_principal_id" {
  description = "Object ID of the configuration's service principal in the source tenant."
  value       = module.synchronization.service_principal_id
}

output "job_id" {
  description = "ID of the provisioning job."
  value       = module.synchronization.job_id
}

output "assigned_users" {
  description = "Number of users that are assigned directly. Null if all users are synchronized."
  value       = module.synchronization.assigned_users
}

output "assigned_groups" {
  description = "Number of groups that are assigned. Null if all users are synchronized."
  value       = module.synchronization.assigned_groups
}
