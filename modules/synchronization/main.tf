# The source tenant of a synchronization: the configuration, the assignments, the attribute mappings, and the job.

locals {
  user_type = var.user_type == null ? {} : {
    userType = { constant = var.user_type, apply = "always" }
  }
  source_object_id = var.source_object_id_attribute == null ? {} : {
    (coalesce(var.source_object_id_attribute, "-")) = { attribute = "objectId", apply = "always" }
  }
}

resource "crosstenant_synchronization_configuration" "this" {
  display_name = var.display_name
}

resource "crosstenant_app_role_assignments" "this" {
  count = var.scope == "assigned" ? 1 : 0

  resource_object_id = crosstenant_synchronization_configuration.this.service_principal_id
  principals         = { for id in var.principal_object_ids : id => {} }
}

resource "crosstenant_provisioning_job" "this" {
  service_principal_id          = crosstenant_synchronization_configuration.this.service_principal_id
  target_tenant_id              = var.target_tenant_id
  scope                         = var.scope
  notification_email            = var.notification_email
  accidental_deletion_threshold = var.accidental_deletion_threshold
}

resource "crosstenant_synchronization_schema" "this" {
  service_principal_id = crosstenant_provisioning_job.this.service_principal_id
  job_id               = crosstenant_provisioning_job.this.id
  attribute_mappings   = merge(local.user_type, local.source_object_id, var.attribute_mappings)
  scoping_filters      = var.scoping_filters
  object_actions       = var.delete_users == null ? null : { delete = var.delete_users }
}

# The job starts after mappings, filters and assignments are saved.
resource "crosstenant_provisioning_job_state" "this" {
  service_principal_id = crosstenant_provisioning_job.this.service_principal_id
  job_id               = crosstenant_provisioning_job.this.id
  enabled              = var.enabled
  depends_on           = [crosstenant_synchronization_schema.this, crosstenant_app_role_assignments.this]
}
