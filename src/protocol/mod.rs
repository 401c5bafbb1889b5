//! Speaks the Terraform plugin protocol, version 6: gRPC, MessagePack, and go-plugin's way of starting a process.
//!
//! Knows nothing of any resource: it decodes, calls what [`crate::terraform`] defines, and encodes.

pub mod codec;
mod convert;
mod handshake;
mod instances;
#[cfg(unix)]
mod leftovers;
mod listener;
mod logging;
mod plugin;
pub mod proto;
mod rescue;
mod running;
mod service;
mod tls;

pub use handshake::started_by_cli;
pub use running::{About, serve};
pub use service::Rpcs;
