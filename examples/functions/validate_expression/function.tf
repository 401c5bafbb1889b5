terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

variable "display_name" {
  description = "Expression for display names in the target tenant."
  type        = string
  default     = "Join(\", \", [surname], [givenName])"

  validation {
    condition     = provider::crosstenant::validate_expression(var.display_name).valid
    error_message = provider::crosstenant::validate_expression(var.display_name).error
  }
}

# The attributes that the expression reads: ["surname", "givenName"].
output "reads" {
  value = provider::crosstenant::validate_expression(var.display_name).attributes
}
