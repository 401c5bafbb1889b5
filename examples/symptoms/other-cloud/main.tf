# "Test connection fails with ExternalTenantNotFound" or "AzureActiveDirectoryTokenExpired": the tenants belong to two Microsoft
# clouds, and one of them does not admit the other's. Tenants of other clouds cannot be looked up by domain name.
#
# The tenants of the demo belong to one cloud, so this cannot be applied to them. To try it with the emulator, copy
# examples/two-tenants/seed.json, add "cloud": "microsoftonline.us" to the tenant Fabrikam, and start `graph-emulator` with
# `--seed` and the copy. Two real tenants need `environment` in the provider's block of each that is not in the global cloud.

terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE" # SOURCE_TENANT_ID, SOURCE_CLIENT_ID, SOURCE_CLIENT_SECRET
}

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

variable "source_tenant_id" {
  description = "Tenant id of the source tenant, in the global cloud."
  type        = string
  default     = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
}

variable "target_tenant_id" {
  description = "Tenant id of the target tenant, in the cloud for the US Government."
  type        = string
  default     = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
}

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

resource "crosstenant_partner_policy" "target" {
  provider          = crosstenant.source
  partner_tenant_id = var.target_tenant_id
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

resource "crosstenant_provisioning_job" "target" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.target.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.target.partner_tenant_id
  enabled              = true
  depends_on = [
    crosstenant_sync_policy.source,
    crosstenant_access_policy.source,
    crosstenant_access_policy.target,
  ]
}

# The cure: "Microsoft cloud settings" in both tenants.
resource "crosstenant_access_policy" "source" {
  provider                = crosstenant.source
  allowed_cloud_endpoints = ["microsoftonline.us"]
}

resource "crosstenant_access_policy" "target" {
  provider                = crosstenant.target
  allowed_cloud_endpoints = ["microsoftonline.com"]
}
