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

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET" # TARGET_TENANT_ID, TARGET_CLIENT_ID, TARGET_CLIENT_SECRET
}

data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

data "crosstenant_group" "collaborators" {
  provider     = crosstenant.source
  display_name = "Fabrikam collaborators"
}

# In Fabrikam: only one group of Contoso may be invited, and only to Office 365.
# Blocks that are omitted are inherited from the default policy.
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id

  b2b_collaboration_inbound = {
    users_and_groups = {
      access_type = "allowed"
      targets = [
        { target = data.crosstenant_group.collaborators.id, target_type = "group" },
      ]
    }
    applications = {
      access_type = "allowed"
      targets = [
        { target = "Office365", target_type = "application" },
      ]
    }
  }

  # If these are omitted, settings of other administrators are kept, and each plan warns about them. Of Microsoft 365, only
  # profile cards are open to Contoso.
  m365_collaboration_inbound = {
    users = {
      access_type = "allowed"
      targets     = [{ target = "AllUsers", target_type = "user" }]
    }
  }
  m365_capabilities = {
    crossTenantOpenProfileCard = { is_allowed = true }
  }
  app_service_connect_inbound = {
    applications = {
      access_type = "blocked"
      targets     = [{ target = "AllApplications", target_type = "application" }]
    }
  }
  is_service_provider = false
}
