# Step 1: plan. The users to synchronize, and missing prerequisites in both tenants. Nothing is changed.

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

data "crosstenant_tenant" "source" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

data "crosstenant_tenant" "target" {
  provider    = crosstenant.source
  domain_name = "fabrikam.example"
}

data "crosstenant_users" "engineers" {
  provider = crosstenant.source
  filter   = "department eq 'Engineering' and userType eq 'Member'"
}

data "crosstenant_readiness" "source" {
  provider          = crosstenant.source
  partner_tenant_id = data.crosstenant_tenant.target.tenant_id
  direction         = "source"
}

data "crosstenant_readiness" "target" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.source.tenant_id
  direction         = "target"
}

output "in_scope" {
  value = data.crosstenant_users.engineers.users[*].user_principal_name
}

output "still_to_do" {
  value = {
    source = data.crosstenant_readiness.source.problems
    target = data.crosstenant_readiness.target.problems
  }
}
