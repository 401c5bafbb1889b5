# Two tenants configured in every way there is. CONTOSO, FABRIKAM and NORTHWIND stand for tenant ids.

terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}

# Settings of both tenants.

resource "crosstenant_access_policy" "contoso" {
  provider                = crosstenant.source
  allowed_cloud_endpoints = ["microsoftonline.us", "partner.microsoftonline.cn"]
}
resource "crosstenant_default_policy" "contoso" {
  provider = crosstenant.source
  b2b_collaboration_inbound = {
    users_and_groups = { access_type = "blocked", targets = [{ target = "AllUsers", target_type = "user" }] }
    applications     = { access_type = "blocked", targets = [{ target = "AllApplications", target_type = "application" }] }
  }
  b2b_collaboration_outbound = {
    users_and_groups = { access_type = "allowed", targets = [
      { target = "a1000000-0000-4000-8000-000000000001", target_type = "user" },
      { target = "b1000000-0000-4000-8000-000000000001", target_type = "group" },
      { target = "b1000000-0000-4000-8000-00000000000a", target_type = "group" },
      { target = "ffffffff-0000-4000-8000-000000000000", target_type = "user" },
    ] }
    applications = { access_type = "allowed", targets = [{ target = "Office365", target_type = "application" }] }
  }
  inbound_trust = { is_mfa_accepted = true, is_compliant_device_accepted = true }
  invitation_redemption_identity_provider_configuration = {
    primary_identity_provider_precedence_order = ["azureActiveDirectory", "externalFederation", "socialIdentityProviders"]
    fallback_identity_provider                 = "emailOneTimePasscode"
  }
}
resource "crosstenant_guest_invite_settings" "fabrikam" {
  provider           = crosstenant.target
  allow_invites_from = "adminsAndGuestInviters"
}
resource "crosstenant_external_user_leave_settings" "fabrikam" {
  provider                           = crosstenant.target
  allow_external_identities_to_leave = false
}
resource "crosstenant_multi_tenant_organization_partner_configuration_template" "contoso" {
  provider                        = crosstenant.source
  template_application_level      = ["new_partners"]
  inbound_trust                   = { is_mfa_accepted = true }
  automatic_user_consent_settings = { inbound_allowed = true, outbound_allowed = true }
}
resource "crosstenant_multi_tenant_organization_partner_configuration_template" "fabrikam" {
  provider                   = crosstenant.target
  template_application_level = []
}
resource "crosstenant_multi_tenant_organization_identity_synchronization_template" "fabrikam" {
  provider                   = crosstenant.target
  template_application_level = ["new_partners"]
  user_sync_inbound          = { is_sync_allowed = true }
}

# Partners of the target.

resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
  b2b_collaboration_inbound = {
    users_and_groups = { access_type = "allowed", targets = [
      { target = "a1000000-0000-4000-8000-000000000002", target_type = "user" },
      { target = "b1000000-0000-4000-8000-000000000002", target_type = "group" },
    ] }
  }
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  inbound_trust                   = { is_mfa_accepted = true, is_hybrid_azure_ad_joined_device_accepted = true }
  automatic_user_consent_settings = { inbound_allowed = true }
}
resource "crosstenant_sync_policy" "contoso" {
  provider           = crosstenant.target
  partner_tenant_id  = crosstenant_trust_settings.contoso.partner_tenant_id
  display_name       = "Contoso \"quoted\" $${not} %%{a} template \\ 日本"
  user_sync_inbound  = { is_sync_allowed = true }
  group_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_partner_policy" "northwind_in_fabrikam" {
  provider            = crosstenant.target
  partner_tenant_id   = "NORTHWIND"
  is_service_provider = true
}
resource "crosstenant_sync_policy" "northwind" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_partner_policy.northwind_in_fabrikam.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = false }
}

# Partners of the source.

resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = "FABRIKAM"
  b2b_collaboration_outbound = {
    users_and_groups = { access_type = "blocked", targets = [{ target = "AllUsers", target_type = "user" }] }
    applications     = { access_type = "blocked", targets = [{ target = "AllMicrosoftApps", target_type = "application" }] }
  }
  b2b_direct_connect_inbound = {
    applications = { access_type = "allowed", targets = [
      { target = "11111111-2222-3333-4444-555555555555", target_type = "application" },
      { target = "Office365", target_type = "application" },
    ] }
  }
  b2b_direct_connect_outbound = {
    users_and_groups = { access_type = "allowed", targets = [{ target = "a1000000-0000-4000-8000-000000000003", target_type = "user" }] }
  }
  tenant_restrictions = {
    users_and_groups = { access_type = "allowed", targets = [{ target = "AllUsers", target_type = "user" }] }
    applications     = { access_type = "allowed", targets = [{ target = "AllApplications", target_type = "application" }] }
  }
}
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}
resource "crosstenant_partner_policy" "northwind" {
  provider          = crosstenant.source
  partner_tenant_id = "NORTHWIND"
}

# Synchronization: a busy configuration, and one without a job.

resource "crosstenant_synchronization_configuration" "busy" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}
resource "crosstenant_synchronization_configuration" "idle" {
  provider     = crosstenant.source
  display_name = "Zoë's “idle” $${one}"
}
resource "crosstenant_app_role_assignments" "busy" {
  provider           = crosstenant.source
  resource_object_id = crosstenant_synchronization_configuration.busy.service_principal_id
  principals = { for id in concat(
    [for number in range(25) : format("c2000000-0000-4000-8000-%012d", number)],
    ["b1000000-0000-4000-8000-000000000001", "b1000000-0000-4000-8000-00000000000a"],
  ) : id => {} }
}
resource "crosstenant_app_role_assignment" "idle" {
  provider            = crosstenant.source
  for_each            = toset(["a1000000-0000-4000-8000-000000000001", "b1000000-0000-4000-8000-00000000000b"])
  resource_object_id  = crosstenant_synchronization_configuration.idle.service_principal_id
  principal_object_id = each.key
}
resource "crosstenant_provisioning_job" "busy" {
  provider                      = crosstenant.source
  service_principal_id          = crosstenant_synchronization_configuration.busy.service_principal_id
  target_tenant_id              = crosstenant_trust_settings.fabrikam.partner_tenant_id
  scope                         = "all"
  notification_email            = "identity@contoso.example"
  prevent_accidental_deletion   = false
  accidental_deletion_threshold = 7
  enabled                       = false
  validate_connection           = false
}
resource "crosstenant_synchronization_schema" "busy" {
  provider             = crosstenant.source
  service_principal_id = crosstenant_provisioning_job.busy.service_principal_id
  job_id               = crosstenant_provisioning_job.busy.id
  attribute_mappings = {
    userType    = { constant = "Member", apply = "always" }
    displayName = { expression = "Join(\", \", [surname], [givenName])" }
    companyName = {
      attribute     = "extension_0a7d2b9e4f103f1c8a526d0b4c1e9c55_legalEntity"
      default_value = "$${Contoso} \"Ltd\""
    }
    city = { attribute = "city", flow_behavior = "FlowAlways", apply = "only_during_creation" }
  }
  scoping_filters = [
    {
      name = "Technical departments"
      clauses = [
        { attribute = "department", operator = "REGEX MATCH", values = ["Research|Engineering"] },
        { attribute = "accountEnabled", operator = "IS TRUE" },
      ]
    },
    { name = "%%{others}", clauses = [{ attribute = "employeeId", operator = "IS NOT NULL" }] },
  ]
  object_actions = { delete = false }
  groups_enabled = true
}

# The organization of both.

resource "crosstenant_multi_tenant_organization" "contoso" {
  provider     = crosstenant.source
  display_name = "Contoso and its companies"
  description  = "All of us\nin two lines"
}
resource "crosstenant_multi_tenant_organization_tenant" "fabrikam" {
  provider         = crosstenant.source
  member_tenant_id = "FABRIKAM"
  display_name     = "Our Fabrikam"
  role             = "owner"
  depends_on       = [crosstenant_multi_tenant_organization.contoso]
}
resource "crosstenant_multi_tenant_organization_join_request" "fabrikam" {
  provider           = crosstenant.target
  added_by_tenant_id = crosstenant_multi_tenant_organization_tenant.fabrikam.tenant_id
  depends_on = [
    crosstenant_partner_policy.contoso, crosstenant_partner_policy.fabrikam, crosstenant_sync_policy.contoso,
    crosstenant_multi_tenant_organization_partner_configuration_template.fabrikam,
    crosstenant_multi_tenant_organization_partner_configuration_template.contoso,
    crosstenant_multi_tenant_organization_identity_synchronization_template.fabrikam,
  ]
}
