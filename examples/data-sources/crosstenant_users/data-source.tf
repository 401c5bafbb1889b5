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

data "crosstenant_users" "named" {
  provider             = crosstenant.source
  user_principal_names = ["ada@contoso.example", "grace@contoso.example"]
}

data "crosstenant_users" "research" {
  provider = crosstenant.source
  filter   = "department eq 'Research' and accountEnabled eq true"
}

output "named" {
  value = data.crosstenant_users.named.ids
}

output "research" {
  value = sort(data.crosstenant_users.research.users[*].user_principal_name)
}
