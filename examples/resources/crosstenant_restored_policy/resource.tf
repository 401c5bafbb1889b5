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

resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_partner_policy.contoso.partner_tenant_id
  display_name      = "Contoso"
  user_sync_inbound = { is_sync_allowed = true }
}

# In Fabrikam: if the synchronization policy for Contoso is deleted in the portal, the next apply restores it, with the
# settings that it had; a policy that exists is not changed.
resource "crosstenant_restored_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_sync_policy.contoso.partner_tenant_id
  kind              = "synchronization"
}
