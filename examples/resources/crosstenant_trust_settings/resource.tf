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

data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
}

# Target tenant, Fabrikam: users from Contoso are not asked for consent, and their multifactor authentication is accepted.
resource "crosstenant_trust_settings" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_partner_policy.contoso.partner_tenant_id

  inbound_trust = {
    is_mfa_accepted = true
  }
  automatic_user_consent_settings = {
    inbound_allowed = true
  }
}
