# Step 13, both tenants: the progress bar, "Provisioning logs" and "Audit logs".

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

# All configurations of the source tenant, by name, including those created elsewhere.
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

data "crosstenant_provisioning_logs" "troubles" {
  provider             = crosstenant.source
  for_each             = local.configurations
  service_principal_id = each.value
  max_results          = 200
}

# Source tenant: the entries of the service. Target tenant: its changes.
data "crosstenant_audit_logs" "source" {
  provider    = crosstenant.source
  category    = "ProvisioningManagement"
  max_results = 20
}

data "crosstenant_audit_logs" "target" {
  provider    = crosstenant.target
  initiator   = "Microsoft.Azure.SyncFabric"
  max_results = 20
}

output "jobs" {
  value = { for name, job in data.crosstenant_provisioning_job.all : name => job.summary }
}

output "troubles" {
  value = {
    for name, log in data.crosstenant_provisioning_logs.troubles : name => [
      for entry in log.entries : "${entry.source.display_name}: ${entry.explanation}" if entry.explanation != null
    ]
  }
}

output "activities" {
  value = {
    source = distinct(data.crosstenant_audit_logs.source.entries[*].activity)
    target = distinct(data.crosstenant_audit_logs.target.entries[*].activity)
  }
}

check "no_quarantine" {
  assert {
    condition     = alltrue([for job in data.crosstenant_provisioning_job.all : job.quarantine == null])
    error_message = "A job is in quarantine: see the output `jobs`."
  }
}
