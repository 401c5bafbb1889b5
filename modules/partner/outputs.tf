output "tenant_id" {
  description = "Tenant ID of this tenant. Known when the partner may synchronize to it."
  value       = crosstenant_partner_policy.this.tenant_id
  depends_on  = [crosstenant_sync_policy.this]
}

output "partner_tenant_id" {
  description = "Tenant ID of the partner. Known when invitations are redeemed automatically."
  value       = crosstenant_trust_settings.this.partner_tenant_id
}
