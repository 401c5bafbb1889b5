//! The lifecycle of every resource and data source: plans, complete lifecycles, permissions, faults, crashes, lag, and operations of an
//! existing configuration. These tests run in this process if the CLI adds nothing, otherwise with the real CLI.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../support/dice.rs"]
mod dice;
#[path = "../engine/mod.rs"]
mod engine;
mod faults;
mod lives;
mod lookups;
mod operations;
mod permissions;
mod plan;
#[path = "../support/reliability.rs"]
mod reliability;
mod schema;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
mod table;
