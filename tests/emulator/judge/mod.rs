//! Proves that the judge of exchanges tells right from wrong, then lets it judge the emulator.

mod current;
mod drive;
mod proof;

use crate::openapi;
