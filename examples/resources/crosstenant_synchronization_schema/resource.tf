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

# Target tenant, Fabrikam: partner, inbound automatic redemption and inbound synchronization for Contoso.
data "crosstenant_tenant" "contoso" {
  provider    = crosstenant.target
  domain_name = "contoso.example"
}

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = data.crosstenant_tenant.contoso.tenant_id
}

resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}

resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  display_name      = "Contoso"
  user_sync_inbound = { is_sync_allowed = true }
}

# Source tenant, Contoso: partner and outbound automatic redemption for Fabrikam.
resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}

resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}

resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
}

resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id

  attribute_mappings = {
    # Members, also those who were guests before. By default only new users get their type.
    userType = { constant = "Member", apply = "always" }

    # Found by people search and in the address list.
    showInAddressList = { constant = "True" }

    # "Lovelace, Ada (contoso.example)"
    displayName = {
      expression = <<-EOT
        Join("",
          [surname], ", ", [givenName],
          " (", Item(Split([userPrincipalName], "@"), 2), ")")
      EOT
    }

    # A directory extension of Contoso becomes the company name in Fabrikam.
    companyName = {
      attribute     = "extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_legalEntity"
      default_value = "Contoso"
    }
  }

  # All users in research and engineering, and users with an employee ID and an enabled account.
  scoping_filters = [
    {
      name = "Technical departments"
      clauses = [
        { attribute = "department", operator = "REGEX MATCH", values = ["Research|Engineering"] },
      ]
    },
    {
      name = "Active employees"
      clauses = [
        { attribute = "employeeId", operator = "IS NOT NULL" },
        { attribute = "accountEnabled", operator = "IS TRUE" },
      ]
    },
  ]

  # No users are deleted in Fabrikam.
  object_actions = { delete = false }
}

# The job starts only after mappings and filters are saved.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  depends_on           = [crosstenant_synchronization_schema.fabrikam]
}
