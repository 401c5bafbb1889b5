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

# Configurations of Contoso that can still be restored.
data "crosstenant_deleted_configurations" "all" {
  provider = crosstenant.source
}

output "restorable" {
  value = {
    for one in data.crosstenant_deleted_configurations.all.configurations : one.service_principal_id => {
      name  = one.display_name
      until = one.restorable_until
    }
  }
}
