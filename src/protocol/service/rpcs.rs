//! The shared state of all RPCs: the provider, and the common handling of a call.

use std::sync::{Arc, Mutex, PoisonError};

use prost::bytes::Bytes;

use super::answer::Call;
use terraform::{DataSource, Diagnostic, Diagnostics, Provider, Resource};

/// All RPCs of the provider, for any transport, or for none if the host is in the same process.
pub struct Rpcs {
    pub(super) provider: Arc<dyn Provider>,
    /// The address, for the logs.
    pub(super) address: &'static str,
    /// The encoded response to the first call of every CLI. Each CLI calls it once, so the bytes are not kept.
    pub(super) schema: Mutex<Option<Bytes>>,
}

impl Rpcs {
    /// Serves `provider` with this address.
    pub fn new(provider: Arc<dyn Provider>, address: &'static str) -> Self {
        Self {
            provider,
            address,
            schema: Mutex::default(),
        }
    }

    /// Takes the prepared schema, the first time.
    pub(super) fn take_schema(&self) -> Option<Bytes> {
        let mut schema = self.schema.lock().unwrap_or_else(PoisonError::into_inner);
        schema.take()
    }

    pub(super) fn call(&self, name: &'static str, type_name: &str) -> Call {
        Call {
            name,
            type_name: type_name.to_owned(),
            address: self.address,
            provider: Arc::clone(&self.provider),
        }
    }

    pub(super) fn resource(&self, type_name: &str) -> Result<&dyn Resource, Diagnostics> {
        self.provider
            .resource(type_name)
            .ok_or_else(|| unknown("resource type", type_name))
    }

    pub(super) fn data_source(&self, type_name: &str) -> Result<&dyn DataSource, Diagnostics> {
        self.provider
            .data_source(type_name)
            .ok_or_else(|| unknown("data source", type_name))
    }
}

/// Returns the error for a name that does not exist.
pub(super) fn unknown(what: &str, type_name: &str) -> Diagnostics {
    let detail = format!(
        "This version of the provider has no {what} `{type_name}`. A newer version may have it, or the name is misspelled."
    );
    vec![Diagnostic::error(format!("Unknown {what}"), detail)]
}
