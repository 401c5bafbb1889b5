# "Test connection fails with AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure": one of the three settings marked below is
# missing. Both tenants say which.

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

data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
}

resource "crosstenant_trust_settings" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_partner_policy.contoso.partner_tenant_id
  inbound_trust     = { is_mfa_accepted = true }

  automatic_user_consent_settings = { inbound_allowed = true } # required in the target tenant
}

resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true } # also required in the target tenant
}

resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}

resource "crosstenant_trust_settings" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_partner_policy.fabrikam.partner_tenant_id
  inbound_trust     = { is_mfa_accepted = true }

  automatic_user_consent_settings = { outbound_allowed = true } # required in the source tenant
}

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

data "crosstenant_readiness" "source" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_trust_settings.fabrikam.partner_tenant_id
  direction         = "source"
  depends_on        = [crosstenant_trust_settings.fabrikam] # read after the change
}

data "crosstenant_readiness" "target" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_sync_policy.contoso.partner_tenant_id
  direction         = "target"
  depends_on        = [crosstenant_trust_settings.contoso, crosstenant_sync_policy.contoso]
}

output "problems" {
  value = concat(data.crosstenant_readiness.source.problems, data.crosstenant_readiness.target.problems)
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider                    = crosstenant.source
  service_principal_id        = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id            = crosstenant_trust_settings.fabrikam.partner_tenant_id
  enabled                     = true
  validate_connection_timeout = "1s" # use two minutes or more right after policies were changed
}
