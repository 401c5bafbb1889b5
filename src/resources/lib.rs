//! Where Terraform meets Microsoft Graph: one file per resource and data source, and what they share.
//!
//! A new resource is a file that declares its attributes and implements [`Resource`], and one line in [`provider`].
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod access_policy;
mod actions;
mod app_role_assignment;
mod app_role_assignments;
mod collaboration;
mod connection_test;
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
mod job_watch;
mod listings;
mod lookups;
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
mod trust_settings;
mod user;

pub use provider::CrossTenant;
pub use reference::{Page, pages};
