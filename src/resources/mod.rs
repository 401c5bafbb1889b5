//! Where Terraform meets Microsoft Graph: one file per resource and data source, and what they share.
//!
//! A new resource is a file that declares its attributes and implements [`Resource`], and one line in [`provider`].

mod access_policy;
mod actions;
mod app_role_assignment;
mod app_role_assignments;
mod collaboration;
mod connection_test;
mod context;
mod credentials;
mod data_source;
mod default_policy;
mod enumeration;
mod expression_test;
mod external_user_leave_settings;
mod forms;
mod functions;
mod group;
mod group_kinds;
mod guest_invite_settings;
mod identity;
mod job_secrets;
mod job_watch;
mod json;
mod link;
mod listings;
mod lookups;
mod loss;
mod m365_capabilities;
mod managed;
mod missing_tenant;
mod multi_tenant_organization;
mod multi_tenant_organization_identity_synchronization_template;
mod multi_tenant_organization_join_request;
mod multi_tenant_organization_partner_configuration_template;
mod multi_tenant_organization_tenant;
mod observed;
mod order_guard;
mod organization_template;
mod partner_policy;
mod peer;
mod prelude;
pub mod previewing;
mod private;
mod problem;
mod provider;
mod provision_on_demand;
mod provisioning_job;
mod provisioning_job_state;
mod reference;
mod resource;
mod restored_configuration;
mod restored_policy;
mod restored_user;
mod singleton;
mod sms_sign_in;
mod sync_policy;
mod synchronization_configuration;
mod synchronization_schema;
mod tenant;
mod timeouts;
mod trust_settings;
mod undecided;
mod user;
mod verbs;

pub use context::Context;
pub use data_source::DataSource;
pub use peer::Peer;
pub use problem::Problem;
pub use provider::CrossTenant;
pub use reference::{Page, pages};
pub use resource::{Change, Resource};

/// What every type name starts with; also the provider's local name.
pub const PREFIX: &str = "crosstenant";
