# A plausible value for everything that the provider computes, for `mock_provider "crosstenant" { source = … }` of `terraform test`.
# Copy this file into your module. It is written by `make docs` and fits the version of the provider beside it.
# Override values that a test depends on with `override_resource` and `override_data`.

mock_resource "crosstenant_partner_policy" {
  defaults = {
    is_in_multi_tenant_organization = true
    tenant_id                       = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_trust_settings" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_sync_policy" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_synchronization_configuration" {
  defaults = {
    template_id          = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
    across_clouds        = false
    purge_on_destroy     = false
    application_id       = "805a79ef-f04d-4f33-bfc0-db334fe2a1f7"
    client_id            = "6d7b98e2-d095-467e-b645-904469be8e1a"
    service_principal_id = "13b15939-b211-401b-88ae-99c302f1c37f"
    app_role_id          = "b012bbae-9eb6-4503-9591-ebba4cb0382f"
    tenant_id            = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_app_role_assignment" {
  defaults = {
    app_role_id            = "b012bbae-9eb6-4503-9591-ebba4cb0382f"
    id                     = "08b72e07-b55c-4ac0-87fa-4cd37b8555fc"
    principal_type         = "Group"
    principal_display_name = "mocked principal display name"
    resource_display_name  = "mocked resource display name"
    tenant_id              = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_app_role_assignments" {
  defaults = {
    app_role_id = "b012bbae-9eb6-4503-9591-ebba4cb0382f"
    user_count  = 1
    group_count = 1
    tenant_id   = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_provisioning_job" {
  defaults = {
    template_id                   = "Azure2Azure"
    scope                         = "assigned"
    prevent_accidental_deletion   = true
    accidental_deletion_threshold = 500
    enabled                       = true
    validate_connection           = true
    validate_connection_timeout   = "1m"
    restart_pending               = true
    id                            = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    tenant_id                     = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_provisioning_job_state" {
  defaults = {
    enabled                     = true
    validate_connection         = true
    validate_connection_timeout = "1m"
    tenant_id                   = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_synchronization_schema" {
  defaults = {
    attribute_mappings        = null
    scoping_filters           = null
    object_actions            = null
    users_enabled             = null
    groups_enabled            = null
    group_attribute_mappings  = null
    group_scoping_filters     = null
    group_object_actions      = null
    exclusive                 = false
    matching_attributes       = {}
    group_matching_attributes = {}
    tenant_id                 = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_access_policy" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_default_policy" {
  defaults = {
    b2b_collaboration_inbound                             = null
    b2b_collaboration_outbound                            = null
    b2b_direct_connect_inbound                            = null
    b2b_direct_connect_outbound                           = null
    inbound_trust                                         = null
    tenant_restrictions                                   = null
    invitation_redemption_identity_provider_configuration = null
    is_service_default                                    = true
    tenant_id                                             = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_guest_invite_settings" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_tenant_properties" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_external_user_leave_settings" {
  defaults = {
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_multi_tenant_organization" {
  defaults = {
    state             = "Active"
    created_date_time = "2026-01-01T00:00:00Z"
    tenant_id         = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_multi_tenant_organization_tenant" {
  defaults = {
    role               = "member"
    state              = "Active"
    added_by_tenant_id = "4e26e00d-99e1-4688-ac97-efba01065cd4"
    added_date_time    = "2026-01-01T00:00:00Z"
    joined_date_time   = "2026-01-01T00:00:00Z"
    tenant_id          = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_multi_tenant_organization_join_request" {
  defaults = {
    member_state       = "active"
    role               = "member"
    transition_status  = "succeeded"
    transition_details = "mocked transition details"
    tenant_id          = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_multi_tenant_organization_partner_configuration_template" {
  defaults = {
    template_application_level = []
    tenant_id                  = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_multi_tenant_organization_identity_synchronization_template" {
  defaults = {
    template_application_level = []
    tenant_id                  = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_provision_on_demand" {
  defaults = {
    fail_on_skip        = true
    wait_for_assignment = "1m"
    result              = "success"
    action              = "mocked action"
    skip_reason         = null
    target_object_id    = "6a0c6a15-6952-49c2-a13c-902b4a848796"
    steps               = []
    modified_attributes = []
    tenant_id           = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_sms_sign_in" {
  defaults = {
    sms_sign_in_state = "ready"
    tenant_id         = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_restored_user" {
  defaults = {
    user_principal_name = "ada@contoso.example"
    display_name        = "mocked display name"
    tenant_id           = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_restored_policy" {
  defaults = {
    display_name = "mocked display name"
    tenant_id    = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_resource "crosstenant_restored_configuration" {
  defaults = {
    client_id    = "6d7b98e2-d095-467e-b645-904469be8e1a"
    display_name = "mocked display name"
    tenant_id    = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_tenant" {
  defaults = {
    tenant_id             = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
    display_name          = "mocked display name"
    default_domain_name   = "mocked default domain name"
    federation_brand_name = "mocked federation brand name"
  }
}

mock_data "crosstenant_user" {
  defaults = {
    id                  = "08b72e07-b55c-4ac0-87fa-4cd37b8555fc"
    user_principal_name = "ada@contoso.example"
    display_name        = "mocked display name"
    mail                = "ada@contoso.example"
    user_type           = "Member"
    account_enabled     = true
    external_user_state = "Accepted"
    tenant_id           = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_group" {
  defaults = {
    id               = "08b72e07-b55c-4ac0-87fa-4cd37b8555fc"
    display_name     = "mocked display name"
    description      = "mocked description"
    mail             = "ada@contoso.example"
    security_enabled = true
    tenant_id        = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_users" {
  defaults = {
    ids       = []
    users     = []
    missing   = []
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_groups" {
  defaults = {
    ids       = []
    groups    = []
    missing   = []
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_partner_policies" {
  defaults = {
    partners           = []
    partner_tenant_ids = []
    tenant_id          = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_sync_policies" {
  defaults = {
    policies           = []
    allowed_tenant_ids = []
    tenant_id          = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_synchronization_configurations" {
  defaults = {
    configurations        = []
    service_principal_ids = []
    tenant_id             = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_synchronization_preview" {
  defaults = {
    job_id = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    users  = []
    groups = []
    counts = {
      in_scope        = 1
      created         = 1
      updated         = 1
      unchanged       = 1
      leaving         = 1
      perhaps_leaving = 1
      kept            = 1
      skipped         = 1
      colliding       = 1
      failing         = 1
      unverified      = 1
    }
    scope              = "mocked scope"
    is_running         = true
    deletion_threshold = 1
    is_quarantined     = true
    unverified         = {}
    target_tenant_id   = "5d39f070-0857-4783-a426-54f114b29bb7"
    tenant_id          = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_app_role_assignments" {
  defaults = {
    assignments          = []
    principal_object_ids = []
    tenant_id            = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_provisioning_job" {
  defaults = {
    id                          = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    template_id                 = "Azure2Azure"
    state                       = "Active"
    summary                     = "mocked summary"
    is_running                  = true
    progress                    = 1
    is_initial_cycle_finished   = true
    steady_state_first_achieved = "2026-01-01T00:00:00Z"
    steady_state_last_achieved  = "2026-01-01T00:00:00Z"
    quarantine                  = null
    successive_failures         = null
    last_execution = {
      state    = "Active"
      began    = "2026-01-01T00:00:00Z"
      ended    = "2026-01-01T00:00:00Z"
      entitled = 1
      imported = 1
      exported = 1
      failed   = null
      error    = null
      id       = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    }
    last_successful_execution = {
      state    = "Active"
      began    = "2026-01-01T00:00:00Z"
      ended    = "2026-01-01T00:00:00Z"
      entitled = 1
      imported = 1
      exported = 1
      failed   = null
      error    = null
      id       = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    }
    last_successful_execution_with_exports = {
      state    = "Active"
      began    = "2026-01-01T00:00:00Z"
      ended    = "2026-01-01T00:00:00Z"
      entitled = 1
      imported = 1
      exported = 1
      failed   = null
      error    = null
      id       = "Azure2Azure.45627c193a5b405cb0178c5af45f0610"
    }
    synchronized_counts = {}
    schedule = {
      state      = "Active"
      interval   = "PT40M"
      expiration = "mocked expiration"
    }
    troubleshooting_url = "mocked troubleshooting url"
    tenant_id           = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_provisioning_logs" {
  defaults = {
    entries   = []
    links     = {}
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_audit_logs" {
  defaults = {
    entries   = []
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_sms_sign_in_users" {
  defaults = {
    users          = []
    ids            = []
    assigned_count = 1
    tenant_id      = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_deleted_users" {
  defaults = {
    users     = []
    ids       = []
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_deleted_policies" {
  defaults = {
    partners      = []
    sync_policies = []
    tenant_id     = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_deleted_configurations" {
  defaults = {
    configurations = []
    tenant_id      = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_pending_guests" {
  defaults = {
    guests                    = []
    ids                       = []
    home_user_principal_names = []
    tenant_id                 = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_synchronized_users" {
  defaults = {
    users                      = []
    ids                        = []
    sign_in_activity_available = true
    tenant_id                  = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_leftover_users" {
  defaults = {
    leftovers   = []
    ids         = []
    unknown_ids = []
    tenant_id   = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_readiness" {
  defaults = {
    checks                  = []
    ready                   = true
    problems                = []
    unseen                  = []
    allowed_beyond_defaults = []
    tenant_id               = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_secure_defaults" {
  defaults = {
    checks    = []
    secure    = true
    problems  = []
    unseen    = []
    tenant_id = "d995e57c-3e97-4eb3-8810-b0c7e1fce1a7"
  }
}

mock_data "crosstenant_expression_test" {
  defaults = {
    parsed  = true
    result  = "success"
    results = []
    error   = null
  }
}
