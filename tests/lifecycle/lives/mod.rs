//! Random valid configurations of every resource, with every empty form (null, "", [], {}) and unknown values, run through a complete
//! lifecycle against an emulator: each plan is valid, the state agrees with it, and a second plan, a read and an import change nothing.
//!
//! The configurations are derived from the schema; `CROSSTENANT_LIVES` is the number of configurations of each resource, and a failure
//! names the number to start from with `CROSSTENANT_SEED`.

mod configurations;
mod life;

use futures::StreamExt as _;

use crate::engine::scenarios::{self, Scenario};
use life::Tally;

/// Number of resources that are tested concurrently.
const AT_ONCE: usize = 6;

/// Number of configurations of each resource.
fn lives() -> u64 {
    number("CROSSTENANT_LIVES").unwrap_or(3)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs the lifecycles of one resource, and returns the results.
async fn lead(scenario: &Scenario) -> (Tally, Vec<String>) {
    let start = number("CROSSTENANT_SEED").unwrap_or(1);
    let (mut tally, mut problems) = (Tally::default(), Vec::new());
    for seed in start..start + lives() {
        if let Err(problem) = life::lead(scenario, seed, &mut tally).await {
            problems.push(format!("{} {seed}: {problem}", scenario.type_name));
        }
    }
    (tally, problems)
}

#[test]
fn every_configuration_of_every_resource_lives() {
    let only = std::env::var("CROSSTENANT_ONLY").unwrap_or_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut wanted = scenarios::all();
    wanted.retain(|scenario| scenario.type_name.contains(&only));
    for scenario in &mut wanted {
        if scenario.type_name == "crosstenant_provisioning_job" {
            // The provider would wait for a template that does not exist.
            for config in [&mut scenario.config, &mut scenario.changed] {
                config["validate_connection_timeout"] = "3s".into();
            }
        }
    }
    // A lifecycle mostly waits, so each runs concurrently in its own tenants.
    let lives =
        futures::stream::iter(&wanted).map(async |scenario| (scenario, lead(scenario).await));
    let lives = runtime.block_on(lives.buffer_unordered(AT_ONCE).collect::<Vec<_>>());
    let mut problems = Vec::new();
    for (scenario, (tally, found)) in lives {
        eprintln!("{}: {tally:?}", scenario.type_name);
        assert!(
            tally.whole > 0 || !found.is_empty(),
            "no life of {} was led to its end",
            scenario.type_name
        );
        problems.extend(found);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
