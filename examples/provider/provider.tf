terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

# The source tenant, whose users are synchronized. All arguments are set with SOURCE_TENANT_ID, SOURCE_CLIENT_ID and
# SOURCE_CLIENT_SECRET.
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}

# The target tenant. Arguments take precedence over environment variables; the secret stays in TARGET_CLIENT_SECRET.
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
  tenant_id          = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
  client_id          = "fab51c20-9d3e-4b67-a0c4-2e8d7f5b3a02"
}

# One provider configuration manages one tenant; each resource and data source selects it with `provider`.
data "crosstenant_tenant" "source" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}
