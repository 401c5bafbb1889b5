# Step 7, source tenant: "Sync only assigned users and groups", then "Users and groups", "Add user/group".

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

data "crosstenant_users" "staff" {
  provider             = crosstenant.source
  user_principal_names = ["ada@contoso.example", "grace@contoso.example"]
}

data "crosstenant_group" "collaborators" {
  provider     = crosstenant.source
  display_name = "Fabrikam collaborators"
}

# Exactly these principals are assigned. Of the group, only the direct members are synchronized, not members of nested groups.
resource "crosstenant_app_role_assignments" "fabrikam" {
  provider           = crosstenant.source
  resource_object_id = module.pair.service_principal_id
  principals = merge(
    { for id in data.crosstenant_users.staff.ids : id => {} },
    { (data.crosstenant_group.collaborators.id) = { note = "direct members only" } },
  )
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  enabled              = true
  scope                = "assigned" # or "all" for every user of the tenant
  depends_on           = [crosstenant_app_role_assignments.fabrikam]
}
