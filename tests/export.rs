//! `export`: what exists becomes a configuration that imports it and changes nothing. The real binary, the real CLI, emulated
//! tenants.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "support/dice.rs"]
mod dice;
#[path = "export/every_way.rs"]
mod every_way;
#[path = "export/graph.rs"]
mod graph;
#[path = "export/inputs.rs"]
mod inputs;
#[path = "export/many.rs"]
mod many;
#[path = "export/odd.rs"]
mod odd;
#[path = "export/random.rs"]
mod random;
#[path = "support/mod.rs"]
mod support;
#[path = "export/terminal.rs"]
mod terminal;
#[path = "export/world.rs"]
mod world;
