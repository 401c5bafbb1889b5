//! Fuzzing on the stable compiler: everything that outsiders can hand to the provider or the emulator, mutated. No panic, no hang,
//! no unbounded memory.
//!
//! `cargo test` tries the kept inputs in `tests/corpus` and a fixed number of others, always the same. `CROSSTENANT_FUZZ=60` tries
//! others for 60 seconds per target (`make fuzz`). An input that fails is written to `target/fuzz`; once its cause is mended, it
//! belongs in the corpus.
//!
//! A new target: a file with `impl Target`, its module and a test here, a folder in `tests/corpus`.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "support/dice.rs"]
mod dice;
#[path = "engine/mod.rs"]
mod engine;
#[path = "protocol/host.rs"]
#[allow(dead_code)] // Only a provider without TLS is needed.
mod host;
#[path = "hostile/impostor.rs"]
#[allow(dead_code)] // Nobody looks at what it was asked.
mod impostor;
#[path = "support/reliability.rs"]
mod reliability;

#[path = "fuzz/answers.rs"]
mod answers;
#[path = "fuzz/expressions.rs"]
mod expressions;
#[path = "fuzz/harness.rs"]
mod harness;
#[path = "fuzz/imports.rs"]
mod imports;
#[path = "fuzz/mutation.rs"]
mod mutation;
#[path = "fuzz/requests.rs"]
mod requests;
#[path = "fuzz/seeds.rs"]
mod seeds;
#[path = "fuzz/snapshots.rs"]
mod snapshots;
#[path = "fuzz/values.rs"]
mod values;

use harness::fuzz;

#[test]
fn values() {
    fuzz(values::Values::new(), 4_000);
}

#[test]
fn protocol_requests() {
    fuzz(requests::Requests::new(), 1_500);
}

#[test]
fn graph_answers() {
    fuzz(answers::Answers::new(), 2_000);
}

#[test]
fn import_ids() {
    fuzz(imports::Imports::new(), 1_500);
}

#[test]
fn expressions() {
    fuzz(expressions::Expressions::new(), 2_500);
}

#[test]
fn emulator_seeds() {
    fuzz(seeds::Seeds::new(), 250);
}

#[test]
fn emulator_state_files() {
    fuzz(seeds::StateFiles::new(), 150);
}

#[test]
fn snapshots() {
    fuzz(snapshots::Snapshots::new(), 60);
}
