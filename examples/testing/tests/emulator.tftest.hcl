# Tests the module against graph-emulator, which checks what a mock cannot: that Microsoft Graph would accept every request.
# test-with-emulator.sh starts the emulator, sets the environment variables, and runs this file.

provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}

provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}

variables {
  source_tenant_id = "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10"
  target_tenant_id = "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264"
}

run "everything_is_created" {
  assert {
    condition     = crosstenant_provisioning_job.this.enabled
    error_message = "The job must run."
  }

  assert {
    condition     = crosstenant_app_role_assignments.this.group_count == 1
    error_message = "One group must be assigned."
  }
}

run "nothing_changes_afterwards" {
  command = plan

  assert {
    # A job that would be replaced has no known ID in the plan.
    condition     = startswith(crosstenant_provisioning_job.this.id, "Azure2Azure.")
    error_message = "The job must stay the same."
  }
}
