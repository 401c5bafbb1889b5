//! What every RPC needs: the provider, and the frame of a call.

use std::sync::{Arc, Mutex, PoisonError};

use prost::bytes::Bytes;

use super::answer::Call;
use terraform::{DataSource, Diagnostic, Diagnostics, Provider, Resource};

/// Every RPC of the provider, for any transport, or for none where the host is in the same process.
pub struct Rpcs {
    pub(super) provider: Arc<dyn Provider>,
    /// For the logs.
    pub(super) address: &'static str,
    /// The encoded answer to the first thing that every CLI asks. It asks once, so the answer is given away and not kept.
    pub(super) schema: Mutex<Option<Bytes>>,
}

impl Rpcs {
    /// Serves `provider`, which goes by `address`.
    pub fn new(provider: Arc<dyn Provider>, address: &'static str) -> Self {
        Self {
            provider,
            address,
            schema: Mutex::default(),
        }
    }

    /// The prepared schema, the first time.
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

/// There is none of that name.
pub(super) fn unknown(what: &str, type_name: &str) -> Diagnostics {
    let detail = format!(
        "This version of the provider has no {what} `{type_name}`. A newer version may have it, or the name is misspelled."
    );
    vec![Diagnostic::error(format!("Unknown {what}"), detail)]
}
