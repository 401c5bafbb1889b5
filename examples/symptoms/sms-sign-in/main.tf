# "Users are skipped because SMS sign-in is enabled on the user". The log shows the clause "Filter external
# users.alternativeSecurityIds EQUALS 'None'".

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

# Steps 2 to 5: policies of both tenants, and the configuration.
module "pair" {
  source = "../../pair"
  providers = {
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }
}

data "crosstenant_user" "edsger" {
  provider            = crosstenant.source
  user_principal_name = "edsger@contoso.example"
}

resource "crosstenant_app_role_assignment" "edsger" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_user.edsger.id
  resource_object_id  = module.pair.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
  enabled              = true
  depends_on           = [crosstenant_app_role_assignment.edsger]
}

# Assigned users who would be skipped.
data "crosstenant_sms_sign_in_users" "assigned" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_app_role_assignment.edsger.resource_object_id
}

output "skipped" {
  value = data.crosstenant_sms_sign_in_users.assigned.users[*].user_principal_name
}

# The fix: disable SMS sign-in for each of them.
resource "crosstenant_sms_sign_in" "edsger" {
  provider       = crosstenant.source
  user_object_id = data.crosstenant_user.edsger.id
  enabled        = false
}
