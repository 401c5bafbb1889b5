terraform {
  required_version = ">= 1.14"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}

# Tested whenever the trust settings change.
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
  automatic_user_consent_settings = { outbound_allowed = true }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.crosstenant_validate_connection.fabrikam]
    }
  }
}

action "crosstenant_validate_connection" "fabrikam" {
  provider = crosstenant.source

  config {
    service_principal_id = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"
    target_tenant_id     = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
  }
}
