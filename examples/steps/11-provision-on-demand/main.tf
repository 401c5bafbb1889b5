# Step 11, source tenant: "Provision on demand" for one test user, before the job runs for all users.

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
  enabled              = false # until the test user was synchronized
}

resource "crosstenant_provision_on_demand" "ada" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  user_object_id       = crosstenant_app_role_assignment.ada.principal_object_id
}

# The page "Perform action" and its details.
output "result" {
  value = {
    result              = crosstenant_provision_on_demand.ada.result
    action              = crosstenant_provision_on_demand.ada.action
    modified_attributes = crosstenant_provision_on_demand.ada.modified_attributes[*].name
    steps               = [for step in crosstenant_provision_on_demand.ada.steps : "${step.name}: ${step.status}"]
  }
}
