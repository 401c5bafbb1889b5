# "UserPrincipalName does not update for existing B2B users in pending acceptance state": they were invited by mail before, and
# have never accepted.

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

# Steps 2 to 5: policies of both tenants, and the configuration.
module "pair" {
  source = "../../pair"
  providers = {
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }
}

variable "users" {
  description = "User principal names of the users to synchronize."
  type        = set(string)
  default     = ["ada@contoso.example", "donald@contoso.example"]
}

data "crosstenant_user" "staff" {
  provider            = crosstenant.source
  for_each            = var.users
  user_principal_name = each.key
}

resource "crosstenant_app_role_assignment" "staff" {
  provider            = crosstenant.source
  for_each            = var.users
  principal_object_id = data.crosstenant_user.staff[each.key].id
  resource_object_id  = module.pair.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  enabled              = true
}

# Pending guests, with the invited email address.
data "crosstenant_pending_guests" "contoso" {
  provider    = crosstenant.target
  home_domain = "contoso.example"
}

# Their source users, whose email address and user principal name differ.
data "crosstenant_users" "pending" {
  provider = crosstenant.source
  for_each = toset(compact(data.crosstenant_pending_guests.contoso.guests[*].mail))
  filter   = "mail eq '${each.key}'"
}

output "pending" {
  value = data.crosstenant_pending_guests.contoso.guests[*].user_principal_name
}

# The fix: provision each of them on demand. Once no guest is pending, the list is empty and Terraform removes the results.
resource "crosstenant_provision_on_demand" "pending" {
  provider             = crosstenant.source
  for_each             = toset(flatten([for found in data.crosstenant_users.pending : found.ids]))
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  user_object_id       = each.key
  depends_on           = [crosstenant_app_role_assignment.staff]
}
