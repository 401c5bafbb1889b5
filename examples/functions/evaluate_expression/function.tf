terraform {
  required_version = ">= 1.8"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

locals {
  # Last name first, and the domain in parentheses at the end.
  display_name = <<-EOT
    Append(Join(", ", [surname], [givenName]), Append(" (", Append(Item(Split([mail], "@"), 2), ")")))
  EOT
}

# Lovelace, Ada (contoso.com)
output "preview" {
  value = provider::crosstenant::evaluate_expression(local.display_name, {
    givenName = "Ada"
    surname   = "Lovelace"
    mail      = "ada@contoso.com"
  })
}
