//! Actions: operations that leave no object to manage.

use std::fmt;

use super::{BoxFuture, Diagnostics, Schema, Value};

/// An action.
pub trait Action: Send + Sync {
    /// The type name, with the provider's prefix.
    fn type_name(&self) -> &str;

    /// The schema of its configuration.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are allowed.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Reports what can be known before the invocation. Unknown values are allowed.
    fn plan(&self, config: Value) -> BoxFuture<'_, Diagnostics>;

    /// Runs the action. `config` is wholly known.
    fn invoke(&self, config: Value, progress: Progress) -> BoxFuture<'_, Diagnostics>;
}

/// Receives the progress messages of an action.
pub struct Progress(Box<dyn Fn(String) + Send + Sync>);

impl Progress {
    /// Passes each message to `told`.
    #[must_use]
    pub fn new(told: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Box::new(told))
    }

    /// Reports a message to the user.
    pub fn tell(&self, message: impl Into<String>) {
        (self.0)(message.into());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}
