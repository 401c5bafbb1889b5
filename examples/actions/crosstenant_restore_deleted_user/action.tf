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
  alias              = "target"
  environment_prefix = "TARGET"
}

# Invoke manually: terraform apply -invoke=action.crosstenant_restore_deleted_user.nadia
action "crosstenant_restore_deleted_user" "nadia" {
  provider = crosstenant.target

  config {
    user_object_id = "f1000000-0000-4000-8000-000000000001"
  }
}
