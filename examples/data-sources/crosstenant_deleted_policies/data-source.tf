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

# Policies of Fabrikam that can still be restored.
data "crosstenant_deleted_policies" "all" {
  provider = crosstenant.target
}

output "restorable" {
  value = {
    for policy in data.crosstenant_deleted_policies.all.sync_policies : policy.partner_tenant_id => {
      name  = policy.display_name
      until = policy.restorable_until
    }
  }
}
