# Settings of one tenant for one partner. A tenant has one such policy for each partner, which covers both directions.

resource "crosstenant_partner_policy" "this" {
  partner_tenant_id = var.partner_tenant_id
}

resource "crosstenant_trust_settings" "this" {
  partner_tenant_id = crosstenant_partner_policy.this.partner_tenant_id

  inbound_trust = var.accepted_claims == null ? null : {
    is_mfa_accepted                           = var.accepted_claims.multifactor_authentication
    is_compliant_device_accepted              = var.accepted_claims.compliant_devices
    is_hybrid_azure_ad_joined_device_accepted = var.accepted_claims.hybrid_joined_devices
  }

  automatic_user_consent_settings = {
    inbound_allowed  = var.receives_users
    outbound_allowed = var.sends_users
  }

  lifecycle {
    precondition {
      condition     = var.sends_users || var.receives_users
      error_message = "At least one of sends_users and receives_users must be true."
    }
  }
}

resource "crosstenant_sync_policy" "this" {
  count = var.receives_users ? 1 : 0

  partner_tenant_id = crosstenant_trust_settings.this.partner_tenant_id
  display_name      = var.display_name
  user_sync_inbound = { is_sync_allowed = true }
}
