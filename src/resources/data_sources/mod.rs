//! Data sources: the state of jobs, logs, lists of objects, and the readiness of a pair of tenants.
//!
//! They only read. One file per data source; shared code is in separate files.

mod app_role_assignments;
pub(super) mod assigned;
mod audit_logs;
mod deleted_configurations;
mod deleted_policies;
mod deleted_users;
mod directory_search;
pub(super) mod external;
mod filter;
mod groups;
pub(super) mod job_state;
mod leftover_reasons;
mod leftover_sources;
mod leftover_users;
mod origins;
mod partner_policies;
mod pending_guests;
mod provisioning_job;
pub(super) mod provisioning_log_codes;
mod provisioning_logs;
mod read_only;
mod readiness;
mod secure_defaults;
mod sms_sign_in_users;
mod sync_policies;
mod synchronization_configurations;
mod synchronization_preview;
mod synchronized_users;
mod timestamp;
mod users;

use sdk::prelude;

pub(super) use app_role_assignments::AppRoleAssignments;
pub(super) use audit_logs::AuditLogs;
pub(super) use deleted_configurations::DeletedConfigurations;
pub(super) use deleted_policies::DeletedPolicies;
pub(super) use deleted_users::DeletedUsers;
pub(super) use filter::literal;
pub(super) use groups::Groups;
pub(super) use leftover_users::LeftoverUsers;
pub(super) use partner_policies::PartnerPolicies;
pub(super) use pending_guests::PendingGuests;
pub(super) use provisioning_job::{ProvisioningJobState, Quarantine};
pub(super) use provisioning_logs::ProvisioningLogs;
pub(super) use readiness::{Readiness, has_premium};
pub(super) use secure_defaults::SecureDefaults;
pub(super) use sms_sign_in_users::SmsSignInUsers;
pub(super) use sync_policies::SyncPolicies;
pub(super) use synchronization_configurations::SynchronizationConfigurations;
pub(super) use synchronization_preview::SynchronizationPreview;
pub(super) use synchronized_users::SynchronizedUsers;
pub(super) use users::Users;
