# Step 9, source tenant: "Attribute mapping". The type of users, "Apply this mapping", and two expressions.

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

# Steps 2 to 5: policies of both tenants, and the configuration.
module "pair" {
  source = "../../pair"
  providers = {
    crosstenant.source = crosstenant.source
    crosstenant.target = crosstenant.target
  }
}

data "crosstenant_user" "ada" {
  provider            = crosstenant.source
  user_principal_name = "ada@contoso.example"
}

resource "crosstenant_app_role_assignment" "ada" {
  provider            = crosstenant.source
  principal_object_id = data.crosstenant_user.ada.id
  resource_object_id  = module.pair.service_principal_id
}

resource "crosstenant_provisioning_job" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = module.pair.service_principal_id
  target_tenant_id     = module.pair.target_tenant_id
}

resource "crosstenant_synchronization_schema" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id

  attribute_mappings = {
    # Constant "Member" with "Apply this mapping" set to "Always": users who were guests before become members.
    userType = { constant = "Member", apply = "always" }

    # Shown in people search and in the address list.
    showInAddressList = { constant = "True" }

    # "Lovelace, Ada (contoso.example)": first and last name flipped, the domain at the end.
    displayName = {
      expression = "Join(\"\", [surname], \", \", [givenName], \" (\", Item(Split([userPrincipalName], \"@\"), 2), \")\")"
    }
  }
}

# The job starts only after the mappings are saved.
resource "crosstenant_provisioning_job_state" "fabrikam" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.fabrikam.service_principal_id
  job_id               = crosstenant_provisioning_job.fabrikam.id
  depends_on           = [crosstenant_synchronization_schema.fabrikam, crosstenant_app_role_assignment.ada]
}

# The same expression, tested with sample values before anything is applied.
output "preview" {
  value = provider::crosstenant::evaluate_expression(
    "Join(\"\", [surname], \", \", [givenName], \" (\", Item(Split([userPrincipalName], \"@\"), 2), \")\")",
    { givenName = "Ada", surname = "Lovelace", userPrincipalName = "ada@contoso.example" },
  )
}
