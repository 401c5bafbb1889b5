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

data "crosstenant_user" "ada" {
  provider            = crosstenant.source
  user_principal_name = "ada@contoso.example"
}

data "crosstenant_group" "collaborators" {
  provider     = crosstenant.source
  display_name = "Fabrikam collaborators"
}

# One user, and the direct members of one group. If the role is omitted, the role of the configuration is used.
resource "crosstenant_app_role_assignment" "ada" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_user.ada.id
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}

resource "crosstenant_app_role_assignment" "collaborators" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_group.collaborators.id
  resource_object_id  = crosstenant_synchronization_configuration.fabrikam.service_principal_id
}
