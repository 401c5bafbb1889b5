//! Lists of what exists in a tenant: one file per list.

mod app_role_assignment;
mod app_role_assignments;
mod multi_tenant_organization_tenant;
mod partner_policy;
mod provisioning_job;
mod provisioning_job_state;
mod restored_policy;
mod sms_sign_in;
mod sync_policy;
mod synchronization_configuration;
mod synchronization_schema;
mod trust_settings;

use std::sync::Arc;

use sdk::Resource;
use sdk::link::Link;
use sdk::list::{Entry, ListResource, ServedList, page_size};

macro_rules! listings {
    ($( $module:ident::$model:ident ),+ $(,)?) => {
        /// Every list.
        pub(super) fn all(link: &Arc<Link>) -> Vec<Box<dyn terraform::Listing>> {
            vec![ $( Box::new(ServedList::<$module::$model>::new(link)) as Box<dyn terraform::Listing> ),+ ]
        }

        /// The Graph calls of the list of the resource with that name.
        pub(super) fn calls(name: &str) -> &'static [(&'static str, &'static str)] {
            match name {
                $( <<$module::$model as ListResource>::Of as Resource>::NAME => <$module::$model as ListResource>::CALLS, )+
                _ => &[],
            }
        }
    };
}

listings! {
    app_role_assignment::AppRoleAssignments,
    app_role_assignments::AppRoleAssignmentSets,
    multi_tenant_organization_tenant::MultiTenantOrganizationTenants,
    partner_policy::PartnerPolicies,
    provisioning_job::ProvisioningJobs,
    provisioning_job_state::ProvisioningJobStates,
    restored_policy::DeletedPolicies,
    sms_sign_in::SmsSignIns,
    sync_policy::SyncPolicies,
    synchronization_configuration::SynchronizationConfigurations,
    synchronization_schema::SynchronizationSchemas,
    trust_settings::ManyTrustSettings,
}
