//! The result of failures: crashes, faults at every request, random disasters.

mod chaos;
mod crash;
mod interrupt;
mod lag;
mod lives;
mod matrix;

/// Whether replicas lag in chaos, crashes and the matrix. Without lag, the tests do not represent Graph.
pub const LAG: bool = true;

/// The message of a panic.
pub fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// Whether everything is tested, as in `make chaos`, rather than a sample of it.
pub fn thorough() -> bool {
    std::env::var_os("CROSSTENANT_CHAOS").is_some()
}
