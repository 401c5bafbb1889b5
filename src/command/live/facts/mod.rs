//! The facts, in the order of the page `docs/internals/unverified.md`, which lists what depends on each.

mod applications;
mod beyond;
mod cycles;
mod jobs;
mod lives;
mod lookups;
mod organizations;
mod policies;
mod schemas;

use super::fact::Fact;

/// An ID that no object has.
const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

/// Every fact.
pub(super) fn all() -> impl Iterator<Item = &'static Fact> {
    let sections = [
        policies::FACTS,
        organizations::FACTS,
        applications::FACTS,
        jobs::FACTS,
        schemas::FACTS,
        beyond::FACTS,
        lookups::FACTS,
        cycles::FACTS,
        lives::FACTS,
    ];
    sections.into_iter().flatten()
}
