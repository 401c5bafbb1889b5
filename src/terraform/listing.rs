//! Lists of what exists, managed or not.

use super::{BoxFuture, Diagnostics, Schema, Value};

/// The objects of one managed resource type that exist.
pub trait Listing: Send + Sync {
    /// The managed resource's.
    fn type_name(&self) -> &str;

    /// What narrows the list down.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are fine.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Offers one object after the other until there are no more, or nobody wants any more.
    fn list<'a>(&'a self, request: ListRequest, taker: &'a dyn Taker)
    -> BoxFuture<'a, Diagnostics>;
}

/// What is to be listed.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// Wholly known.
    pub config: Value,
    /// Whether whole objects are wanted. Otherwise what identifies them is enough.
    pub whole_objects: bool,
    /// How many are wanted at most.
    pub limit: usize,
}

/// One object that exists.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What a person recognizes it by.
    pub display_name: String,
    /// The object in the resource's schema: what identifies it, and the rest where whole objects are wanted.
    pub object: Value,
    /// What the user should know about it.
    pub diagnostics: Diagnostics,
}

/// Who takes what a listing finds.
pub trait Taker: Send + Sync {
    /// Hands over one object, once there is room for it. False where no more are wanted.
    fn take(&self, finding: Finding) -> BoxFuture<'_, bool>;
}
