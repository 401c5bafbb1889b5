//! Speaks the Terraform plugin protocol, version 6: gRPC, MessagePack, and go-plugin's way of starting a process.
//!
//! Knows nothing of any resource: it decodes, calls what [`terraform`] defines, and encodes.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

pub mod codec;
mod convert;
mod handshake;
mod instances;
#[cfg(unix)]
mod leftovers;
mod listener;
mod logging;
mod plugin;
mod rescue;
mod running;
mod service;
mod tls;

pub use handshake::started_by_cli;
pub use running::{About, serve};
pub use service::Rpcs;
