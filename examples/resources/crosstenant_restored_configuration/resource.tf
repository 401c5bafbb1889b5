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

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

# In Contoso: if the configuration is deleted in the portal, the next apply restores it, with its assignments
# and its job; a configuration that exists is not changed.
resource "crosstenant_restored_configuration" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}
