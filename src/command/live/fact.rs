//! What a fact is: a statement about Microsoft Graph that no published source settles, and how to try it.

use futures::future::BoxFuture;

use super::finding::{Finding, Obstacle};
use super::stage::Stage;

/// One statement. Its ID stays the same for good: transcripts and pages refer to it.
pub(super) struct Fact {
    pub(super) id: &'static str,
    /// What the provider, or the emulator, takes for true.
    pub(super) statement: &'static str,
    pub(super) probe: Probe,
}

/// How a fact is tried.
pub(super) enum Probe {
    /// By requests that change nothing.
    Reads(Trial),
    /// By making objects of its own.
    Changes(Trial),
    /// By a whole life of a resource, through the provider.
    Lives(Trial),
    /// Not at all, and why.
    None(&'static str),
}

/// A trial, which tells what it saw or what kept it from seeing anything.
pub(super) type Trial = for<'s> fn(&'s mut Stage) -> BoxFuture<'s, Result<Finding, Obstacle>>;

/// Declares facts: `"id" "statement" reads function;`, `changes function;`, `lives function;` or
/// `cannot "reason";`.
macro_rules! facts {
    ($( $id:literal $statement:literal $kind:ident $what:tt; )+) => {
        pub(super) const FACTS: &[$crate::live::fact::Fact] = &[
            $( $crate::live::fact::Fact {
                id: $id,
                statement: $statement,
                probe: facts!(@$kind $what),
            } ),+
        ];
    };
    (@reads $trial:ident) => { $crate::live::fact::Probe::Reads(|stage| Box::pin($trial(stage))) };
    (@changes $trial:ident) => { $crate::live::fact::Probe::Changes(|stage| Box::pin($trial(stage))) };
    (@lives $trial:ident) => { $crate::live::fact::Probe::Lives(|stage| Box::pin($trial(stage))) };
    (@cannot $why:literal) => { $crate::live::fact::Probe::None($why) };
}
pub(super) use facts;
