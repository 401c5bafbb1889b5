//! The traits of a provider, which `protocol` calls. They use values only, so that implementations are independent of gRPC.

use std::pin::Pin;

use super::{Action, Diagnostics, Function, Identity, ListResource, Path, Schema, Value, generate};

/// A boxed future, so that the traits here can be used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opaque bytes that Terraform stores with an object. Ours are JSON, so that they are readable.
pub type Private = Vec<u8>;

/// The capabilities of the CLI.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capabilities {
    /// Resources may be deferred.
    pub deferral_allowed: bool,
    /// Write-only attributes are never stored.
    pub write_only_attributes_allowed: bool,
}

/// A provider: its configuration, its resources, its data sources.
pub trait Provider: Send + Sync + 'static {
    /// The schema of the provider block.
    fn schema(&self) -> &Schema;

    /// All managed resources.
    fn resources(&self) -> Vec<&dyn Resource>;

    /// All data sources.
    fn data_sources(&self) -> Vec<&dyn DataSource>;

    /// All functions.
    fn functions(&self) -> Vec<&dyn Function> {
        Vec::new()
    }

    /// All actions.
    fn actions(&self) -> Vec<&dyn Action> {
        Vec::new()
    }

    /// All list resources.
    fn list_resources(&self) -> Vec<&dyn ListResource> {
        Vec::new()
    }

    /// Returns the managed resource of a type, without building the schemas of the others.
    fn resource(&self, type_name: &str) -> Option<&dyn Resource>;

    /// Returns the data source of a type.
    fn data_source(&self, type_name: &str) -> Option<&dyn DataSource>;

    /// Checks the provider block without any I/O. Unknown values are allowed.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Sets the configuration for all later calls, replacing any earlier one.
    fn configure(&self, config: Value, cli_version: String) -> BoxFuture<'_, Diagnostics>;

    /// Cancels the calls in flight; the provider stays usable.
    fn stop(&self);

    /// Removes secrets from a text that is about to leave the process, and escapes its control characters.
    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Redacts a panic message. Called during a panic, so it must not wait.
    fn redact_in_panic(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A managed resource.
pub trait Resource: Send + Sync {
    /// The type name, with the provider's prefix.
    fn type_name(&self) -> &str;

    /// The schema.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are allowed.
    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics;

    /// Converts an object that an earlier version stored to the current schema.
    ///
    /// `state` was decoded without a schema; for the current version it only needs to be conformed to it.
    ///
    /// # Errors
    ///
    /// The reason why the stored object cannot be used.
    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics>;

    /// Plans a change.
    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan>;

    /// Reads the current object.
    fn read(&self, request: ReadRequest) -> BoxFuture<'_, Refreshed>;

    /// Creates (`prior` is null), deletes (`planned` is null) or updates.
    fn apply(&self, request: Apply) -> BoxFuture<'_, Applied>;

    /// Imports the object with this `id`. The CLI reads it afterwards.
    fn import(&self, id: String) -> BoxFuture<'_, Result<Imported, Diagnostics>>;

    /// The identity schema; `None` if its objects have no identity. The identity must be the same before and after every
    /// operation.
    fn identity(&self) -> Option<&Identity> {
        None
    }

    /// Converts an identity that an earlier version stored to the current schema, as [`Resource::upgrade`] does for objects.
    ///
    /// # Errors
    ///
    /// The reason why the stored identity cannot be used.
    fn upgrade_identity(&self, _version: i64, identity: Value) -> Result<Value, Diagnostics> {
        Ok(identity)
    }

    /// Imports the object with this identity, in which optional attributes may be null. The CLI reads it afterwards.
    fn import_by_identity(&self, identity: Value) -> BoxFuture<'_, Result<Imported, Diagnostics>>;

    /// Returns a configuration that leaves the object as it is.
    fn generate(&self, state: &Value) -> Value {
        generate(&self.schema().attributes, state)
    }

    /// Takes over an object from another resource type or provider. The provider need not be configured.
    ///
    /// # Errors
    ///
    /// The list of supported sources.
    fn move_from(&self, source: MoveSource) -> Result<Moved, Diagnostics>;
}

/// A data source.
pub trait DataSource: Send + Sync {
    /// The type name, with the provider's prefix.
    fn type_name(&self) -> &str;

    /// The schema.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are allowed.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Reads the data source; null only together with an error.
    fn read(&self, config: Value) -> BoxFuture<'_, Read>;
}

/// A request to plan a change.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The current object; null if there is none.
    pub prior: Value,
    /// The configuration; null to destroy.
    pub config: Value,
    /// The private data of the object.
    pub private: Private,
}

/// A planned change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The planned object; null to destroy.
    pub planned: Value,
    /// The changes that force a replacement.
    pub requires_replace: Vec<Path>,
    /// The private data to pass to apply.
    pub private: Private,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// A request to refresh an object.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The object as it was last read.
    pub current: Value,
    /// The private data of the object.
    pub private: Private,
}

/// A refreshed object.
#[derive(Clone, Debug, Default)]
pub struct Refreshed {
    /// Null if the object no longer exists; after an error, the previous state.
    pub state: Value,
    /// The private data to store.
    pub private: Private,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// A request to apply a change.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The current object; null to create one.
    pub prior: Value,
    /// The planned object; null to delete it.
    pub planned: Value,
    /// The configuration, wholly known; null to delete.
    pub config: Value,
    /// The private data of the plan.
    pub private: Private,
}

/// The result of a change.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The object as far as it is known; null if there is none. It is wholly known.
    pub state: Value,
    /// The private data to store.
    pub private: Private,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// An imported object.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its identifying attributes; all others are null.
    pub state: Value,
    /// The private data to store.
    pub private: Private,
}

/// An object of another resource type or provider.
#[derive(Clone, Debug)]
pub struct MoveSource {
    /// The provider address, with host, namespace and name.
    pub provider_address: String,
    /// The type of the source.
    pub type_name: String,
    /// The schema version of the source.
    pub schema_version: i64,
    /// The state, decoded without a schema.
    pub state: Value,
}

/// An object that was taken over.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The state, wholly known, in the current schema.
    pub state: Value,
    /// The private data to store.
    pub private: Private,
}

/// The result of a data source.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The state, wholly known, with the configured values unchanged.
    pub state: Value,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}
