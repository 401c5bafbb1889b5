# Tests the module without a tenant: the CLI mocks the provider. Requires Terraform 1.8 or later.
#
# `source` names the folder with crosstenant.tfmock.hcl, which has a plausible value for everything that the provider computes.

mock_provider "crosstenant" {
  alias  = "source"
  source = "./mocks"
}

mock_provider "crosstenant" {
  alias  = "target"
  source = "./mocks"
}

variables {
  source_tenant_id = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
  target_tenant_id = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
}

run "users_are_redeemed_on_both_sides" {
  command = plan

  assert {
    condition     = crosstenant_trust_settings.source.automatic_user_consent_settings.inbound_allowed
    error_message = "The target tenant must redeem invitations of users from the source tenant."
  }

  assert {
    condition     = crosstenant_trust_settings.target.automatic_user_consent_settings.outbound_allowed
    error_message = "The source tenant must redeem invitations of its users."
  }
}

run "one_group_is_assigned" {
  override_data {
    target = data.crosstenant_group.synchronized
    values = { id = "b1000000-0000-4000-8000-000000000001" }
  }

  assert {
    condition     = one(keys(crosstenant_app_role_assignments.this.principals)) == "b1000000-0000-4000-8000-000000000001"
    error_message = "The members of the group must be assigned."
  }

  assert {
    condition     = can(regex("^Azure2Azure\\.[0-9a-f]{32}$", crosstenant_provisioning_job.this.id))
    error_message = "A mocked job must have an ID like a real one."
  }
}

run "a_tenant_does_not_synchronize_to_itself" {
  command = plan

  variables {
    target_tenant_id = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
  }

  expect_failures = [crosstenant_partner_policy.target]
}
