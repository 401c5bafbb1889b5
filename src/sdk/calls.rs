//! The Graph calls that a declaration names.

/// Graph calls, each a method and a path template with a space between them. A method alone is a call of the declaration's own path.
pub type Calls = &'static [&'static str];

/// Returns the calls as (method, path template). `own` is the declaration's own path.
pub(crate) fn split(calls: Calls, own: &'static str) -> Vec<(&'static str, &'static str)> {
    let split = |call: &&'static str| call.split_once(' ').unwrap_or((call, own));
    calls.iter().map(split).collect()
}
