//! List resources: the existing objects of a type, managed or not.

use super::{BoxFuture, Diagnostics, Schema, Value};

/// Lists the existing objects of a managed resource type.
pub trait ListResource: Send + Sync {
    /// The type name of the managed resource.
    fn type_name(&self) -> &str;

    /// The schema of the list configuration.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are allowed.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Passes one object after the other to `sink` until there are no more, or no more are wanted.
    fn list<'a>(
        &'a self,
        request: ListRequest,
        sink: &'a dyn ListSink,
    ) -> BoxFuture<'a, Diagnostics>;
}

/// A request to list objects.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The configuration, wholly known.
    pub config: Value,
    /// Whether to return whole objects rather than only their identifying attributes.
    pub whole_objects: bool,
    /// The maximum number of objects.
    pub limit: usize,
}

/// A listed object.
#[derive(Clone, Debug)]
pub struct ListEntry {
    /// The display name.
    pub display_name: String,
    /// The object in the resource's schema: its identifying attributes, and the others if whole objects are requested.
    pub object: Value,
    /// Messages to the user about it.
    pub diagnostics: Diagnostics,
}

/// Receives the results of a listing.
pub trait ListSink: Send + Sync {
    /// Passes on one object as soon as there is room for it. Returns false if no more are wanted.
    fn take(&self, entry: ListEntry) -> BoxFuture<'_, bool>;
}
