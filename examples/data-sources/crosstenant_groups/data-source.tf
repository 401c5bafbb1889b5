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

data "crosstenant_groups" "fabrikam" {
  provider            = crosstenant.source
  display_name_prefix = "Fabrikam"
}

output "groups" {
  value = { for group in data.crosstenant_groups.fabrikam.groups : group.display_name => group.id }
}
