//! A fact: a statement about Microsoft Graph that no published source documents, and the test of it.

use futures::future::BoxFuture;

use super::finding::{Finding, Obstacle};
use super::stage::Stage;

/// One statement. Its ID never changes, because transcripts and pages refer to it.
pub(super) struct Fact {
    pub(super) id: &'static str,
    /// The assumption of the provider or of the emulator.
    pub(super) statement: &'static str,
    pub(super) probe: Probe,
}

/// How a fact is tested.
pub(super) enum Probe {
    /// With requests that change nothing.
    Reads(Test),
    /// With objects that the test creates.
    Changes(Test),
    /// With the lifecycle of a resource, through the provider.
    Lives(Test),
    /// Not at all, for this reason.
    None(&'static str),
}

/// A test, which returns what it observed or why it could observe nothing.
pub(super) type Test = for<'s> fn(&'s mut Stage) -> BoxFuture<'s, Result<Finding, Obstacle>>;

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
