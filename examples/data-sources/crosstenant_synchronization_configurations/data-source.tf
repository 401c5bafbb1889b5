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

data "crosstenant_synchronization_configurations" "all" {
  provider = crosstenant.source
}

output "configurations" {
  value = {
    for one in data.crosstenant_synchronization_configurations.all.configurations :
    one.service_principal_id => one.display_name
  }
}
