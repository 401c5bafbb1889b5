# Two tenants that agree to synchronization, and a configuration: steps 2 to 5 of Microsoft's page as a module. The examples of
# later steps and of symptoms begin with it.

terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source                = "crosstenant/crosstenant"
      version               = "~> 0.1"
      configuration_aliases = [crosstenant.source, crosstenant.target]
    }
  }
}

variable "source_domain" {
  description = "Domain name of the tenant whose users are synchronized."
  type        = string
  default     = "contoso.example"
}

variable "allow_groups" {
  description = "Whether the target tenant allows groups as well. Groups also require the mapping of groups in the schema of the job."
  type        = bool
  default     = false
}

data "crosstenant_tenant" "source" {
  provider    = crosstenant.target
  domain_name = var.source_domain
}

resource "crosstenant_partner_policy" "source" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.source.tenant_id
}

resource "crosstenant_trust_settings" "source" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.source.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}

resource "crosstenant_sync_policy" "source" {
  provider           = crosstenant.target
  partner_tenant_id  = crosstenant_trust_settings.source.partner_tenant_id
  display_name       = data.crosstenant_tenant.source.display_name
  user_sync_inbound  = { is_sync_allowed = true }
  group_sync_inbound = var.allow_groups ? { is_sync_allowed = true } : null
}

resource "crosstenant_partner_policy" "target" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.source.tenant_id
}

resource "crosstenant_trust_settings" "target" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.target.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

resource "crosstenant_synchronization_configuration" "target" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

output "service_principal_id" {
  description = "Object ID of the configuration's service principal, in the source tenant."
  value       = crosstenant_synchronization_configuration.target.service_principal_id
}

output "target_tenant_id" {
  description = "Tenant ID of the target tenant. Known once the source tenant allows automatic redemption."
  value       = crosstenant_trust_settings.target.partner_tenant_id
}
