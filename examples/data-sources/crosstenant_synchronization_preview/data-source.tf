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

data "crosstenant_synchronization_configurations" "all" {
  provider = crosstenant.source
}

locals {
  configurations = {
    for one in data.crosstenant_synchronization_configurations.all.configurations :
    one.display_name => one.service_principal_id
  }
}

# The log of the source tenant names whom each configuration has brought, as long as it is kept.
data "crosstenant_provisioning_logs" "of" {
  for_each = local.configurations

  provider             = crosstenant.source
  service_principal_id = each.value
  status               = "success"
  max_results          = 1000
}

# External users of the target tenant, each with its source user and how that is known.
data "crosstenant_synchronized_users" "of" {
  for_each = local.configurations

  provider           = crosstenant.target
  provisioning_links = data.crosstenant_provisioning_logs.of[each.key].links
}

data "crosstenant_synchronization_preview" "all" {
  for_each = local.configurations

  provider             = crosstenant.source
  service_principal_id = each.value
  target_users         = data.crosstenant_synchronized_users.of[each.key].users
}

# Every plan and apply warns as long as the next cycle would delete more than a few users. In a `precondition` of what comes
# after, the same condition stops it.
check "few_leave" {
  assert {
    condition = alltrue([
      for one in data.crosstenant_synchronization_preview.all : one.counts.leaving + one.counts.perhaps_leaving <= 10
    ])
    error_message = join("\n", [
      for name, one in data.crosstenant_synchronization_preview.all :
      "${name}: ${one.counts.leaving + one.counts.perhaps_leaving} users leave"
    ])
  }
}

# "ada@contoso.com: skip, does not match the scoping filter: department NOT EQUALS 'Contractors'"
output "next_cycle" {
  value = {
    for name, one in data.crosstenant_synchronization_preview.all : name => [
      for user in one.users : "${coalesce(user.user_principal_name, user.source_object_id)}: ${user.outcome}${user.reason == null ? "" : ", ${user.reason}"}"
    ]
  }
}
