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
  alias              = "source"
  environment_prefix = "SOURCE"
}

# Invoke manually: terraform apply -invoke=action.crosstenant_restore_deleted_configuration.fabrikam
# The ID is that of the service principal, which crosstenant_deleted_configurations lists.
action "crosstenant_restore_deleted_configuration" "fabrikam" {
  provider = crosstenant.source

  config {
    service_principal_id = "2f6b0e71-93c4-4d0a-8e15-7a9b3c5d1e20"
  }
}
