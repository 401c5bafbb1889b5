//! What becomes of every resource and data source: plans, whole lives, permissions, faults, crashes, lag, and what is done with a
//! configuration once it is there. In this process where the CLI adds nothing, otherwise with the real CLI.
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
