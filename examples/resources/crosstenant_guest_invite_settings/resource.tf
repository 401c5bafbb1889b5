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

# Target tenant, Fabrikam: guest invitations are allowed, which provisioning requires.
resource "crosstenant_guest_invite_settings" "fabrikam" {
  provider           = crosstenant.target
  allow_invites_from = "adminsAndGuestInviters"
}
