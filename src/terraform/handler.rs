//! What `protocol` may ask of a provider. Values in, values out; who implements it need not know that gRPC exists.

use std::pin::Pin;

use super::{Action, Diagnostics, Function, Identity, Listing, Path, Schema, Value, generate};

/// A boxed future, so that the traits here can be used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Bytes that Terraform keeps beside an object without looking at them. JSON, so that people can.
pub type Private = Vec<u8>;

/// What the CLI at the other end can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capabilities {
    /// It lets resources be deferred.
    pub deferral_allowed: bool,
    /// It never stores write-only attributes.
    pub write_only_attributes_allowed: bool,
}

/// A provider: its configuration, its resources, its data sources.
pub trait Provider: Send + Sync + 'static {
    /// What the provider's own block may contain.
    fn schema(&self) -> &Schema;

    /// Every managed resource.
    fn resources(&self) -> Vec<&dyn Resource>;

    /// Every data source.
    fn data_sources(&self) -> Vec<&dyn DataSource>;

    /// Every function.
    fn functions(&self) -> Vec<&dyn Function> {
        Vec::new()
    }

    /// Every action.
    fn actions(&self) -> Vec<&dyn Action> {
        Vec::new()
    }

    /// Every list.
    fn listings(&self) -> Vec<&dyn Listing> {
        Vec::new()
    }

    /// The managed resource of that type. Does not build the schemas of the others.
    fn resource(&self, type_name: &str) -> Option<&dyn Resource>;

    /// The data source of that type.
    fn data_source(&self, type_name: &str) -> Option<&dyn DataSource>;

    /// Checks the provider's block without any I/O. Unknown values are fine.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Takes the configuration for all later calls, in place of any earlier one.
    fn configure(&self, config: Value, cli_version: String) -> BoxFuture<'_, Diagnostics>;

    /// Ends what is in flight soon; the provider stays usable.
    fn stop(&self);

    /// A text that is about to leave the process, without secrets and without characters that steer a terminal.
    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }

    /// The same for the words of a panic. Called while something panics, so it must not wait.
    fn redact_in_panic(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A managed resource.
pub trait Resource: Send + Sync {
    /// With the provider's prefix.
    fn type_name(&self) -> &str;

    /// What it may contain.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are fine.
    fn validate(&self, config: &Value, capabilities: Capabilities) -> Diagnostics;

    /// Brings an object that an earlier version stored into the current schema.
    ///
    /// `state` was decoded without a schema; for the current version it needs nothing but to be conformed to it.
    ///
    /// # Errors
    ///
    /// Says why the stored object cannot be used.
    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics>;

    /// Decides what would be done.
    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, Plan>;

    /// Looks at the object as it is now.
    fn read(&self, request: ReadRequest) -> BoxFuture<'_, Refreshed>;

    /// Creates (prior null), deletes (planned null) or updates.
    fn apply(&self, request: Apply) -> BoxFuture<'_, Applied>;

    /// Starts to manage the object that goes by `id`. The CLI reads it afterwards.
    fn import(&self, id: String) -> BoxFuture<'_, Result<Imported, Diagnostics>>;

    /// What identifies its objects; nothing where they have no identity. It must be the same before and after every operation.
    fn identity(&self) -> Option<&Identity> {
        None
    }

    /// Brings an identity that an earlier version stored into the current schema, as [`Resource::upgrade`] does objects.
    ///
    /// # Errors
    ///
    /// Says why the stored identity cannot be used.
    fn upgrade_identity(&self, _version: i64, identity: Value) -> Result<Value, Diagnostics> {
        Ok(identity)
    }

    /// Starts to manage the object with that identity, in which optional attributes may be null. The CLI reads it afterwards.
    fn import_by_identity(&self, identity: Value) -> BoxFuture<'_, Result<Imported, Diagnostics>>;

    /// A configuration that leaves the object as it is.
    fn generate(&self, state: &Value) -> Value {
        generate(&self.schema().attributes, state)
    }

    /// Takes over an object that another resource type or provider managed. The provider need not be configured.
    ///
    /// # Errors
    ///
    /// Says which sources are supported.
    fn move_from(&self, source: MoveSource) -> Result<Moved, Diagnostics>;
}

/// A data source.
pub trait DataSource: Send + Sync {
    /// With the provider's prefix.
    fn type_name(&self) -> &str;

    /// What it may contain.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are fine.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Reads it; null only together with an error.
    fn read(&self, config: Value) -> BoxFuture<'_, Read>;
}

/// What is to be planned.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The object as it is; null where there is none yet.
    pub prior: Value,
    /// The configuration; null to destroy.
    pub config: Value,
    /// What was kept beside the object.
    pub private: Private,
}

/// What would be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The object as it would be; null after a destroy.
    pub planned: Value,
    /// The changes that make another object.
    pub requires_replace: Vec<Path>,
    /// To be handed to apply.
    pub private: Private,
    /// What the user should know.
    pub diagnostics: Diagnostics,
}

/// What is to be refreshed.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The object as it was last seen.
    pub current: Value,
    /// What was kept beside it.
    pub private: Private,
}

/// The object as it is now.
#[derive(Clone, Debug, Default)]
pub struct Refreshed {
    /// Null where it is gone; after an error what it was before.
    pub state: Value,
    /// To be kept beside it.
    pub private: Private,
    /// What the user should know.
    pub diagnostics: Diagnostics,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The object as it is; null to create one.
    pub prior: Value,
    /// The object as it should be; null to delete it.
    pub planned: Value,
    /// The configuration, wholly known; null to delete.
    pub config: Value,
    /// From the plan.
    pub private: Private,
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The object as far as it is known; null where there is none. Never an unknown value.
    pub state: Value,
    /// To be kept beside it.
    pub private: Private,
    /// What the user should know.
    pub diagnostics: Diagnostics,
}

/// An object that is managed from now on.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What identifies it; everything else null.
    pub state: Value,
    /// To be kept beside it.
    pub private: Private,
}

/// An object that something else managed.
#[derive(Clone, Debug)]
pub struct MoveSource {
    /// With host, namespace and name.
    pub provider_address: String,
    /// Its type there.
    pub type_name: String,
    /// The version of its schema there.
    pub schema_version: i64,
    /// Decoded without a schema.
    pub state: Value,
}

/// An object taken over.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Wholly known, in the current schema.
    pub state: Value,
    /// To be kept beside it.
    pub private: Private,
}

/// The answer of a data source.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Wholly known, with the configured values unchanged.
    pub state: Value,
    /// What the user should know.
    pub diagnostics: Diagnostics,
}
