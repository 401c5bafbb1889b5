//! The Terraform plugin protocol, version 6: gRPC, MessagePack, and the handshake of go-plugin.
//!
//! Independent of the resources: it decodes, calls the traits of [`terraform`], and encodes.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

pub mod codec;
mod convert;
mod handshake;
mod instances;
#[cfg(unix)]
mod leftovers;
mod listener;
mod logging;
mod panics;
mod plugin;
mod running;
mod service;
mod tls;

pub use handshake::started_by_cli;
pub use running::{About, serve};
pub use service::Rpcs;
