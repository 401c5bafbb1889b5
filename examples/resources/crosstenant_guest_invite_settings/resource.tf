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

# In Fabrikam, the target: somebody may invite guests at all, without which no user can be provisioned.
resource "crosstenant_guest_invite_settings" "fabrikam" {
  provider           = crosstenant.target
  allow_invites_from = "adminsAndGuestInviters"
}
