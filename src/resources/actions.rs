//! Actions: operations that manage no object. One file per action.

pub(super) mod disable_sms_sign_in;
pub(super) mod provision_on_demand;
pub(super) mod restart_provisioning_job;
pub(super) mod restore_deleted_configuration;
pub(super) mod restore_deleted_policy;
pub(super) mod restore_deleted_user;
pub(super) mod validate_connection;

use sdk::action::{Action, model_of};
