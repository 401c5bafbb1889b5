//! The emulator against documented requests and answers, over HTTP and nothing else.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "emulator/applications.rs"]
mod applications;
#[path = "emulator/binary.rs"]
mod binary;
#[path = "emulator/client.rs"]
mod client;
#[path = "emulator/control.rs"]
mod control;
#[path = "support/dice.rs"]
mod dice;
#[path = "emulator/directory.rs"]
mod directory;
#[path = "emulator/faults.rs"]
mod faults;
#[path = "emulator/groups.rs"]
mod groups;
#[path = "emulator/lag.rs"]
mod lag;
#[path = "emulator/page/mod.rs"]
mod page;
#[path = "emulator/policies.rs"]
mod policies;
#[path = "emulator/preview/mod.rs"]
mod preview;
#[path = "emulator/schema.rs"]
mod schema;
#[path = "emulator/sign_in.rs"]
mod sign_in;
#[path = "emulator/synchronization.rs"]
mod synchronization;
