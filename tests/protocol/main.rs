//! Speaks gRPC to the provider as the CLI does. `docs/internals/conformance.md` says which test shows what.
//!
//! Rows about our provider run against its binary. Rows about things it does not have (values of any type, panics on request)
//! run against a fixture: this very executable, started again with [`host::FIXTURE`] in its environment.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod actions;
mod configuration;
mod conformance;
#[path = "../support/dice.rs"]
mod dice;
#[path = "../engine/mod.rs"]
mod engine;
mod fixture;
mod functions;
mod fuzz;
mod host;
mod hostile;
mod identity;
mod imports;
mod known;
mod life;
mod lists;
mod live;
mod moves;
#[path = "../support/named.rs"]
mod named;
mod planning;
#[path = "../support/reliability.rs"]
mod reliability;
mod schemas;
mod starting;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod tenants;
mod tls;
mod values;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;

use crosstenant::protocol::{About, serve};

/// No test of its own: the process that other tests talk to.
#[test]
fn plugin_process() {
    let Ok(mode) = std::env::var(host::FIXTURE) else {
        return;
    };
    let about = About {
        name: "fixture",
        version: "0.0.0",
        address: "example/fixture",
    };
    let code = serve(
        || Arc::new(fixture::Fixture::default()),
        about,
        mode == "debug",
    );
    // The test harness has nothing to add.
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}
