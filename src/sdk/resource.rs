//! The trait of managed resources: the declaration and the specific behavior. Everything else is derived from it.

use std::time::Duration;

use serde_json::Value as Json;

use super::change::Change;
use super::default_verbs::{self, Destroy};
use super::observed::Finding;
use super::{Calls, Context, Export, PREFIX, Peer, Problem, Result, Task};
use terraform::{Attributes, Diagnostics, Value};

/// A managed resource: one Graph object, or a part of one that no other resource writes.
///
/// The model is declared with `attributes!`; a `timeouts` attribute is added to every resource. A read-only `tenant_id` of a model is set
/// to the provider's tenant.
pub trait Resource: Attributes + Clone {
    /// The type without the provider's prefix. Also the name of the file, of the page and of the example.
    const NAME: &'static str;

    /// The task that its page in the reference belongs to.
    const TASK: Task;

    /// The path of the object in Graph, with names of key attributes in braces. The default verbs use it.
    const PATH: &'static str = "";

    /// The effect of destroying the resource on the object.
    const DESTROY: Destroy = Destroy::Delete;

    /// The Graph calls it makes, apart from that of `Destroy::Post`; the documentation derives permissions from them. A method alone is
    /// one on `PATH`. The default is for settings.
    const CALLS: Calls = &["GET", "PATCH"];

    /// The forms of the import ID, the resource's own first, with attribute names in angle brackets and ignored parts in braces. They
    /// include Graph's path and the forms that other providers use for the same object. The default is for settings, which every tenant has
    /// exactly once.
    const IMPORT: &'static [&'static str] = &["<tenant_id>", Self::PATH];

    /// The attributes that identify an object; `tenant_id` is implied. If empty, those of the first form of `IMPORT`.
    const IDENTITY: &'static [&'static str] = &[];

    /// The version of the stored identity. Increase it if the identity gains an attribute: stored identities without it are upgraded, and
    /// the next read completes them.
    const IDENTITY_VERSION: i64 = 0;

    /// The version of the stored schema.
    const VERSION: i64 = 0;

    /// Converts an object stored with an earlier version of the schema to the current one. The input has the stored members, with lists in
    /// place of sets. `None` if the object cannot be converted.
    fn upgrade(_version: i64, _stored: Value) -> Option<Value> {
        None
    }

    /// The default timeouts of create, read, update and delete.
    const TIMEOUTS: [Duration; 4] = [
        Duration::from_secs(600),
        Duration::from_secs(360),
        Duration::from_secs(300),
        Duration::from_secs(300),
    ];

    /// Notes that the reference shows after the description. Markdown.
    const NOTES: &'static str = "";

    /// Returns the path of this object for requests without a body.
    fn path(&self) -> String {
        default_verbs::path(self, &Json::Null)
    }

    /// Returns the path of this object for a request with `body`, in the version of Graph that has its members.
    fn path_for(&self, body: &Json) -> String {
        default_verbs::path(self, body)
    }

    /// Adjusts the body of a POST, PUT or PATCH if Graph's structure differs from the attributes.
    fn body(_body: &mut Json) {}

    /// Reads the object with the key of `self` from Graph's response; `None` if the response means that there is none.
    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        default_verbs::found(self, answer).map(Some)
    }

    /// Checks the configuration across attributes. No I/O; unknown values are allowed.
    fn validate(_config: &Value, _found: &mut Diagnostics) {}

    /// Adjusts or rejects a plan for the provider's tenant. No I/O.
    fn plan(_change: &mut Change) {}

    /// Returns the security-relevant settings of the object `found` that differ from the defaults that Microsoft documents. A plan warns
    /// about those that the configuration omits, because they were set outside Terraform.
    fn findings(_tenant_id: &str, _found: &Value) -> Vec<Finding> {
        Vec::new()
    }

    /// Returns warnings about a plan, or errors that prevent its application, that need a few reads. Called if something changes or is
    /// destroyed, with null for a missing object; if it fails, there is no warning. Values may be unknown.
    fn warn(
        _context: &Context,
        _prior: &Value,
        _planned: &Value,
    ) -> impl Future<Output = Result<Diagnostics>> + Send {
        std::future::ready(Ok(Diagnostics::new()))
    }

    /// Creates the object. `state` is set as soon as something exists, so that a partial failure is stored. The default adopts settings
    /// that every tenant has exactly once.
    fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> impl Future<Output = Result> + Send {
        default_verbs::create(context, planned, state)
    }

    /// Reads the object that `state` identifies; `None` if it does not exist.
    fn read(context: &Context, state: &Self) -> impl Future<Output = Result<Option<Self>>> + Send {
        default_verbs::read(context, state)
    }

    /// Returns messages about an object that differs from its stored state. Called at every refresh, also after an import, when hardly any
    /// attributes are stored. Sends no request if nothing has changed.
    fn explain(
        _context: &Context,
        _stored: &Self,
        _found: &Self,
    ) -> impl Future<Output = Diagnostics> + Send {
        std::future::ready(Diagnostics::new())
    }

    /// Returns messages about a deleted object: what is left of it and no longer managed. An error is the reason why there is nothing to
    /// import.
    fn explain_absence(
        _context: &Context,
        _stored: &Self,
    ) -> impl Future<Output = Diagnostics> + Send {
        std::future::ready(Diagnostics::new())
    }

    /// Changes the object to the planned one. `state` is initially the prior state and is updated after each successful step.
    fn update(
        context: &Context,
        planned: &Self,
        state: &mut Self,
    ) -> impl Future<Output = Result> + Send {
        default_verbs::update(context, planned, state)
    }

    /// Deletes the object, or performs `DESTROY`. If the object does not exist, that is a success.
    fn delete(context: &Context, state: &Self) -> impl Future<Output = Result> + Send {
        default_verbs::delete(context, state)
    }

    /// Deletes an object whose creation failed partially, before it is created again. An object that a new creation adopts can stay.
    fn delete_before_recreate(
        context: &Context,
        state: &Self,
    ) -> impl Future<Output = Result> + Send {
        Self::delete(context, state)
    }

    /// Returns the error that the object to be created already exists as `what`, with the block that imports it with `id`.
    fn already_exists(context: &Context, what: &str, id: &str) -> Problem {
        let type_name = format!("{PREFIX}_{}", Self::NAME);
        Problem::exists(&type_name, what, id, context.tenant_id())
    }

    /// Whether `terraform-provider-crosstenant export` exports its objects, and into which file.
    const EXPORT: Export;

    /// The resource types of other providers whose objects can be moved here.
    const MOVES: &'static [Peer] = &[];
}

/// Whether `text` is a GUID.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    terraform::Check::Guid
        .violation(&Value::from(text))
        .is_none()
}
