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

# Invoke manually: terraform apply -invoke=action.crosstenant_restart_provisioning_job.fabrikam
action "crosstenant_restart_provisioning_job" "fabrikam" {
  provider = crosstenant.source

  config {
    service_principal_id = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70"
    job_id               = "Azure2Azure.1c8e4d2b6a705d6c2f0e7a414b5e9f3a"
    reset_scope          = ["Full"]
  }
}
