//! `export`: existing objects become a configuration whose plan imports them and changes nothing. Uses the real binary, the real CLI, and
//! emulated tenants.

mod every_way;
mod graph;
mod inputs;
mod many;
mod odd;
mod random;
mod terminal;
mod world;
