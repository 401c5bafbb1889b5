//! What is left when things go wrong: crashes, faults at every request, random disasters.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "engine/mod.rs"]
mod engine;
#[path = "support/reliability.rs"]
mod reliability;
#[path = "support/mod.rs"]
mod support;

#[path = "faults/chaos.rs"]
mod chaos;
#[path = "faults/crash.rs"]
mod crash;
#[path = "support/dice.rs"]
mod dice;
#[path = "faults/interrupt.rs"]
mod interrupt;
#[path = "faults/lag.rs"]
mod lag;
#[path = "faults/lives.rs"]
mod lives;
#[path = "faults/matrix.rs"]
mod matrix;

/// Whether replicas lag in chaos, crashes and the matrix. Without it the provider is not tried as Graph is.
pub const LAG: bool = true;

/// What a panic said.
pub fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// Whether everything is tried, as `make chaos` wants it, rather than a sample of it.
pub fn thorough() -> bool {
    std::env::var_os("CROSSTENANT_CHAOS").is_some()
}
