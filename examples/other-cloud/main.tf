# Two tenants in two Microsoft clouds: users of Contoso in the global cloud are synchronized to Fabrikam in the cloud for the US
# Government. What the portal alone can do was done there before: in Fabrikam the check box for cross-cloud synchronization in
# "Microsoft cloud settings", and in Contoso a configuration with the check box "Setup cross-tenant synchronization across Microsoft
# clouds". Everything else is managed here, and the configuration is imported.
#
# To try it with the emulator, start `graph-emulator` with `--seed examples/other-cloud/seed.json`, which has a tenant in a third cloud as
# well. For real tenants, set the IDs below and the environment of the target.

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

# Each provider configuration signs in to the cloud of its own tenant: TARGET_ENVIRONMENT=usgovernment for a real one.
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

variable "source_tenant_id" {
  description = "Tenant ID of the source tenant. Tenants of other clouds cannot be looked up by domain name."
  type        = string
  default     = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
}

variable "target_tenant_id" {
  description = "Tenant ID of the target tenant."
  type        = string
  default     = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
}

# "Microsoft cloud settings" in both tenants come first: until then neither tenant can add the other.
resource "crosstenant_access_policy" "target" {
  provider                = crosstenant.target
  allowed_cloud_endpoints = ["microsoftonline.com"]
}

resource "crosstenant_access_policy" "source" {
  provider                = crosstenant.source
  allowed_cloud_endpoints = ["microsoftonline.us"]
}

resource "crosstenant_partner_policy" "source" {
  provider          = crosstenant.target
  partner_tenant_id = var.source_tenant_id
  depends_on        = [crosstenant_access_policy.target]
}

resource "crosstenant_trust_settings" "source" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.source.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}

# Only users: groups are not synchronized across clouds.
resource "crosstenant_sync_policy" "source" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.source.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}

resource "crosstenant_partner_policy" "target" {
  provider          = crosstenant.source
  partner_tenant_id = var.target_tenant_id
  depends_on        = [crosstenant_access_policy.source]
}

resource "crosstenant_trust_settings" "target" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.target.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

# The configuration that was created in the portal, by the object ID of its service principal.
import {
  to = crosstenant_synchronization_configuration.target
  id = "153aaa04-179a-497c-8b58-9b70836c2892"
}

resource "crosstenant_synchronization_configuration" "target" {
  provider      = crosstenant.source
  display_name  = "Contoso to Fabrikam Government"
  across_clouds = true
}

# The configuration has one job, which is imported with it.
import {
  to = crosstenant_provisioning_job.target
  id = "153aaa04-179a-497c-8b58-9b70836c2892"
}

resource "crosstenant_provisioning_job" "target" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.target.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.target.partner_tenant_id
  scope                = "assigned"
  notification_email   = "identity@contoso.example"
  depends_on           = [crosstenant_sync_policy.source]
}

data "crosstenant_users" "staff" {
  provider             = crosstenant.source
  user_principal_names = ["ada@contoso.example", "grace@contoso.example"]
}

resource "crosstenant_app_role_assignments" "target" {
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.target.service_principal_id
  principals         = { for id in data.crosstenant_users.staff.ids : id => {} }
}

resource "crosstenant_synchronization_schema" "target" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.target.service_principal_id
  job_id               = crosstenant_provisioning_job.target.id
  attribute_mappings = {
    userType = { constant = "Member", apply = "always" }
  }
}

resource "crosstenant_provisioning_job_state" "target" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.target.service_principal_id
  job_id               = crosstenant_provisioning_job.target.id
  enabled              = true
  depends_on           = [crosstenant_synchronization_schema.target, crosstenant_app_role_assignments.target]
}

# The service principal that the check box in Fabrikam creates, with its four permissions.
data "crosstenant_readiness" "target" {
  provider          = crosstenant.target
  direction         = "target"
  partner_tenant_id = crosstenant_sync_policy.source.partner_tenant_id
  across_clouds     = true
}

output "problems" {
  description = "Problems in the target tenant with their fixes."
  value       = data.crosstenant_readiness.target.problems
}
