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

data "crosstenant_secure_defaults" "fabrikam" {
  provider = crosstenant.target
}

# Rows that this organization accepts, each with a reason.
locals {
  accepted = [
    "guest_access_most_restricted",             # guests work with the members of their groups
    "inbound_collaboration_blocked_by_default", # every organization may be invited here
    "outbound_access_blocked_by_default",       # our users may be invited anywhere
  ]
  failed = [
    for row in data.crosstenant_secure_defaults.fabrikam.checks : "${row.check}: ${row.found}"
    if row.passed == false && !contains(local.accepted, row.check)
  ]
}

# Every plan and apply warns about settings that are not secure. In a `precondition`, the same condition stops them.
check "secure_defaults" {
  assert {
    condition     = length(local.failed) == 0
    error_message = join("\n", concat(["Fabrikam is more open than it should be:"], local.failed))
  }
}

output "fixes" {
  value = {
    for row in data.crosstenant_secure_defaults.fabrikam.checks : row.check => row.fix
    if row.passed == false
  }
}
