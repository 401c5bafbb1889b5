variable "target_tenant_id" {
  description = "Tenant ID of the tenant that receives the users."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.target_tenant_id))
    error_message = "The tenant ID of the target must be a GUID."
  }
}

variable "display_name" {
  description = "Name of the configuration in the source tenant, for example `Contoso to Fabrikam`. The name must be unique."
  type        = string

  validation {
    condition     = length(var.display_name) > 0 && length(var.display_name) <= 120
    error_message = "The name of the configuration must have 1 to 120 characters."
  }
}

variable "principal_object_ids" {
  description = "Object IDs of the users and groups that are synchronized. Of a group, only the direct members are synchronized. Other assignments to the configuration are removed."
  type        = set(string)
  default     = []
}

variable "scope" {
  description = "Users to synchronize: `assigned` for those in `principal_object_ids`, or `all` for every user of the source tenant."
  type        = string
  default     = "assigned"

  validation {
    condition     = contains(["assigned", "all"], var.scope)
    error_message = "The scope must be \"assigned\" or \"all\"."
  }
}

variable "user_type" {
  description = "Type of the users in the target tenant, `Member` or `Guest`. It also applies to existing users. If null, the mapping of the template is kept, which sets `Member` for new users only."
  type        = string
  default     = null

  validation {
    condition     = var.user_type == null || contains(["Member", "Guest"], coalesce(var.user_type, "Member"))
    error_message = "The user type must be \"Member\" or \"Guest\"."
  }
}

variable "source_object_id_attribute" {
  description = "Attribute of users in the target tenant that contains the object ID of the source user, so that the source user is known when the provisioning log is no longer available. Choose another attribute if the target tenant already uses it. If null, the object ID is not stored."
  type        = string
  default     = "extensionAttribute15"
}

variable "attribute_mappings" {
  description = "Additional attribute mappings, by the name of the attribute in the target tenant. Each has the arguments of `attribute_mappings` of `crosstenant_synchronization_schema`."
  type = map(object({
    attribute     = optional(string)
    constant      = optional(string)
    expression    = optional(string)
    default_value = optional(string)
    apply         = optional(string)
  }))
  default = {}
}

variable "scoping_filters" {
  description = "Users who match all clauses of at least one filter are synchronized. If null, the filters are not changed."
  type = list(object({
    name = optional(string)
    clauses = list(object({
      attribute = string
      operator  = string
      values    = optional(list(string))
    }))
  }))
  default = null
}

variable "delete_users" {
  description = "Whether users who leave the scope are soft-deleted in the target tenant. If null, the setting of the template is kept, which deletes them."
  type        = bool
  default     = null
}

variable "notification_email" {
  description = "Email address that is notified when the job is quarantined. If null, no notifications are sent."
  type        = string
  default     = null
}

variable "accidental_deletion_threshold" {
  description = "Number of deletions in one cycle above which the job stops for confirmation."
  type        = number
  default     = 500
  nullable    = false
}

variable "enabled" {
  description = "Whether the job runs."
  type        = bool
  default     = true
}
