# Synchronizes users of Contoso to Fabrikam: all settings of the portal, in both tenants, in one apply.
#
# With the demo seed the variables have defaults that work. `make demo` applies this file.

terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

variable "source_domain" {
  description = "Domain name of the tenant whose users are synchronized."
  type        = string
  default     = "contoso.example"
}

variable "users" {
  description = "User principal names of users to synchronize. The service skips the last two: one has SMS sign-in, the other is a guest."
  type        = set(string)
  default = [
    "ada@contoso.example",
    "grace@contoso.example",
    "edsger@contoso.example",
    "linus_northwind.example#EXT#@contoso.example",
  ]
}

variable "groups" {
  description = "Names of groups whose direct members are synchronized, except contractors."
  type        = set(string)
  default     = ["Fabrikam collaborators"]
}

variable "notification_email" {
  description = "Email address that is notified when the job is quarantined."
  type        = string
  default     = "identity@contoso.example"
}

provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE" # SOURCE_TENANT_ID, SOURCE_CLIENT_ID, SOURCE_CLIENT_SECRET
}

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

# In the target tenant, Fabrikam.

data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = var.source_domain
}

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
}

resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  inbound_trust                   = { is_mfa_accepted = true }
  automatic_user_consent_settings = { inbound_allowed = true }
}

resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  display_name      = data.crosstenant_tenant.contoso.display_name
  user_sync_inbound = { is_sync_allowed = true }
}

# In the source tenant, Contoso.

resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}

resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

data "crosstenant_user" "staff" {
  provider            = crosstenant.source
  for_each            = var.users
  user_principal_name = each.key
}

data "crosstenant_group" "staff" {
  provider     = crosstenant.source
  for_each     = var.groups
  display_name = each.key
}

resource "crosstenant_app_role_assignment" "staff" {
  provider            = crosstenant.source
  for_each            = var.users
  principal_object_id = data.crosstenant_user.staff[each.key].id
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}

resource "crosstenant_app_role_assignment" "groups" {
  provider            = crosstenant.source
  for_each            = var.groups
  principal_object_id = data.crosstenant_group.staff[each.key].id
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
  scope                = "assigned"
  notification_email   = var.notification_email
}

resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id

  attribute_mappings = {
    userType = { constant = "Member", apply = "always" }
  }

  scoping_filters = [{
    name    = "Employees"
    clauses = [{ attribute = "department", operator = "NOT EQUALS", values = ["Contractors"] }]
  }]
}

# The job starts after everything else is saved, so that no user is synchronized whom the filter excludes.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  depends_on = [
    crosstenant_synchronization_schema.fabrikam,
    crosstenant_app_role_assignment.staff,
    crosstenant_app_role_assignment.groups,
  ]
}

output "source_tenant" {
  description = "The source tenant."
  value       = "${data.crosstenant_tenant.contoso.display_name} (${data.crosstenant_tenant.contoso.tenant_id})"
}

output "target_tenant_id" {
  description = "The target tenant."
  value       = crosstenant_sync_policy.contoso.tenant_id
}

output "service_principal_id" {
  description = "The configuration, for the portal and for Graph."
  value       = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}

output "job_id" {
  description = "The job."
  value       = crosstenant_provisioning_job.fabrikam.id
}

output "assigned" {
  description = "Names of the users and groups that are assigned."
  value = sort(concat(
    [for one in crosstenant_app_role_assignment.staff : one.principal_display_name],
    [for one in crosstenant_app_role_assignment.groups : one.principal_display_name],
  ))
}
