terraform {
  required_version = ">= 1.14"

  required_providers {
    crosstenant = {
      source  = "crosstenant/crosstenant"
      version = "~> 0.1"
    }
  }
}

provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}

# Assigned users who would be skipped because of SMS sign-in.
data "crosstenant_sms_sign_in_users" "assigned" {
  provider             = crosstenant.source
  service_principal_id = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"
}

action "crosstenant_disable_sms_sign_in" "assigned" {
  for_each = toset(data.crosstenant_sms_sign_in_users.assigned.ids)
  provider = crosstenant.source

  config {
    user_object_id = each.value
  }
}
