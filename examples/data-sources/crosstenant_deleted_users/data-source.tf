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

# Users from Contoso who can still be restored.
data "crosstenant_deleted_users" "contoso" {
  provider    = crosstenant.target
  home_domain = "contoso.example"
}

output "restorable" {
  value = {
    for user in data.crosstenant_deleted_users.contoso.users : user.id => {
      name  = user.home_user_principal_name
      until = user.restorable_until
    }
  }
}
