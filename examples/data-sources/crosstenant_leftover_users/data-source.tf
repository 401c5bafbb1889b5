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

# The provisioning log of the source tenant contains the source user and the target user, as long as it is kept.
data "crosstenant_provisioning_logs" "synchronized" {
  provider    = crosstenant.source
  status      = "success"
  max_results = 1000
}

data "crosstenant_synchronized_users" "contoso" {
  provider                   = crosstenant.target
  home_domains               = ["contoso.example"]
  source_object_id_attribute = "extensionAttribute15"
  provisioning_links         = data.crosstenant_provisioning_logs.synchronized.links
}

data "crosstenant_synchronization_configurations" "all" {
  provider = crosstenant.source
}

# Users from Contoso whose source user does not exist any more, is deleted, is disabled or is out of scope.
data "crosstenant_leftover_users" "contoso" {
  for_each = {
    for one in data.crosstenant_synchronization_configurations.all.configurations :
    one.service_principal_id => one.display_name
  }

  provider             = crosstenant.source
  service_principal_id = each.key
  target_users         = data.crosstenant_synchronized_users.contoso.users
}

check "nobody_is_left_over" {
  assert {
    condition     = alltrue([for one in data.crosstenant_leftover_users.contoso : length(one.ids) == 0])
    error_message = "Somebody is left over in the target tenant: see the output leftovers."
  }
}

output "leftovers" {
  value = flatten([
    for one in data.crosstenant_leftover_users.contoso : [
      for user in one.leftovers : {
        user       = user.user_principal_name
        exact      = user.exact
        reason     = user.reason
        what_to_do = user.what_to_do
      }
    ]
  ])
}
