//! Sends gRPC to the provider as the CLI does. `docs/internals/conformance.md` names the test for each requirement.
//!
//! Requirements of this provider are tested with its binary. Features that it does not have (values of dynamic type, panics on request) are
//! tested with a fixture: this executable, started again with [`host::FIXTURE`] in its environment.
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

/// Not a test: the process that other tests connect to.
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
    // Ends here, so that the test harness prints nothing.
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}
