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

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

data "crosstenant_user" "chosen" {
  provider            = crosstenant.source
  for_each            = toset(["ada@contoso.example", "grace@contoso.example"])
  user_principal_name = each.key
}

data "crosstenant_group" "collaborators" {
  provider     = crosstenant.source
  display_name = "Fabrikam collaborators"
}

# Exactly these principals are assigned: two users and one group, whose direct members are synchronized.
resource "crosstenant_app_role_assignments" "fabrikam" {
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  principals = merge(
    { for user in data.crosstenant_user.chosen : user.id => {} },
    { (data.crosstenant_group.collaborators.id) = {} },
  )
}
