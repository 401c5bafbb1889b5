//! Actions: things to do that leave nothing to manage.

use std::fmt;

use super::{BoxFuture, Diagnostics, Schema, Value};

/// Something that can be done.
pub trait Action: Send + Sync {
    /// With the provider's prefix.
    fn type_name(&self) -> &str;

    /// What its configuration may contain.
    fn schema(&self) -> &Schema;

    /// Checks a configuration without any I/O. Unknown values are fine.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Says what can be said before it is done. Unknown values are fine.
    fn plan(&self, config: Value) -> BoxFuture<'_, Diagnostics>;

    /// Does it. `config` is wholly known.
    fn invoke(&self, config: Value, progress: Progress) -> BoxFuture<'_, Diagnostics>;
}

/// Where an action tells what it is doing.
pub struct Progress(Box<dyn Fn(String) + Send + Sync>);

impl Progress {
    /// Hands every message to `told`.
    #[must_use]
    pub fn new(told: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Box::new(told))
    }

    /// Tells the user.
    pub fn tell(&self, message: impl Into<String>) {
        (self.0)(message.into());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}
