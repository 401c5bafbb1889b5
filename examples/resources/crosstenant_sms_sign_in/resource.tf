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

data "crosstenant_user" "edsger" {
  provider            = crosstenant.source
  user_principal_name = "edsger@contoso.example"
}

# Users who may sign in by SMS are skipped by the synchronization.
resource "crosstenant_sms_sign_in" "edsger" {
  provider       = crosstenant.source
  user_object_id = data.crosstenant_user.edsger.id
  enabled        = false
}
