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

# In Fabrikam, for every organization without settings of its own: guests may use Office 365 only, multifactor authentication
# done at home counts, and guests sign in with Entra before anything else.
resource "crosstenant_default_policy" "fabrikam" {
  provider = crosstenant.target

  b2b_collaboration_inbound = {
    users_and_groups = {
      access_type = "allowed"
      targets     = [{ target = "AllUsers", target_type = "user" }]
    }
    applications = {
      access_type = "allowed"
      targets     = [{ target = "Office365", target_type = "application" }]
    }
  }
  inbound_trust = {
    is_mfa_accepted = true
  }
  invitation_redemption_identity_provider_configuration = {
    primary_identity_provider_precedence_order = ["azureActiveDirectory", "externalFederation", "socialIdentityProviders"]
    fallback_identity_provider                 = "emailOneTimePasscode"
  }
  m365_collaboration_inbound = {
    users = {
      access_type = "blocked"
      targets     = [{ target = "AllUsers", target_type = "user" }]
    }
  }
}
