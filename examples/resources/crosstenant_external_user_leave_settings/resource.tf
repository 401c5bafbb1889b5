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

# Target tenant, Fabrikam: synchronized users cannot leave on their own.
resource "crosstenant_external_user_leave_settings" "fabrikam" {
  provider                           = crosstenant.target
  allow_external_identities_to_leave = false
}
