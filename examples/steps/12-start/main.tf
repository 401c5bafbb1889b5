# Step 12, source tenant: "Start provisioning", and wait for the initial cycle. A change of `restart_triggers` restarts the job.

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
  restart_triggers     = { reason = "first start" }
  reset_scope          = ["Full"]
}

# "Start provisioning", when everything else is in place.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  wait_for             = "initial_cycle"
  depends_on           = [crosstenant_app_role_assignment.ada]
}
