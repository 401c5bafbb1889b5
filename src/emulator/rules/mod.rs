//! The rules of each collection of Graph: what it accepts, refuses and returns. Each collection has a file; `soft_deletion` is shared by
//! several.

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
