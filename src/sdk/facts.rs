//! What a resource declares, without its type: names, import IDs, identity, attributes.

use std::time::Duration;

use super::{Destroy, Export, Peer};
use terraform::Attribute;

/// What a resource declares.
pub struct Facts {
    /// Its name without the prefix of the provider.
    pub name: &'static str,
    /// Its description, in Markdown.
    pub description: &'static str,
    /// The version of its schema.
    pub version: i64,
    /// How long create, read, update and delete may take unless the configuration says otherwise.
    pub timeouts: [Duration; 4],
    /// The forms of an ID by which it is imported (see [`super::import`]).
    pub import: &'static [&'static str],
    /// The attributes that identify an object, apart from the tenant.
    pub identity: &'static [&'static str],
    /// The version of the schema of its identity.
    pub identity_version: i64,
    /// Its path in Graph, with names of attributes in braces.
    pub path: &'static str,
    /// Markdown that the reference shows after the description.
    pub notes: &'static str,
    /// What destroying it does.
    pub destroy: Destroy,
    /// Whether its objects are exported.
    pub export: Export,
    /// The resources of other providers whose state it takes over.
    pub moves: &'static [Peer],
    /// Its attributes, without `timeouts`.
    pub attributes: fn() -> Vec<Attribute>,
}
