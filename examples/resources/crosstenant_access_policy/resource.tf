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

# In Fabrikam: allows collaboration with organizations in Microsoft's US Government cloud.
resource "crosstenant_access_policy" "fabrikam" {
  provider                = crosstenant.target
  allowed_cloud_endpoints = ["microsoftonline.us"]
}
