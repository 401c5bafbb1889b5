//! The project itself: its pages, tables, links and wording agree with the code, the size of the source and the dependencies between crates
//! are documented, and a release can be packed and installed.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod coverage;
mod dist;
mod docs;
mod layers;
#[path = "../support/named.rs"]
mod named;
#[path = "../support/reliability.rs"]
mod reliability;
#[path = "../support/mod.rs"]
mod support;
