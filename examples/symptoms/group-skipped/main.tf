# "Group skipped due to EntityTypeNotSupported": a group is assigned, and the mapping of groups is disabled. Its direct members
# are synchronized all the same.

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
  source       = "../../pair"
  allow_groups = true
  providers = {
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }
}

data "crosstenant_group" "collaborators" {
  provider     = crosstenant.source
  display_name = "Fabrikam collaborators"
}

resource "crosstenant_app_role_assignment" "collaborators" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_group.collaborators.id
  resource_object_id  = module.pair.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  enabled              = true
  depends_on           = [crosstenant_app_role_assignment.collaborators]
}

# The fix, if the group itself is needed in the target tenant: "Provision Microsoft Entra ID Groups", "Enabled".
resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  groups_enabled       = true
}
