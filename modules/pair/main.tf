# Creates, updates and deletes users of the source tenant in the target tenant. Both provider configurations are required:
# crosstenant.source signs in to the source tenant, crosstenant.target to the target tenant.
# A tenant has one policy for each partner. If users are synchronized in both directions between two tenants, use the modules
# `partner` and `synchronization` instead of two pairs.

module "in_target" {
  source = "../partner"

  partner_tenant_id = var.source_tenant_id
  display_name      = var.source_name
  receives_users    = true
  accepted_claims   = var.accepted_claims

  providers = {
    crosstenant = crosstenant.target
  }
}

module "in_source" {
  source = "../partner"

  partner_tenant_id = var.target_tenant_id
  sends_users       = true

  providers = {
    crosstenant = crosstenant.source
  }
}

module "synchronization" {
  source = "../synchronization"

  target_tenant_id              = var.target_tenant_id
  display_name                  = "${var.source_name} to ${var.target_name}"
  principal_object_ids          = var.principal_object_ids
  scope                         = var.scope
  user_type                     = var.user_type
  source_object_id_attribute    = var.source_object_id_attribute
  attribute_mappings            = var.attribute_mappings
  scoping_filters               = var.scoping_filters
  delete_users                  = var.delete_users
  notification_email            = var.notification_email
  accidental_deletion_threshold = var.accidental_deletion_threshold
  enabled                       = var.enabled

  providers = {
    crosstenant = crosstenant.source
  }

  depends_on = [module.in_target, module.in_source]
}
