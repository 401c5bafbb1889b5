//! The foundation of all resources: the traits of resources, data sources, list resources and actions, and their shared verbs, imports,
//! waits and diagnostics. The only crate that depends on both Terraform's concepts and Microsoft Graph. It contains no specific resource.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

pub mod action;
mod calls;
mod change;
mod context;
pub mod credentials;
pub mod data_source;
pub mod default_verbs;
pub mod enumeration;
pub mod export;
pub mod facts;
pub mod identity;
pub mod import;
pub mod json;
pub mod list;
mod loss;
pub mod managed;
pub mod missing_tenant;
mod moves;
pub mod observed;
pub mod peer;
pub mod prelude;
mod private;
pub mod problem;
mod resource;
pub mod served;
pub mod session;
pub mod settings;
mod task;
mod timeouts;
mod undecided;
pub mod verbs;

pub use calls::Calls;
pub use change::Change;
pub use context::Context;
pub use data_source::DataSource;
pub use default_verbs::Destroy;
pub use export::Export;
pub use peer::Peer;
pub use problem::{Problem, Result};
pub use resource::Resource;
pub use task::Task;

/// The prefix of every type name, and the provider's local name.
pub const PREFIX: &str = "crosstenant";

/// The URL of the published documentation.
pub const SITE: &str =
    "https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs";
