# "Recently deleted user in the target tenant is not restored": the job does not restore users whom an administrator deleted.

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

data "crosstenant_user" "ada" {
  provider            = crosstenant.source
  user_principal_name = "ada@contoso.example"
}

resource "crosstenant_app_role_assignment" "ada" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_user.ada.id
  resource_object_id  = module.pair.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  enabled              = true
  depends_on           = [crosstenant_app_role_assignment.ada]
}

# Users who can be restored, for 30 days after the deletion.
data "crosstenant_deleted_users" "contoso" {
  provider    = crosstenant.target
  home_domain = "contoso.example"
}

output "restorable" {
  value = { for user in data.crosstenant_deleted_users.contoso.users : user.id => user.home_user_principal_name }
}

# The fix: set the object ID of the user. Do not provision the user on demand before; that would create a second user.
variable "restore" {
  description = "Object IDs, in the target tenant, of the users to restore."
  type        = set(string)
  default     = []
}

resource "crosstenant_restored_user" "contoso" {
  provider       = crosstenant.target
  for_each       = var.restore
  user_object_id = each.key
}
