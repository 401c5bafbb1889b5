//! Proves that the judge of exchanges tells right from wrong, then lets it judge the emulator.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "openapi/mod.rs"]
mod openapi;

#[path = "openapi/current.rs"]
mod current;

#[path = "openapi/proof/mod.rs"]
mod proof;

#[path = "openapi/drive/mod.rs"]
mod drive;
