//! `export`: what exists becomes a configuration that imports it and changes nothing. The real binary, the real CLI, emulated
//! tenants.

mod every_way;
mod graph;
mod inputs;
mod many;
mod odd;
mod random;
mod terminal;
mod world;
