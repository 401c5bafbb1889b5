# Groups, end to end: an assigned group is copied to the target tenant with its members. All required settings are in this example:
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

# Steps 2 to 5: policies of both tenants, which allow users and groups in the target tenant, and the configuration.
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

  # The names of copied groups show their source tenant.
  group_attribute_mappings = {
    displayName = { expression = "Append([displayName], \" (Contoso)\")" }
  }

  # Groups that were assigned only for their members are not copied.
  group_scoping_filters = [
    {
      name    = "Groups about Fabrikam"
      clauses = [{ attribute = "displayName", operator = "Includes", values = ["Fabrikam"] }]
    },
  ]
}

# Step 12: the job starts after its mappings, filters and assignments are saved.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  enabled              = true
  depends_on           = [crosstenant_synchronization_schema.fabrikam, crosstenant_app_role_assignments.copied]
}

# Additional prerequisites for groups, with their fixes.
data "crosstenant_readiness" "source" {
  provider             = crosstenant.source
  direction            = "source"
  partner_tenant_id    = module.pair.target_tenant_id
  service_principal_id = crosstenant_provisioning_job_state.fabrikam.service_principal_id
  groups               = true
}

output "checks" {
  description = "Prerequisites for groups in the source tenant."
  value       = { for row in data.crosstenant_readiness.source.checks : row.check => row.passed }
}

output "problems" {
  description = "Problems with their fixes."
  value       = data.crosstenant_readiness.source.problems
}
