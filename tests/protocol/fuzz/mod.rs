//! Inputs that nobody would think of: those that are kept in `tests/corpus/`, and changed ones, a fixed number in `make test` and
//! for as long as one likes in `make fuzz`. No panic, no hang, bounded memory, answers of reasonable length.
//!
//! `docs/internals/reliability.md` says how to add a target, and what to do with an input that was found.

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

/// The page says what is tried, and cannot go stale.
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
