# Step 6, source tenant: "Tenant Id", "Test connection", "Create". The job is saved only if the test passes, and is not started.

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

resource "crosstenant_provisioning_job" "fabrikam" {
  provider                    = crosstenant.source
  service_principal_id        = module.pair.service_principal_id
  target_tenant_id            = module.pair.target_tenant_id
  validate_connection         = true # the default
  validate_connection_timeout = "2m"
  enabled                     = false
}
