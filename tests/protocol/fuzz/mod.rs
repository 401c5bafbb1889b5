//! Fuzzing: the corpus in `tests/corpus/`, and mutated inputs, a fixed number in `make test` and for a given time in `make fuzz`. There
//! must be no panic, no hang, bounded memory, and responses of reasonable length.
//!
//! `docs/internals/reliability.md` describes how to add a target, and how to handle a failing input.

mod answers;
mod emulated;
mod expressions;
mod harness;
mod imports;
mod mutate;
mod record;
mod requests;
mod rpc;
mod seeds;
mod stored;
mod values;

use std::fmt::Write as _;

use harness::{Target, fuzz};

/// All targets, and a test for each.
macro_rules! targets {
    ($($name:ident: $target:expr;)+) => {
        fn targets() -> Vec<Target> {
            vec![$($target),+]
        }

        $(#[test]
        fn $name() {
            fuzz(&$target);
        })+
    };
}

targets! {
    messagepack_values: values::MSGPACK;
    json_values: values::JSON;
    protocol_requests: requests::REQUESTS;
    graph_answers: answers::ANSWERS;
    import_ids: imports::IMPORTS;
    expressions: expressions::TEXTS;
    expression_trees: expressions::TREES;
    snapshots: stored::SNAPSHOTS;
    terraform_states: stored::STATES;
    emulator_seeds: seeds::SEEDS;
    emulator_states: seeds::KEPT;
    emulator_requests: emulated::REQUESTS;
}

/// The page lists the targets, and this test keeps it current.
#[test]
fn the_page_counts_the_inputs() {
    let mut text = String::from(
        "| Target | What is given an input | Kept | Changed, in `make test` |\n|---|---|---|---|\n",
    );
    for target in targets() {
        let kept = harness::corpus(target.name).len();
        let Target {
            name, what, rounds, ..
        } = target;
        writeln!(text, "| `{name}` | {what} | {kept} | {rounds} |").unwrap();
    }
    crate::reliability::says("fuzz", &text);
}
