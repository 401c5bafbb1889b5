//! Speaks gRPC to the provider as the CLI does. `docs/internals/conformance.md` says which test shows what.
//!
//! Rows about our provider run against its binary. Rows about things it does not have (values of any type, panics on request)
//! run against a fixture: this very executable, started again with [`host::FIXTURE`] in its environment.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "protocol/actions.rs"]
mod actions;
#[path = "protocol/configuration.rs"]
mod configuration;
#[path = "protocol/conformance.rs"]
mod conformance;
#[path = "protocol/fixture.rs"]
mod fixture;
#[path = "protocol/functions.rs"]
mod functions;
#[path = "protocol/host.rs"]
mod host;
#[path = "protocol/identity.rs"]
mod identity;
#[path = "protocol/imports.rs"]
mod imports;
#[path = "protocol/known.rs"]
mod known;
#[path = "protocol/life.rs"]
mod life;
#[path = "protocol/lists.rs"]
mod lists;
#[path = "protocol/live.rs"]
mod live;
#[path = "protocol/moves.rs"]
mod moves;
#[path = "support/named.rs"]
mod named;
#[path = "protocol/planning.rs"]
mod planning;
#[path = "protocol/schemas.rs"]
mod schemas;
#[path = "protocol/starting.rs"]
mod starting;
#[path = "protocol/stored.rs"]
mod stored;
#[path = "support/mod.rs"]
mod support;
#[path = "protocol/tenants.rs"]
mod tenants;
#[path = "protocol/tls.rs"]
mod tls;
#[path = "protocol/values.rs"]
mod values;
#[path = "protocol/wire.rs"]
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
