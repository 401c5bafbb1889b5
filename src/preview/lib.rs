//! Predicts the next synchronization cycle: which users are created, changed and removed, and why.
//!
//! Pure: from a [`Configuration`] and two directories it computes one [`Verdict`] for each source user and group. It has no I/O,
//! and depends only on the expression language. The rules are those that Microsoft publishes; for undocumented behavior, the
//! verdict has a [`Doubt`].
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod attributes;
mod changes;
mod configuration;
mod directory;
mod doubt;
mod engine;
mod filter;
mod groups;
mod judge;
mod mapping;
mod matching;
mod members;
mod scope;
mod template;
mod value;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

pub use attributes::{EXPANDED, properties_of};
pub use configuration::{Action, Configuration, Flows, ObjectMapping, Unusable};
pub use directory::{Arrival, Columns, Record, Source, Target};
pub use doubt::Doubt;
pub use engine::{Cycle, Engine, Preview};
pub use filter::{Clause, ClauseResult, Filter};
pub use groups::{Copy, Group, GroupChange, GroupVerdict, MemberOutcome};
pub use mapping::AttributeMapping;
pub use matching::{Known, Origin};
pub use scope::{Assignment, Principal, Route, Scope};
pub use template::new_schema;
pub use value::Value;
pub use verdict::{Change, Collision, Counts, Kept, Leaving, Outcome, Skip, Verdict, When};
