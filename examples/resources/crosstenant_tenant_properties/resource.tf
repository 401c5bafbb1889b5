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

# Target tenant, Fabrikam: whom external users contact who may not leave on their own.
resource "crosstenant_tenant_properties" "fabrikam" {
  provider = crosstenant.target

  privacy_profile = {
    contact_email = "privacy@fabrikam.example"
    statement_url = "https://fabrikam.example/privacy"
  }
}
