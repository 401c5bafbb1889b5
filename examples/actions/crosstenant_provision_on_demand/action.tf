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

# Invoke manually: terraform apply -invoke=action.crosstenant_provision_on_demand.ada
action "crosstenant_provision_on_demand" "ada" {
  provider = crosstenant.source

  config {
    service_principal_id = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"
    job_id               = "Azure2Azure.1c8e4d2b6a705d6c2f0e7a414b5e9f3a"
    user_object_id       = "a1000000-0000-4000-8000-000000000001"
    fail_on_skip         = false
  }
}
