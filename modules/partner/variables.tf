variable "partner_tenant_id" {
  description = "Tenant ID of the partner."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.partner_tenant_id))
    error_message = "The tenant ID of the partner must be a GUID."
  }
}

variable "sends_users" {
  description = "Whether users of this tenant are synchronized to the partner. Their invitations are then redeemed automatically."
  type        = bool
  default     = false
}

variable "receives_users" {
  description = "Whether users of the partner are synchronized to this tenant. Their invitations are then redeemed automatically."
  type        = bool
  default     = false
}

variable "display_name" {
  description = "Name of the partner in the synchronization policy of this tenant. If null, the policy has no name."
  type        = string
  default     = null
}

variable "accepted_claims" {
  description = "Claims of the partner's users and devices that Conditional Access of this tenant accepts. If null, Microsoft's default applies, which accepts none."
  type = object({
    multifactor_authentication = optional(bool, false)
    compliant_devices          = optional(bool, false)
    hybrid_joined_devices      = optional(bool, false)
  })
  default = null
}
