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

# Source tenant: the entries of the synchronization service.
data "crosstenant_audit_logs" "source" {
  provider    = crosstenant.source
  category    = "ProvisioningManagement"
  max_results = 20
}

# Target tenant: the users that the service created.
data "crosstenant_audit_logs" "target" {
  provider  = crosstenant.target
  initiator = "Microsoft.Azure.SyncFabric"
  activity  = "Add user"
  since     = "2026-01-01"
}

output "activities" {
  value = distinct(data.crosstenant_audit_logs.source.entries[*].activity)
}

output "created" {
  value = flatten([
    for entry in data.crosstenant_audit_logs.target.entries : entry.targets[*].display_name
  ])
}
