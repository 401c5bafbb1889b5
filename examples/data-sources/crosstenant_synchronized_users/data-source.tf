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

# External users from Contoso with their source users and the evidence for them.
data "crosstenant_synchronized_users" "contoso" {
  provider                   = crosstenant.target
  home_domains               = ["contoso.example"]
  source_object_id_attribute = "extensionAttribute15"
  provisioning_links         = data.crosstenant_provisioning_logs.synchronized.links
  include_sign_in_activity   = true
}

output "sources" {
  value = {
    for user in data.crosstenant_synchronized_users.contoso.users : user.user_principal_name => {
      source_object_id = user.source_object_id
      known_by         = user.known_by
      exact            = user.exact
    }
  }
}
