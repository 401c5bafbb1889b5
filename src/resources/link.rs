//! The configured provider as its resources see it: there or not yet, replaceable, stoppable.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Context;
use crate::terraform::Diagnostic;

/// Where `configure` puts the context and every operation finds it.
#[derive(Default)]
pub(super) struct Link {
    current: Mutex<Option<Current>>,
}

#[derive(Clone)]
pub(super) struct Current {
    pub(super) context: Context,
    pub(super) cancel: CancellationToken,
}

impl Link {
    /// Everything from now on uses `context`. What is in flight goes on with the one it started with.
    pub(super) fn connect(&self, context: Context) {
        let current = Current {
            context,
            cancel: CancellationToken::new(),
        };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(current);
    }

    /// Ends what is in flight. Later operations start afresh.
    pub(super) fn stop(&self) {
        if let Some(current) = self
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
        {
            std::mem::take(&mut current.cancel).cancel();
        }
    }

    /// The tenant, where the provider is configured.
    pub(super) fn tenant_id(&self) -> Option<String> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current
            .as_ref()
            .map(|current| current.context.tenant_id().to_owned())
    }

    /// The words of a panic without secrets; none are known before the provider is configured. Where that cannot be told
    /// without waiting, none of them.
    pub(super) fn sweep_crash(&self, text: &str) -> String {
        let Ok(current) = self.current.try_lock() else {
            return "(hidden)".to_owned();
        };
        current.as_ref().map_or_else(
            || text.to_owned(),
            |current| current.context.graph.sweep_crash(text),
        )
    }

    /// What an operation works with.
    pub(super) fn current(&self) -> Result<Current, Diagnostic> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone().ok_or_else(|| {
            Diagnostic::error(
                "The provider is not configured",
                "Terraform asked for an operation before it configured the provider. Please report this.",
            )
        })
    }
}
