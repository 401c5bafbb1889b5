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
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

data "crosstenant_sync_policies" "all" {
  provider = crosstenant.target
}

output "may_synchronize_users_here" {
  value = data.crosstenant_sync_policies.all.allowed_tenant_ids
}
