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

# Target tenant, Fabrikam: partner, inbound automatic redemption and inbound synchronization for Contoso.
data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
}

resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}

resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  display_name      = "Contoso"
  user_sync_inbound = { is_sync_allowed = true }
}

# Source tenant, Contoso: partner and outbound automatic redemption for Fabrikam.
resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}

resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
}

data "crosstenant_expression_test" "display_name" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  expression           = "Join(\", \", [surname], [givenName])"
  attributes = {
    givenName = "Ada"
    surname   = "Lovelace"
  }
}

check "names_are_flipped" {
  assert {
    condition     = data.crosstenant_expression_test.display_name.result == "Lovelace, Ada"
    error_message = coalesce(data.crosstenant_expression_test.display_name.error, "Names come out in another order.")
  }
}
