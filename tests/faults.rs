//! What is left when things go wrong: crashes, faults at every request, random disasters.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "support/mod.rs"]
mod support;

#[path = "faults/crash.rs"]
mod crash;

/// Whether everything is tried, as `make chaos` wants it, rather than a sample of it.
pub fn thorough() -> bool {
    std::env::var_os("CROSSTENANT_CHAOS").is_some()
}
