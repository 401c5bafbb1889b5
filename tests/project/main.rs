//! The project itself: that its pages, tables, links and words agree with the code, how large the source is and which folder
//! imports which, and that a release can be packed and installed.
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
