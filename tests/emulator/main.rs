//! The emulator against documented requests and responses, over HTTP only.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod applications;
mod binary;
mod client;
mod control;
#[path = "../support/dice.rs"]
mod dice;
mod directory;
mod faults;
mod groups;
mod judge;
mod lag;
#[path = "../openapi/mod.rs"]
mod openapi;
mod page;
mod policies;
mod preview;
mod schema;
mod sign_in;
mod synchronization;
