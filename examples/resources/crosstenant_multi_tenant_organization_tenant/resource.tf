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

data "crosstenant_tenant" "fabrikam" {
  provider    = crosstenant.source
  domain_name = "fabrikam.example"
}

resource "crosstenant_multi_tenant_organization" "contoso" {
  provider     = crosstenant.source
  display_name = "Contoso and its companies"
}

# In Contoso, the owner: Fabrikam may join. It does so with crosstenant_multi_tenant_organization_join_request.
resource "crosstenant_multi_tenant_organization_tenant" "fabrikam" {
  provider         = crosstenant.source
  member_tenant_id = data.crosstenant_tenant.fabrikam.tenant_id
  display_name     = "Fabrikam"
  depends_on       = [crosstenant_multi_tenant_organization.contoso]
}
