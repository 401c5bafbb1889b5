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

data "crosstenant_partner_policies" "all" {
  provider = crosstenant.target
}

output "redeemed_automatically" {
  value = [
    for partner in data.crosstenant_partner_policies.all.partners : partner.partner_tenant_id
    if try(partner.automatic_user_consent_settings.inbound_allowed, false) == true
  ]
}
