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

# The job does not restore a synchronized user whom an administrator deleted in the target tenant. The ID is the one in
# the target tenant, as the list of deleted users shows it.
resource "crosstenant_restored_user" "nadia" {
  provider       = crosstenant.target
  user_object_id = "f1000000-0000-4000-8000-000000000001"
}
