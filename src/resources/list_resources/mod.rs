//! List resources, which list the existing objects of a tenant. One file per list resource.

pub(super) mod app_role_assignment;
pub(super) mod app_role_assignments;
pub(super) mod multi_tenant_organization_tenant;
pub(super) mod partner_policy;
pub(super) mod provisioning_job;
pub(super) mod provisioning_job_state;
pub(super) mod restored_policy;
pub(super) mod sms_sign_in;
pub(super) mod sync_policy;
pub(super) mod synchronization_configuration;
pub(super) mod synchronization_schema;
pub(super) mod trust_settings;

use sdk::list::{Entry, ListResource, page_size};
