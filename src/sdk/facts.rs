//! The declaration of a resource without its type: names, import IDs, identity, attributes.

use std::time::Duration;

use super::{Destroy, Export, Peer};
use terraform::Attribute;

/// The declaration of a resource.
pub struct Facts {
    /// Its name without the provider's prefix.
    pub name: &'static str,
    /// Its description, in Markdown.
    pub description: &'static str,
    /// The version of its schema.
    pub version: i64,
    /// The default timeouts of create, read, update and delete.
    pub timeouts: [Duration; 4],
    /// The forms of its import ID (see [`super::import`]).
    pub import: &'static [&'static str],
    /// The attributes that identify an object, apart from the tenant.
    pub identity: &'static [&'static str],
    /// The version of the schema of its identity.
    pub identity_version: i64,
    /// Its path in Graph, with names of attributes in braces.
    pub path: &'static str,
    /// Markdown that the reference shows after the description.
    pub notes: &'static str,
    /// The effect of destroying it.
    pub destroy: Destroy,
    /// Whether its objects are exported.
    pub export: Export,
    /// The resource types of other providers whose state can be moved to it.
    pub moves: &'static [Peer],
    /// Its attributes, without `timeouts`.
    pub attributes: fn() -> Vec<Attribute>,
}
