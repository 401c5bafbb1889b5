# "Automatic redemption check box is disabled": the tenant lacks Microsoft Entra ID P1 or P2. The precondition says so before
# anything is tried.

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

data "crosstenant_tenant" "fabrikam" {
  provider    = crosstenant.source
  domain_name = "fabrikam.example"
}

data "crosstenant_readiness" "source" {
  provider          = crosstenant.source
  partner_tenant_id = data.crosstenant_tenant.fabrikam.tenant_id
  direction         = "source"
}

locals {
  license = one([for row in data.crosstenant_readiness.source.checks : row if row.check == "license"])
}

resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = data.crosstenant_tenant.fabrikam.tenant_id
}

resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }

  lifecycle {
    precondition {
      condition     = local.license.passed != false # null if it cannot be determined
      error_message = "${local.license.detail} ${coalesce(local.license.fix, "-")}"
    }
  }
}
