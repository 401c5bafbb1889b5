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

# In Contoso, which becomes the first owner.
resource "crosstenant_multi_tenant_organization" "contoso" {
  provider     = crosstenant.source
  display_name = "Contoso and its companies"
  description  = "Contoso, Fabrikam and the tenants that join them"
}
