//! What a preview reads of two tenants: a job with its schema and scope, who is assigned, and both directories as far as the
//! configuration looks at them.
//!
//! Reading only. Listings are taken page by page, so that no directory is ever held as a whole.

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

/// An error of a preview, in words.
#[must_use]
pub fn into_diagnostic(problem: Problem, doing: &str, context: &Context) -> Diagnostic {
    problem.into_diagnostic_once(doing, context)
}
