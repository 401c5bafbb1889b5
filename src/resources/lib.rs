//! The resources, data sources, list resources, actions and functions of the provider: one file each, and shared code.
//!
//! A new resource is a file that declares its attributes and implements [`sdk::Resource`], its `mod` line, and its line in [`SERVED`].
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod access_policy;
mod actions;
mod app_role_assignment;
mod app_role_assignments;
mod collaboration;
mod connection_test;
mod data_sources;
mod default_policy;
mod expression_test;
mod external_user_leave_settings;
mod functions;
mod group;
mod group_kinds;
mod guest_invite_settings;
#[cfg(test)]
mod import_ids;
mod job_secrets;
mod list_resources;
mod m365_capabilities;
mod multi_tenant_organization;
mod multi_tenant_organization_identity_synchronization_template;
mod multi_tenant_organization_join_request;
mod multi_tenant_organization_partner_configuration_template;
mod multi_tenant_organization_tenant;
mod order_guard;
mod organization_template;
mod partner_policy;
mod paths;
pub mod previewing;
mod provider;
mod provision_on_demand;
mod provisioning_job;
mod provisioning_job_state;
mod reference;
mod restored_configuration;
mod restored_policy;
mod restored_user;
mod sms_sign_in;
mod sync_policy;
mod synchronization_configuration;
mod synchronization_schema;
mod tenant;
mod tenant_properties;
mod trust_settings;
mod user;
mod wait_for_job;

pub use provider::CrossTenant;
pub use reference::{Page, pages};

use sdk::served::{Served, action, data_source, list, resource};

/// Everything that the provider serves. Resources that are exported to the same file are in the order of the export.
pub const SERVED: &[Served] = &[
    resource::<partner_policy::PartnerPolicy>(),
    resource::<trust_settings::TrustSettings>(),
    resource::<sync_policy::SyncPolicy>(),
    resource::<synchronization_configuration::SynchronizationConfiguration>(),
    resource::<app_role_assignment::AppRoleAssignment>(),
    resource::<app_role_assignments::AppRoleAssignments>(),
    resource::<provisioning_job::ProvisioningJob>(),
    resource::<provisioning_job_state::ProvisioningJobState>(),
    resource::<synchronization_schema::SynchronizationSchema>(),
    resource::<access_policy::AccessPolicy>(),
    resource::<default_policy::DefaultPolicy>(),
    resource::<guest_invite_settings::GuestInviteSettings>(),
    resource::<tenant_properties::TenantProperties>(),
    resource::<external_user_leave_settings::ExternalUserLeaveSettings>(),
    resource::<multi_tenant_organization::MultiTenantOrganization>(),
    resource::<multi_tenant_organization_tenant::MultiTenantOrganizationTenant>(),
    resource::<multi_tenant_organization_join_request::MultiTenantOrganizationJoinRequest>(),
    resource::<multi_tenant_organization_partner_configuration_template::MultiTenantOrganizationPartnerConfigurationTemplate>(),
    resource::<multi_tenant_organization_identity_synchronization_template::MultiTenantOrganizationIdentitySynchronizationTemplate>(),
    resource::<provision_on_demand::ProvisionOnDemand>(),
    resource::<sms_sign_in::SmsSignIn>(),
    resource::<restored_user::RestoredUser>(),
    resource::<restored_policy::RestoredPolicy>(),
    resource::<restored_configuration::RestoredConfiguration>(),
    data_source::<tenant::Tenant>(),
    data_source::<user::User>(),
    data_source::<group::Group>(),
    data_source::<data_sources::Users>(),
    data_source::<data_sources::Groups>(),
    data_source::<data_sources::PartnerPolicies>(),
    data_source::<data_sources::SyncPolicies>(),
    data_source::<data_sources::SynchronizationConfigurations>(),
    data_source::<data_sources::SynchronizationPreview>(),
    data_source::<data_sources::AppRoleAssignments>(),
    data_source::<data_sources::ProvisioningJobState>(),
    data_source::<data_sources::ProvisioningLogs>(),
    data_source::<data_sources::AuditLogs>(),
    data_source::<data_sources::SmsSignInUsers>(),
    data_source::<data_sources::DeletedUsers>(),
    data_source::<data_sources::DeletedPolicies>(),
    data_source::<data_sources::DeletedConfigurations>(),
    data_source::<data_sources::PendingGuests>(),
    data_source::<data_sources::SynchronizedUsers>(),
    data_source::<data_sources::LeftoverUsers>(),
    data_source::<data_sources::Readiness>(),
    data_source::<data_sources::SecureDefaults>(),
    data_source::<expression_test::ExpressionTest>(),
    action::<actions::disable_sms_sign_in::DisableSmsSignIn>(),
    action::<actions::provision_on_demand::ProvisionOnDemand>(),
    action::<actions::restart_provisioning_job::RestartProvisioningJob>(),
    action::<actions::restore_deleted_configuration::RestoreDeletedConfiguration>(),
    action::<actions::restore_deleted_policy::RestoreDeletedPolicy>(),
    action::<actions::restore_deleted_user::RestoreDeletedUser>(),
    action::<actions::validate_connection::ValidateConnection>(),
    list::<list_resources::app_role_assignment::AppRoleAssignments>(),
    list::<list_resources::app_role_assignments::AppRoleAssignmentSets>(),
    list::<list_resources::multi_tenant_organization_tenant::MultiTenantOrganizationTenants>(),
    list::<list_resources::partner_policy::PartnerPolicies>(),
    list::<list_resources::provisioning_job::ProvisioningJobs>(),
    list::<list_resources::provisioning_job_state::ProvisioningJobStates>(),
    list::<list_resources::restored_policy::DeletedPolicies>(),
    list::<list_resources::sms_sign_in::SmsSignIns>(),
    list::<list_resources::sync_policy::SyncPolicies>(),
    list::<list_resources::synchronization_configuration::SynchronizationConfigurations>(),
    list::<list_resources::synchronization_schema::SynchronizationSchemas>(),
    list::<list_resources::trust_settings::ManyTrustSettings>(),
];
