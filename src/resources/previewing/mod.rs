//! Reads the data of a preview from two tenants: a job with its schema and scope, the assignments, and both directories as far as the
//! configuration uses them.
//!
//! It only reads. Collections are processed page by page, so that no directory is held in memory as a whole.

mod announced;
mod directory;
mod facts;
mod job;
mod known;
mod leaving;
mod log;
mod managers;

pub(super) use announced::{Count, announced, with_others};
pub use directory::{
    assigned, groups, groups_of, named_sources, sources, targets, with_sms_sign_in,
};
pub use facts::{Contact, PLANS, TargetFacts, contacts, domains, licensed, target_facts};
pub use job::{JobSettings, jobs, settings};
pub use known::{KnownUsers, Links, copies, links};
pub(super) use leaving::{Next, Situation};
pub use log::{LogLine, log_of};
pub use managers::managers;

pub use super::synchronization_schema::planned;
use sdk::{Context, Problem};
use terraform::Diagnostic;

/// Converts an error of a preview to a diagnostic.
#[must_use]
pub fn into_diagnostic(problem: Problem, doing: &str, context: &Context) -> Diagnostic {
    problem.into_diagnostic_once(doing, context)
}
