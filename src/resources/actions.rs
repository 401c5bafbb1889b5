//! What can be done without managing anything: one file per action.

mod disable_sms_sign_in;
mod provision_on_demand;
mod restart_provisioning_job;
mod restore_deleted_configuration;
mod restore_deleted_policy;
mod restore_deleted_user;
mod validate_connection;

use std::sync::Arc;

use sdk::action::{Action, ServedAction, model_of};
use sdk::link::Link;

macro_rules! actions {
    ($( $module:ident::$model:ident ),+ $(,)?) => {
        /// Every action.
        pub(super) fn all(link: &Arc<Link>) -> Vec<Box<dyn terraform::Action>> {
            vec![ $( Box::new(ServedAction::<$module::$model>::new(link)) as Box<dyn terraform::Action> ),+ ]
        }

        /// The task of the action with that name.
        pub(super) fn task(name: &str) -> Option<sdk::Task> {
            match name {
                $( <$module::$model as Action>::NAME => Some(<$module::$model as Action>::TASK), )+
                _ => None,
            }
        }

        /// The Graph calls of the action with that name.
        pub(super) fn calls(name: &str) -> &'static [(&'static str, &'static str)] {
            match name {
                $( <$module::$model as Action>::NAME => <$module::$model as Action>::CALLS, )+
                _ => &[],
            }
        }
    };
}

actions! {
    disable_sms_sign_in::DisableSmsSignIn,
    provision_on_demand::ProvisionOnDemand,
    restart_provisioning_job::RestartProvisioningJob,
    restore_deleted_configuration::RestoreDeletedConfiguration,
    restore_deleted_policy::RestoreDeletedPolicy,
    restore_deleted_user::RestoreDeletedUser,
    validate_connection::ValidateConnection,
}
