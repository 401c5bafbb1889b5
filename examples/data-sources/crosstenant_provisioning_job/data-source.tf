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

# All configurations of the tenant, by name.
data "crosstenant_synchronization_configurations" "all" {
  provider = crosstenant.source
}

locals {
  configurations = {
    for one in data.crosstenant_synchronization_configurations.all.configurations :
    one.display_name => one.service_principal_id
  }
}

data "crosstenant_provisioning_job" "all" {
  provider             = crosstenant.source
  for_each             = local.configurations
  service_principal_id = each.value
}

# "In quarantine since …: One cycle was about to delete more users than …"
output "jobs" {
  value = { for name, job in data.crosstenant_provisioning_job.all : name => job.summary }
}

# Every plan and apply warns as long as a job is in quarantine.
check "no_quarantine" {
  assert {
    condition = alltrue([for job in data.crosstenant_provisioning_job.all : job.quarantine == null])
    error_message = join("\n", [
      for name, job in data.crosstenant_provisioning_job.all : "${name}: ${job.quarantine.what_to_do}"
      if job.quarantine != null
    ])
  }
}
