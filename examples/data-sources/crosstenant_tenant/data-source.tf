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

# Any tenant can look up any other tenant of the same cloud.
data "crosstenant_tenant" "by_domain_name" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

data "crosstenant_tenant" "by_id" {
  provider  = crosstenant.target
  tenant_id = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
}

output "contoso" {
  value = data.crosstenant_tenant.by_domain_name.tenant_id
}

output "name" {
  value = data.crosstenant_tenant.by_id.display_name
}
