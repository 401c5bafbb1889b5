# Groups, end to end: an assigned group is copied to the target tenant with its members. Everything that has to be set together is here:
# users and groups allowed in the target, automatic redemption in both tenants, the scope "assigned", the mapping of groups enabled, and
# a group that is assigned.

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

# Steps 2 to 5: both tenants agree, the target tenant takes users and groups, and the configuration exists.
module "pair" {
  source       = "../pair"
  allow_groups = true
  providers = {
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }
}

data "crosstenant_groups" "copied" {
  provider            = crosstenant.source
  display_name_prefix = "Fabrikam collaborators"
}

# Step 7: the group brings its direct members into scope. With the mapping below it is copied as well.
resource "crosstenant_app_role_assignments" "copied" {
  provider           = crosstenant.source
  resource_object_id = module.pair.service_principal_id
  principals         = { for id in data.crosstenant_groups.copied.ids : id => {} }
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  scope                = "assigned" # groups are not synchronized with the scope "all"
}

# Steps 8 and 9: "Provision Microsoft Entra ID Groups". It is disabled in a new job.
resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  groups_enabled       = true

  # Where the copied groups come from can be seen in their names.
  group_attribute_mappings = {
    displayName = { expression = "Append([displayName], \" (Contoso)\")" }
  }

  # Groups that were assigned for their members only stay out.
  group_scoping_filters = [
    {
      name    = "Groups about Fabrikam"
      clauses = [{ attribute = "displayName", operator = "Includes", values = ["Fabrikam"] }]
    },
  ]
}

# Step 12: the job starts after everything that decides what it does.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  enabled              = true
  depends_on           = [crosstenant_synchronization_schema.fabrikam, crosstenant_app_role_assignments.copied]
}

# What groups need besides, with what would fix it.
data "crosstenant_readiness" "source" {
  provider             = crosstenant.source
  direction            = "source"
  partner_tenant_id    = module.pair.target_tenant_id
  service_principal_id = crosstenant_provisioning_job_state.fabrikam.service_principal_id
  groups               = true
}

output "checks" {
  description = "What groups need in the source tenant."
  value       = { for row in data.crosstenant_readiness.source.checks : row.check => row.passed }
}

output "problems" {
  description = "What is wrong, each with what would fix it."
  value       = data.crosstenant_readiness.source.problems
}
