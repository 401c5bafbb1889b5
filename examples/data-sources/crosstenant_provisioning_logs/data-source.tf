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

# Users who were skipped in the last week, with reasons.
data "crosstenant_provisioning_logs" "skipped" {
  provider    = crosstenant.source
  status      = "skipped"
  since       = timeadd(plantimestamp(), "-168h")
  max_results = 200
}

# Log entries of one user.
data "crosstenant_provisioning_logs" "ada" {
  provider    = crosstenant.source
  principal   = "ada@contoso.example"
  max_results = 5
}

output "skipped" {
  value = {
    for entry in data.crosstenant_provisioning_logs.skipped.entries :
    coalesce(entry.source.user_principal_name, entry.source.display_name) => entry.explanation...
  }
}

output "ada" {
  value = [for entry in data.crosstenant_provisioning_logs.ada.entries : "${entry.action}: ${entry.status}"]
}
