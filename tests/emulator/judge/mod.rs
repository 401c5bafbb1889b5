//! Proves that the judge of exchanges detects violations, then judges the emulator with it.

mod current;
mod drive;
mod proof;

use crate::openapi;
