//! What one managed resource has to say for itself. Everything else follows from its declaration.

use std::time::Duration;

use serde_json::Value as Json;

use super::change::Change;
use super::default_verbs::{self, Destroy};
use super::observed::Finding;
use super::{Context, Export, Peer, Problem, Task};
use terraform::{Attributes, Diagnostics, Value};

/// A managed resource: one Graph object, or the part of one that nobody else writes.
///
/// The model is declared with `attributes!`; a `timeouts` attribute is added to every resource. A model that has a read-only
/// `tenant_id` gets the provider's tenant in it.
pub trait Resource: Attributes + Clone {
    /// The type without the provider's prefix. Also the name of the file, the page and the example.
    const NAME: &'static str;

    /// The task that its page in the reference belongs to.
    const TASK: Task;

    /// The path of the object in Graph, with names of key attributes in braces. The verbs that are not overridden use it.
    const PATH: &'static str = "";

    /// What destroying the resource does to the object.
    const DESTROY: Destroy = Destroy::Delete;

    /// The Graph calls it makes, as (method, path template); the documentation derives permissions from them. The default is that of
    /// settings.
    const CALLS: &'static [(&'static str, &'static str)] = match Self::DESTROY {
        Destroy::Post(reset) => &[("GET", Self::PATH), ("PATCH", Self::PATH), ("POST", reset)],
        _ => &[("GET", Self::PATH), ("PATCH", Self::PATH)],
    };

    /// The forms of an import ID, ours first, attribute names in angle brackets and what is ignored in braces. Those that
    /// other providers use for the same object, and Graph's path, are among them. The default is that of settings, which every tenant
    /// has exactly once.
    const IMPORT: &'static [&'static str] = &["<tenant_id>", Self::PATH];

    /// The attributes that identify an object; `tenant_id` goes without saying. Left empty: those of the first form of `IMPORT`.
    const IDENTITY: &'static [&'static str] = &[];

    /// The version of the identity that is stored. Raise it when the identity gains an attribute: stored identities without it are
    /// then upgraded, and completed by the next read.
    const IDENTITY_VERSION: i64 = 0;

    /// The version of the schema that is stored.
    const VERSION: i64 = 0;

    /// Brings an object that an earlier version of the schema stored into the current shape: the members that were stored, with lists in
    /// place of sets. None where it cannot be.
    fn upgrade(_version: i64, _stored: Value) -> Option<Value> {
        None
    }

    /// How long create, read, update and delete may take unless `timeouts` says otherwise.
    const TIMEOUTS: [Duration; 4] = [
        Duration::from_secs(600),
        Duration::from_secs(360),
        Duration::from_secs(300),
        Duration::from_secs(300),
    ];

    /// What to know before using it: shown in the reference after the description. Markdown.
    const NOTES: &'static str = "";

    /// The path of this object for requests without a body.
    fn path(&self) -> String {
        default_verbs::path(self, &Json::Null)
    }

    /// The path of this object for a request with `body`, in the version of Graph that has its members.
    fn path_for(&self, body: &Json) -> String {
        default_verbs::path(self, body)
    }

    /// Adjusts the body of a POST, PUT or PATCH where Graph's shape is not that of the attributes.
    fn body(_body: &mut Json) {}

    /// The object in Graph's answer, for the key that `self` has; `None` if the answer means that there is none.
    fn found(&self, answer: &Json) -> Result<Option<Self>, Problem> {
        default_verbs::found(self, answer).map(Some)
    }

    /// Checks what single attributes cannot say. No I/O; unknown values are fine.
    fn validate(_config: &Value, _found: &mut Diagnostics) {}

    /// Adjusts or rejects a plan, knowing the provider's tenant. No I/O.
    fn plan(_change: &mut Change) {}

    /// The settings of the object `found` in a tenant that are not what Microsoft documents as their default, as far as they matter to
    /// security. A plan warns of those that the configuration leaves out: others have made them.
    fn findings(_tenant_id: &str, _found: &Value) -> Vec<Finding> {
        Vec::new()
    }

    /// What a plan should warn about, or why it must not be applied, that only a few reads can tell. Called where something changes or
    /// is destroyed, with null for what is not there; where it fails there is no warning. What is unknown it cannot know.
    fn warn(
        _context: &Context,
        _prior: &Value,
        _planned: &Value,
    ) -> impl Future<Output = Result<Diagnostics, Problem>> + Send {
        std::future::ready(Ok(Diagnostics::new()))
    }

    /// Creates the object. `state` is set as soon as something exists, so that a failure half-way forgets nothing. The default adopts
    /// settings that every tenant has exactly once.
    fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        default_verbs::create(context, planned, state)
    }

    /// Reads the object that `state` identifies; `None` where there is none.
    fn read(
        context: &Context,
        state: &Self,
    ) -> impl Future<Output = Result<Option<Self>, Problem>> + Send {
        default_verbs::read(context, state)
    }

    /// What the user should know where the object is no longer as it was stored. Asked at every refresh, also at the one after
    /// an import, when hardly anything is stored; costs nothing where nothing has changed.
    fn explain(
        _context: &Context,
        _stored: &Self,
        _found: &Self,
    ) -> impl Future<Output = Diagnostics> + Send {
        std::future::ready(Diagnostics::new())
    }

    /// What the user should know where the object is gone: what is left of it, that nobody would look after any more. An error
    /// says why there is nothing to import.
    fn explain_absence(
        _context: &Context,
        _stored: &Self,
    ) -> impl Future<Output = Diagnostics> + Send {
        std::future::ready(Diagnostics::new())
    }

    /// Turns the object into what is planned. `state` starts as it was and follows each step that succeeds.
    fn update(
        context: &Context,
        planned: &Self,
        state: &mut Self,
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        default_verbs::update(context, planned, state)
    }

    /// Deletes the object, or does what `DESTROY` says. That it is gone already is a success.
    fn delete(context: &Context, state: &Self) -> impl Future<Output = Result<(), Problem>> + Send {
        default_verbs::delete(context, state)
    }

    /// Removes an object whose creation failed half-way, right before it is created again. An object that a new creation adopts
    /// can stay.
    fn delete_before_recreate(
        context: &Context,
        state: &Self,
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        Self::delete(context, state)
    }

    /// Whether `terraform-provider-crosstenant export` writes its objects, and into which file.
    const EXPORT: Export = Export::No;

    /// Whose objects can be moved here.
    const MOVES: &'static [Peer] = &[];
}

/// Whether `text` is a GUID.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    terraform::Check::Guid
        .violation(&Value::from(text))
        .is_none()
}
