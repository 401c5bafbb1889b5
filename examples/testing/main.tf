# A small example module: Contoso (source) synchronizes the assigned users to Fabrikam (target).
# The tests beside it show how to test such a module without a tenant.

terraform {
  required_version = ">= 1.8"
  required_providers {
    crosstenant = {
      source                = "crosstenant/crosstenant"
      configuration_aliases = [crosstenant.source, crosstenant.target]
    }
  }
}

variable "source_tenant_id" {
  description = "Tenant ID of the tenant whose users are synchronized."
  type        = string
}

variable "target_tenant_id" {
  description = "Tenant ID of the tenant that receives the users."
  type        = string
}

variable "group_names" {
  description = "Display names of the groups whose members are synchronized."
  type        = set(string)
  default     = ["Fabrikam collaborators"]
}

# Target tenant: partners that may synchronize users into it.
resource "crosstenant_partner_policy" "source" {
  provider          = crosstenant.target
  partner_tenant_id = var.source_tenant_id
}

resource "crosstenant_trust_settings" "source" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.source.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}

resource "crosstenant_sync_policy" "source" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.source.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}

# Source tenant: the target tenant as partner, the configuration, its job, and the assignments.
resource "crosstenant_partner_policy" "target" {
  provider          = crosstenant.source
  partner_tenant_id = var.target_tenant_id

  lifecycle {
    precondition {
      condition     = lower(var.source_tenant_id) != lower(var.target_tenant_id)
      error_message = "Source and target are the same tenant."
    }
  }
}

resource "crosstenant_trust_settings" "target" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.target.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

resource "crosstenant_synchronization_configuration" "this" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

data "crosstenant_group" "synchronized" {
  for_each     = var.group_names
  provider     = crosstenant.source
  display_name = each.value
}

resource "crosstenant_app_role_assignments" "this" {
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.this.service_principal_id
  principals         = { for group in data.crosstenant_group.synchronized : group.id => {} }
}

resource "crosstenant_provisioning_job" "this" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_app_role_assignments.this.resource_object_id
  target_tenant_id     = crosstenant_trust_settings.target.partner_tenant_id
  scope                = "assigned"
  enabled              = true
  depends_on           = [crosstenant_sync_policy.source]
}

output "job_id" {
  description = "ID of the provisioning job."
  value       = crosstenant_provisioning_job.this.id
}
