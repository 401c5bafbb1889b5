//! What each collection of Graph accepts, refuses and answers: one file per collection, and `soft_deletion` for what several share.

pub(super) mod applications;
pub(super) mod assignments;
pub(super) mod authorization;
pub(super) mod capabilities;
pub(super) mod contacts;
pub(super) mod default_policy;
pub(super) mod deleted_items;
pub(super) mod gallery;
pub(super) mod groups;
pub(super) mod multi_tenant;
pub(super) mod partners;
pub(super) mod phone_methods;
pub(super) mod reports;
pub(super) mod settings;
pub(super) mod soft_deletion;
pub(super) mod sync_policies;
pub(super) mod synchronization;
pub(super) mod templates;
pub(super) mod tenant;
pub(super) mod users;
