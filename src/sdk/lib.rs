//! What every resource is made of: the traits that resources, data sources, lists and actions implement, and the verbs, imports, waits
//! and diagnostics that they share. The only crate that knows both Terraform and Microsoft Graph, and it names no resource.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

pub mod action;
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

pub use change::Change;
pub use context::Context;
pub use data_source::DataSource;
pub use default_verbs::Destroy;
pub use export::Export;
pub use peer::Peer;
pub use problem::Problem;
pub use resource::Resource;
pub use task::Task;

/// What every type name starts with; also the provider's local name.
pub const PREFIX: &str = "crosstenant";

/// Where the published pages are.
pub const SITE: &str =
    "https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs";
