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

data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

data "crosstenant_tenant" "fabrikam" {
  provider    = crosstenant.source
  domain_name = "fabrikam.example"
}

data "crosstenant_readiness" "source" {
  provider          = crosstenant.source
  partner_tenant_id = data.crosstenant_tenant.fabrikam.tenant_id
  direction         = "source"
}

data "crosstenant_readiness" "target" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
  direction         = "target"
}

# Every plan and apply warns about missing prerequisites. In a `precondition`, the same condition stops them.

check "source_tenant" {
  assert {
    condition     = data.crosstenant_readiness.source.ready
    error_message = join("\n", concat(["Contoso is not ready:"], data.crosstenant_readiness.source.problems))
  }
}

check "target_tenant" {
  assert {
    condition     = data.crosstenant_readiness.target.ready
    error_message = join("\n", concat(["Fabrikam is not ready:"], data.crosstenant_readiness.target.problems))
  }
}
