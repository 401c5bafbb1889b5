//! Terraform's concepts: values, schemas, plans and diagnostics. No I/O, no encoding, and nothing specific to an API.
//!
//! [`handler`] defines the traits of a provider, which `protocol` calls; everything else here is pure.
#![cfg_attr(test, allow(clippy::unwrap_used, missing_docs, unreachable_pub))]

mod action;
mod attributes;
mod check;
mod diagnostic;
mod doc;
mod function;
mod generate;
mod handler;
mod identity;
mod list_resource;
mod object;
mod path;
mod plan;
mod rule;
mod schema;
mod settle;
mod types;
mod validate;
mod value;

pub use action::{Action, Progress};
pub use attributes::{AttributeType, Attributes, Set, expected};
pub use check::{Check, duration};

pub use diagnostic::{Diagnostic, Diagnostics, Severity, has_errors};
pub use doc::{check_description, doc_bytes, doc_length};
pub use function::{Function, FunctionError, Parameter, Signature};
pub use generate::generate;
pub use handler::{
    Applied, Apply, BoxFuture, Capabilities, DataSource, Imported, MoveSource, Moved, Plan,
    PlanRequest, Private, Provider, Read, ReadRequest, Refreshed, Resource,
};
pub use identity::{Identity, IdentityAttribute};
pub use list_resource::{ListEntry, ListRequest, ListResource, ListSink};
pub use object::{Members, Name, Object};
pub use path::{Path, Step, Trail};
pub use plan::{Planned, plan};
pub use rule::{
    AlwaysRequired, Configurable, HoldsText, MayBeLeftOut, ReadOnly, Rule, computed, default,
    default_value, key, optional, read_only, required, rules_of,
};
pub use schema::{Attribute, Kind, Rules, Schema};
pub use settle::{keep_spelling, settle};
pub use types::Type;
pub use validate::validate;
pub use value::{Number, Value};
