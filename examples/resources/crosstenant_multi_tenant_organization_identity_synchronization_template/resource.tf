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

# In Fabrikam: every tenant of the multitenant organization that is not a partner yet may synchronize users into it.
resource "crosstenant_multi_tenant_organization_identity_synchronization_template" "fabrikam" {
  provider                   = crosstenant.target
  template_application_level = ["new_partners"]

  user_sync_inbound = {
    is_sync_allowed = true
  }
}
