# Step 8, source tenant: "Provision Microsoft Entra ID Users", "Source Object Scope", "Add scoping filter". Of all users only
# those in Engineering, and users with an employee ID.

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
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  scope                = "all"
}

resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id

  # A user must meet all clauses of at least one filter.
  scoping_filters = [
    {
      name    = "Engineers"
      clauses = [{ attribute = "department", operator = "EQUALS", values = ["Engineering"] }]
    },
    {
      name    = "With an employee id"
      clauses = [{ attribute = "employeeId", operator = "IS NOT NULL" }]
    },
  ]
}

# The job starts only after the filters are saved.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  depends_on           = [crosstenant_synchronization_schema.fabrikam]
}
