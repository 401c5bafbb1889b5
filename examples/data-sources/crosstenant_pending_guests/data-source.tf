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

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

data "crosstenant_pending_guests" "contoso" {
  provider    = crosstenant.target
  home_domain = "contoso.example"
}

# Provisioning on demand requires users of the source tenant.
data "crosstenant_users" "pending" {
  provider             = crosstenant.source
  user_principal_names = data.crosstenant_pending_guests.contoso.home_user_principal_names
  ignore_missing       = true
}

output "provision_on_demand" {
  value = data.crosstenant_users.pending.ids
}
