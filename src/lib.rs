//! Terraform and OpenTofu provider for Microsoft Entra cross-tenant synchronization.
//!
//! 1. [`protocol`] speaks gRPC and MessagePack and knows nothing of Graph.
//! 2. [`terraform`] holds Terraform's ideas (values, schemas, plans, diagnostics) and does no I/O.
//! 3. [`graph`] speaks HTTP to Microsoft Graph and has never heard of Terraform.
//! 4. [`resources`] is the only room where the two meet: one file per resource.
//! 5. [`emulator`] pretends to be Graph and shares no code with anything it is meant to test.
//! 6. [`command`] is what the binary does when it is started by hand; it uses the provider as Terraform would.
//! 7. [`expression`] reads, writes and previews the language of attribute mappings, and does no I/O.
//! 8. [`preview`] says what a synchronization cycle would do with two directories, and does no I/O.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

pub mod command;
pub mod emulator;
pub mod expression;
pub mod graph;
pub mod preview;
pub mod protocol;
pub mod resources;
pub mod terraform;
