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

# All configurations of the tenant, by name.
data "crosstenant_synchronization_configurations" "all" {
  provider = crosstenant.source
}

locals {
  configurations = {
    for one in data.crosstenant_synchronization_configurations.all.configurations :
    one.display_name => one.service_principal_id
  }
}

data "crosstenant_sms_sign_in_users" "all" {
  provider             = crosstenant.source
  for_each             = local.configurations
  service_principal_id = each.value
}

output "skipped_for_sms_sign_in" {
  value = {
    for name, found in data.crosstenant_sms_sign_in_users.all : name => found.users[*].user_principal_name
  }
}
