terraform {
  required_version = ">= 1.14"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}

# Invoke manually: terraform apply -invoke=action.crosstenant_restore_deleted_policy.contoso
action "crosstenant_restore_deleted_policy" "contoso" {
  provider = crosstenant.target

  config {
    partner_tenant_id = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
    kind              = "partner"
  }
}
